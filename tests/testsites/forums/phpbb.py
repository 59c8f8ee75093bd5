"""A phpBB forum, in the markup of prosilver as phpBB 3.3.15 ships it."""

from dataclasses import replace
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.testsites.forums.board import PAGE, Board, Message, Topic, page_of, window
from tests.testsites.mastodon import serve_item
from tests.testsites.world import Item

MEMBER = "phpbb3_demo_u"
SECTION = 3


def phpbb(board: Board, *, path: str = "") -> Starlette:
    """Return the forum, in the folder `path` of its host."""
    site = _Phpbb(board)
    return Starlette(
        routes=[
            Route(f"{path}/viewtopic.php", site.topic),
            Route(f"{path}/viewforum.php", site.section),
            Route(f"{path}/search.php", site.search),
            Route(f"{path}/download/file.php", site.file),
            Route("/pics/{name}", site.picture),
        ]
    )


class _Phpbb:
    def __init__(self, board: Board) -> None:
        self._board = board

    async def topic(self, request: Request) -> Response:
        query = request.query_params
        post = int(query.get("p", 0))
        topic = self._board.find(post) if post else self._board.topic(int(query.get("t", 0)))
        if topic is None:
            return self._message(request, "The requested topic does not exist.", 404)
        if topic.author in self._board.closed and MEMBER not in request.cookies:
            return self._login(request)
        if _direction(request, "a") == "d":
            topic = replace(topic, messages=topic.messages[::-1])
        # phpBB takes a place behind the end for the last page.
        asked = int(query.get("start", 0)) // PAGE + 1
        page = page_of(topic, post) if post else min(asked, topic.pages)
        sid = _sid(request)
        pager = _pager(f"./viewtopic.php?t={topic.id}{sid}", page, topic.pages, PAGE)
        count = f"{len(topic.messages)} posts {pager or '&bull; Page <strong>1</strong>'}"
        shut = topic.author in self._board.withheld and MEMBER not in request.cookies
        body = "".join(self._post(one, sid, shut=shut) for one in window(topic, page))
        return self._page(
            request,
            f"{topic.title} - Demo",
            f'<h2 class="topic-title"><a href="./viewtopic.php?t={topic.id}{sid}">{topic.title}'
            f'</a></h2><div class="action-bar bar-top"><div class="pagination">{count}</div></div>'
            f'{body}<div class="action-bar bar-bottom"><div class="pagination">{count}</div></div>',
            "viewtopic",
        )

    def _post(self, message: Message, sid: str, *, shut: bool) -> str:
        link = f"./viewtopic.php?p={message.id}{sid}#p{message.id}"
        author = f'<a href="./memberlist.php?mode=viewprofile&amp;u=2{sid}" class="username">{message.author}</a>'
        if message.author == "reader":
            author = '<span class="username">reader</span>'  # a guest
        within = "" if shut else "".join(
            f'<div class="inline-attachment">{self._attachment(item, message, sid)}</div>'
            for item in message.items
            if message.shown(item) == "within"
        )  # fmt: skip
        far = "".join(
            f'<img src="https://{self._board.host}/pics/{item.name}" class="postimage" alt="Image">'
            for item in message.items
            if message.shown(item) == "far"
        )
        below = [item for item in message.items if message.shown(item) == "below"]
        attached = "".join(f"<dd>{self._attachment(item, message, sid)}</dd>" for item in below)
        box = f'<dl class="attachbox"><dt>Attachments</dt>{attached}</dl>' if attached else ""
        if shut and message.items:
            box = '<div class="rules">You may not view the files attached to this post.</div>'
        return (
            f'<div id="p{message.id}" class="post has-profile bg{2 - message.number % 2}">'
            f'<div class="inner"><dl class="postprofile" id="profile{message.id}">'
            '<dt class="no-profile-rank has-avatar"><div class="avatar-container"><a href='
            '"./memberlist.php?mode=viewprofile&amp;u=2" class="avatar"><img class="avatar" '
            'src="./download/file.php?avatar=2_1760000000.jpg" width="90" height="90" alt=""></a>'
            f'</div>{author}</dt><dd class="profile-posts"><strong>Posts:</strong> 7</dd></dl>'
            f'<div class="postbody"><div id="post_content{message.id}"><h3><a href="{link}">'
            f'Re: All</a></h3><p class="author"><a class="unread" href="{link}" title="Post">'
            f'<i class="icon fa-file fa-fw"></i></a><span class="responsive-hide">by <strong>{author}'
            f'</strong> &raquo; </span><time datetime="{message.at.isoformat()}">'
            f"{message.at.strftime('%a %b %d, %Y %I:%M %p').lower()}</time></p>"
            f'<div class="content">{self._quote(message, sid)}{escape(message.text)} '
            '<img class="smilies" src="./images/smilies/icon_e_smile.gif" width="15" height="17" '
            f'alt=":)" title="Smile">{within}{far}<br>'
            '<a href="https://elsewhere.example/album" class="postlink">more</a> '
            f'<a href="https://{self._board.host}/faq" class="postlink-local">rules</a></div>{box}'
            f'<div id="sig{message.id}" class="signature"><img src="https://{self._board.host}'
            '/pics/banner.jpg" class="postimage" alt="Image"></div></div></div>'
            '<div class="back2top"><a href="#top" class="top" title="Top"></a></div></div></div>'
        )

    def _quote(self, message: Message, sid: str) -> str:
        quoted = message.quoted
        if quoted is None or not quoted.items:
            return ""
        item = quoted.items[0]
        return (
            f'<blockquote cite="./viewtopic.php?p={quoted.id}{sid}#p{quoted.id}"><div><cite><a href='
            f'"./memberlist.php?mode=viewprofile&amp;u=2">{quoted.author}</a> wrote: </cite>'
            f'{escape(quoted.text)}<div class="inline-attachment">'
            f'{self._attachment(item, quoted, sid)}</div><blockquote class="uncited"><div>'
            f'<img src="https://{self._board.host}/pics/{item.name}" class="postimage" alt="Image">'
            '<a href="https://quoted.example/" class="postlink">q</a></div></blockquote>'
            "</div></blockquote>"
        )  # fmt: skip

    def _attachment(self, item: Item, message: Message, sid: str) -> str:
        """A small picture that leads to the large one, the picture itself, or a file by its name."""
        link = f"./download/file.php?id={item.id}{sid}"
        if item.kind == "video":
            return (
                f'<dl class="file"><dt><a class="postlink" href="{link}">{item.name}</a></dt>'
                "<dd>(1.2 MiB) Downloaded 3 times</dd></dl>"
            )
        if message.shown(item) == "within":
            return (
                f'<dl class="file"><dt class="attach-image"><img src="{link}" class="postimage" '
                f'alt="{item.name}" onclick="viewableArea(this);"></dt>'
                f"<dd>{item.name} (12.3 KiB) Viewed 5 times</dd></dl>"
            )
        return (
            f'<dl class="thumbnail"><dt><a href="{link}&amp;mode=view"><img src="{link}&amp;t=1" '
            f'class="postimage" alt="{item.name}" title="{item.name} (12.3 KiB) Viewed 5 times"></a>'
            "</dt></dl>"
        )

    async def section(self, request: Request) -> Response:
        if request.query_params.get("f") != str(SECTION):
            return self._message(request, "The forum you selected does not exist.", 404)
        topics, sid = self._board.listed(), _sid(request)
        if _direction(request, "d") == "a":
            topics.sort(key=lambda one: (one.author not in self._board.pinned, one.messages[-1].id))
        # Announcements stand above the others on each page.
        above = [one for one in topics if one.author in self._board.pinned]
        pages = len(topics) - len(above)
        page = min(int(request.query_params.get("start", 0)) + 1, pages)
        shown = above + topics[len(above) :][page - 1 : page]
        rows = "".join(self._row(one, sid) for one in shown)
        pager = _pager(f"./viewforum.php?f={SECTION}{sid}", page, pages, 1)
        return self._page(
            request,
            "Pictures - Demo",
            f'<h2 class="forum-title"><a href="./viewforum.php?f={SECTION}{sid}">Pictures</a></h2>'
            f'<div class="action-bar bar-top"><div class="pagination">{len(topics)} topics {pager}'
            '</div></div><div class="forumbg"><div class="inner"><ul class="topiclist">'
            '<li class="header"><dl class="row-item"><dt><div class="list-inner">Topics</div></dt>'
            f'</dl></li></ul><ul class="topiclist topics">{rows}</ul></div></div>'
            f'<div class="action-bar bar-bottom"><div class="pagination">{pager}</div></div>',
            "viewforum",
        )

    async def search(self, request: Request) -> Response:
        query, sid = request.query_params, _sid(request)
        found = self._board.search(query["keywords"])
        if not found:
            return self._message(request, "No suitable matches were found.", 200)
        pages = (len(found) + PAGE - 1) // PAGE
        page = min(int(query.get("start", 0)) // PAGE + 1, pages)
        rows = "".join(
            f'<div class="search post bg1"><div class="inner"><dl class="postprofile"><dt class="author">'
            f'by <a href="./memberlist.php?mode=viewprofile&amp;u=2" class="username">{one.author}</a></dt>'
            f'<dd class="search-result-date">then</dd><dd>Forum: <a href="./viewforum.php?f={SECTION}{sid}">'
            f'Pictures</a></dd><dd>Topic: <a href="./viewtopic.php?t={topic.id}&amp;hilit=x{sid}">'
            f'{topic.title}</a></dd></dl><div class="postbody"><h3><a href="./viewtopic.php?p={one.id}&amp;'
            f'hilit=x{sid}#p{one.id}">Re: All</a></h3><div class="content"><span class="posthilit">'
            f'{escape(one.text)}</span></div></div><ul class="searchresults"><li><a href="./viewtopic.php?'
            f'p={one.id}&amp;hilit=x{sid}#p{one.id}" class="arrow-right">Jump to post</a></li></ul></div></div>'
            for topic, one in found[(page - 1) * PAGE : page * PAGE]
        )
        link = f"./search.php?keywords=x&amp;sr=posts{sid}"
        return self._page(
            request,
            "Demo - Search",
            f'<h2 class="searchresults-title">Search found {len(found)} matches</h2><div class="action-bar '
            f'bar-top"><div class="pagination">{_pager(link, page, pages, PAGE)}</div></div>{rows}',
            "search",
        )

    def _row(self, topic: Topic, sid: str) -> str:
        link = f"./viewtopic.php?t={topic.id}{sid}"
        last = topic.messages[-1]
        inner = "".join(
            f'<li><a class="button" href="{link}&amp;start={page * PAGE}">{page + 1}</a></li>'
            for page in range(topic.pages)
        )
        pinned = topic.author in self._board.pinned
        return (
            f'<li class="row bg1{" announce" if pinned else ""}"><dl class="row-item '
            f'{"announce" if pinned else "topic"}_read"><dt title="No unread posts">'
            f'<div class="list-inner"><a href="{link}" class="topictitle">{topic.title}</a><br>'
            '<div class="topic-poster responsive-hide left-box">by <a href="./memberlist.php" '
            f'class="username">{topic.author}</a> &raquo; <time datetime="'
            f'{topic.messages[0].at.isoformat()}">long ago</time></div><div class="pagination">'
            f'<span><i class="icon fa-clone fa-fw"></i></span><ul>{inner}</ul></div></div></dt>'
            f'<dd class="posts">{len(topic.messages) - 1}</dd><dd class="views">9</dd>'
            f'<dd class="lastpost"><span>by <a href="./memberlist.php" class="username">{last.author}'
            f'</a> <a href="./viewtopic.php?p={last.id}{sid}#p{last.id}" title="Go to last post">'
            f'</a><br><time datetime="{last.at.isoformat()}">then</time></span></dd></dl></li>'
        )

    def _page(
        self, request: Request, title: str, body: str, name: str, status: int = 200
    ) -> Response:
        way = "logout" if MEMBER in request.cookies else "login"
        return HTMLResponse(
            '<!DOCTYPE html>\n<html dir="ltr" lang="en-gb">\n<head>\n<meta charset="utf-8" />\n'
            f"<title>{title}</title>\n</head>\n"
            f'<body id="phpbb" class="nojs notouch section-{name} ltr ">\n<div id="wrap" class="wrap">'
            '<div id="page-header"><ul id="nav-main"><li class="rightside"><a href="./ucp.php?mode='
            f'{way}{_sid(request)}" title="{way}">{way}</a></li></ul></div>'
            f'<div id="page-body" class="page-body" role="main">{body}</div>'
            '<div id="page-footer" class="page-footer"><p class="footer-row"><span class='
            '"footer-copyright">Powered by <a href="https://www.phpbb.com/">phpBB</a></span></p>'
            "</div></div></body></html>",
            status,
        )

    def _message(self, request: Request, text: str, status: int) -> Response:
        body = (
            '<div class="panel" id="message"><div class="inner"><h2 class="message-title">Information'
            f"</h2><p>{text}</p></div></div>"
        )
        return self._page(request, "Demo - Information", body, "viewtopic", status)

    def _login(self, request: Request) -> Response:
        body = (
            '<form action="./ucp.php?mode=login" method="post" id="login" data-focus="username">'
            '<div class="panel"><div class="inner"><div class="content"><h2 class="login-title">'
            'The board requires you to log in.</h2><input type="text" name="username" id="username">'
            '<input type="password" id="password" name="password"></div></div></div></form>'
        )
        return self._page(request, "Demo - Login", body, "viewtopic")

    async def file(self, request: Request) -> Response:
        number = request.query_params.get("id", "")
        answer = serve_item(self._board.world, f"{number}.jpg")
        return answer if answer.status_code == 200 else serve_item(
            self._board.world, f"{number}.mp4"
        )  # fmt: skip

    async def picture(self, request: Request) -> Response:
        return serve_item(self._board.world, request.path_params["name"])


def _sid(request: Request) -> str:
    """Visitors without cookies carry their session in each link."""
    return "" if request.cookies else "&amp;sid=0a1b2c3d4e5f60718293a4b5c6d7e8f9"


def _direction(request: Request, usual: str) -> str:
    """Return the order that is asked for, else the one that who asks has set: members the other one."""
    theirs = {"a": "d", "d": "a"}[usual] if MEMBER in request.cookies else usual
    return request.query_params.get("sd", theirs)


def _pager(link: str, page: int, pages: int, size: int) -> str:
    if pages == 1:
        return ""

    def to(other: int) -> str:
        return link if other == 1 else f"{link}&amp;start={(other - 1) * size}"

    parts = []
    if page > 1:
        parts.append(
            f'<li class="arrow previous"><a class="button button-icon-only" href="{to(page - 1)}" '
            'rel="prev" role="button"><span class="sr-only">Previous</span></a></li>'
        )
    for other in range(1, pages + 1):
        if other == page:
            parts.append(f'<li class="active"><span>{other}</span></li>')
        elif other in {1, pages} or abs(other - page) <= 2:
            parts.append(f'<li><a class="button" href="{to(other)}" role="button">{other}</a></li>')
        elif abs(other - page) == 3:
            parts.append('<li class="ellipsis" role="separator"><span>…</span></li>')
    if page < pages:
        parts.append(
            f'<li class="arrow next"><a class="button button-icon-only" href="{to(page + 1)}" '
            'rel="next" role="button"><span class="sr-only">Next</span></a></li>'
        )
    return f"<ul>{''.join(parts)}</ul>"
