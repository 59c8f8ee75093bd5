"""The markup of the style that vBulletin 3.8 ships, made of tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from tests.testsites.forums.board import NOW, Message, Topic
from tests.testsites.forums.vbulletin_styles import DENIED, WAY, day_of
from tests.testsites.world import Item


@dataclass(frozen=True, slots=True)
class Three:
    """Version 3.8; its zone is five hours behind UTC."""

    host: str
    zone = timedelta(hours=-5)

    def page(self, title: str, body: str, *, member: bool) -> str:
        return (
            '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/'
            'xhtml1/DTD/xhtml1-transitional.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml" dir='
            '"ltr" lang="en">\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset='
            'ISO-8859-1" />\n<meta name="generator" content="vBulletin 3.8.7" />\n<script type="text/'
            'javascript">\n<!--\nvar SESSIONURL = "s=0a1b&";\nvar SECURITYTOKEN = "guest";\n// -->\n'
            f"</script>\n<title>{title}</title>\n</head>\n<body>\n"
            '<table class="tborder" cellpadding="6" cellspacing="1" border="0" width="100%" align='
            '"center"><tr><td class="alt1" width="100%"><table><tr><td class="navbar"><a href="#" '
            f'onclick="history.back(1)"></a><strong>{title}</strong></td></tr></table></td><td class='
            '"alt2"><form action="login.php?do=login" method="post"><input type="text" class="bginput" '
            'name="vb_login_username" id="navbar_username" size="10" value="User Name" /></form>'
            f'<a href="login.php?do={WAY[member]}">x</a></td></tr></table>{body}<br />'
            '<div class="smallfont" align="center">All times are GMT -5. The time now is <span class='
            f'"time">{(NOW + self.zone).strftime("%I:%M %p")}</span>.</div></body></html>'
        )

    def thread(self, topic: Topic, messages: Sequence[Message], page: int) -> str:
        pager = self._pager(f"showthread.php?t={topic.id}", page, topic.pages)
        posts = "".join(self._post(one) for one in messages)
        return f'{pager}<div id="posts">{posts}<div id="lastpost"></div></div>{pager}'

    def _post(self, message: Message) -> str:
        number = message.id
        author = "reader" if message.author == "reader" else (
            f'<a class="bigusername" href="member.php?u=2">{message.author}</a> <script type='
            f'"text/javascript"> vbmenu_register("postmenu_{number}", true); </script>'
        )  # fmt: skip
        shown = [self._thumb(item, message) for item in message.items if message.shown(item) == "within"]  # fmt: skip
        far = [
            f'<img src="https://{self.host}/pics/{item.name}" border="0" alt="" />'
            for item in message.items
            if message.shown(item) == "far"
        ]
        return (
            f'<!-- post #{number} --><div align="center"><div class="page" style="width:100%"><div '
            f'style="padding:0px 25px 0px 25px"><div id="edit{number}" style="padding:0px 0px 6px 0px">'
            f'<table id="post{number}" class="tborder" cellpadding="6" cellspacing="0" border="0" '
            'width="100%" align="center"><tr><td class="thead" style="font-weight:normal"><!-- status '
            f'icon and date --><a name="post{number}"><img class="inlineimg" src="images/statusicon/'
            f'post_old.gif" alt="Old" border="0" /></a>\n\t{self._time(message.at)}\n\t</td><td class='
            f'"thead" align="right">&nbsp;#<a href="showpost.php?p={number}&amp;postcount='
            f'{message.number}" target="new" rel="nofollow" id="postcount{number}"><strong>'
            f'{message.number}</strong></a></td></tr><tr valign="top"><td class="alt2" width="175">'
            f'<div id="postmenu_{number}">{author}</div><div class="smallfont"><a href="member.php?u=2">'
            '<img src="customavatars/avatar2_1.gif" width="80" height="80" alt="" /></a></div></td>'
            f'<td class="alt1" id="td_post_{number}"><div class="smallfont"><img class="inlineimg" src='
            '"images/icons/icon1.gif" alt="Default" border="0" /><strong>Re: All</strong></div><hr '
            f'size="1" /><div id="post_message_{number}">{self._quote(message)}{escape(message.text)} '
            '<img src="images/smilies/smile.gif" border="0" alt="" title="Smile" class="inlineimg" />'
            f'{"".join(shown)}{"".join(far)}<br /><a href="https://elsewhere.example/album" target='
            f'"_blank">more</a></div>{self._attached(message)}<div>__________________<br /><img src='
            f'"https://{self.host}/pics/banner.jpg" border="0" alt="" /></div></td></tr></table></div>'
            "</div></div></div><!-- / post -->"
        )

    def _quote(self, message: Message) -> str:
        quoted = message.quoted
        if quoted is None or not quoted.items:
            return ""
        return (
            '<div style="margin:20px; margin-top:5px; "><div class="smallfont" style="margin-bottom:2px">'
            'Quote:</div><table cellpadding="6" cellspacing="0" border="0" width="100%"><tr><td class='
            '"alt2" style="border:1px inset"><div>Originally Posted by <strong>'
            f'{quoted.author}</strong> <a href="showthread.php?p={quoted.id}#post{quoted.id}" rel='
            '"nofollow"><img class="inlineimg" src="images/buttons/viewpost.gif" border="0" alt="View '
            f'Post" /></a></div><div style="font-style:italic">{escape(quoted.text)}'
            f'{self._thumb(quoted.items[0], quoted)}<a href="https://quoted.example/">q</a></div></td>'
            "</tr></table></div>"
        )

    def _thumb(self, item: Item, message: Message) -> str:
        """A small picture that leads to the large one, or a file by its name."""
        link = f"attachment.php?attachmentid={item.id}&amp;d=1760000000"
        if item.kind == "video":
            return f'<a href="{link}">{item.name}</a>'
        return (
            f'<a href="{link}" rel="Lightbox_{message.id}" id="attachment{item.id}" target="_blank">'
            f'<img class="thumbnail" src="attachment.php?attachmentid={item.id}&amp;stc=1&amp;thumb=1'
            '&amp;d=1760000000" border="0" alt="Click image for larger version\n\nName:\t'
            f'{item.name}\nViews:\t22\nSize:\t12.3 KB\nID:\t{item.id}"></a>'
        )

    def _attached(self, message: Message) -> str:
        below = [item for item in message.items if message.shown(item) == "below"]
        if not below:
            return ""
        files = "".join(
            f'<tr><td><img class="inlineimg" src="images/attach/mp4.gif" alt="File Type: mp4" /></td>'
            f"<td>{self._thumb(item, message)} (1.2 MB, 3 views)</td></tr>"
            if item.kind == "video"
            else f"<tr><td>{self._thumb(item, message)}&nbsp;</td></tr>"
            for item in below
        )
        return (
            '<div style="padding:6px"><fieldset class="fieldset"><legend>Attached Thumbnails</legend>'
            f'<div style="padding:3px"><table>{files}</table></div></fieldset></div>'
        )

    def section(
        self, number: int, above: Sequence[Topic], topics: Sequence[Topic], *, page: int, pages: int
    ) -> str:
        rows = "".join(self._row(one, sticky=True) for one in above)
        rows += "".join(self._row(one, sticky=False) for one in topics)
        pager = self._pager(f"forumdisplay.php?f={number}&amp;order=desc", page, pages)
        return (
            f'{pager}<form id="inlinemodform"><table class="tborder" id="threadslist"><tbody><tr><td '
            'class="thead" colspan="2">&nbsp;</td><td class="thead">Thread</td></tr></tbody><tbody id='
            f'"threadbits_forum_{number}">{rows}</tbody></table></form>{pager}'
        )

    def _row(self, topic: Topic, *, sticky: bool) -> str:
        link = f"showthread.php?t={topic.id}"
        mark = (
            '<img class="inlineimg" src="images/misc/sticky.gif" alt="Sticky Thread" border="0" /> '
            "Sticky: "
            if sticky
            else ""
        )
        last = topic.messages[-1]
        return (
            f'<tr><td class="alt1" id="td_threadstatusicon_{topic.id}"><img src="images/statusicon/'
            f'thread.gif" id="thread_statusicon_{topic.id}" alt="" border="0" /></td><td class="alt2">'
            f'&nbsp;</td><td class="alt1" id="td_threadtitle_{topic.id}" title="{escape(topic.title)}">'
            f'<div>{mark}<a href="{link}" id="thread_title_{topic.id}">{topic.title}</a> <span class='
            f'"smallfont">(<a href="{link}">1</a> <a href="{link}&amp;page=2">2</a>)</span></div><div '
            f'class="smallfont"><span onclick="window.open()">{topic.author}</span></div></td><td '
            f'class="alt2" title="Replies: 2"><div class="smallfont">{self._time(last.at)}<br />by <a '
            f'href="member.php?find=lastposter&amp;t={topic.id}">{last.author}</a> <a href="'
            f'showthread.php?p={last.id}#post{last.id}"><img class="inlineimg" src="images/buttons/'
            'lastpost.gif" alt="Go to last post" border="0" /></a></div></td></tr>'
        )

    def results(
        self, found: Sequence[tuple[Topic, Message]], link: str, *, page: int, pages: int
    ) -> str:
        rows = "".join(
            f'<table id="post{message.id}" class="tborder" cellpadding="6" width="100%"><tr><td class='
            f'"thead"><span style="float:right">Forum: <a href="forumdisplay.php?f=4">Pictures</a></span>'
            f'{self._time(message.at)}</td></tr><tr><td class="alt1"><div>Thread: <a href="showthread.php'
            f'?t={topic.id}"><strong>{topic.title}</strong></a></div><div>Posted By <a href="member.php?'
            f'u=2">{message.author}</a></div><hr size="1" /><div class="alt2"><div class="smallfont"><em>'
            f'<a href="showthread.php?p={message.id}&amp;highlight=x#post{message.id}">Re: All</a></em>'
            f"</div></div></td></tr></table>"
            for topic, message in found
        )
        return f"{self._pager(link, page, pages)}{rows}"

    def error(self, text: str) -> str:
        return self._panel(f'<div style="margin: 10px">{text}</div>')

    def refused(self) -> str:
        return self._panel(
            f'<form action="login.php?do=login" method="post"><div class="panel">{DENIED}<ol><li>You '
            'are not logged in.</li></ol><input type="text" class="bginput" name="vb_login_username" '
            'size="50" /></div></form>'
        )

    def _panel(self, body: str) -> str:
        return (
            '<table class="tborder"><tr><td class="tcat">vBulletin Message</td></tr><tr><td class='
            f'"panelsurround" align="center"><div class="panel"><div align="left">{body}</div></div>'
            "</td></tr></table>"
        )

    def _time(self, at: datetime) -> str:
        return f"{day_of(at, self.zone)}, {(at + self.zone).strftime('%I:%M %p')}"

    def _pager(self, link: str, page: int, pages: int) -> str:
        if pages == 1:
            return ""
        cells = [
            f'<td class="vbmenu_control" style="font-weight:normal">Page {page} of {pages}</td>'
        ]
        if page > 1:
            cells.append(
                f'<td class="alt1"><a rel="prev" class="smallfont" href="{_paged(link, page - 1)}" '
                'title="Prev Page - Results 1 to 10 of 60">&lt;</a></td>'
            )
        cells += [
            f'<td class="alt2"><span class="smallfont"><strong>{other}</strong></span></td>'
            if other == page
            else f'<td class="alt1"><a class="smallfont" href="{_paged(link, other)}">{other}</a></td>'
            for other in range(max(1, page - 2), min(pages, page + 2) + 1)
        ]
        if page < pages:
            cells.append(
                f'<td class="alt1"><a rel="next" class="smallfont" href="{_paged(link, page + 1)}" '
                'title="Next Page">&gt;</a></td><td class="alt1" nowrap="nowrap"><a class="smallfont" '
                f'href="{_paged(link, pages)}" title="Last Page">Last <strong>&raquo;</strong></a></td>'
            )
        cells.append(f'<td class="vbmenu_control" title="{link}"><a name="PageNav"></a></td>')
        return (
            '<div class="pagenav" align="right"><table class="tborder"><tr>'
            f"{''.join(cells)}</tr></table></div>"
        )


def _paged(link: str, page: int) -> str:
    return link if page == 1 else f"{link}&amp;page={page}"
