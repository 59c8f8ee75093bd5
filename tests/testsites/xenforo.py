"""A XenForo 2 forum: threads with attachments, inline pictures, quotes, links, and a members' area."""

import json
from collections.abc import Sequence
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.mastodon import serve_item
from tests.testsites.world import Entry, Item, World

PAGE = 10
MEMBER = "xf_user"


def xenforo(  # noqa: C901  # a function a route
    world: World, host: str, *, closed: Sequence[str] = ()
) -> Starlette:
    """Return the forum: each person of the world is a thread, oldest post first as forums do.

    Pictures alternate between attachments and inline ones, videos are players in the text.
    The threads named in `closed` are for members.
    """
    root = f"https://{host}"
    names = list(world.people)

    def path(name: str) -> str:
        return f"/threads/{name}.{names.index(name) + 1}"

    def page(title: str, body: str, data: dict[str, object] | None = None) -> str:
        known = f'<script type="application/ld+json">{json.dumps(data)}</script>' if data else ""
        return (
            f'<!DOCTYPE html><html id="XF" data-xf="2.3" data-app="public" data-template="forum_view">'
            f"<head><title>{title}"
            f'</title>{known}</head><body><ul class="p-breadcrumbs "><li><a href="/">Home</a></li>'
            f'<li><a href="/forums/pictures.1/">Pictures</a></li></ul>{body}</body></html>'
        )

    def refusal(status: int, message: str) -> Response:
        body = f'<div class="blockMessage">{message}</div><a href="/login/"><span>Log in</span></a>'
        return HTMLResponse(page("Oops!", body.replace("<span>Log in</span>", "Log in")), status)

    def numbers(name: str) -> int:
        return (len(world.people[name]) + PAGE - 1) // PAGE

    async def thread(request: Request) -> Response:
        name = request.path_params["slug"].rpartition(".")[0]
        if name not in world.people:
            return refusal(404, "The requested thread could not be found.")
        if name in closed and MEMBER not in request.cookies:
            return refusal(403, "You must be logged-in to do that.")
        wanted = int(request.path_params.get("number", 1))
        if wanted > numbers(name):
            last = numbers(name)
            return RedirectResponse(f"{path(name)}/" + (f"page-{last}" if last > 1 else ""), 303)
        entries = world.people[name][::-1][(wanted - 1) * PAGE : wanted * PAGE]
        body = "".join(article(entry) for entry in entries)
        if wanted > 1:
            before = f"{path(name)}/" + (f"page-{wanted - 1}" if wanted > 2 else "")
            body += f'<a href="{before}" class="pageNav-jump pageNav-jump--prev">'
        if wanted < numbers(name):
            body += (
                f'<div class="pageNav"><a href="{path(name)}/page-{numbers(name)}">last</a></div>'
            )
            body += (
                f'<a href="{path(name)}/page-{wanted + 1}" class="pageNav-jump pageNav-jump--next">'
            )
        person = {"@type": "Person", "name": name, "url": f"{root}/members/{name}.1/"}
        count = {"@type": "InteractionCounter", "userInteractionCount": len(world.people[name])}
        data: dict[str, object] = {
            "@context": "https://schema.org",
            "@type": "DiscussionForumPosting",
            "@id": f"{root}{path(name)}/",
            "headline": f"All of {name}",
            "articleSection": "Pictures",
            "datePublished": world.people[name][-1].at.isoformat(),
            "author": person,
            "interactionStatistic": count,
        }
        return HTMLResponse(page(f"All of {name}", body, data))

    def article(entry: Entry) -> str:
        inline, attached = "", ""
        for place, item in enumerate(entry.items):
            if item.kind == "video":
                source = f"/data/video/{item.id // 1000}/{item.id}-0a1b2c.mp4"
                inline += f'<video data-xf-init="video-init" controls src="{source}"></video>'
            elif place % 2:
                inline += image(item)
            elif place:
                inline += (
                    '<div class="bbImageWrapper js-lbImage" data-src='
                    f'"{root}/pics/{item.name}?a=1&amp;hash=2" title="{item.name}"><img '
                    f'src="{root}/pics/{item.name}?a=1&amp;hash=2" alt="{item.name}" />'
                    "</div>"
                )
            else:
                attached += f'<li class="file">{image(item)}</li>'
        quote = '<blockquote class="bbCodeBlock bbCodeBlock--quote"><a href="/attachments/quoted-jpg.7/">q</a></blockquote>'
        link = '<a href="https://elsewhere.example/album" class="link link--external">more</a>'
        section = f'<section class="message-attachments"><ul>{attached}</ul></section>'
        return (
            f'<article class="message message--post js-post" data-author="{entry.author}" '
            f'data-content="post-{entry.id}" id="js-post-{entry.id}">'
            f'<h4 class="message-name"><a href="/members/{entry.author}.1/" class="username">'
            f'{entry.author}</a></h4><header class="message-attribution"><time class="u-dt" datetime='
            f'"{entry.at.strftime("%Y-%m-%dT%H:%M:%S%z")}"></time></header>'
            f'<div class="message-body js-selectToQuote"><div class="bbWrapper">{escape(entry.text)}'
            f'{quote}{inline}{link}</div><div class="js-selectToQuoteEnd"></div></div>'
            f"{section if attached else ''}<footer></footer></article>"
        )

    def image(item: Item) -> str:
        stem = item.name.replace(".", "-")
        return (
            f'<a class="file-preview" href="/attachments/{stem}.{item.id}/" target="_blank">'
            f'<img src="/data/attachments/{item.id}-thumb.jpg" alt="{item.name}"></a>'
        )

    async def forum(_: Request) -> Response:
        rows = "".join(
            f'<div class="structItem structItem--thread"><div class="structItem-title"><a href='
            f'"{path(name)}/" class="" data-tp-primary="on" data-xf-init="preview-tooltip">All of '
            f"{name}</a></div></div>"
            for name in names
            if name not in closed
        )
        return HTMLResponse(page("Pictures", rows))

    async def attachment(request: Request) -> Response:
        stem, _, number = request.path_params["slug"].rpartition(".")
        return serve_item(world, f"{number}.{stem.rpartition('-')[2]}")

    async def video(request: Request) -> Response:
        return serve_item(world, f"{request.path_params['name'].partition('-')[0]}.mp4")

    async def picture(request: Request) -> Response:
        return serve_item(world, request.path_params["name"])

    return Starlette(
        routes=[
            Route("/threads/{slug}/", thread),
            Route("/threads/{slug}/page-{number:int}", thread),
            Route("/forums/{slug}/", forum),
            Route("/forums/{slug}/page-{number:int}", forum),
            Route("/attachments/{slug}/", attachment),
            Route("/data/video/{folder}/{name}", video),
            Route("/pics/{name}", picture),
        ]
    )
