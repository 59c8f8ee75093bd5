"""LinkedIn: a film of one post through yt-dlp, all else by Voyager with a login, and the public pages.

Visitors are shown single posts and articles, and the newest posts of an organisation. A login is its
cookies `li_at` and `JSESSIONID`. LinkedIn closes accounts that ask too much: the budget has its pace.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from gatherum.errors import LoginRequired, UnexpectedResponse, Unsupported
from gatherum.model import Media, MediaKind, Page, Post, Target, Transport
from gatherum.ports import Client, EngineRequest
from gatherum.providers import Needs, Provider, add_way, register
from gatherum.providers.engines.drafts import Draft, pages
from gatherum.providers.engines.readers import reads
from gatherum.providers.linkedin.cards import Card, cards_on, look_at, post_of, single_on
from gatherum.providers.linkedin.feeds import company, single, user
from gatherum.providers.linkedin.links import find_company, find_post, find_user
from gatherum.providers.linkedin.posts import ROOT, address_of, author_at, make_post
from gatherum.safety import foreign

LOGIN = Needs(login=True)
EXAMPLE = f"{ROOT}/posts/gatherum-demo_fog-activity-7151241570371948544-4Gu7"
OLDER = "older"  # the cursor behind what visitors see
NUMBERED = re.compile(r"(activity|ugcPost|share)[-:](\d+)")
# What yt-dlp 2026.8 takes for a link to a post.
TAKEN = re.compile(r"/posts/[^/?#]+-\d+-\w{4}$")


class Video(BaseModel):
    webpage_url: str
    description: str = ""
    uploader: str = ""


@reads("ytdlp", "linkedin")
def read_film(draft: Draft) -> Post | None:
    """Return the post of the film that yt-dlp speaks of: its urn is that of the link."""
    if not draft.files:
        return None
    try:
        video = Video.model_validate(draft.meta)
    except ValidationError as error:
        raise UnexpectedResponse("LinkedIn describes its films in an unknown form.") from error
    named = NUMBERED.search(video.webpage_url)
    if named is None:
        raise UnexpectedResponse("It is not known which post of LinkedIn this film is of.")
    file = draft.files[0]
    plain = file.meta.get("merged") is False
    media = Media(
        id="",
        url=file.url,
        kind=MediaKind.VIDEO,
        transport=Transport.HTTP if plain else Transport.YTDLP,
    )
    urn = f"urn:li:{named[1]}:{named[2]}"
    author = author_at(video.webpage_url, video.uploader)
    return make_post(urn, [media], author=author, caption=video.description)


async def film(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the film of one post, as yt-dlp finds it. A post without one is left to the next way.

    yt-dlp 2026.8 takes the first film of a page, which may be that of a post beside it: so the page is
    looked at before, which also says which post it is by the number that every way knows.
    """
    card = await foreign.apart(single_on, await look_at(target.url, client))
    if not card.film:
        raise Unsupported("This post of LinkedIn has no film.")
    url = target.url if TAKEN.search(target.url) else address_of(card.urn)
    request = EngineRequest(engine="ytdlp", url=url)
    async for page in pages(client, request, read_film, cursor):
        yield replace(page, posts=tuple(_own(post, card) for post in page.posts))


def _own(post: Post, card: Card) -> Post:
    if urlsplit(post.media[0].url).path not in {urlsplit(url).path for url in card.film}:
        raise UnexpectedResponse("yt-dlp has found the film of another post.")
    return make_post(
        card.urn, post.media, author=card.author, caption=card.caption, links=card.links
    )


async def shown_post(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one post as visitors see it."""
    card = await foreign.apart(single_on, await look_at(target.url, client))
    yield Page(posts=(await post_of(card, client),), cursor=None)


async def shown_posts(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what visitors see of an organisation: its newest posts, some ten.

    It never reaches the end, since the page does not say whether there is more.
    """
    if cursor is None:
        cards = await foreign.apart(cards_on, await look_at(target.url, client))
        if not cards:
            raise UnexpectedResponse("LinkedIn shows this page in an unknown form.")
        yield Page(posts=tuple([await post_of(card, client) for card in cards]), cursor=OLDER)
    raise LoginRequired("Older ones are shown to a login only.")


for _feed, _via, _find, _listing, _needs, _example in (
    ("post", "ytdlp", find_post, film, Needs(), EXAMPLE),
    ("user", "voyager", find_user, user, LOGIN, f"{ROOT}/in/gatherum-demo/"),
    ("company", "voyager", find_company, company, LOGIN, f"{ROOT}/company/gatherum/"),
):
    register(
        Provider(
            name=f"linkedin.{_via}",
            platform="linkedin",
            feed=_feed,
            example=_example,
            needs=_needs,
            listing=_listing,
            find=_find,
        )
    )

add_way(
    single,
    platform="linkedin",
    feed="post",
    via="voyager",
    example=EXAMPLE,
    order=200,
    needs=LOGIN,
)
add_way(shown_post, platform="linkedin", feed="post", via="page", example=EXAMPLE, order=300)
add_way(
    shown_posts,
    platform="linkedin",
    feed="company",
    via="page",
    example=f"{ROOT}/company/gatherum/",
    order=300,
)
