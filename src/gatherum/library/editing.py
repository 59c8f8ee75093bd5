"""Edit what people say of media: date, description, favourite, tags. Every edit says what was before.

Values are told field by field (`edited_date`, `description`, `favourite`, and `tag:NAME` for each tag
that comes or goes), so that an edit can be given back although somebody has changed another field.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.errors import InvalidInput, Stale
from gatherum.library.tables import MediaRow
from gatherum.library.tags import Names, change_tags, key_of, tags_of
from gatherum.library.text import index_text
from gatherum.ports import Json

TAG: Final = "tag:"
FIRST, LAST = -62_135_596_800.0, 253_402_300_799.0  # the years 1 to 9999
LONGEST_DESCRIPTION = 10_000
Values = Mapping[str, Json]


class Kept(Enum):
    """Stands for a field that an edit leaves alone, where None is a value."""

    KEPT = auto()


KEPT: Final = Kept.KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is to change. `date` None gives the platform's date back; `shift` moves what is shown."""

    date: float | Kept | None = KEPT
    shift: float = 0.0
    description: str | Kept | None = KEPT
    favourite: bool | Kept = KEPT
    tags: tuple[str, ...] | Kept = KEPT  # these and no others
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no media can have."""
        if isinstance(self.date, float) and not FIRST <= self.date <= LAST:
            raise InvalidInput("A date lies in the years 1 to 9999.")
        if isinstance(self.description, str) and len(self.description) > LONGEST_DESCRIPTION:
            raise InvalidInput(f"A description has at most {LONGEST_DESCRIPTION} characters.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The values of a thing before and after, only those that differ; nothing if it was so already."""

    before: Values
    after: Values

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.before)

    def reversed(self) -> "Change":
        """Return the way back."""
        return Change(before=self.after, after=self.before)


def edit(
    tx: Tx, media_ids: Sequence[int], wanted: Edit, *, version: int | None = None
) -> dict[int, Change]:
    """Edit media, and return what became different, by media; those that cannot be are left out.

    With a `version`, `Stale` is raised if one has another by now.
    """
    changes = plan_edit(tx, media_ids, wanted, version=version, lock=True)
    _write(tx, {number: change.after for number, change in changes.items() if change})
    return changes


def plan_edit(
    tx: Tx,
    media_ids: Sequence[int],
    wanted: Edit,
    *,
    version: int | None = None,
    lock: bool = False,
) -> dict[int, Change]:
    """Return what `edit` would change; `lock` the media for it."""
    found = _facts(tx, media_ids, lock=lock)
    if version is not None and any(facts.version != version for facts in found.values()):
        raise Stale("This has been changed meanwhile: look at it again.")
    asked = {number: _asked(facts, wanted) for number, facts in found.items()}
    return {
        number: _difference(found[number], values)
        for number, values in asked.items()
        if values is not None
    }


def give_back(tx: Tx, changes: Mapping[int, Change]) -> dict[int, Change]:
    """Set media back to the values before, where the present ones still are those after.

    Returns what was given back, as changes in their own right; where nothing could be, nothing.
    """
    found = _facts(tx, list(changes), lock=True)
    given = {}
    for number, facts in found.items():
        change = changes[number]
        ours = {name for name, value in change.after.items() if facts.value(name) == value}
        given[number] = _difference(
            facts, {name: value for name, value in change.before.items() if name in ours}
        )
    _write(tx, {number: change.after for number, change in given.items() if change})
    return {number: change for number, change in given.items() if change}


def version_of(tx: Tx, media_id: int) -> int:
    """Return the version of a media, 0 if there is none."""
    return tx.scalar(sa.select(MediaRow.version).where(MediaRow.id == media_id)) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """A media as it stands, as far as people may change it."""

    columns: Mapping[str, Json]
    tags: Names
    shown_at: float
    version: int

    def value(self, name: str) -> Json:
        if name.startswith(TAG):
            return key_of(name.removeprefix(TAG)) in self.tags
        return self.columns[name]


