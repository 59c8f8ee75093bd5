"""A MyBB forum, in the markup of the theme that MyBB 1.8.37 ships."""

from dataclasses import replace
from datetime import datetime, timedelta
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.testsites.forums.board import NOW, PAGE, ROWS, Board, Message, Topic, page_of, window
from tests.testsites.mastodon import serve_item
from tests.testsites.world import Item

MEMBER = "mybbuser"
SECTION = 2
CATEGORY = 1
SEARCHED_POSTS, SEARCHED_THREADS = "0a1b2c", "3d4e5f"


def mybb(board: Board) -> Starlette:
    """Return the forum."""
    site = _Mybb(board)
    return Starlette(
        routes=[
            Route("/showthread.php", site.thread),
            Route("/forumdisplay.php", site.section),
            Route("/search.php", site.search),
            Route("/attachment.php", site.file),
            Route("/pics/{name}", site.picture),
        ]
    )


class _Mybb:
    def __init__(self, board: Board) -> None:
        self._board = board

    async def thread(self, request: Request) -> Response:
        query = request.query_params
        post, asked = int(query.get("pid", 0)), query.get("page", "1")
        topic = self._board.find(post) if post else self._board.topic(int(query.get("tid", 0)))
        if topic is None:
            what = "post" if post else "thread"
            return self._error(request, f"The specified {what} does not exist.")
        if topic.author in self._board.closed and MEMBER not in request.cookies:
            return self._error(request, _NO_PERMISSION)
        page = topic.pages if asked == "last" else int(asked)
        if post:
            page = page_of(topic, post)
        if page > topic.pages:
            page = 1
        if MEMBER in request.cookies and query.get("mode") != "linear":  # they read post by post
            alone = next((one for one in topic.messages if one.id == post), topic.messages[0])
            topic, page = replace(topic, messages=(alone,)), 1
        pager = _pager(f"showthread.php?tid={topic.id}", page, topic.pages)
        shown = window(topic, page)
        posts = "".join(self._post(one, topic) for one in shown) + _DELETED
        if MEMBER in request.cookies:  # of somebody who looks after the forum
            posts += self._post(replace(shown[-1], id=8), topic).replace(
                'class="post "', 'class="post unapproved_post deleted_post"', 1
            )
        return self._page(
            request,
            topic.title,
            f'{self._breadcrumb(topic)}<div class="float_left">{pager}</div><table border="0" class="tborder tfixed clear">'
            f'<tr><td class="thead"><div><strong>{topic.title}</strong></div></td></tr><tr><td id='
            f'"posts_container"><div id="posts">{posts}</div></td></tr><tr><td class="tfoot">'
            '<strong>&laquo; <a href="showthread.php?tid=1&amp;action=nextoldest">Next Oldest</a>'
            f'</strong></td></tr></table><div class="float_left">{pager}</div>',
        )

    def _breadcrumb(self, topic: Topic) -> str:
        """Of a topic that stands on a later page of its section: the pages of that."""
        topics = self._board.listed()
        page = 1 + topics.index(topic) // ROWS if topic in topics else 1
        if page == 1:
            return ""
        pager = _pager(f"forumdisplay.php?fid={SECTION}", page, page)
        return (
            '<div class="navigation"><a href="index.php">Demo</a> &rsaquo; <a href="forumdisplay.php?'
            f'fid={SECTION}&amp;page={page}">Pictures</a> '
            + pager.replace(
                '"pagination"',
                '"pagination pagination_breadcrumb" id="breadcrumb_multipage_popup" '
                'style="display: none;"',
            )
            + "</div>"
        )

    def _post(self, message: Message, topic: Topic) -> str:
        number = message.id
        link = f"showthread.php?tid={topic.id}&amp;pid={number}#pid{number}"
        profile = f"https://{self._board.host}/member.php?action=profile&amp;uid=2"
        author = "reader" if message.author == "reader" else (
            f'<a href="{profile}">{message.author}</a>'
        )  # fmt: skip
        within = "".join(
            self._attachment(item, message)
            for item in message.items
            if message.shown(item) == "within"
        )
        far = "".join(
            f'<img src="https://{self._board.host}/pics/{item.name}" loading="lazy"  '
            f'alt="[Image: {item.name}]" class="mycode_img" />'
            for item in message.items
            if message.shown(item) == "far"
        )
        below = "".join(
            self._attachment(item, message)
            for item in message.items
            if message.shown(item) == "below"
        )
        fieldset = (
            "<br /><br /><fieldset><legend><strong>Attached Files</strong></legend><span class="
            f'"smalltext"><strong>Thumbnail(s)</strong></span><br />{below}<br /></fieldset>'
        )
        return (
            f'<a name="pid{number}" id="pid{number}"></a><div class="post " style="" id="post_'
            f'{number}"><div class="post_author"><div class="author_avatar"><a href="{profile}"><img '
            'src="./uploads/avatars/avatar_2.jpg" alt="" width="100" height="100" /></a></div><div '
            f'class="author_information"><strong><span class="largetext">{author}</span></strong> '
            '<img src="images/buddy_offline.png" class="buddy_status" /><br /><span class='
            '"smalltext">Member<br /><img src="images/star.png" border="0" alt="*" /></span></div>'
            '</div><div class="post_content"><div class="post_head"><div class="float_right" style='
            f'"vertical-align: top"><strong><a href="{link}">#{message.number}</a></strong></div>'
            f'<span class="post_date">{_time(message.at)} <span class="post_edit" id="edited_by_'
            f'{number}"></span></span></div><div class="post_body scaleimages" id="pid_{number}">'
            f'{self._quote(message)}{escape(message.text)} <img src="https://{self._board.host}/images/'
            'smilies/smile.png" alt="Smile" title="Smile" class="smilie smilie_1" />'
            f'{within}{far}<br /><a href="https://elsewhere.example/album" target="_blank" rel='
            f'"noopener" class="mycode_url">more</a></div>{fieldset if below else ""}<div class='
            f'"signature scaleimages"><img src="https://{self._board.host}/pics/banner.jpg" '
            'loading="lazy" alt="" class="mycode_img" /></div><div class="post_meta" id="post_meta_'
            f'{number}"></div></div><div class="post_controls"></div></div>'
        )

    def _quote(self, message: Message) -> str:
        quoted = message.quoted
        if quoted is None or not quoted.items:
            return ""
        item = quoted.items[0]
        return (
            f'<blockquote class="mycode_quote"><cite><span> ({_time(quoted.at)})</span>{quoted.author} '
            f'Wrote: <a href="https://{self._board.host}/showthread.php?pid={quoted.id}#pid{quoted.id}" '
            f'class="quick_jump"></a></cite>{escape(quoted.text)}{self._attachment(item, quoted)}'
            '<blockquote class="mycode_quote"><cite>Quote:</cite><a href="https://quoted.example/" '
            'class="mycode_url">q</a></blockquote></blockquote><br />'
        )

    def _attachment(self, item: Item, message: Message) -> str:
        """A small picture that leads to the large one, a picture that is small, or a file."""
        title = f"Filename: {item.name}&#13;Size: 12.3 KB&#13;{message.at.strftime('%m-%d-%Y')}"
        if item.kind == "video":
            return (
                '<br /><img src="images/attachtypes/video.png" title="mp4 Video" border="0" alt=".mp4" '
                f'/>&nbsp;&nbsp;<a href="attachment.php?aid={item.id}" target="_blank" title="Then">'
                f"{item.name}</a> (Size: 1.2 MB / Downloads: 3)"
            )
        if message.shown(item) == "within":
            return (
                f'<img src="attachment.php?aid={item.id}" class="attachment" alt="" title="{title}" />'
                "&nbsp;&nbsp;&nbsp;"
            )
        return (
            f'<a href="attachment.php?aid={item.id}" target="_blank"><img src="attachment.php?'
            f'thumbnail={item.id}" class="attachment" alt="" title="{title}" /></a>&nbsp;&nbsp;&nbsp;'
        )

    async def section(self, request: Request) -> Response:
        query = request.query_params
        if query.get("fid") == str(CATEGORY):
            return self._page(
                request,
                "Demo - All ",
                '<table border="0" class="tborder"><tr><td class="thead" colspan="5"><strong>Forums in '
                '\'All\'</strong></td></tr><tr><td class="trow1"><span class="forum_status forum_on '
                'ajax_mark_read" title="Forum Contains New Posts"></span></td><td class="trow1"><strong>'
                f'<a href="forumdisplay.php?fid={SECTION}">Pictures</a></strong></td></tr></table>',
            )
        if query.get("fid") != str(SECTION):
            return self._error(request, "Invalid forum")
        topics = self._board.listed()
        pages = (len(topics) + ROWS - 1) // ROWS
        page = int(query.get("page", 1))
        rows = "".join(self._row(one) for one in topics[(page - 1) * ROWS : page * ROWS])
        pager = _pager(f"forumdisplay.php?fid={SECTION}", page, pages)
        return self._page(
            request,
            "Demo - Pictures ",
            f'<div class="float_left">{pager}</div><table border="0" class="tborder clear"><tr><td '
            'class="thead" colspan="7"><div><strong>Pictures</strong></div></td></tr>'
            f'{rows}</table><div class="float_left">{pager}</div><br class="clear" /><dl class='
            '"thread_legend smalltext"><dd><span class="thread_status newfolder"></span> New Posts'
            "</dd></dl>",
        )

    async def search(self, request: Request) -> Response:
        """The results of a search that was made before: for `bob`, as posts, or some threads."""
        query = request.query_params
        if query.get("sid") not in {SEARCHED_POSTS, SEARCHED_THREADS}:
            return self._error(request, "Sorry, but no results were returned using the query.")
        found = self._board.search("bob")
        if query["sid"] == SEARCHED_THREADS:
            wanted = [one for one in self._board.listed() if one.author in {"bob", "carol"}]
            rows = "".join(self._row(one) for one in wanted)
            return self._page(request, "Demo - Search Results", f"<table>{rows}</table>")
        page, pages = int(query.get("page", 1)), (len(found) + PAGE - 1) // PAGE
        rows = "".join(
            '<tr class="inline_row"><td align="center" class="trow1" width="2%"><span class="thread_status '
            'folder">&nbsp;</span></td><td class="trow1"><span class="smalltext">Thread: <a href='
            f'"showthread.php?tid={topic.id}&amp;highlight=bob">{topic.title}</a><br />Post: <a href='
            f'"showthread.php?tid={topic.id}&amp;pid={one.id}&amp;highlight=bob#pid{one.id}">RE: All</a>'
            f'</span></td><td class="trow1"><a href="forumdisplay.php?fid={SECTION}">Pictures</a></td></tr>'
            for topic, one in found[(page - 1) * PAGE : page * PAGE]
        )
        pager = _pager(f"search.php?action=results&amp;sid={query['sid']}", page, pages)
        return self._page(request, "Demo - Search Results", f"{pager}<table>{rows}</table>{pager}")

    def _row(self, topic: Topic) -> str:
        kind = "sticky" if topic.author in self._board.pinned else "regular"
        tag = f'class="trow1 forumdisplay_{kind}"'
        inner = "".join(
            f'<a href="showthread.php?tid={topic.id}&amp;page={page}">{page}</a> '
            for page in range(1, topic.pages + 1)
        )
        last = f"showthread.php?tid={topic.id}&amp;action=lastpost"
        return (
            f'<tr class="inline_row"><td align="center" {tag} width="2%"><span class="thread_status '
            f'folder" title="No new posts.">&nbsp;</span></td><td align="center" {tag} width="2%">'
            f'&nbsp;</td><td {tag}><div><span> <span class=" subject_old" id="tid_{topic.id}"><a href='
            f'"showthread.php?tid={topic.id}">{topic.title}</a></span> <span class="smalltext">(Pages: '
            f'{inner})</span></span><div><span class="author smalltext">{topic.author}</span></div>'
            f'</div></td><td align="center" {tag}>{len(topic.messages) - 1}</td><td {tag} style='
            f'"white-space: nowrap; text-align: right;"><span class="lastpost smalltext">'
            f'{_time(topic.messages[-1].at)}<br /><a href="{last}">Last Post</a>: reader</span></td>'
            "</tr>"
        )

    def _page(self, request: Request, title: str, body: str) -> Response:
        member = MEMBER in request.cookies
        way = "logout&amp;logoutkey=0a1b" if member else "login"
        return HTMLResponse(
            '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/'
            'xhtml1/DTD/xhtml1-transitional.dtd"><!-- start: page -->\n<html xml:lang="en" lang="en" '
            f'xmlns="http://www.w3.org/1999/xhtml">\n<head>\n<title>{title}</title>\n'
            '<script type="text/javascript">\n<!--\n\tvar my_post_key = "0a1b2c3d";\n'
            f'\tvar rootpath = "https://{self._board.host}";\n// -->\n</script>\n</head>\n<body>\n'
            f'<div id="container"><div id="header"><span class="welcome"><a href="https://'
            f'{self._board.host}/member.php?action={way}" class="login">{way}</a></span>'
            '<form method="post" action="/member.php"><input name="action" type="hidden" value='
            f'"do_login" /></form></div><div id="content"><div class="wrapper">{body}</div></div>'
            '<div id="footer"><span id="current_time"><strong>Current time:</strong> '
            f'{NOW.strftime("%m-%d-%Y, %I:%M %p")}</span><span id="copyright">Powered By <a href='
            '"https://mybb.com">MyBB</a></span></div></div></body></html>'
        )

    def _error(self, request: Request, text: str) -> Response:
        """What is refused comes with the status of a page that is shown."""
        return self._page(
            request,
            "Demo",
            '<br /><table border="0" class="tborder"><tr><td class="thead"><span class="smalltext">'
            f'<strong>Demo</strong></span></td></tr><tr><td class="trow1">{text}</td></tr></table>',
        )

    async def file(self, request: Request) -> Response:
        number = request.query_params.get("aid", "")
        answer = serve_item(self._board.world, f"{number}.jpg")
        if answer.status_code == 200:
            return answer
        return serve_item(self._board.world, f"{number}.mp4")

    async def picture(self, request: Request) -> Response:
        return serve_item(self._board.world, request.path_params["name"])


