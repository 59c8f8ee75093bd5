"""What each action does to media: some at a time, in the transaction that records it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from gatherum.curating.actions import EditMedia
from gatherum.db import Tx
from gatherum.errors import Conflict
from gatherum.library import intents
from gatherum.library.editing import Change, edit, give_back
from gatherum.library.tables import FileRow, MediaRow
from gatherum.library.wanting import forbid_again, leave_again, want_again

CHANGE: Final = "change"
SAME: Final = "same"
BEING_MOVED: Final = "Its file is just being moved."
NOT_IN_BIN: Final = "It is not in the recycle bin."
OPEN = ("wanted", "fetching", "staged", "stored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of some things. Those that are named nowhere could not be changed.

    `moving` is for `Recycle` to finish after the commit, `fetch` names media for a job.
    """

    changes: Mapping[int, Change]
    same: Sequence[int] = ()
    moving: intents.Moving | None = None
    fetch: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A media as far as it matters for what may be done to it."""

    id: int
    state: str
    has_file: bool
    file_state: str | None
    size: int

    def verdict(self, kind: str) -> str:
        """Return `CHANGE`, `SAME`, or why a decision of this kind cannot change it."""
        rules = {
            "media.edit": lambda: CHANGE,
            "media.trash": self._to_trash,
            "media.restore": self._to_restore,
            "media.purge": self._to_purge,
            "media.allow": self._to_allow,
            "media.fetch": self._to_fetch,
        }
        return rules[kind]()

    def _to_trash(self) -> str:
        if self.state != "stored":
            return SAME if self.state == "trashed" else "It is not stored."
        return CHANGE if self.file_state == "stored" else BEING_MOVED

    def _to_restore(self) -> str:
        if self.state != "trashed":
            return SAME if self.state == "stored" else NOT_IN_BIN
        if not self.has_file:
            return "It was deleted for ever: allow it again."
        return BEING_MOVED if self.file_state in ("trashing", "purging") else CHANGE

    def _to_purge(self) -> str:
        if self.state != "trashed":
            return NOT_IN_BIN
        if not self.has_file:
            return SAME
        return BEING_MOVED if self.file_state in ("trashing", "restoring") else CHANGE

    def _to_allow(self) -> str:
        if self.state != "trashed":
            return SAME if self.state in OPEN else "It was not deleted."
        return "It is in the recycle bin: restore it." if self.has_file else CHANGE

    def _to_fetch(self) -> str:
        if self.state in ("failed", "skipped"):
            return CHANGE
        return SAME if self.state in OPEN else "It was deleted: restore it, or allow it again."


def look(tx: Tx, media_ids: Sequence[int]) -> list[Seen]:
    """Return how media stand; those that do not exist are left out."""
    query = (
        sa.select(
            MediaRow.id, MediaRow.state, MediaRow.file_id, MediaRow.size, FileRow.state.label("of")
        )
        .outerjoin(FileRow, FileRow.id == MediaRow.file_id)
        .where(MediaRow.id.in_(media_ids))
        .order_by(MediaRow.id)
    )
    return [
        Seen(
            id=row.id,
            state=row.state,
            has_file=row.file_id is not None,
            file_state=row.of,
            size=row.size or 0,
        )
        for row in tx.execute(query)
    ]


def carry_out(
    tx: Tx, kind: str, items: Mapping[int, Change], action: EditMedia | None, now: float
) -> Step:
    """Do to media what a decision of this kind does; of an undo, `items` holds what it expects."""
    match kind:
        case "media.edit":
            return _edit(tx, items, action)
        case "media.trash":
            moving = intents.begin_trash(tx, list(items), now)
            return _moved(tx, kind, items, moving, states=("stored", "trashed"))
        case "media.restore":
            able = intents.find_restorable(tx, list(items))
            moving = intents.begin_restore(tx, able)
            return _moved(tx, kind, items, moving, states=("trashed", "stored"))
        case "media.purge":
            moving = intents.begin_purge(tx, list(items))
            return _moved(tx, kind, items, moving, states=("trashed", "purged"))
        case _:
            return _wanted(tx, kind, items, now)


def _edit(tx: Tx, items: Mapping[int, Change], action: EditMedia | None) -> Step:
    if action is None:
        expected = {number: change.reversed() for number, change in items.items()}
        return Step(changes=give_back(tx, expected))
    found = edit(tx, list(items), action.edit())
    return Step(
        changes={number: change for number, change in found.items() if change},
        same=[number for number, change in found.items() if not change],
    )


def _wanted(tx: Tx, kind: str, items: Mapping[int, Change], now: float) -> Step:
    ids = list(items)
    match kind:
        case "media.allow":
            changes = _states(intents.allow(tx, ids), "trashed", "wanted")
        case "media.forbid":
            return Step(changes=_states(forbid_again(tx, ids, now), "wanted", "trashed"))
        case "media.fetch":
            changes = want_again(tx, ids)
        case "media.leave":
            before = {number: change.reversed() for number, change in items.items()}
            left = leave_again(tx, before, now)
            return Step(changes={number: items[number] for number in left})
        case _:
            raise Conflict("Gatherum does not know how to do this any more.")
    return Step(changes=changes, same=_same(tx, kind, ids, changes), fetch=sorted(changes))


def _moved(
    tx: Tx,
    kind: str,
    items: Mapping[int, Change],
    moving: intents.Moving,
    *,
    states: tuple[str, str],
) -> Step:
    changes = _states(moving.media, *states)
    return Step(changes=changes, same=_same(tx, kind, list(items), changes), moving=moving)


def _states(media_ids: Sequence[int], before: str, after: str) -> dict[int, Change]:
    change = Change(before={"state": before}, after={"state": after})
    return dict.fromkeys(media_ids, change)


def _same(tx: Tx, kind: str, ids: Sequence[int], changes: Mapping[int, Change]) -> list[int]:
    rest = [number for number in ids if number not in changes]
    return [seen.id for seen in look(tx, rest) if seen.verdict(kind) == SAME]
