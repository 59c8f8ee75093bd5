"""The present state of things that have changed, as events tell it: one query for each kind."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gatherum.accounts.model import Scope
from gatherum.app import App
from gatherum.errors import NotFound
from gatherum.jobs.queue import JobFilter
from gatherum.library.browse import MediaQuery
from gatherum.web.queueing import job_item

ACCESS: Final = "access"  # what an account may do has changed: for ourselves alone
SCOPES: Final[Mapping[str, Scope]] = MappingProxyType(
    {
        "job": Scope.QUEUE_READ,
        "lane": Scope.QUEUE_READ,
        "media": Scope.LIBRARY_READ,
        "subscription": Scope.FOLLOWING_READ,
        "setting": Scope.SETTINGS_READ,
        "alarm": Scope.SETTINGS_READ,
        "decision": Scope.LIBRARY_READ,  # one's own; an administrator's are all
    }
)
BITE: Final = 500


@dataclass(frozen=True, slots=True)
class Gone:
    """A thing that is no more."""

    id: int | str
    gone: bool = True


@dataclass(frozen=True, slots=True)
class Thing:
    """How a thing stands. `account` is whose it is, where it is somebody's."""

    value: object
    account: int | None = None


Refs = Sequence[str]
Load = Callable[[App, Refs], Awaitable[Mapping[str, Thing]]]


async def load_things(app: App, kind: str, refs: Collection[str]) -> Mapping[str, Thing]:
    """Return how things of a kind stand, by their ids; each of `refs` is there."""
    found: dict[str, Thing] = {}
    load, wanted = LOADERS[kind], list(refs)
    for start in range(0, len(wanted), BITE):
        found |= await load(app, wanted[start : start + BITE])
    return {ref: found.get(ref) or Thing(Gone(_id(kind, ref))) for ref in wanted}


async def _jobs(app: App, refs: Refs) -> dict[str, Thing]:
    page = await app.queue.list(JobFilter(ids=tuple(refs)), limit=len(refs))
    return {job.id: Thing(job_item(job)) for job in page.jobs}


async def _media(app: App, refs: Refs) -> dict[str, Thing]:
    query = MediaQuery(states=(), ids=tuple(map(int, refs)))
    return {str(view.id): Thing(view) async for view in app.browse.media(query)}


async def _subscriptions(app: App, refs: Refs) -> dict[str, Thing]:
    found = {}
    for ref in refs:
        try:
            found[ref] = Thing(await app.subscriptions.get(int(ref)))
        except NotFound:
            continue
    return found


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """A section of the settings has changed; read it where it is served."""

    id: str


async def _settings(_app: App, refs: Refs) -> dict[str, Thing]:
    return {ref: Thing(SettingChanged(ref)) for ref in refs}


@dataclass(frozen=True, slots=True)
class LaneItem:
    """Whether a lane, or one platform of it, stands still. `platform` '' is the whole lane."""

    id: str
    lane: str
    platform: str
    paused: bool


async def _lanes(app: App, refs: Refs) -> dict[str, Thing]:
    paused = {f"{pause.lane}:{pause.partition}" for pause in await app.queue.paused()}
    found = {}
    for ref in refs:
        lane, _, platform = ref.partition(":")
        found[ref] = Thing(LaneItem(ref, lane, platform, paused=ref in paused))
    return found


LOADERS: Final[Mapping[str, Load]] = MappingProxyType(
    {
        "job": _jobs,
        "media": _media,
        "subscription": _subscriptions,
        "setting": _settings,
        "lane": _lanes,
    }
)


def _id(kind: str, ref: str) -> int | str:
    return int(ref) if kind in ("media", "subscription", "decision") else ref
