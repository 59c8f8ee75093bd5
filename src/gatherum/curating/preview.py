"""What an action would do, before anybody does it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gatherum.curating.actions import (
    Action,
    EditMedia,
    MediaAction,
    PurgeMedia,
    SubscriptionAction,
    UnfollowSubscriptions,
    kind_of,
    wanted_values,
)
from gatherum.curating.media import CHANGE, SAME, look
from gatherum.db import Database, Tx
from gatherum.library.editing import Change, plan_edit
from gatherum.ports import Json
from gatherum.subscriptions.changing import Changing

EXAMPLES = 10
CHUNK = 500
# What the state of a media becomes; an edit tells its values.
BECOMES = {
    "media.trash": "trashed",
    "media.restore": "stored",
    "media.purge": "purged",
    "media.allow": "wanted",
    "media.fetch": "wanted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cannot:
    """Why an action cannot change some things, and how many."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One thing that would be changed, and how."""

    id: int
    before: Mapping[str, Json]
    after: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPreview:
    """What would become of how many things; `bytes` are those of what would be changed."""

    total: int
    change: int
    same: int  # is so already
    cannot: tuple[Cannot, ...]
    bytes: int
    examples: tuple[Example, ...]


class BatchPreviews:
    """Says what an action would do. Nothing is changed, and nobody is kept waiting by it."""

    def __init__(self, database: Database, changing: Changing) -> None:
        self._db = database
        self._changing = changing

    async def preview(self, action: Action, subjects: Sequence[int]) -> BatchPreview:
        """Return what an action would do to these things as they stand."""
        several = sorted(set(subjects))
        tally = _Tally(total=len(several))
        for start in range(0, len(several), CHUNK):
            some = several[start : start + CHUNK]
            for fate in await self._db.read(partial(self._fates, action=action, subjects=some)):
                tally.count(fate)
        return tally.preview()

    def _fates(self, tx: Tx, *, action: Action, subjects: Sequence[int]) -> "list[_Fate]":
        if isinstance(action, SubscriptionAction):
            return list(self._subscription_fates(tx, action, subjects))
        return list(_media_fates(tx, action, subjects))

    def _subscription_fates(
        self, tx: Tx, action: SubscriptionAction, subjects: Sequence[int]
    ) -> "Iterator[_Fate]":
        for number, values in self._changing.plan(tx, subjects, wanted_values(action)).items():
            change = Change(before=values[0], after=values[1])
            if isinstance(action, UnfollowSubscriptions):
                change = Change(before={"followed": True}, after={"followed": False})
            yield _Fate(id=number, verdict=CHANGE if change else SAME, change=change, size=0)


def _media_fates(
    tx: Tx, action: MediaAction | PurgeMedia, subjects: Sequence[int]
) -> "Iterator[_Fate]":
    kind = kind_of(action)
    edits = plan_edit(tx, subjects, action.edit()) if isinstance(action, EditMedia) else {}
    for seen in look(tx, subjects):
        verdict, change = seen.verdict(kind), None
        if kind == "media.edit":
            change = edits.get(seen.id)
            verdict = "It has no date that could be moved there."
            if change is not None:
                verdict = CHANGE if change else SAME
        elif verdict == CHANGE:
            change = Change(before={"state": seen.state}, after={"state": BECOMES[kind]})
        yield _Fate(id=seen.id, verdict=verdict, change=change, size=seen.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fate:
    id: int
    verdict: str
    change: Change | None
    size: int


class _Tally:
    def __init__(self, *, total: int) -> None:
        self._total = total
        self._verdicts: Counter[str] = Counter()
        self._bytes = 0
        self._examples: list[Example] = []

    def count(self, fate: _Fate) -> None:
        self._verdicts[fate.verdict] += 1
        if fate.verdict != CHANGE or fate.change is None:
            return
        self._bytes += fate.size
        if len(self._examples) < EXAMPLES:
            change = fate.change
            self._examples.append(Example(id=fate.id, before=change.before, after=change.after))

    def preview(self) -> BatchPreview:
        unknown = self._total - self._verdicts.total()
        reasons = Counter({k: n for k, n in self._verdicts.items() if k not in (CHANGE, SAME)})
        if unknown:
            reasons["It does not exist."] = unknown
        return BatchPreview(
            total=self._total,
            change=self._verdicts[CHANGE],
            same=self._verdicts[SAME],
            cannot=tuple(Cannot(reason=k, count=n) for k, n in reasons.most_common()),
            bytes=self._bytes,
            examples=tuple(self._examples),
        )
