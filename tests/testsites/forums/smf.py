"""An SMF forum, in the markup of the theme that SMF 2.1.4 ships. Its zone is two hours before UTC."""

from datetime import datetime, timedelta
from html import escape
from urllib.parse import unquote_plus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.forums.board import (
    NOW,
    PAGE,
    ROWS,
    Board,
    Message,
    Topic,
    page_of,
    thumb_id,
    window,
)
from tests.testsites.mastodon import serve_item
from tests.testsites.world import Item

MEMBER = "SMFCookie11"
SECTION = 5
ZONE = timedelta(hours=2)


def smf(board: Board) -> Starlette:
    """Return the forum."""
    site = _Smf(board)
    return Starlette(routes=[Route("/index.php", site.answer), Route("/pics/{name}", site.picture)])


class _Smf:
    def __init__(self, board: Board) -> None:
        self._board = board

    async def answer(self, request: Request) -> Response:
        # SMF takes both signs between the parts of a query.
        pairs = (part.partition("=") for part in request.url.query.replace("&", ";").split(";"))
        query = {name: value for name, _, value in pairs}
        if query.get("action") == "dlattach":
            return self._file(query["attach"])
        if "msg" in query:
            topic = self._board.find(int(query["msg"]))
            if topic is None:
                return self._fatal(request, "missing or off limits", 403)
            return RedirectResponse(self._link(f"topic={topic.id}.msg{query['msg']}"), 302)
        if query.get("action") == "search2":
            return self._search(request, query)
        if "topic" in query:
            return self._topic(request, query["topic"])
        return self._section(request, query.get("board", ""))

    def _topic(self, request: Request, asked: str) -> Response:
        number, _, start = asked.partition(".")
        topic = self._board.topic(int(number))
        member = MEMBER in request.cookies
        if topic is None or (topic.author in self._board.closed and not member):
            # It does not tell visitors which of the two it is.
            return self._fatal(request, "missing", 403) if member else self._kick(request)
        if start.startswith("msg"):
            page = page_of(topic, int(start[3:]))
        elif start == "new":
            page = 1 if member else topic.pages  # a member here has seen nothing yet
        else:
            page = int(start or 0) // PAGE + 1
        link = self._link("topic={}.{{}}".format(topic.id), request)  # noqa: UP032
        pager = _pager(link, page, topic.pages, PAGE)
        posts = "".join(self._post(one) for one in window(topic, page))
        return self._page(
            request,
            topic.title,
            f'<div id="display_head" class="information"><h2 class="display_title"><span id='
            f'"top_subject">{topic.title}</span></h2><p>Started by {topic.author}</p></div>'
            f'<div class="pagesection top"><div class="pagelinks floatleft"><a href="#bot" class='
            f'"button">Go Down</a>{pager}</div></div><div id="forumposts">'
            f'<form action="{self._link("action=quickmod2")}" method="post" name="quickModForm" '
            f'id="quickModForm">{posts}</form></div><div class="pagesection"><div class='
            f'"pagelinks floatleft"><a href="#main_content_section" class="button">Go Up</a>{pager}'
            "</div></div>",
        )

    def _post(self, message: Message) -> str:
        number = message.id
        link = self._link(f"msg={number}")
        author = (
            "reader"
            if message.author == "reader"
            else f'<a href="{self._link("action=profile;u=2")}" title="View the profile of '
            f'{message.author}">{message.author}</a>'
        )
        within = "".join(
            self._within(item) for item in message.items if message.shown(item) == "within"
        )
        far = "".join(
            f'<img src="https://{self._board.host}/pics/{item.name}" alt="" class="bbc_img" '
            'loading="lazy">'
            for item in message.items
            if message.shown(item) == "far"
        )
        below = "".join(self._below(item) for item in message.items if message.shown(item) != "far")
        footer = f'<div id="msg_{number}_footer" class="attachments">{below}</div>' if below else ""
        return (
            f'<div class="windowbg" id="msg{number}"><div class="post_wrapper"><div class="poster">'
            f'<h4>{author}</h4><ul class="user_info"><li class="avatar"><a href="'
            f'{self._link("action=profile;u=2")}"><img class="avatar" src="https://'
            f'{self._board.host}/avatars/blank.png" alt=""></a></li><li class="postcount">Posts: 7'
            '</li></ul></div><div class="postarea"><div class="keyinfo"><div id="subject_'
            f'{number}" class="subject_title subject_hidden"><a href="{link}" rel="nofollow">Re: All'
            f'</a></div><span class="page_number floatright">#{message.number}</span><div class='
            f'"postinfo"><span class="messageicon"><img src="https://{self._board.host}/Themes/'
            f'default/images/post/xx.png" alt=""></span><a href="{link}" rel="nofollow" title="Reply '
            f'#{message.number} - All" class="smalltext">{_time(message.at)}</a><span class="spacer">'
            f'</span><span class="smalltext modified floatright" id="modified_{number}"></span></div>'
            f'<div id="msg_{number}_quick_mod"></div></div><div class="post"><div class="inner" '
            f'data-msgid="{number}" id="msg_{number}">{self._quote(message)}{escape(message.text)} '
            f'<img src="https://{self._board.host}/Smileys/fugue/smiley.png" alt="&#58;&#41;" '
            f'title="Smiley" class="smiley">{within}{far}<br><a href="https://elsewhere.example/album"'
            ' class="bbc_link" target="_blank" rel="noopener">more</a></div></div>'
            f'{footer}<div class="under_message"></div></div><div class="moderatorbar"><div class='
            f'"signature" id="msg_{number}_signature"><img src="https://{self._board.host}/pics/'
            'banner.jpg" alt="" class="bbc_img"></div></div></div><hr class="post_separator"></div>'
        )

    def _quote(self, message: Message) -> str:
        quoted = message.quoted
        if quoted is None or not quoted.items:
            return ""
        return (
            f'<blockquote class="bbc_standard_quote"><cite><a href="{self._link(f"msg={quoted.id}")}">'
            f"Quote from: {quoted.author} on {_time(quoted.at)}</a></cite>{escape(quoted.text)}"
            f'{self._within(quoted.items[0])}<blockquote class="bbc_alternate_quote"><cite>Quote'
            '</cite><a href="https://quoted.example/" class="bbc_link">q</a></blockquote></blockquote>'
        )

    def _within(self, item: Item) -> str:
        link = self._link(f"action=dlattach;attach={item.id}")
        if item.kind == "image":
            return f'<img src="{link}" alt="{item.name}" class="bbc_img">'
        return (
            f'<div class="videocontainer"><video controls preload="metadata" src="{link}" '
            f'playsinline><a href="{link}" class="bbc_link">{item.name}</a></video></div>'
        )

    def _below(self, item: Item) -> str:
        """A file and, of a picture, a small copy with a number of its own."""
        link = self._link(f"action=dlattach;attach={item.id}")
        small = self._link(f"action=dlattach;attach={thumb_id(item)};image")
        top = (
            f'<div class="attachments_top"><a href="{link};image" id="link_{item.id}" onclick="return '
            f'expandThumb({item.id});"><img src="{small}" alt="" id="thumb_{item.id}" class="atc_img">'
            "</a></div>"
        )
        return (
            f'<div class="attached">{top if item.kind == "image" else ""}<div class="attachments_bot">'
            f'<a href="{link}"><img src="https://{self._board.host}/Themes/default/images/icons/'
            f'clip.png" class="centericon" alt="*">&nbsp;{item.name}</a> <br>12.3 KB, 320x400<br>'
            "Viewed 5 times.</div></div>"
        )

    def _section(self, request: Request, asked: str) -> Response:
        number, _, start = asked.partition(".")
        if number != str(SECTION):
            return self._kick(request)
        topics = self._board.listed()
        pages = (len(topics) + ROWS - 1) // ROWS
        page = int(start or 0) // ROWS + 1
        rows = "".join(self._row(one, request) for one in topics[(page - 1) * ROWS : page * ROWS])
        pager = _pager(self._link(f"board={SECTION}.{{}}", request), page, pages, ROWS)
        return self._page(
            request,
            "Pictures",
            '<div class="pagesection"><div class="pagelinks floatleft"><a href="#bot" class="button">'
            f'Go Down</a>{pager}</div></div><div id="messageindex"><div class="title_bar" id='
            '"topic_header"><div class="board_icon"></div><div class="info">Subject</div></div>'
            f'<div id="topic_container">{rows}</div></div><div class="pagesection"><div class='
            f'"pagelinks floatleft">{pager}</div></div>',
        )

    def _search(self, request: Request, query: dict[str, str]) -> Response:
        found = self._board.search(unquote_plus(query["search"]))
        page, pages = int(query.get("start", 0)) // PAGE + 1, (len(found) + PAGE - 1) // PAGE
        link = self._link(f"action=search2;search={query['search']};start={{}}", request)
        pager = _pager(link, page, pages, PAGE) if found else ""
        rows = "".join(
            '<div class="windowbg"><div class="block"><div class="page_number floatright"> #1</div><div '
            f'class="half_content"><div class="topic_details"><h5><a href="{self._link(f"board={SECTION}.0")}"'
            f'>Pictures</a> / <a href="{self._link(f"topic={topic.id}.msg{one.id}", request)}#msg{one.id}">Re: '
            f'<mark class="highlight">All</mark></a></h5><span class="smalltext">by <strong>{one.author}'
            f'</strong></span></div></div></div><div class="list_posts word_break">{escape(one.text)}</div></div>'
            for topic, one in found[(page - 1) * PAGE : page * PAGE]
        )
        nothing = '<div class="roundframe noup">No results found</div>'
        return self._page(
            request,
            "Search results",
            f'<div class="pagesection"><div class="pagelinks">{pager}</div></div>{rows or nothing}',
        )

    def _row(self, topic: Topic, request: Request) -> str:
        first, last = topic.messages[0], topic.messages[-1]
        pinned = topic.author in self._board.pinned
        mark = '<span class="main_icons sticky"></span>' if pinned else ""
        link = self._link(f"topic={topic.id}.0", request)
        inner = "".join(
            f'<a class="nav_page" href="{self._link(f"topic={topic.id}.{page * PAGE}")}">{page + 1}'
            "</a> "
            for page in range(topic.pages)
        )
        return (
            f'<div class="windowbg{" sticky" if pinned else ""}"><div class="board_icon"><img src='
            f'"https://{self._board.host}/Themes/default/images/post/xx.png" alt=""></div>'
            '<div class="info info_block"><div ><div class="icons floatright">'
            f"{mark}</div>"
            '<div class="message_index_title"><span class="preview" title="Words"><span id="msg_'
            f'{first.id}"><a href="{link}">{topic.title}</a></span></span></div><p class="floatleft">'
            f'Started by {topic.author}</p><span id="pages{first.id}" class="topic_pages"><span class='
            f'"pages">Pages</span>{inner}</span></div></div><div class="board_stats centertext"><p>'
            f'Replies: {len(topic.messages) - 1}<br>Views: 9</p></div><div class="lastpost"><p>'
            f'<a href="{self._link(f"topic={topic.id}.0#msg{last.id}")}">{_time(last.at)}</a><br>by '
            f"{last.author}</p></div></div>"
        )

    def _page(self, request: Request, title: str, body: str, status: int = 200) -> Response:
        index = f"https://{self._board.host}/index.php"
        way = "logout" if MEMBER in request.cookies else "login"
        return HTMLResponse(
            '<!DOCTYPE html>\n<html lang="en-US">\n<head>\n\t<meta charset="UTF-8">\n\t<script>\n'
            f'\t\tvar smf_theme_url = "https://{self._board.host}/Themes/default";\n'
            f'\t\tvar smf_scripturl = "{index}";\n\t</script>\n\t<title>{title}</title>\n'
            f'\t<link rel="help" href="{index}?action=help">\n</head>\n'
            '<body id="chrome" class="action_messageindex">\n<div id="footerfix"><div id="wrapper">'
            '<div id="upper_section"><div id="inner_section"><div id="inner_wrap" class="hide_720">'
            f'<div class="user"><time datetime="{NOW.strftime("%Y-%m-%dT%H:%M:%SZ")}">'
            f'{_plain(NOW)}</time></div></div></div></div><a href="{index}?action={way}">{way}</a>'
            f'<div id="content_section"><div id="main_content_section">{body}</div></div></div></div>'
            '<div id="footer"><ul><li class="copyright"><a href="https://www.simplemachines.org">'
            "Simple Machines</a></li></ul></div></body></html>",
            status,
        )

    def _kick(self, request: Request) -> Response:
        body = (
            '<form action="/index.php?action=login2" method="post" name="frmLogin" id="frmLogin">'
            '<div class="login"><div class="cat_bar"><h3 class="catbg">Warning!</h3></div>'
            '<p class="information centertext">It is missing or off limits to you.</p>'
            '<input type="text" name="user"><input type="password" name="passwrd"></div></form>'
        )
        return self._page(request, "Login", body)

    def _fatal(self, request: Request, text: str, status: int) -> Response:
        body = (
            '<div id="fatal_error"><div class="cat_bar"><h3 class="catbg">An Error Has Occurred!</h3>'
            f'</div><div class="windowbg"><div id="topic_gone" class="padding">{text}</div></div></div>'
        )
        return self._page(request, "An Error Has Occurred!", body, status)

    def _link(self, query: str, request: Request | None = None) -> str:
        """Visitors without cookies carry their session in the links of the program itself."""
        session = "PHPSESSID=0a1b2c3d4e5f&amp;" if request and not request.cookies else ""
        return f"https://{self._board.host}/index.php?{session}{query}"

    def _file(self, number: str) -> Response:
        answer = serve_item(self._board.world, f"{number}.jpg")
        if answer.status_code == 200:
            return answer
        return serve_item(self._board.world, f"{number}.mp4")

    async def picture(self, request: Request) -> Response:
        return serve_item(self._board.world, request.path_params["name"])