_NO_PERMISSION = (
    "You may not view this page. This could be because of the following:<ol><li>You are not logged in."
    ' <a href="member.php?action=login">Login</a> | <a href="member.php?action=register">Need to '
    "register?</a></li></ol>"
)


# What stays where a post was deleted, if the board shows that.
_DELETED = (
    '<a name="pid7" id="pid7"></a><div class="post deleted_post_hidden" id="post_7"><div class='
    '"deleted_post_author"><strong><span class="largetext">reader</span></strong></div><div class='
    '"post_content"><em>This was deleted.</em></div></div>'
)


def _time(at: datetime) -> str:
    ago = NOW - at
    full = at.strftime("%m-%d-%Y, %I:%M %p")
    if ago < timedelta(hours=1):
        return f'<span title="{full}">{int(ago.total_seconds() // 60) or 1} minutes ago</span>'
    if ago < timedelta(hours=12):
        return f'<span title="{full}">{int(ago.total_seconds() // 3600)} hours ago</span>'
    day, _, clock = full.partition(", ")
    days = (NOW.date() - at.date()).days
    if days in {0, 1}:
        return f'<span title="{day}">{"Yesterday" if days else "Today"}</span>, {clock}'
    return full


def _pager(link: str, page: int, pages: int) -> str:
    if pages == 1:
        return ""

    def to(other: int) -> str:
        return link if other == 1 else f"{link}&amp;page={other}"

    parts = [f'<div class="pagination"><span class="pages">Pages ({pages}):</span>']
    if page > 1:
        parts.append(f'<a href="{to(page - 1)}" class="pagination_previous">&laquo; Previous</a>')
    if page > 3:
        parts.append(f'<a href="{to(1)}" class="pagination_first">1</a> ...')
    for other in range(max(1, page - 2), min(pages, page + 2) + 1):
        if other == page:
            parts.append(f' <span class="pagination_current">{other}</span>')
        else:
            parts.append(f'<a href="{to(other)}" class="pagination_page">{other}</a>')
    if page < pages - 2:
        parts.append(f'... <a href="{to(pages)}" class="pagination_last">{pages}</a>')
    if page < pages:
        parts.append(f'<a href="{to(page + 1)}" class="pagination_next">Next &raquo;</a>')
    return "".join([*parts, "</div>"])
