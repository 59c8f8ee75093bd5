"""The lines between us and a child worker, as the parent reads and writes them.

A child is hostile until proven otherwise: what does not fit these models ends it.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from gatherum.ports import EngineCursor, EngineFile, EngineLine, EngineLink, EnginePost

Meta = dict[str, JsonValue]
Kind = Literal["login", "missing", "unsupported", "challenge", "http", "aborted", "unexpected"]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ready(_Line):
    """The child has started."""

    ev: Literal["ready"]


class Want(_Line):
    """It wants to send a request to `host`, and waits."""

    ev: Literal["want"]
    host: str


class Answer(_Line):
    """A request got `status` (0: no answer at all)."""

    ev: Literal["answer"]
    host: str
    status: int
    retry_after: float | None = None
    challenge: bool = False
    login: bool = False
    said: str = Field(default="", max_length=4096)  # the body, if it is short JSON


class PostLine(_Line):
    """A post begins."""

    ev: Literal["post"]
    meta: Meta


class FileLine(_Line):
    """A file of the post that began last."""

    ev: Literal["file"]
    url: str
    meta: Meta
    headers: dict[str, str] = Field(default_factory=dict)
    mirrors: list[str] = Field(default_factory=list)


class LinkLine(_Line):
    """The post links to this page elsewhere."""

    ev: Literal["link"]
    url: str


class CursorLine(_Line):
    """Where the engine could go on from."""

    ev: Literal["cursor"]
    value: str


class Progress(_Line):
    """Bytes so far."""

    ev: Literal["progress"]
    done: int
    total: int | None = None


class Saved(_Line):
    """The name of the finished file in the order's folder."""

    ev: Literal["saved"]
    name: str


class Key(_Line):
    """The extractor that is made for the link."""

    ev: Literal["key"]
    value: str | None


class Done(_Line):
    """The job ended."""

    ev: Literal["done"]
    stopped: bool = False


class Failed(_Line):
    """The job ended with an error of the extractor."""

    ev: Literal["failed"]
    kind: Kind
    message: str


Line = Annotated[
    Ready
    | Want
    | Answer
    | PostLine
    | FileLine
    | LinkLine
    | CursorLine
    | Progress
    | Saved
    | Key
    | Done
    | Failed,
    Field(discriminator="ev"),
]
LINE: TypeAdapter[Line] = TypeAdapter(Line)


class Order(_Line):
    """One job for a child: a closed set, nothing of it comes from a user's options."""

    op: Literal["extract", "download", "supports"]
    url: str = Field(pattern=r"^(?:[a-z]+:)?https?://\S+$")
    cursor: str | None = None
    flat: bool = False
    options: Meta = Field(default_factory=dict)
    proxy: str | None = None
    ca_bundle: str | None = None
    cookies: str | None = None
    user_agent: str | None = None
    folder: str | None = None
    format: str | None = None
    max_bytes: int | None = None
    ffmpeg: str | None = None


class Word(_Line):
    """The answer to a `want`."""

    go: bool


def as_found(line: Line) -> EngineLine | None:
    """Return a line as what an engine found, None if it is about the work itself."""
    match line:
        case PostLine():
            return EnginePost(meta=line.meta)
        case FileLine():
            return EngineFile(
                url=line.url, meta=line.meta, headers=line.headers, mirrors=tuple(line.mirrors)
            )
        case LinkLine():
            return EngineLink(url=line.url)
        case CursorLine():
            return EngineCursor(value=line.value)
        case _:
            return None
