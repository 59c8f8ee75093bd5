"""A vBulletin 5 forum, in the markup of the style that 5.6 ships. Its zone is four hours behind UTC."""

from datetime import timedelta
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.testsites.forums.board import ROWS, Board, Message, Topic, window
from tests.testsites.mastodon import serve_item
from tests.testsites.world import Item

MEMBER = "bbsessionhash"
SECTION = "forum/main-forum/pictures"
ZONE = timedelta(hours=-4)


def vbulletin5(board: Board) -> Starlette:
    """Return the forum."""
    site = _Vbulletin5(board)
    return Starlette(
        routes=[
            Route(f"/{SECTION}", site.section),
            Route(f"/{SECTION}/page{{page:int}}", site.section),
            Route(f"/{SECTION}/{{slug}}", site.topic),
            Route(f"/{SECTION}/{{slug}}/page{{page:int}}", site.topic),
            Route("/forum/{path:path}", site.missing),
            Route("/filedata/fetch", site.file),
            Route("/pics/{name}", site.picture),
        ]
    )


class _Vbulletin5:
    def __init__(self, board: Board) -> None:
        self._board = board

    def _link(self, topic: Topic) -> str:
        return f"https://{self._board.host}/{SECTION}/{topic.id}-all-of-{topic.author}"

    async def missing(self, request: Request) -> Response:  # noqa: ARG002
        return _page("Page not found", '<div class="error">Not found</div>', 404)

    async def topic(self, request: Request) -> Response:
        topic = self._board.topic(int(request.path_params["slug"].partition("-")[0]))
        if topic is None:
            return await self.missing(request)
        if topic.author in self._board.closed and MEMBER not in request.cookies:
            return _page(
                "Demo", "You do not have permission to view this. You may need to log in.", 403
            )
        page = min(int(request.path_params.get("page", 1)), topic.pages)
        posts = "".join(self._post(one, topic) for one in window(topic, page))
        pager = _pager(self._link(topic), page, topic.pages)
        return _page(
            topic.title,
            f'<h1 class="main-title js-main-title">{topic.title}</h1>{pager}<div class='
            '"conversation-content"><ul class="conversation-list list-container h-clearfix '
            f'thread-view">{posts}</ul></div>{pager}',
        )

    def _post(self, message: Message, topic: Topic) -> str:
        number = message.id
        author = (
            "reader"
            if message.author == "reader"
            else f'<strong><a href="https://{self._board.host}/member/2-{message.author}">'
            f"{message.author}</a></strong>"
        )
        at = message.at + ZONE
        within = "".join(
            self._file(item, message) for item in message.items if message.shown(item) != "below"
        )
        below = "".join(
            f'<li class="b-post-attachments__item">{self._file(item, message)}</li>'
            for item in message.items
            if message.shown(item) == "below"
        )
        return (
            f'<li data-node-id="{number}" data-node-publishdate="{int(message.at.timestamp())}" '
            'class="b-post js-post js-comment-entry__parent h-restore--on-preview b-post--text h-left '
            f'h-clear" itemscope itemtype="http://schema.org/Comment"><a id="post{number}" class='
            '"anchor"></a><div class="l-row l-row__fixed--left"><div class="l-col__fixed-3"><div class='
            '"userinfo b-userinfo" itemprop="author"><a href="#" class="b-avatar"><img src="./core/'
            'images/default/default_avatar_medium.png" alt=""></a><div class="b-userinfo__details"><div '
            f'class="author h-text-size--14">{author}</div></div></div></div><div class='
            '"js-post__content-wrapper"><div class="b-post__body"><div class="b-post__content '
            'js-post__content"><div class="b-media"><div class="b-media__img--rev"><a class='
            f'"b-post__count" href="{self._link(topic)}?p={number}#post{number}">#{message.number}</a>'
            '</div><div class="b-post__timestamp"><time itemprop="dateCreated" datetime="'
            f'{at.strftime("%Y-%m-%dT%H:%M:%S")}">{at.strftime("%m-%d-%Y, %I:%M %p")}</time></div></div>'
            '<div class="js-post__content-text OLD__post-content-text restore h-wordwrap" itemprop='
            f'"text">{self._quote(message)}{escape(message.text)} <img src="./core/images/smilies/'
            f'smile.png" class="inlineimg" alt=":)">{within}<br><a href="https://elsewhere.example/'
            'album" target="_blank">more</a></div>'
            f"{f'<div class=b-post__attachments><ul>{below}</ul></div>' if below else ''}"
            f'<div class="b-post__signature"><img src="https://{self._board.host}/pics/banner.jpg">'
            "</div></div></div></div></div></li>"
        )

    def _quote(self, message: Message) -> str:
        quoted = message.quoted
        if quoted is None or not quoted.items:
            return ""
        return (
            '<div class="bbcode_container"><div class="bbcode_quote"><div class="quote_container"><div '
            'class="bbcode_postedby">Originally posted by <strong>'
            f'{quoted.author}</strong> <a href="#" title="View Post"></a></div><div class="message">'
            f"{escape(quoted.text)}{self._file(quoted.items[0], quoted)}<a href="
            '"https://quoted.example/">q</a></div></div></div></div>'
        )

    def _file(self, item: Item, message: Message) -> str:
        """A picture from elsewhere, a smaller one that names the large one, or a file by its name."""
        if message.shown(item) == "far":
            return f'<img src="https://{self._board.host}/pics/{item.name}" border="0" alt="">'
        link = f"filedata/fetch?id={item.id}&amp;d=1760000000"
        if item.kind == "video":
            return f'<a href="{link}">{item.name}</a>'
        return (
            f'<img alt="Click image for larger version\n\nName:\t{item.name}\nViews:\t22\nSize:\t12.3 '
            f'KB\nID:\t{item.id}" class="bbcode-attachment thumbnail js-lightbox" data-attachmentid="'
            f'{item.id}" data-fullsize-url="{link}" data-thumb-url="{link}&amp;type=thumb" src="{link}'
            '&amp;type=medium">'
        )

    async def section(self, request: Request) -> Response:
        topics = self._board.listed()
        pages = (len(topics) + ROWS - 1) // ROWS
        page = int(request.path_params.get("page", 1))
        shown = topics[(page - 1) * ROWS : page * ROWS]
        above = [one for one in shown if one.author in self._board.pinned]
        pager = _pager(f"https://{self._board.host}/{SECTION}", page, pages)
        sticky = "".join(self._row(one) for one in above)
        rows = "".join(self._row(one) for one in shown if one not in above)
        return _page(
            "Pictures",
            f'<h1>Pictures</h1>{pager}<table class="topic-list-container"><tbody class="topic-list '
            f'sticky-list">{sticky}</tbody><tbody class="topic-list ">{rows}</tbody></table>{pager}',
        )

    def _row(self, topic: Topic) -> str:
        link = self._link(topic)
        return (
            f'<tr class="topic-item js-topic-item" data-node-id="{topic.id}"><td class="cell-topic '
            f'js-cell-topic"><a href="{link}" class="topic-title js-topic-title">{topic.title}</a><div '
            f'class="pagenav-list"><a class="pagenav-list__item" href="{link}/page2">2</a></div></td>'
            f'<td class="cell-lastpost"><a href="{link}?view=last">go</a></td></tr>'
        )

    async def file(self, request: Request) -> Response:
        query = request.query_params
        if "type" in query:
            return Response(b"a small picture", media_type="image/jpeg")
        answer = serve_item(self._board.world, f"{query.get('id')}.jpg")
        if answer.status_code == 200:
            return answer
        return serve_item(self._board.world, f"{query.get('id')}.mp4")

    async def picture(self, request: Request) -> Response:
        return serve_item(self._board.world, request.path_params["name"])


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(
        '<!DOCTYPE html>\n<html lang="en" dir="ltr" id="htmlTag">\n<head>\n<meta charset="utf-8" />\n'
        f'<title>{title}</title>\n<meta name="generator" content="vBulletin 5.6.4" />\n<base href='
        '"https://vbulletin5.example/" />\n</head>\n<body id="vb-page-body" class="l-desktop page60 '
        'vb-page view-mode logged-out" itemscope data-usergroupid="1">\n<div id="main-navbar"></div>'
        f'<div id="content">{body}</div></body></html>',
        status,
    )


def _pager(link: str, page: int, pages: int) -> str:
    def to(other: int) -> str:
        return link if other <= 1 else f"{link}/page{other}"

    def step(way: str, other: int, *, works: bool) -> str:
        hidden = "" if works else "h-hide-imp "
        target = to(other) if works else "#"
        return (
            f'<a class="js-pagenav-button js-pagenav-{way}-button b-button b-button--secondary {hidden}'
            f'js-shrink-event-child" data-page="{other if works else 0}" href="{target}">{way}</a>'
        )

    numbers = "".join(
        f'<a class="js-pagenav-button b-button" href="{to(other)}" data-page="{other}">{other}</a>'
        for other in sorted({1, *range(max(1, page - 2), min(pages, page + 2) + 1), pages})
    )
    return (
        '<div class="pagenav-container"><div class="js-pagenav pagenav h-right">'
        f"{step('prev', page - 1, works=page > 1)}{numbers}"
        f"{step('next', page + 1, works=page < pages)}</div></div>"
    )
