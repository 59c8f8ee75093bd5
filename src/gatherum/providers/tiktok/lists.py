"""TikTok's own lists, which hold whole posts: some fifteen or thirty of them a request. No login.

What somebody posts is listed as for the website's visitors (as yt-dlp 2026.10 reads it): the cursor
is a moment, the list goes back from it. The lists of tags and sounds are counted, and in no order of
time; TikTok gives them, with status 200, no body at all where it wants a request signed.
"""

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from pydantic import AliasChoices, BaseModel, Field, ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import Page, Post, Target
from gatherum.ports import Client, Listing
from gatherum.providers.tiktok.listings import marked
from gatherum.providers.tiktok.posts import ROOT, Item, post_from
from gatherum.providers.tiktok.told import ask, withheld
from gatherum.safety import foreign

AT_ONCE, COUNTED = 15, 30
WEEK = 7 * 86_400_000  # how far one request looks back, in milliseconds
BEGIN = 1_472_706_000_000  # there was no TikTok before
HEADERS = {"Referer": f"{ROOT}/"}
COMMON = {
    "aid": "1988",
    "app_language": "en",
    "app_name": "tiktok_web",
    "device_platform": "web_pc",
}
UNKNOWN = "TikTok answers in a form that is not known here."


class Answer(BaseModel):
    status: int = Field(0, alias="statusCode")
    items: list[Item] = Field(default_factory=list, alias="itemList")
    more: bool = Field(default=False, validation_alias=AliasChoices("hasMorePrevious", "hasMore"))
    cursor: int | None = None


class Challenge(BaseModel):
    id: str = Field(pattern=r"^\d+$")


class Challenged(BaseModel):
    challenge: Challenge


class Detail(BaseModel):
    info: Challenged = Field(alias="challengeInfo")


async def user(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what somebody posts, newest first; what they have pinned comes before all else."""
    place = _Place.parse(cursor) if cursor else await _start(target, client)
    if place is None:
        yield Page(posts=(), cursor=None, empty=True)
        return
    known: set[str] = set()
    top = cursor is None
    while place is not None:
        answer = await _asked(
            client,
            "creator",
            {
                "secUid": place.person,
                "cursor": str(place.before),
                "count": str(AT_ONCE),
                "type": "1",
            },
        )
        if answer.status:
            raise withheld(answer.status)
        names = {item.id for item in answer.items if not item.pinned}
        if names and names <= known:
            raise UnexpectedResponse("TikTok sends the same page again and again.")
        posts = [listed_post(item) for item in answer.items if item.id not in known]
        if top and not posts and not answer.more:
            raise UnexpectedResponse(UNKNOWN)  # the profile has just told of some
        known |= {item.id for item in answer.items}
        place = place.behind(answer)
        yield Page(
            posts=marked(posts) if top else tuple(posts),
            cursor=str(place) if place else None,
        )
        top = top and not posts


def is_no_list(said: str) -> bool:
    """Return whether an answer is TikTok's word for a list with nothing in it: it has no list then."""
    try:
        answer = foreign.model(Answer, said)
    except ValidationError:
        return False
    told = {"status", "more"} <= answer.model_fields_set
    return told and not (answer.status or answer.items or answer.more)


def counted(kind: str, name: str) -> Listing:
    """Return a listing of what a tag or a sound shows; `name` is what the list calls its id."""

    async def listed(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        number = target.values.get("id") or await _tag(target, client)
        start = int(cursor or 0)
        while True:
            answer = await _asked(
                client, kind, {name: number, "cursor": str(start), "count": str(COUNTED)}
            )
            if answer.status or (start == 0 and not answer.items):
                raise UnexpectedResponse(UNKNOWN)
            onward = answer.more and answer.cursor is not None and answer.cursor > start
            start = answer.cursor or 0
            posts = tuple(listed_post(item) for item in answer.items)
            yield Page(posts=posts, cursor=str(start) if onward else None)
            if not onward:
                return

    return listed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Behind what was posted `before` a moment, in milliseconds."""

    before: int
    person: str

    def __str__(self) -> str:
        return f"{self.before} {self.person}"

    @classmethod
    def parse(cls, cursor: str) -> "_Place":
        before, _, person = cursor.partition(" ")
        return cls(before=int(before), person=person)

    def behind(self, answer: Answer) -> "_Place | None":
        # Pinned posts are of any time, and nobody need have posted in the week that was looked at.
        timely = [item.created * 1000 for item in answer.items if not item.pinned]
        before = timely[-1] if timely and timely[-1] < self.before else self.before - WEEK
        return _Place(before=before, person=self.person) if answer.more and before > BEGIN else None


async def _start(target: Target, client: Client) -> _Place | None:
    """Return where somebody's list begins, None if they have posted nothing."""
    said = await ask(client, target.url)
    if said is not None and said.refusal is not None:
        raise said.refusal
    if said is not None and said.is_empty:
        return None
    if said is None or said.person is None or not said.person.user.secret:
        raise UnexpectedResponse(UNKNOWN)
    return _Place(before=int(time.time() * 1000), person=said.person.user.secret)


async def _tag(target: Target, client: Client) -> str:
    params = {**COMMON, "challengeName": unquote(target["tag"])}
    url = f"{ROOT}/api/challenge/detail/"
    return (await client.get(url, Detail, params=params, headers=HEADERS)).info.challenge.id


async def _asked(client: Client, kind: str, params: Mapping[str, str]) -> Answer:
    url = f"{ROOT}/api/{kind}/item_list/"
    return await client.get(url, Answer, params={**COMMON, **params}, headers=HEADERS)


def listed_post(item: Item) -> Post:
    """Return a post of a list."""
    return post_from(item, HEADERS)