def _facts(tx: Tx, media_ids: Sequence[int], *, lock: bool) -> dict[int, _Facts]:
    query = (
        sa.select(
            MediaRow.id,
            MediaRow.edited_date,
            MediaRow.description,
            MediaRow.favourite,
            MediaRow.shown_at,
            MediaRow.version,
        )
        .where(MediaRow.id.in_(media_ids))
        .order_by(MediaRow.id)  # locked in one order by all
    )
    rows = tx.execute(query.with_for_update() if lock else query).all()
    tags = tags_of(tx, [row.id for row in rows])
    return {
        row.id: _Facts(
            columns={
                "edited_date": row.edited_date,
                "description": row.description,
                "favourite": row.favourite,
            },
            tags=tags.get(row.id, {}),
            shown_at=row.shown_at,
            version=row.version,
        )
        for row in rows
    }


def _asked(facts: _Facts, wanted: Edit) -> Values | None:
    """Return the values that an edit asks for; None if the media cannot have them."""
    asked: dict[str, Json] = {}
    if wanted.shift:
        asked["edited_date"] = facts.shown_at + wanted.shift
        if not FIRST <= facts.shown_at + wanted.shift <= LAST:
            return None
    elif wanted.date is not KEPT:
        asked["edited_date"] = wanted.date
    if wanted.description is not KEPT:
        asked["description"] = wanted.description or None
    if wanted.favourite is not KEPT:
        asked["favourite"] = wanted.favourite
    if wanted.tags is not KEPT:
        keep = {key_of(name) for name in wanted.tags}
        asked |= {TAG + name: False for key, name in facts.tags.items() if key not in keep}
        asked |= dict.fromkeys(_tagged(wanted.tags), True)
    asked |= {TAG + facts.tags.get(key_of(name), name): False for name in wanted.remove}
    asked |= dict.fromkeys(_tagged(wanted.add), True)
    return asked


def _tagged(names: Iterable[str]) -> list[str]:
    return [TAG + name for name in names]


def _difference(facts: _Facts, values: Values) -> Change:
    differs = {name: value for name, value in values.items() if facts.value(name) != value}
    return Change(before={name: facts.value(name) for name in differs}, after=differs)


def _write(tx: Tx, values: Mapping[int, Values]) -> None:
    """Write values into media, tags included, and count their versions up."""
    rows: dict[tuple[str, ...], list[dict[str, Json]]] = {}
    for number, wanted in sorted(values.items()):
        columns = {name: value for name, value in wanted.items() if not name.startswith(TAG)}
        row = {f"to_{name}": value for name, value in columns.items()}
        rows.setdefault(tuple(sorted(columns)), []).append({"number": number, **row})
    for names, several in rows.items():
        new: dict[str, sa.ColumnElement[object]] = {
            name: sa.bindparam(f"to_{name}", type_=MediaRow.__table__.c[name].type)
            for name in names
        }
        if "edited_date" in names:
            new["shown_at"] = sa.func.coalesce(
                new["edited_date"], MediaRow.posted_at, MediaRow.created_at
            )
        update = sa.update(MediaRow).where(MediaRow.id == sa.bindparam("number"))
        tx.execute(update.values({**new, "version": MediaRow.version + 1}), several)
    change_tags(
        tx,
        add=_by_tag(values, present=True),
        remove=_by_tag(values, present=False),
    )
    read = [
        number
        for number, wanted in values.items()
        if any(name == "description" or name.startswith(TAG) for name in wanted)
    ]
    if read:
        index_text(tx, sorted(read))


def _by_tag(values: Mapping[int, Values], *, present: bool) -> dict[str, list[int]]:
    """Return the media that get (or lose) each tag."""
    found: dict[str, list[int]] = {}
    for number, wanted in sorted(values.items()):
        for name, value in wanted.items():
            if name.startswith(TAG) and value is present:
                found.setdefault(name.removeprefix(TAG), []).append(number)
    return found
