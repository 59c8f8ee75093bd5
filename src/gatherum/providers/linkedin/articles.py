"""Articles on LinkedIn: their covers, as the page of an article announces it to other sites."""

from collections.abc import AsyncIterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from gatherum.errors import UnexpectedResponse, Unsupported
from gatherum.model import Media, MediaKind, Page, Post, Target
from gatherum.ports import Client
from gatherum.providers import provider
from gatherum.providers.linkedin.cards import look_at
from gatherum.providers.linkedin.links import SITE
from gatherum.providers.linkedin.posts import ROOT
from gatherum.safety import foreign

# In the address of a cover; an article without one announces something else.
COVER: Final = "/article-cover_image"


@provider(
    platform="linkedin",
    feed="article",
    pattern=SITE + r"/pulse/(?P<name>(?!topics(?:/|\?|$))[^/?#]+)",
    example=f"{ROOT}/pulse/a-walk-in-the-fog-gatherum-demo-a1b2c/",
    canonical=ROOT + "/pulse/{name}/",
    via="page",
)
async def article(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield an article as a post with its cover; `Unsupported` if it has none."""
    tree = await foreign.apart(foreign.html, (await look_at(target.url, client)).text)
    if tree.css_first("code[id^='bpr-guid']") is not None:
        raise Unsupported("This is the page for those who are logged in.")
    cover = _meta(tree, "og:image")
    if not cover:
        raise UnexpectedResponse("LinkedIn shows this article in an unknown form.")
    if COVER not in cover:
        raise Unsupported("This article of LinkedIn has no cover.")
    name = f"pulse/{target['name']}"
    post = Post(
        platform="linkedin",
        id=name,
        url=target.url,
        caption=_meta(tree, "og:title"),
        media=(Media(id=f"{name}_1", url=cover, kind=MediaKind.IMAGE),),
    )
    yield Page(posts=(post,), cursor=None)


def _meta(tree: LexborHTMLParser, name: str) -> str:
    node = tree.css_first(f'meta[property="{name}"]')
    return ((node.attributes.get("content") or "") if node else "").strip()