def _plain(at: datetime) -> str:
    return (at + ZONE).strftime("%b %d, %Y, %I:%M %p")


def _time(at: datetime) -> str:
    days = ((NOW + ZONE).date() - (at + ZONE).date()).days
    clock = (at + ZONE).strftime("%I:%M %p")
    if days in {0, 1}:
        return f"<strong>{'Yesterday' if days else 'Today'}</strong> at {clock}"
    return _plain(at)


def _pager(link: str, page: int, pages: int, size: int) -> str:
    """Write the page numbers; `link` is a template over the place."""

    def to(other: int, text: str) -> str:
        return f'<a class="nav_page" href="{link.format((other - 1) * size)}">{text}</a> '

    parts = ['<span class="pages">Pages</span>']
    if page > 1:
        parts.append(to(page - 1, '<span class="main_icons previous_page"></span>'))
    for other in range(1, pages + 1):
        if other == page:
            parts.append(f'<span class="current_page">{other}</span> ')
        elif other in {1, pages} or abs(other - page) <= 2:
            parts.append(to(other, str(other)))
        elif abs(other - page) == 3:
            parts.append('<span class="expand_pages"> ... </span>')
    if page < pages:
        parts.append(to(page + 1, '<span class="main_icons next_page"></span>'))
    return "".join(parts)
