"""The JSON lines of the outside contract, strictly: a field that is missing or odd fails the test."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Reason = Literal[
    "known",
    "filtered",
    "deleted",
    "duplicate",
    "rate_limited",
    "login_required",
    "challenge",
    "gone",
    "site_changed",
    "unsupported",
    "unavailable",
    "too_large",
    "corrupt",
    "disk_full",
    "refused",
    "cancelled",
]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Line(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="allow")


class MediaLine(Line):
    type: Literal["media"]
    id: str
    platform: str
    post: str
    media: str
    url: str
    state: Literal["stored", "known", "skipped", "failed", "trashed", "wanted"]
    reason: Reason | None
    detail: str | None
    path: Annotated[str, Field(pattern="^library/")] | None
    sha256: Digest | None
    size: int | None
    posted_at: Time | None
    caption: str | None


class LinkLine(Line):
    type: Literal["link"]
    url: str
    state: Literal["failed"]
    reason: Reason
    detail: str


class SummaryLine(Line):
    type: Literal["summary"]
    stored: int
    known: int
    skipped: int
    failed: int
    requests: int


class PostLine(Line):
    type: Literal["post"]
    platform: str
    post: str
    url: str
    author: str
    caption: str
    posted_at: Time | None
    media: list[str]
    versions: int
    gone_since: Time | None


class FindingLine(Line):
    type: Literal["finding"]
    flaw: Literal["damaged", "missing", "stranger"]
    path: str
    media: list[str]


class SubscriptionLine(Line):
    type: Literal["subscription"]
    url: str
    title: str
    filter: str
    limit: int | None
    paused: bool


class JobLine(Line):
    type: Literal["job"]
    id: str
    kind: str
    lane: str
    title: str
    state: str
    reason: Reason | None


class SettingLine(Line):
    type: Literal["setting"]
    key: str
    value: str


class LookLine(Line):
    type: Literal["look"]
    name: str
    ok: bool
    detail: str


class Explained(Line):
    """What a link is: this line alone has no type."""

    url: str
    platform: str | None
    feed: str | None
    key: str | None
    providers: list[str]
    needs: list[Literal["login", "browser", "probe"]]


AnyLine = (
    MediaLine
    | LinkLine
    | SummaryLine
    | PostLine
    | FindingLine
    | SubscriptionLine
    | JobLine
    | SettingLine
    | LookLine
)
LINES: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="type")])
