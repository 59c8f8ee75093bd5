"""An Invision forum, in the markup that public pages of Invision Community 4.5 to 4.7 show."""

from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.forums.board import PAGE, ROWS, Board, Message, Topic, page_of, window
from tests.testsites.mastodon import serve_item
from tests.testsites.world import Item

MEMBER = "ips4_member_id"
SECTION = 5


def upload(item: Item) -> str:
    """Return the path of an upload: its name, its kind once more and a digest."""
    stem, _, kind = item.name.partition(".")
    return f"/uploads/monthly_2025_10/{stem}.{kind}.0a1b{item.id:028d}.{kind}"


def invision(board: Board) -> Starlette:
    """Return the forum."""
    site = _Invision(board)
    return Starlette(
        routes=[
            Route("/topic/{slug}/", site.topic),
            Route("/topic/{slug}/page/{page:int}/", site.topic),
            Route("/forum/{slug}/", site.section),
            Route("/forum/{slug}/page/{page:int}/", site.section),
            Route("/search/", site.search),
            Route("/uploads/monthly_2025_10/{name}", site.file),
            Route("/applications/core/interface/file/attachment.php", site.attachment),
            Route("/pics/{name}", site.picture),
        ]
    )


class _Invision:
    def __init__(self, board: Board) -> None:
        self._board = board
        self._root = f"https://{board.host}"

    def _link(self, topic: Topic) -> str:
        return f"{self._root}/topic/{topic.id}-all-of-{topic.author}/"

    async def topic(self, request: Request) -> Response:
        number = int(request.path_params["slug"].partition("-")[0])
        topic, page = self._board.topic(number), request.path_params.get("page", 1)
        member = MEMBER in request.cookies
        if topic is None:
            return self._error(request, 404)
        if topic.author in self._board.closed and not member:
            return self._error(request, 403)
        shut = topic.author in self._board.withheld and not member
        if "comment" in request.query_params:
            page = page_of(topic, int(request.query_params["comment"]))
            return RedirectResponse(f"{self._link(topic)}page/{page}/", 301)
        if page > topic.pages:
            return RedirectResponse(f"{self._link(topic)}page/{topic.pages}/", 303)
        pager = _pager(self._link(topic), page, topic.pages)
        posts = "".join(self._post(one, topic, shut=shut) for one in window(topic, page))
        return self._page(
            request,
            "topic",
            '<div class="ipsPageHeader"><h1 class="ipsType_pageTitle ipsContained_container"><span '
            f'class="ipsType_break ipsContained"><span>{topic.title}</span></span></h1></div>{pager}'
            f'<div id="comments" data-controller="core.front.core.commentFeed">{posts}</div>{pager}',
        )

    def _post(self, message: Message, topic: Topic, *, shut: bool) -> str:
        number = message.id
        share = f"{self._link(topic)}?do=findComment&amp;comment={number}"
        author = f'<a href="{self._root}/profile/2-x/" class="ipsType_break">{message.author}</a>'
        if message.author == "reader":
            author = "reader"
        posted = (
            f'<a href="{share}" rel="nofollow" class="ipsType_blendLinks">Posted <time datetime=\''
            f"{message.at.strftime('%Y-%m-%dT%H:%M:%SZ')}' title='then' data-short='1 yr'>October 9"
            "</time></a>"
        )
        photo = (
            f'<a href="{self._root}/profile/2-x/" class="ipsUserPhoto ipsUserPhoto_large"><img src='
            f"'{self._root}/uploads/monthly_2020_06/face.thumb.jpg' alt='x' loading=\"lazy\"></a>"
        )
        files = "".join(self._file(item, message) for item in message.items)
        if shut:
            files = (
                f'<p><a href="{self._root}/login/" class="ipsAttachLink">Hidden for guests</a></p>'
            )
        return (
            f'<a id="comment-{number}"></a>\n<article  id="elComment_{number}" class="cPost ipsBox '
            'ipsResponsive_pull  ipsComment  ipsComment_parent"><div class="cAuthorPane_mobile">'
            f'<div class="cAuthorPane_photo">{photo}</div><div class="cAuthorPane_content"><h3 class='
            f'"ipsType_sectionHead cAuthorPane_author">\n\t{author}\n</h3><div>{posted}</div></div>'
            f'</div><aside class="ipsComment_author cAuthorPane"><h3 class="cAuthorPane_author">'
            f'<strong>{author}</strong></h3></aside><div class="ipsColumn ipsColumn_fluid"><div id='
            f'"comment-{number}_wrap" data-controller="core.front.core.comment" data-commentapp='
            f'"forums" data-commentid="{number}" class="ipsComment_content"><div class='
            f'"ipsComment_meta">{posted}</div><div class="cPost_contentWrap"><div data-role='
            f'"commentContent" class="ipsType_normal ipsType_richText">{self._quote(message, topic)}'
            f'<p>\n\t{escape(message.text)} <img alt=":)" data-emoticon="" src="{self._root}/uploads/'
            f'emoticons/smile.png"></p>{files}<p><a href="https://elsewhere.example/album" rel='
            '"external nofollow">more</a> <a href="https://elsewhere.example/login/">there</a></p></div></div><div data-role="memberSignature"><img src='
            f'"{self._root}/pics/banner.jpg"></div></div></div></article>'
        )  # fmt: skip

    def _quote(self, message: Message, topic: Topic) -> str:
        quoted = message.quoted
        if quoted is None or not quoted.items:
            return ""
        return (
            f'<blockquote class="ipsQuote" data-ipsquote="" data-ipsquote-contentcommentid="{quoted.id}'
            f'"><div class="ipsQuote_citation"><a href="{self._link(topic)}?do=findComment&amp;comment='
            f'{quoted.id}">{quoted.author} said:</a></div><div class="ipsQuote_contents">'
            f'{self._file(quoted.items[0], quoted)}<a href="https://quoted.example/">q</a></div>'
            "</blockquote>"
        )

    def _file(self, item: Item, message: Message) -> str:
        """A picture from elsewhere, one behind a small copy, one that waits to be seen, a player or a file."""
        link = self._root + upload(item)
        if message.shown(item) == "far":
            return f'<p><img class="ipsImage" src="{self._root}/pics/{item.name}" alt=""></p>'
        if item.kind == "video" and message.shown(item) == "below":
            return (
                f'<p><a class="ipsAttachLink" data-fileid="{item.id}" href="{self._root}/applications/'
                f'core/interface/file/attachment.php?id={item.id}" rel="">{item.name}</a></p>'
            )
        if item.kind == "video":
            return (
                f'<video controls class="ipsEmbeddedVideo" data-fileid="{item.id}" preload="metadata">'
                f'<source src="{link}" type="video/mp4"><a class="ipsAttachLink" data-fileid="'
                f'{item.id}" href="{link}">{item.name}</a></video>'
            )
        if message.shown(item) == "within":
            return (
                f'<p><img class="ipsImage" data-fileid="{item.id}" src="{self._root}/applications/core/'
                f'interface/js/spacer.png" data-src="{link}" alt="{item.name}"></p>'
            )
        small = link.replace(".jpg.", ".thumb.jpg.")
        return (
            f'<p><a class="ipsAttachLink ipsAttachLink_image" href="{link}" data-fileid="{item.id}" rel='
            f'""><img alt="{item.name}" class="ipsImage ipsImage_thumbnailed" data-fileid="{item.id}" '
            f'src="{small}" data-ratio="66.56" loading="lazy"></a></p>'
        )

    async def section(self, request: Request) -> Response:
        slug, page = request.path_params["slug"], request.path_params.get("page", 1)
        if not slug.startswith(f"{SECTION}-"):
            return self._error(request, 404)
        topics = self._board.listed()
        pages = (len(topics) + ROWS - 1) // ROWS
        rows = "".join(self._row(one) for one in topics[(page - 1) * ROWS : page * ROWS])
        return self._page(
            request,
            "forums",
            '<h1 class="ipsType_pageTitle">Pictures</h1>'
            f'{_pager(f"{self._root}/forum/{slug}/", page, pages)}<ol class="ipsDataList cTopicList" '
            f'data-role="tableRows">{rows}</ol>',
        )

    async def search(self, request: Request) -> Response:
        query = request.query_params
        found, page = self._board.search(query.get("q", "")), int(query.get("page", 1))
        pages = (len(found) + PAGE - 1) // PAGE
        rows = "".join(
            "<li class='ipsStreamItem ipsStreamItem_contentBlock' data-role='activityItem'><div class="
            f"'ipsStreamItem_header'><h2 class='ipsStreamItem_title'><a href='{self._link(topic)}"
            f"{'' if message.number == 1 else f'?do=findComment&amp;comment={message.id}'}' "
            f"data-linkType='link' data-searchable>{topic.title}</a></h2><p class="
            f"'ipsStreamItem_status'><a href='{self._root}/profile/2-x/'>x</a> replied to a topic in "
            f"<a href='{self._root}/forum/{SECTION}-pictures/'>Pictures</a></p></div></li>"
            for topic, message in found[(page - 1) * PAGE : page * PAGE]
        )
        rest = "".join(f"&{name}={value}" for name, value in query.items() if name != "page")
        listed = (
            f"<ol class='ipsStream' data-role='resultsContents'>{rows}</ol>"
            if rows
            else "<div data-role='resultsContents'><p>There were no results for your search.</p></div>"
        )
        return self._page(
            request,
            "search",
            "<div data-role='resultsArea' data-controller='core.front.search.results'>"
            f"{_pager(f'{self._root}/search/?{rest[1:]}', page, pages, way='&amp;page={}')}{listed}</div>",
        )

    def _row(self, topic: Topic) -> str:
        link, last = self._link(topic), topic.messages[-1]
        pin = (
            '<span><span class="ipsBadge ipsBadge_icon" title="Pinned"><i class="fa fa-thumb-tack">'
            "</i></span></span>"
        )
        inner = "".join(
            f'<span class="ipsPagination_page"><a href="{link}page/{page}/">{page}</a></span>'
            for page in range(1, topic.pages + 1)
        )
        return (
            f'<li class="ipsDataItem ipsDataItem_responsivePhoto" data-rowid="{topic.id}" data-location='
            '"" data-controller="forums.front.forum.topicRow"><div class="ipsDataItem_main"><h4 class='
            f'"ipsDataItem_title ipsContained_container">{pin if topic.author in self._board.pinned else ""}'
            f'<span class="ipsType_break ipsContained"><a href="{link}" title="{topic.title} "><span>'
            f'{topic.title}</span></a></span><span class="ipsPagination ipsPagination_mini">{inner}'
            f'</span></h4></div><ul class="ipsDataItem_lastPoster"><li><a href="{link}?do='
            f'getLastComment"><time datetime="{last.at.isoformat()}">then</time></a></li></ul></li>'
        )

    def _page(self, request: Request, controller: str, body: str, status: int = 200) -> Response:
        way = "logout" if MEMBER in request.cookies else "login"
        return HTMLResponse(
            '<!DOCTYPE html>\n<html lang="en-US" dir="ltr">\n<head>\n<meta charset="utf-8">\n<title>'
            "Demo</title>\n</head>\n<body class='ipsApp ipsApp_front ipsJS_none ipsClearfix' "
            "data-controller='core.front.core.app' data-message=\"\" data-pageApp='forums' "
            f"data-pageLocation='front' data-pageModule='forums' data-pageController='{controller}'>"
            f'<ul id="elUserNav"><li><a href="{self._root}/{way}/">{way}</a></li></ul>'
            f'<main id="ipsLayout_body"><div id="ipsLayout_mainArea">{body}</div></main></body></html>',
            status,
        )

    def _error(self, request: Request, status: int) -> Response:
        body = '<section id="elError"><p class="ipsType_large">It is not for you.</p></section>'
        return self._page(request, "topic", body, status)

    async def file(self, request: Request) -> Response:
        parts = request.path_params["name"].split(".")
        return serve_item(self._board.world, f"{parts[0]}.{parts[-1]}")

    async def attachment(self, request: Request) -> Response:
        return serve_item(self._board.world, f"{request.query_params['id']}.mp4")

    async def picture(self, request: Request) -> Response:
        return serve_item(self._board.world, request.path_params["name"])


def _pager(link: str, page: int, pages: int, *, way: str = "page/{}/") -> str:
    if pages <= 1:
        return ""

    def to(other: int) -> str:
        return link if other == 1 else link + way.format(other)

    def step(name: str, other: int, *, works: bool) -> str:
        off = "" if works else " ipsPagination_inactive"
        return (
            f"<li class='ipsPagination_{name}{off}'><a href='{to(other)}' rel=\"{name}\" "
            f"data-page='{other}' data-ipsTooltip>{name}</a></li>"
        )

    numbers = "".join(
        f"<li class='ipsPagination_page'><a href='{to(other)}' data-page='{other}'>{other}</a></li>"
        for other in range(max(1, page - 2), min(pages, page + 2) + 1)
    )
    return (
        f"<ul class='ipsPagination' data-ipsPagination data-ipsPagination-pages='{pages}'>"
        f"{step('first', 1, works=page > 1)}{step('prev', max(1, page - 1), works=page > 1)}{numbers}"
        f"{step('next', min(pages, page + 1), works=page < pages)}"
        f"{step('last', pages, works=page < pages)}</ul>"
    )
