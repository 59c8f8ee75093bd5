"""The markup of the style that vBulletin 4.2 ships, made of lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from tests.testsites.forums.board import NOW, Message, Topic
from tests.testsites.forums.vbulletin_styles import DENIED, WAY, day_of
from tests.testsites.world import Item


@dataclass(frozen=True, slots=True)
class Four:
    """Version 4.2; its zone is five and a half hours before UTC."""

    host: str
    zone = timedelta(hours=5, minutes=30)

    def page(self, title: str, body: str, *, member: bool) -> str:
        return (
            '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/'
            'xhtml1/DTD/xhtml1-transitional.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml" dir='
            '"ltr" lang="en" id="vbulletin_html">\n<head>\n\t<meta http-equiv="Content-Type" content='
            '"text/html; charset=UTF-8" />\n<meta id="e_vb_meta_bburl" name="vb_meta_bburl" content='
            f'"https://{self.host}" />\n<base href="https://{self.host}/" /><!--[if IE]></base>'
            f"<![endif]-->\n<title>{title}</title>\n</head>\n<body>\n"
            '<div id="header" class="header"><form id="navbar_loginform" action="login.php?do=login" '
            'method="post"><fieldset id="logindetails" class="logindetails"><input type="text" class='
            '"textbox default-value" name="vb_login_username" id="navbar_username" size="10" /></fieldset>'
            f'</form><a href="login.php?do={WAY[member]}">x</a></div>'
            f'<div class="body_wrapper">{body}<div id="footer_time" class="shade footer_time">All times '
            'are GMT +5.5. The time now is <span class="time">'
            f"{(NOW + self.zone).strftime('%I:%M&nbsp;%p')}</span>.</div></div></body></html>"
        )

    def thread(self, topic: Topic, messages: Sequence[Message], page: int) -> str:
        link = _friendly("showthread.php", topic)
        pager = self._pager(link, page, topic.pages)
        posts = "".join(self._post(one) for one in messages)
        return (
            f'<div id="pagination_top" class="pagination_top">{pager}</div><div id="pagetitle" class='
            f'"pagetitle"><h1>Thread: <span class="threadtitle"><a href="{link}" title="Reload this '
            f'Page">{topic.title}</a></span></h1></div><div id="postlist" class="postlist restrain">'
            f'<ol id="posts" class="posts" start="1">{posts}{_IGNORED}</ol></div><div id='
            f'"pagination_bottom" class="pagination_bottom">{pager}</div>'
        )

    def _post(self, message: Message) -> str:
        number = message.id
        author = (
            '<span class="username guest">reader</span>'
            if message.author == "reader"
            else '<div class="popupmenu memberaction"><a rel="nofollow" class="username offline '
            f'popupctrl" href="member.php?2-{message.author}" title="{message.author} is offline">'
            f"<strong>{message.author}</strong></a></div>"
        )
        within = [self._inline(item) for item in message.items if message.shown(item) == "within"]
        far = [
            f'<img src="https://{self.host}/pics/{item.name}" border="0" alt="" />'
            for item in message.items
            if message.shown(item) == "far"
        ]
        return (
            f'<li class="postbitlegacy postbitim postcontainer old" id="post_{number}"><div class='
            f'"posthead"><span class="postdate old"><span class="date">{day_of(message.at, self.zone)},'
            f'&nbsp;<span class="time">{(message.at + self.zone).strftime("%I:%M %p")}</span></span>'
            f'</span><span class="nodecontrols"><a name="post{number}" href="showthread.php?1-All&amp;'
            f'p={number}&amp;viewfull=1#post{number}" class="postcounter">#{message.number}</a></span>'
            f'</div><div class="postdetails"><div class="userinfo"><div class="username_container">'
            f'{author}</div><span class="usertitle">Member</span><a class="postuseravatar" href='
            '"member.php?2"><img src="image.php?u=2&amp;dateline=1" alt="" /></a></div><div class='
            '"postbody"><div class="postrow has_after_content"><h2 class="title icon">Re: All</h2><div '
            f'class="content"><div id="post_message_{number}"><blockquote class="postcontent restore ">'
            f'{self._quote(message)}{escape(message.text)} <img src="images/smilies/smile.png" border='
            f'"0" alt="" title="Smile" class="inlineimg" />{"".join(within)}{"".join(far)}<br /><a href='
            '"https://elsewhere.example/album" target="_blank">more</a></blockquote></div>'
            f'{self._attached(message)}</div></div><div class="after_content"><blockquote class='
            f'"signature restore"><div class="signaturecontainer"><img src="https://{self.host}/pics/'
            'banner.jpg" border="0" alt="" /></div></blockquote></div></div></div></li>'
        )

    def _quote(self, message: Message) -> str:
        quoted = message.quoted
        if quoted is None or not quoted.items:
            return ""
        return (
            '<div class="bbcode_container"><div class="bbcode_quote"><div class="quote_container"><div '
            'class="bbcode_quote_container"></div><div class="bbcode_postedby"><img src="images/misc/'
            'quote_icon.png" alt="Quote" /> Originally Posted by <strong>'
            f'{quoted.author}</strong> <a href="showthread.php?p={quoted.id}#post{quoted.id}" rel='
            '"nofollow"><img class="inlineimg" src="images/buttons/viewpost-right.png" alt="View Post" '
            f'/></a></div><div class="message">{escape(quoted.text)}{self._inline(quoted.items[0])}<a '
            'href="https://quoted.example/">q</a></div></div></div></div>'
        )

    def _inline(self, item: Item) -> str:
        link = f"attachment.php?attachmentid={item.id}&amp;d=1760000000"
        if item.kind == "video":
            return f'<a href="{link}" id="attachment{item.id}">{item.name}</a>'
        return (
            f'<img src="{link}" border="0" alt="Name:  {item.name}\nViews: 22\nSize:  12.3 KB" class='
            '"thumbnail" style="float:CONFIG" />'
        )

    def _attached(self, message: Message) -> str:
        below = [item for item in message.items if message.shown(item) == "below"]
        files = "".join(
            f'<li><img class="inlineimg" src="images/attach/mp4.gif" alt="File Type: mp4" /><a href='
            f'"attachment.php?attachmentid={item.id}&amp;d=1760000000">{item.name}</a> (1.2 MB, 3 views)'
            "</li>"
            if item.kind == "video"
            else f'<li><a href="attachment.php?attachmentid={item.id}&amp;d=1760000000" rel="Lightbox_'
            f'{message.id}" id="attachment{item.id}"><img class="thumbnail" src="attachment.php?'
            f'attachmentid={item.id}&amp;d=1760000000&amp;thumb=1" alt="Click image for larger version.'
            f' \n\nName:\t{item.name} \nViews:\t22 \nSize:\t12.3 KB \nID:\t{item.id}" /></a></li>'
            for item in below
        )
        return files and (
            '<div class="attachments"><fieldset class="postcontent"><legend><img src="images/misc/'
            f'paperclip.png" class="inlineimg" /> Attached Images</legend><ul>{files}</ul></fieldset>'
            "</div>"
        )

    def section(
        self, number: int, above: Sequence[Topic], topics: Sequence[Topic], *, page: int, pages: int
    ) -> str:
        pager = self._pager(f"forumdisplay.php?{number}-Pictures", page, pages)
        sticky = "".join(self._row(one) for one in above)
        rows = "".join(self._row(one) for one in topics)
        return (
            f'<div class="threadpagenav">{pager}</div><div id="threadlist" class="threadlist"><form '
            'id="thread_inlinemod_form"><div><div class="threadlisthead table"><div><span class='
            '"threadinfo">Title</span></div></div>'
            f'<ol id="stickies" class="stickies">{sticky}</ol><ol id="threads" class="threads">{rows}'
            f'</ol></div></form></div><div class="threadpagenav">{pager}</div>'
        )

    def _row(self, topic: Topic) -> str:
        link = _friendly("showthread.php", topic)
        return (
            f'<li class="threadbit hot old" id="thread_{topic.id}"><div class="rating0 nonsticky"><div '
            f'class="threadinfo" title="All"><div class="inner"><h3 class="threadtitle"><a class="title"'
            f' href="{link}?s=0a1b" id="thread_title_{topic.id}">{topic.title}</a></h3><div class='
            f'"threadmeta"><div class="author"><span class="label">Started by&nbsp;<a href="member.php?'
            f'2" class="username understate">{topic.author}</a></span><div class="pagination"><dl class='
            f'"pagination" id="pagination_threadbit_{topic.id}"><dd><span><a href="{link}/page2">2</a>'
            "</span></dd></dl></div></div></div></div></div></div></li>"
        )

    def results(
        self, found: Sequence[tuple[Topic, Message]], link: str, *, page: int, pages: int
    ) -> str:
        rows = "".join(
            f'<li class="postbit blockbody" id="post_{message.id}"><div class="posthead"><span class='
            '"postdate">Today</span></div><div class="postbody"><h3 class="posttitle"><a href="'
            f'{_friendly("showthread.php", topic)}&amp;p={message.id}&amp;highlight=x#post{message.id}">'
            f'{topic.title}</a></h3><a href="member.php?2-x">x</a> <a href='
            f'"{_friendly("showthread.php", topic)}">Go to thread</a></div></li>'
            for topic, message in found
        )
        way = f'<a rel="next" href="{link}&amp;page={page + 1}">Next</a>' if page < pages else ""
        return (
            '<h2 class="searchlisthead"><span>Search:</span></h2><form class="pagination">'
            f'{way}</form><ol id="searchbits" class="searchbits" start="1">{rows}</ol>'
        )

    def error(self, text: str) -> str:
        return (
            '<div class="standard_error"><h2 class="blockhead">vBulletin Message</h2><div class='
            f'"blockbody formcontrols"><p class="blockrow restore">{text}</p></div></div>'
        )

    def refused(self) -> str:
        return (
            '<div class="standard_error"><form class="block vbform" action="login.php?do=login" method='
            f'"post"><h2 class="blockhead">Not logged in</h2><div class="blockbody formcontrols"><p '
            f'class="blockrow">{DENIED}</p><div class="blockrow"><input id="vb_login_username" type='
            '"text" class="primary textbox" name="vb_login_username" /></div></div></form></div>'
        )

    def _pager(self, link: str, page: int, pages: int) -> str:
        if pages == 1:
            return ""

        def to(other: int) -> str:
            return f"{link}?s=0a1b" if other == 1 else f"{link}/page{other}?s=0a1b"

        parts = [
            f'<span><a href="javascript://" class="popupctrl">Page {page} of {pages}</a></span>'
        ]
        if page > 1:
            parts.append(
                f'<span class="first_last"><a rel="start" href="{to(1)}">First</a></span><span class='
                f'"prev_next"><a rel="prev" href="{to(page - 1)}"><img src="images/pagination/previous-'
                'right.png" alt="Previous" /></a></span>'
            )
        parts += [
            f'<span class="selected"><a href="javascript://">{other}</a></span>'
            if other == page
            else f'<span><a href="{to(other)}">{other}</a></span>'
            for other in range(max(1, page - 2), min(pages, page + 2) + 1)
        ]
        if page < pages:
            parts.append(
                f'<span class="prev_next"><a rel="next" href="{to(page + 1)}"><img src="images/'
                'pagination/next-right.png" alt="Next" /></a></span><span class="first_last"><a href='
                f'"{to(pages)}">Last</a></span>'
            )
        return (
            f'<form action="{link}" method="get" class="pagination popupmenu nohovermenu">'
            f"{''.join(parts)}</form>"
        )


# What stands for a post of somebody whom the reader wants to see nothing of.
_IGNORED = (
    '<li class="postbitlegacy postbitim postcontainer postbitignored" id="post_7"><div class='
    '"posthead"><span class="postdate old">This message is hidden.</span></div></li>'
)


def _friendly(page: str, topic: Topic) -> str:
    return f"{page}?{topic.id}-{topic.title.replace(' ', '-')}"
