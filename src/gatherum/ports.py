"""The Protocols between the layers: read this file first.

Each has two real implementations at least; what has one is simply a class.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from pydantic import BaseModel
from typing_extensions import TypeAliasType

from gatherum.model import Page, Target

M = TypeVar("M", bound=BaseModel)
Json = TypeAliasType(
    "Json", "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
)


class Clock(Protocol):
    """Time. Seconds since 1970, UTC, everywhere in the program."""

    def now(self) -> float:
        """Return the present time."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Fs(Protocol):
    """The only way files of the library are touched: so that a test can forget or fail at any call.

    Every path is relative to the library root, with `/`, and stays beneath it: anything else raises
    `OutsideLibrary`. Failures of the disk stay `OSError`. All calls block: use them in threads.
    """

    def open_part(self, path: str) -> int:
        """Open a part file for writing, made if missing, and hold its lock until it is closed.

        Raises `BlockingIOError` while another live process (or descriptor) holds it.
        """
        ...

    def open_read(self, path: str) -> int:
        """Open a plain file for reading."""
        ...

    def read_at(self, fd: int, size: int, offset: int) -> bytes:
        """Return up to `size` bytes from `offset`; shorter only at the end of the file."""
        ...

    def write(self, fd: int, data: bytes | bytearray | memoryview) -> None:
        """Write all of `data` at the descriptor's position."""
        ...

    def truncate(self, fd: int, size: int) -> None:
        """Cut the file to `size` bytes and stand at its end."""
        ...

    def set_mtime(self, fd: int, mtime: float) -> None:
        """Set the file's modification time; `OSError` if the file system will not."""
        ...

    def fsync(self, fd: int) -> None:
        """Make the file's bytes durable."""
        ...

    def close(self, fd: int) -> None:
        """Close the descriptor (and let go of its lock)."""
        ...

    def fsync_dir(self, path: str) -> None:
        """Make the names in a folder durable."""
        ...

    def rename_new(self, source: str, target: str) -> None:
        """Move a file; never replaces one: `FileExistsError` if `target` is taken."""
        ...

    def unlink(self, path: str) -> None:
        """Remove a file."""
        ...

    def size(self, path: str) -> int | None:
        """Return a plain file's size, None if nothing is there, -1 if it is no plain file."""
        ...

    def list(self, path: str) -> Iterable[str]:
        """Yield the paths of all plain files beneath a folder, at any depth."""
        ...

    def make_dirs(self, path: str) -> None:
        """Make a folder and its parents, and make their names durable."""
        ...

    def folders(self, path: str) -> Iterable[str]:
        """Yield the paths of the folders right in a folder."""
        ...

    def remove_folder(self, path: str) -> None:
        """Remove a folder with all that is in it; nothing happens if it is not there."""
        ...

    def free(self) -> tuple[int, int]:
        """Return (free, total) bytes of the file system under the root."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text answer of a page."""

    url: str  # after redirects
    text: str
    content_type: str = ""
    at: datetime | None = None  # when the server says that it answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The start of what is at an address: enough to say what it is."""

    url: str  # after redirects
    status: int
    content_type: str  # as sent, parameters included; '' if there was none
    head: bytes  # up to 256 kB
    length: int | None = None  # of the whole, if told


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePost:
    """An engine (gallery-dl, instaloader, yt-dlp) speaks of a post; `meta` is what it knows, in its own words."""

    meta: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFile:
    """An engine offers a file of the post it spoke of last."""

    url: str
    meta: Mapping[str, Json]
    headers: Mapping[str, str] = field(default_factory=dict)
    mirrors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCursor:
    """The engine is about to turn a page. `value` is where it could go on from, in its own words.

    An empty value: it cannot start in the middle.
    """

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineLink:
    """The post an engine spoke of last points to this page elsewhere."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineNothing:
    """The engine has come to its end and has found nothing. `said`: the last answer, if short JSON."""

    said: str


EngineLine = EnginePost | EngineFile | EngineCursor | EngineLink | EngineNothing


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRequest:
    """What is asked of an engine: a closed, typed set; raw options of users never reach one."""

    engine: str  # "gallerydl", "instaloader" or "ytdlp"
    url: str
    cursor: str | None = None
    flat: bool = False  # yt-dlp: list a playlist without visiting its entries
    options: Mapping[str, Json] = field(default_factory=dict)  # set by providers, never by users


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserRequest:
    """What a provider wants of a browser, beyond what it then does with the page."""

    profile: str  # who remembers (cookies, storage) from job to job, where there is no login
    hosts: tuple[str, ...]  # these and what is below them can be asked, nothing else
    capture: tuple[str, ...] = ()  # patterns of addresses: what they answer the page is kept for us
    login: bool = False  # with the cookies of the job's login, whose profile it then is


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What an address answered to a page."""

    url: str
    method: str  # of the request
    status: int
    text: str


class BrowserPage(Protocol):
    """One page of a real browser, for one job. Nothing on it is done by itself.

    Where the source wants to see a person, and a plain browser does not get past that by itself, it
    raises `Challenge`. `Unavailable` if the browser ends in the middle.
    """

    async def open(self, url: str) -> Document:
        """Go to an address and return its page; refusals raise as in `Client`."""
        ...

    async def content(self) -> Document:
        """Return the page as it stands, under the address that it has now."""
        ...

    async def fill(self, selector: str, text: str) -> None:
        """Write into a field; `UnexpectedResponse` if there is none."""
        ...

    async def click(self, selector: str) -> None:
        """Click on something; `UnexpectedResponse` if it is not there."""
        ...

    async def sees(self, selector: str, *, within: float = 15.0) -> bool:
        """Look, wait up to `within` seconds until something is on the page; return whether it is."""
        ...

    async def scroll(self) -> None:
        """Go to the end of the page."""
        ...

    async def take(self, *, within: float = 30.0) -> Captured | None:
        """Return the oldest captured answer not yet taken, None if none comes in time.

        429 and 5xx raise; whatever else the status is, it is returned.
        """
        ...


class Client(Protocol):
    """What a provider may ask of the network. Every request keeps to the budget and the policy.

    Answers that are no success raise the `SourceError` that says what should happen next.
    """

    async def get(
        self,
        url: str,
        model: type[M],
        *,
        params: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> M:
        """Return the JSON at `url` as `model`; `UnexpectedResponse` if it does not fit.

        Parameters that are None are left out. `accept` names statuses whose JSON is an answer too,
        for platforms that say there what is wrong; if the body is no JSON, the status counts.
        """
        ...

    async def text(self, url: str, *, headers: Mapping[str, str] | None = None) -> Document:
        """Return the page at `url`, decoded."""
        ...

    async def probe(self, url: str) -> Probe:
        """Return the start of what is at `url`, by one request that stops reading early.

        A refusal (4xx) is returned, since its page may tell what the host is; 429, 5xx and
        challenges raise as everywhere.
        """
        ...

    def extract(self, request: EngineRequest) -> AsyncIterator[EngineLine]:
        """Let an engine look at a link, in its sandboxed child process; lines come as they are found.

        Closing the iterator early stops the engine.
        """
        ...

    def browse(self, request: BrowserRequest) -> AbstractAsyncContextManager[BrowserPage]:
        """Lend a page of a browser; `Unsupported` with what must be installed if there is none."""
        ...


class Listing(Protocol):
    """How a provider is called: an async generator of pages behind `cursor` (None: the start)."""

    def __call__(self, target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        """Yield pages, newest first."""
        ...
