"""What the page of a video says of it, and why YouTube shows nothing: status 200, said in its data.

As yt-dlp 2026.10 reads it: `ytInitialPlayerResponse` holds what the player was told, `ytInitialData`
the alerts of a page that has nothing else to show. The website gives no address of the film.
"""

import re
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, Field, JsonValue, ValidationError

from gatherum.errors import Challenge, Gone, LoginRequired, RateLimited, SourceError, Unavailable
from gatherum.ports import Client
from gatherum.safety import foreign

ROOT = "https://www.youtube.com"
HEADERS = {"Cookie": "SOCS=CAI; PREF=hl=en&tz=UTC", "Accept-Language": "en"}
PAUSE = 3600.0  # seconds: what YouTube means by "try again later", as yt-dlp has learned
_PLAYER = re.compile(r"ytInitialPlayerResponse\s*=\s*(?={)")
_DATA = re.compile(r"ytInitialData\s*=\s*(?={)")
M = TypeVar("M", bound=BaseModel)


class Text(BaseModel):
    """Words, in either of the two forms that YouTube has for them."""

    simple: str = Field("", alias="simpleText")
    runs: list[dict[str, JsonValue]] = []

    def __str__(self) -> str:
        return self.simple or "".join(str(run.get("text", "")) for run in self.runs)


class Message(BaseModel):
    reason: Text = Text()
    more: Text = Field(default_factory=Text, alias="subreason")


class Screen(BaseModel):
    message: Message = Field(default_factory=Message, alias="playerErrorMessageRenderer")


class Playability(BaseModel):
    """Whether a video can be played, and if not, why."""

    status: str = ""
    reason: str = ""
    screen: Screen = Field(default_factory=Screen, alias="errorScreen")

    @property
    def refusal(self) -> SourceError | None:  # noqa: PLR0911  # one line a reason
        """Return why YouTube does not show a video, None if it does."""
        said = f"{self.reason} {self.screen.message.reason} {self.screen.message.more}"
        said = said.lower().replace("\u2019", "'")
        if self.status in {"OK", ""}:
            return None
        if "not a bot" in said:
            return Challenge("YouTube wants to see a person.")
        if "try again later" in said:
            return RateLimited("YouTube asks us to slow down.", retry_after=PAUSE)
        if self.status == "ERROR":
            return Gone("YouTube says that this video is not there (any more).")
        if self.status != "LIVE_STREAM_OFFLINE" and ("sign in" in said or "member" in said):
            return LoginRequired("YouTube shows this only to somebody who is logged in.")
        if self.status.startswith("AGE_") or self.status == "LOGIN_REQUIRED":
            return LoginRequired("YouTube shows this only to somebody who is logged in.")
        return Unavailable("YouTube does not show this here and now.")


class Details(BaseModel):
    title: str
    description: str = Field("", alias="shortDescription")
    seconds: int = Field(0, alias="lengthSeconds")
    live: bool = Field(default=False, alias="isLive")
    upcoming: bool = Field(default=False, alias="isUpcoming")


class Micro(BaseModel):
    uploaded: datetime | None = Field(None, alias="uploadDate")
    owner: str = Field("", alias="ownerProfileUrl")
    title: Text = Text()


class Format(BaseModel):
    micro: Micro = Field(default_factory=Micro, alias="playerMicroformatRenderer")


class Track(BaseModel):
    url: str = Field("", alias="baseUrl")
    language: str = Field("", alias="languageCode")
    name: str = Field("", alias="vssId")
    kind: str = ""


class Tracks(BaseModel):
    tracks: list[Track] = Field(default_factory=list, alias="captionTracks")


class Captions(BaseModel):
    list: Tracks = Field(default_factory=Tracks, alias="playerCaptionsTracklistRenderer")


class Player(BaseModel):
    """What the page tells its player."""

    playability: Playability = Field(default_factory=Playability, alias="playabilityStatus")
    details: Details | None = Field(None, alias="videoDetails")
    format: Format = Field(default_factory=Format, alias="microformat")
    captions: Captions = Captions()


class Alert(BaseModel):
    kind: str = Field("", alias="type")
    text: Text = Text()


class Data(BaseModel):
    alerts: list[dict[str, Alert]] = []

    @property
    def refusal(self) -> SourceError | None:
        """Return why there is nothing on a channel's or a list's page, None if it does not say."""
        said = [
            str(alert.text).lower()
            for alerts in self.alerts
            for alert in alerts.values()
            if alert.kind == "ERROR"
        ]
        if any("does not exist" in text or "terminated" in text for text in said):
            return Gone("YouTube says that this does not exist (any more).")
        if any("private" in text or "sign in" in text for text in said):
            return LoginRequired("YouTube shows this only to somebody who is logged in.")
        return Unavailable("YouTube does not show this here and now.") if said else None


async def watch(client: Client, video: str) -> Player | None:
    """Return what YouTube says of a video; None if its page is of an unknown form."""
    page = await client.text(f"{ROOT}/watch?v={video}", headers=HEADERS)
    return await foreign.apart(_part, page.text, _PLAYER, Player)


async def why(client: Client, url: str) -> SourceError | None:
    """Return why YouTube shows nothing at `url`, None if it does not say so."""
    page = await client.text(url, headers=HEADERS)
    player = await foreign.apart(_part, page.text, _PLAYER, Player)
    if player and player.playability.refusal:
        return player.playability.refusal
    data = await foreign.apart(_part, page.text, _DATA, Data)
    return data.refusal if data else None


def _part(page: str, start: re.Pattern[str], model: type[M]) -> M | None:
    if (found := start.search(page)) is None:
        return None
    try:
        return model.model_validate(foreign.value_at(page, found.end()))
    except (ValueError, ValidationError):
        return None
