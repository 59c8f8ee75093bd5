"""Snapchat's own pages. They show so many snaps, and have no second page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import BaseModel, JsonValue, ValidationError

from gatherum.errors import LoginRequired, UnexpectedResponse
from gatherum.model import Page, Target
from gatherum.ports import Client, Listing
from gatherum.providers import provider
from gatherum.providers.snapchat import snaps
from gatherum.providers.snapchat.snaps import ROOT, Props, Read
from gatherum.safety import foreign

LOGIN_HOST = "accounts.snapchat.com"
_SITE = r"https?://(?:(?:www|story|play|m)\.)?snapchat\.com(?:/[a-z]{2}(?:-[A-Za-z]{2})?)?"
_NAME = r"(?:@|%40|add/|s/)[A-Za-z][\w.-]+"
_USER = _NAME.replace("[A-Za-z]", "(?P<user>[A-Za-z]") + ")"
_NTH = r"(?:/\d+)?"  # the snap that the player begins with


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One kind of listing: its links, the page that holds it, and who reads that page."""

    name: str
    links: str  # behind the host
    link: str  # the canonical one
    page: str
    read: Read
    example: str

    @property
    def of_person(self) -> bool:
        """Return whether it is known by the name of somebody, in which capitals mean nothing."""
        return "{id}" not in self.link


FEEDS = (
    Feed(
        name="stories",
        links=rf"{_USER}(?:/stor(?:y|ies))?",
        link="/@{user}",
        page="/@{user}",
        read=snaps.stories,
        example="/@gatherum_demo",
    ),
    Feed(
        name="highlights",
        links=rf"{_USER}/highlights?",
        link="/@{user}/highlights",
        page="/@{user}",
        read=snaps.highlights,
        example="/@gatherum_demo/highlights",
    ),
    Feed(
        name="spotlights",
        links=rf"{_USER}/spotlights?",
        link="/@{user}/spotlights",
        page="/@{user}",
        read=snaps.spotlights,
        example="/@gatherum_demo/spotlights",
    ),
    Feed(
        name="snap",
        links=rf"{_USER}/(?P<id>[\w-]{{20,}})",  # no word of a link is as long
        link="/@{user}/{id}",
        page="/@{user}/{id}",
        read=snaps.snap,
        example="/@gatherum_demo/PnJFM8uuTRWo90OsrEH5pwAAgeGZvd2RrZGxxAZ1I2NonAZ1I2NmfAAAAAA",
    ),
    Feed(
        name="highlight",
        links=rf"{_USER}/highlight/(?P<id>[\w-]+){_NTH}",
        link="/@{user}/highlight/{id}",
        page="/@{user}/highlight/{id}",
        read=snaps.highlight,
        example="/@gatherum_demo/highlight/c3050cba-2f43-4e06-8ac4-d79069bac22f",
    ),
    Feed(
        name="spotlight",
        links=rf"(?:(?:{_NAME}/)?spotlight|o)/(?P<id>[\w-]+)",
        link="/spotlight/{id}",
        page="/spotlight/{id}",
        read=snaps.spotlight,
        example="/spotlight/W7_EDlXWTBiXAEEniNoMPwAAYYWtidGhudGZpAX1TKn0JAX1TKnXJAAAAAA",
    ),
)


class Inner(BaseModel):
    pageProps: dict[str, JsonValue]  # noqa: N815  # the framework's own name


class Data(BaseModel):
    props: Inner


def _listing(feed: Feed) -> Listing:
    async def listing(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
        props = await _props(client, ROOT + feed.page.format_map(target.values))
        posts = feed.read(props, target)
        yield Page(posts=posts, cursor=None, empty=not posts)

    return listing


async def _props(client: Client, url: str) -> Props:
    """Return what a page holds for its scripts: everything that it shows."""
    document = await client.text(url)
    if urlsplit(document.url).hostname == LOGIN_HOST:
        raise LoginRequired("Snapchat shows this only to somebody who is logged in.")
    return await foreign.apart(_props_in, document.text)


def _props_in(page: str) -> Props:
    script = foreign.html(page).css_first("script#__NEXT_DATA__")
    try:
        return foreign.model(Data, script.text() if script else "").props.pageProps
    except ValidationError as error:
        raise UnexpectedResponse("Snapchat's page has an unknown form.") from error


for _feed in FEEDS:
    provider(
        platform="snapchat",
        feed=_feed.name,
        pattern=f"{_SITE}/{_feed.links}",
        example=ROOT + _feed.example,
        key="" if _feed.of_person else "{id}",
        canonical=ROOT + _feed.link,
        ignore_case=_feed.of_person,
    )(_listing(_feed))
