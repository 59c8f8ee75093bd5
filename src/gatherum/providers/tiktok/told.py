"""Why TikTok shows nothing, from the page itself: it answers 200, and says it in its data.

gallery-dl keeps such refusals to itself and goes on, so an empty listing must be asked about.
"""

import re

from pydantic import BaseModel, Field, ValidationError

from gatherum.errors import Gone, LoginRequired, SourceError, Unavailable, Withheld
from gatherum.ports import Client
from gatherum.providers.tiktok.puzzle import solve
from gatherum.safety import foreign

_DATA = re.compile(
    r'<script[^>]*\bid="__UNIVERSAL_DATA_FOR_REHYDRATION__"[^>]*>(.*?)</script>', re.DOTALL
)
# By the names that TikTok's own scripts have for them.
_GONE = {10202: "user_not_exist", 10204: "video_not_exist", 10221: "user_ban"}
_CLOSED = {
    10102: "user_not_login",
    10213: "video_low_age_m",
    10214: "video_low_age_t",
    10216: "video_private_by_user",
    10222: "user_private",
}
_ABROAD = 10231  # "region locked", as gallery-dl reads it


def withheld(status: int) -> LoginRequired | Unavailable:
    """Return why TikTok does not show what there is, by its status other than 0."""
    if status in _CLOSED:
        return LoginRequired("TikTok shows this only to somebody who is logged in.")
    if status == _ABROAD:
        return Withheld(
            "TikTok does not show this in this country; through a proxy elsewhere it may."
        )
    return Unavailable(f"TikTok does not show this here and now (status {status}).")


class Counts(BaseModel):
    videos: int | None = Field(None, alias="videoCount")


class User(BaseModel):
    secret: str = Field("", alias="secUid")  # the name that the lists are asked with


class Person(BaseModel):
    stats: Counts = Counts()
    user: User = Field(default_factory=User)


class Shown(BaseModel):
    classified: bool = Field(default=False, alias="isContentClassified")


class Found(BaseModel):
    item: Shown = Field(default_factory=Shown, alias="itemStruct")


class Detail(BaseModel):
    """What a page says of its person or its post."""

    status: int = Field(0, alias="statusCode")
    person: Person | None = Field(None, alias="userInfo")
    found: Found | None = Field(None, alias="itemInfo")

    @property
    def is_empty(self) -> bool:
        """Return whether this is somebody who has published nothing."""
        return self.status == 0 and self.person is not None and self.person.stats.videos == 0

    @property
    def refusal(self) -> SourceError | None:
        """Return why TikTok does not show this, None if it does not say so."""
        if self.status in _GONE:
            return Gone("TikTok says that this does not exist (any more).")
        if self.found and self.found.item.classified:
            return LoginRequired("TikTok shows this only to somebody who is logged in.")
        return withheld(self.status) if self.status else None


class Scope(BaseModel):
    person: Detail | None = Field(None, alias="webapp.user-detail")
    post: Detail | None = Field(None, alias="webapp.video-detail")


class Data(BaseModel):
    scope: Scope = Field(alias="__DEFAULT_SCOPE__")


async def ask(client: Client, url: str) -> Detail | None:
    """Return what the page at `url` says of its person or post; None if it says nothing."""
    page = await client.text(url)
    data = _DATA.search(page.text)
    if data is None and (cookies := await foreign.apart(solve, page.text)):
        page = await client.text(url, headers={"Cookie": cookies})
        data = _DATA.search(page.text)
    if data is None:
        return None
    try:
        scope = (await foreign.apart(foreign.model, Data, data[1])).scope
    except ValidationError:
        return None
    return scope.post or scope.person
