"""A XenForo forum, in the markup of version 2.3: posts, redirects, walls and kept searches."""

import re
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.forums.board import PAGE, Board, Message, Topic, page_of, window
from tests.testsites.mastodon import serve_item
from tests.testsites.world import Item

MEMBER = "xf_user"
SECTION = 3
MOVED = 99  # a topic that stands elsewhere now: as the first one
NOTHING = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
STORY = "https://story.example/one"


def xenforo(
    board: Board, *, path: str = "", plain: bool = False, questions: tuple[str, ...] = ()
) -> Starlette:
    """Return the forum, in the folder `path` of its host; the topics in `questions` are such.

    `plain` addresses are all of `index.php`; others know these as well, and lead on.
    """
    site = _XenForo(board, path, questions, plain=plain)
    return Starlette(routes=[Route(path + "/{rest:path}", site.answer)])


class _XenForo:
    def __init__(self, board: Board, path: str, questions: tuple[str, ...], *, plain: bool) -> None:
        self._board = board
        self._root = f"https://{board.host}{path}/"
        self._path = path
        self._at = f"{path}/index.php?" if plain else f"{path}/"
        self._base = f"https://{board.host}{self._at}"
        self._questions = questions
        self._searches: list[str] = []

    async def answer(self, request: Request) -> Response:  # noqa: PLR0911  # a return a route
        """Answer by the part of the address behind the board, or by its query if it has no better."""
        way = request.url.path[len(self._path) + 1 :]
        if way == "index.php":
            way, _, rest = request.url.query.partition("&")
            if self._at.endswith("/"):
                return RedirectResponse(self._base + way + (f"?{rest}" if rest else ""), 301)
        if match := re.fullmatch(r"posts/(\d+)/?|threads/[^/]*/post-(\d+)|goto/post", way):
            number = match[1] or match[2] or request.query_params["id"]
            return self._post_page(request, int(number))
        if match := re.fullmatch(r"threads/(?:[^/]*\.)?(\d+)/(?:page-(\d+))?", way):
            return self._topic(request, int(match[1]), int(match[2] or 1))
        if match := re.fullmatch(r"forums/(?:[^/]*\.)?(\d+)/(?:page-(\d+))?", way):
            return self._section(request, int(match[1]), int(match[2] or 1))
        if match := re.fullmatch(r"search/(search|\d+)/?", way):
            return self._search(match[1], dict(request.query_params))
        if match := re.fullmatch(r"attachments/[^/]*-(\w+)\.(\d+)/", way):
            return serve_item(self._board.world, f"{match[2]}.{match[1]}")
        if match := re.fullmatch(r"data/video/\d+/(\d+)-0a\.mp4", way):
            return serve_item(self._board.world, f"{int(match[1]) - 7}.mp4")
        if match := re.fullmatch(r"pics/(.+)|proxy\.php", way):
            name = match[1] or request.query_params.get("image", "").rpartition("/")[2]
            return serve_item(self._board.world, name)
        return self._refusal("The requested page could not be found.", 404)

    def _post_page(self, request: Request, post: int) -> Response:
        topic = self._board.find(post)
        if topic is None:
            return self._refusal("The requested post could not be found.", 404)
        if topic.author in self._board.closed and MEMBER not in request.cookies:
            return self._wall()
        page = page_of(topic, post)
        return RedirectResponse(f"{self._link(topic, page)}#post-{post}", 301)

    def _link(self, topic: Topic, page: int = 1) -> str:
        end = f"page-{page}" if page > 1 else ""
        return f"{self._base}threads/all-of-{topic.author}.{topic.id}/{end}"

    def _topic(self, request: Request, number: int, page: int) -> Response:
        topic = self._board.topic(1 if number == MOVED else number)
        if topic is None:
            return self._refusal("The requested thread could not be found.", 404)
        if topic.author in self._board.closed and MEMBER not in request.cookies:
            return self._wall()
        if number == MOVED or page > topic.pages:
            return RedirectResponse(self._link(topic, min(page, topic.pages)), 303)
        shown = window(topic, page)
        if topic.author in self._questions and page > 1:
            shown = topic.messages[:1] + shown  # what was asked stands above each page
        body = "".join(self._post(topic, one) for one in shown)
        pager = self._pager(page, topic.pages, lambda place: self._link(topic, place))
        title = '<a href="?prefix_id=2" class="labelLink"><span class="label">Photo</span></a>'
        return self._page(
            f"{title}<span class='label-append'>&nbsp;</span>{topic.title}",
            f'<div class="block block--messages" data-type="post">{pager}<div class="block-body '
            f'js-replyNewMessageContainer">{body}</div>{pager}</div>',
            "thread_view",
        )

    def _post(self, topic: Topic, message: Message) -> str:
        asks = topic.author in self._questions and message.number == 1
        kind = "message--question" if asks else "message--post"
        link = f"{self._at}threads/all-of-{topic.author}.{topic.id}/post-{message.id}"
        within = "".join(
            self._inline(item) for item in message.items if message.shown(item) == "within"
        )
        far = "".join(
            self._far(item, place)
            for place, item in enumerate(message.items)
            if message.shown(item) == "far"
        )
        below = "".join(
            self._below(item) for item in message.items if message.shown(item) == "below"
        )
        box = (
            '<section class="message-attachments"><h4 class="block-textHeader">Attachments</h4>'
            f'<ul class="attachmentList">{below}</ul></section>'
        )
        at = message.at.strftime("%Y-%m-%dT%H:%M:%S%z")
        return (
            f'<article class="message {kind} js-post js-inlineModContainer" data-author='
            f'"{message.author}" data-content="post-{message.id}" id="js-post-{message.id}" itemscope>'
            f'<span class="u-anchorTarget" id="post-{message.id}"></span><div class="message-inner">'
            '<div class="message-cell message-cell--user"><section class="message-user"><a href="#" '
            f'class="avatar"><img src="{self._path}/data/avatars/m/0/5.jpg" alt=""></a>'
            f'<h4 class="message-name"><a href="#" class="username ">{message.author}</a></h4>'
            '</section></div><div class="message-cell message-cell--main"><header class='
            f'"message-attribution"><a href="{link}" rel="nofollow"><time class="u-dt" datetime="{at}" '
            f'data-time="9:00 AM" title="">{at[:10]}</time></a></header><div class="message-content">'
            '<article class="message-body js-selectToQuote"><div itemprop="text"><div class="bbWrapper">'
            f"{self._quote(message)}{escape(message.text)} "
            f'<img src="{NOTHING}" class="smilie smilie--sprite" alt=":D"> <img class="smilie '
            f'smilie--emoji" src="https://emoji.example/1f44d.png" alt="+">{within}{far}'
            '<a href="https://elsewhere.example/album" class="link link--external">more</a>'
            f"{self._unfurled()}</div></div></article>{box if below else ''}</div><div class="
            '"message-lastEdit">Last edited: <time datetime="2031-01-01T00:00:00+0000">x</time></div>'
            '<aside class="message-signature"><div class="bbWrapper"><img src='
            f'"{self._root}pics/banner.jpg" class="bbImage"></div></aside></div></div></article>'
        )

    def _quote(self, message: Message) -> str:
        if message.quoted is None or not message.quoted.items:
            return ""
        return (
            '<blockquote class="bbCodeBlock bbCodeBlock--expandable bbCodeBlock--quote"><div class='
            f'"bbCodeBlock-title"><a href="#">{message.quoted.author} said:</a></div><div class='
            f'"bbCodeBlock-content">{self._inline(message.quoted.items[0])}</div></blockquote>'
        )

    def _unfurled(self) -> str:
        return (
            f'<div class="bbCodeBlock bbCodeBlock--unfurl js-unfurl" data-url="{STORY}"><img src='
            f'"{self._path}/proxy.php?image=story.jpg&amp;hash=0&amp;return_error=1"><h3><a href='
            f'"{STORY}" class="link link--external">A story</a></h3></div>'
        )

    def _inline(self, item: Item) -> str:
        """A picture in full size, or a player whose number counts another thing."""
        if item.kind == "video":
            source = f"{self._path}/data/video/0/{item.id + 7}-0a.mp4"
            return (
                '<div class="bbMediaWrapper"><video controls data-xf-init="video-init"><source '
                f'data-src="{source}" src="{source}"><div class="bbMediaWrapper-fallback">Your '
                "browser is not able to display this video.</div></video></div>"
            )
        link = f"{self._base}attachments/{_slug(item)}/"
        return (
            f'<div class="bbImageWrapper js-lbImage" title="{item.name}" data-src="{link}">'
            f'<img src="{link}" data-url="" class="bbImage" alt="{item.name}" loading="lazy"></div>'
        )

    def _far(self, item: Item, place: int) -> str:
        """A picture from elsewhere: loaded late, or through the board's own proxy."""
        url = f"{self._root}pics/{item.name}"
        if place % 4 == 2:
            url = f"{self._path}/proxy.php?image={quote(url, safe='')}&amp;hash=0a1b"
            return f'<img src="{url}" data-url="x" class="bbImage" alt="{item.name}">'
        return (
            f'<img src="{NOTHING}" data-src="{url}" class="bbImage lazyload" alt="{item.name}">'
            f'<noscript><img src="{url}" class="bbImage" alt="{item.name}"></noscript>'
        )

    def _below(self, item: Item) -> str:
        link = f"{self._at}attachments/{_slug(item)}/"
        small = (
            f'<img src="{self._path}/data/attachments/0/{item.id + 7}-0a.jpg" alt="{item.name}">'
        )
        icon = '<span class="file-typeIcon"></span>'
        return (
            f'<li class="file file--linked"><a class="u-anchorTarget" id="attachment-{item.id}"></a>'
            f'<a class="file-preview js-lbImage" href="{link}" target="_blank">'
            f"{small if item.kind == 'image' else icon}</a><div class='file-content'><span class="
            f"'file-name' title='{item.name}'>{item.name}</span></div></li>"
        )

    def _section(self, request: Request, number: int, page: int) -> Response:
        del request
        if number != SECTION:
            return self._refusal("The requested forum could not be found.", 404)
        topics = self._board.listed()
        above = [one for one in topics if one.author in self._board.pinned]
        rest = topics[len(above) :]
        stuck = "".join(self._row(one) for one in above) if page == 1 else ""
        moved = (
            f'<div class="structItem structItem--thread"><i class="structItem-status '
            'structItem-status--redirect"></i><div class="structItem-title"><a href="'
            f'{self._at}threads/moved.{MOVED}/">Moved</a></div></div>'
        )
        rows = "".join(self._row(one) for one in rest[page - 1 : page])
        pager = self._pager(
            page, len(rest), lambda place: f"{self._at}forums/pictures.{SECTION}/page-{place}"
        )
        return self._page(
            "Pictures",
            f'<div class="structItemContainer"><div class="structItemContainer-group '
            f'structItemContainer-group--sticky">{stuck}</div><div class="structItemContainer-group '
            f'js-threadList">{moved}{rows}</div></div>{pager}',
            "forum_view",
        )

    def _row(self, topic: Topic) -> str:
        link = f"{self._at}threads/all-of-{topic.author}.{topic.id}/"
        return (
            f'<div class="structItem structItem--thread js-threadListItem-{topic.id}"><div class='
            '"structItem-title"><a href="?prefix_id=2" class="labelLink"><span class="label">Photo'
            f'</span></a><a href="{link}" data-xf-init="preview-tooltip">{topic.title}</a></div>'
            f'<div class="structItem-minor"><a href="{link}page-2">2</a></div></div>'
        )

    def _search(self, name: str, asked: Mapping[str, str]) -> Response:
        if name == "search" or int(name) > len(
            self._searches
        ):  # what is kept no more is done again
            words = asked.get("keywords") or asked.get("q", "")
            if not self._board.search(words):
                return self._page("Search", _said("No results found."), "message_page")
            self._searches.append(words)
            here = f"{self._base}search/{len(self._searches)}/?q={quote(words)}&o=date"
            return RedirectResponse(here, 303)
        found = self._board.search(self._searches[int(name) - 1])
        page, pages = int(asked.get("page", 1)), (len(found) + PAGE - 1) // PAGE
        rows = "".join(
            '<li class="block-row"><div class="contentRow"><h3 class="contentRow-title"><a href="'
            f"{self._at}threads/all-of-{topic.author}.{topic.id}/"
            f'{"" if message.number == 1 else f"post-{message.id}"}">{topic.title}</a></h3></div></li>'
            for topic, message in found[(page - 1) * PAGE : page * PAGE]
        )
        pager = self._pager(
            page, pages, lambda place: f"{self._at}search/{name}/?page={place}&q=x&o=date"
        )
        return self._page("Results", f'<ol class="block-body">{rows}</ol>{pager}', "search_results")

    def _pager(self, page: int, pages: int, link: Callable[[int], str]) -> str:
        if pages < 2:
            return ""
        back = f'<a href="{link(page - 1)}" class="pageNav-jump pageNav-jump--prev">Prev</a>'
        on = f'<a href="{link(page + 1)}" class="pageNav-jump pageNav-jump--next">Next</a>'
        all_of_them = "".join(
            f'<li class="pageNav-page"><a href="{link(place)}">{place}</a></li>'
            for place in range(1, pages + 1)
        )
        return (
            f'<div class="pageNav">{back if page > 1 else ""}<ul class="pageNav-main">{all_of_them}'
            f"</ul>{on if page < pages else ''}</div>"
        )

    def _wall(self) -> Response:
        form = f'<form action="{self._at}login/login" method="post"></form>'
        said = _said("You must be logged in to do that.")
        return self._page("Log in", f"{said}{form}", "login", 403)

    def _refusal(self, message: str, status: int) -> Response:
        return self._page("Oops! We ran into some problems.", _said(message), "error", status)

    def _page(self, title: str, body: str, template: str, status: int = 200) -> Response:
        return HTMLResponse(
            f'<!DOCTYPE html><html id="XF" lang="en-US" data-xf="2.3" data-app="public" data-template='
            f'"{template}" data-logged-in="false" class="has-no-js"><head><title>Demo</title></head>'
            f'<body data-template="{template}"><header><form action="{self._at}search/search" '
            'method="post"><input name="keywords"></form></header><noscript><div class="blockMessage '
            'blockMessage--important">JavaScript is disabled.</div></noscript><div class="p-title">'
            f'<h1 class="p-title-value">{title}</h1></div><div class="p-body-pageContent">{body}'
            "</div></body></html>",
            status,
        )


def _slug(item: Item) -> str:
    return f"{item.name.replace('.', '-')}.{item.id}"


def _said(message: str) -> str:
    return f'<div class="blockMessage">{message}</div>'
