"""The present state of things that have changed, as events tell it: one query for each kind."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from gatherum.accounts.model import Scope
from gatherum.app import App
from gatherum.curating.decisions import DecisionView
from gatherum.errors import NotFound
from gatherum.jobs.queue import JobFilter
from gatherum.library.items import MediaItem, Show, read_items
from gatherum.moments import Moment, moment
from gatherum.web.deciding import as_it_stands
from gatherum.web.following import view_of
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
class SettingChanged:
    """A section of the settings has changed; read it where it is served."""

    id: str


@dataclass(frozen=True, slots=True)
class LaneItem:
    """Whether a lane, or one platform of it, stands still. `platform` '' is the whole lane."""

    id: str
    lane: str
    platform: str
    paused: bool


@dataclass(frozen=True, slots=True)
class AlarmItem:
    """Something about the installation needs a person, since then."""

    id: str
    since: Moment
    message: str


@dataclass(frozen=True, slots=True)
class Thing:
    """How a thing stands. `account` is whose it is, where it is somebody's.

    `outside`: how it is shown to who cannot change the library, if that is otherwise.
    """

    value: object
    account: int | None = None
    outside: object = None


Refs = Sequence[str]
Found = dict[str, Thing]


class Things:
    """Reads things by their ids, in the forms in which the API shows them."""

    def __init__(self, app: App, *, files: str) -> None:
        self._app = app
        self._show = Show(files=files, paths=True)
        self._loaders: Mapping[str, Callable[[Refs], Awaitable[Found]]] = {
            "job": self._jobs,
            "media": self._media,
            "subscription": self._subscriptions,
            "setting": self._settings,
            "lane": self._lanes,
            "alarm": self._alarms,
            "decision": self._decisions,
        }

    async def load(self, kind: str, refs: Refs) -> Found:
        """Return how things of a kind stand; what is not found is said to be gone."""
        found: Found = {}
        for start in range(0, len(refs), BITE):
            found |= await self._loaders[kind](refs[start : start + BITE])
        return {ref: found.get(ref) or Thing(Gone(_id(kind, ref))) for ref in refs}

    async def _jobs(self, refs: Refs) -> Found:
        page = await self._app.queue.list(JobFilter(ids=tuple(refs)), limit=len(refs))
        return {job.id: Thing(job_item(job)) for job in page.jobs}

    async def _media(self, refs: Refs) -> Found:
        numbers = [int(ref) for ref in refs]
        items = await self._app.database.read(lambda tx: read_items(tx, numbers, self._show))
        return {item.id: _media_thing(item) for item in items}

    async def _subscriptions(self, refs: Refs) -> Found:
        numbers = [int(ref) for ref in refs]
        ones = await self._app.database.read(lambda tx: self._app.subscriptions.look(tx, numbers))
        return {str(one.id): Thing(view_of(one)) for one in ones}

    async def _settings(self, refs: Refs) -> Found:
        return {ref: Thing(SettingChanged(ref)) for ref in refs}

    async def _lanes(self, refs: Refs) -> Found:
        pauses = await self._app.queue.paused()
        paused = {f"{pause.lane}:{pause.partition}" for pause in pauses}
        return {ref: Thing(_lane(ref, paused=ref in paused)) for ref in refs}

    async def _alarms(self, _refs: Refs) -> Found:
        alarms = await self._app.health.alarms()
        return {
            one.name: Thing(AlarmItem(one.name, moment(one.since), one.message)) for one in alarms
        }

    async def _decisions(self, refs: Refs) -> Found:
        found: Found = {}
        for ref in refs:  # people decide one thing at a time
            with suppress(NotFound):
                found[ref] = _decision_thing(await self._app.decisions.get(int(ref)))
        return found


def _media_thing(item: MediaItem) -> Thing:
    return Thing(item, outside=None if item.path is None else replace(item, path=None))


def _decision_thing(view: DecisionView) -> Thing:
    told = as_it_stands(view)
    return Thing(told, account=view.author, outside=replace(told, can_undo=False))


def _lane(ref: str, *, paused: bool) -> LaneItem:
    lane, _, platform = ref.partition(":")
    return LaneItem(ref, lane, platform, paused=paused)


def _id(kind: str, ref: str) -> int | str:
    return int(ref) if kind in ("media", "subscription", "decision") else ref
