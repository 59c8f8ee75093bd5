"""What a search says, as conditions on the rows of media. Every value is bound, never written in."""

import math
from calendar import timegm
from collections.abc import Sequence
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from gatherum.library.tables import FileRow, MediaRow, MediaTagRow, PostRow, SourceRow, TagRow
from gatherum.library.text import found_by_text
from gatherum.query.clauses import (
    OPERATORS,
    All,
    AnyOf,
    Clause,
    Contains,
    Dated,
    InState,
    Is,
    Kept,
    Library,
    Measure,
    Not,
    OneOf,
    Ratio,
    Words,
)
from gatherum.query.search import Query

Condition = sa.ColumnElement[bool]
TextColumn = sa.ColumnElement[str] | InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
Told = Contains | Measure | Ratio | Dated
OPEN = ("wanted", "fetching", "staged")
END_OF_TIME = 253_402_300_800.0  # the year 10000
ESCAPE = "\\"
# Written out, so that the indexes of what is stored, and of favourites, are known to fit.
STORED: Condition = sa.literal_column("(media.state = 'stored')")
FAVOURITE: Condition = sa.literal_column("media.favourite")
EDITED: Condition = sa.literal_column("(post.versions > 1)")


def rows_of(states: Sequence[str]) -> tuple[str, ...]:
    """Return the states of rows that those of a search stand for."""
    return tuple(row for state in states for row in (OPEN if state == "open" else (state,)))


def in_state(state: str) -> Condition:
    """Return the condition that a media is in a state."""
    return STORED if state == "stored" else MediaRow.state == state


def in_states(query: Query) -> Condition:
    """Return the condition that a media is where a search looks."""
    states = rows_of(query.states)
    return in_state(states[0]) if len(states) == 1 else MediaRow.state.in_(states)


def conditions(query: Query, engine: str) -> list[Condition]:
    """Return what a search asks beyond its states; each condition must hold.

    What is not known of a media is found neither by a condition nor by its opposite, as in filters.
    """
    return [condition(part, engine) for part in parts_of(query)]


def condition(part: Clause, engine: str) -> Condition:
    """Return what one part of a search asks."""
    return _Writer(engine).where(part)


def parts_of(query: Query) -> tuple[Clause, ...]:
    """Return the parts of a search that must all hold."""
    if query.clause is None:
        return ()
    return query.clause.parts if isinstance(query.clause, All) else (query.clause,)


def shown_within(query: Query) -> tuple[float, float]:
    """Return from when on, and until before when, all stands in the gallery that a search finds."""
    bounds = [_bounds(p) for p in parts_of(query) if isinstance(p, Dated) and p.field == "date"]
    lows = [low for low, _ in bounds if low is not None]
    highs = [high for _, high in bounds if high is not None]
    return max(lows, default=-math.inf), min(highs, default=math.inf)


class _Writer:
    """Writes clauses as conditions."""

    def __init__(self, engine: str) -> None:
        self._engine = engine

    def where(self, clause: Clause, *, opposite: bool = False) -> Condition:
        """Return what a clause says, or its opposite: a not is brought down to the single conditions."""
        match clause:
            case Not(part):
                return self.where(part, opposite=not opposite)
            case All(parts) | AnyOf(parts):
                join = sa.and_ if isinstance(clause, All) is not opposite else sa.or_
                return join(*(self.where(part, opposite=opposite) for part in parts))
            case OneOf():
                return _one_of(clause, opposite=opposite)
            case _:
                found = self._plain(clause)
                return sa.not_(found) if opposite else found

    def _plain(self, clause: Told | Library) -> Condition:
        match clause:
            case Words():
                return _in(MediaRow.id, found_by_text([clause], self._engine))
            case Is(values):
                return sa.or_(*(_is(value) for value in values))
            case Kept():
                return _kept(clause)
            case InState():  # stands for the whole search
                return sa.true()
            case _:
                return _told(clause)


def contains(column: TextColumn, part: str) -> Condition:
    """Return the condition that a text has another one in it; upper and lower case are the same."""
    return column.ilike(f"%{escaped(part)}%", escape=ESCAPE)


def begins(column: TextColumn, part: str) -> Condition:
    """Return the condition that a text begins with another one, letter by letter."""
    return sa.and_(column >= part, column < part[:-1] + chr(ord(part[-1]) + 1))


def escaped(part: str) -> str:
    """Return a text for LIKE, in which no letter has a meaning of its own."""
    for sign in (ESCAPE, "%", "_"):
        part = part.replace(sign, ESCAPE + sign)
    return part


def _one_of(clause: OneOf, *, opposite: bool) -> Condition:
    values = [value.casefold() for value in clause.values]
    column, unknown = {
        "kind": (MediaRow.kind, "unknown"),
        "author": (MediaRow.author_key, ""),
        "platform": (MediaRow.platform, ""),
    }.get(clause.field, (MediaRow.host, ""))
    if opposite:
        return column.not_in([*values, unknown])
    return column == values[0] if len(values) == 1 else column.in_(values)


def _told(clause: Told) -> Condition:
    match clause:
        case Contains(values):
            said = sa.or_(*(contains(PostRow.caption, value) for value in values))
            return sa.exists().where(PostRow.id == MediaRow.post_id, said).correlate(MediaRow)
        case Measure():
            return _measure(clause)
        case Ratio(sign, wide, high):
            known = sa.and_(MediaRow.width > 0, MediaRow.height > 0)
            compared = OPERATORS[sign](_big(MediaRow.width) * high, _big(MediaRow.height) * wide)  # type: ignore[arg-type]  # as in _measure
            return sa.case((known, compared), else_=sa.null())
        case Dated():
            return _dated(clause)
        case _:
            assert_never(clause)


def _measure(clause: Measure) -> Condition:
    columns = {"size": MediaRow.size, "duration": MediaRow.duration, "width": MediaRow.width}
    column = columns.get(clause.field, MediaRow.height)
    found: Condition = OPERATORS[clause.operator](column, min(clause.value, 2**62))  # type: ignore[arg-type, assignment]  # a column makes a condition of it
    return found


def _dated(clause: Dated) -> Condition:
    column = MediaRow.shown_at if clause.field == "date" else MediaRow.stored_at
    low, high = _bounds(clause)
    held = [] if low is None else [column >= low]
    held += [] if high is None else [column < high]
    return sa.and_(*held)


def _bounds(clause: Dated) -> tuple[float | None, float | None]:
    """Return from when on, and until before when, something is of a date."""
    first, behind = _span(clause)
    return {
        ">=": (first, None),
        ">": (behind, None),
        "<": (None, first),
        "<=": (None, behind),
        "=": (first, behind),
    }[clause.operator]


def _span(clause: Dated) -> tuple[float, float]:
    """Return the moments at which a day, month or year begins, and at which the next one does."""
    year, month, day = clause.year, clause.month, clause.day
    first = float(timegm((year, month or 1, day or 1, 0, 0, 0)))
    if day is not None:
        return first, first + 86_400.0
    year, month = (year + 1, 1) if month in (None, 12) else (year, (month or 0) + 1)
    return first, END_OF_TIME if year > 9999 else float(timegm((year, month, 1, 0, 0, 0)))


def _is(value: str) -> Condition:
    match value:
        case "favourite":
            return FAVOURITE
        case "damaged":
            broken = sa.select(FileRow.id).where(FileRow.damage.is_not(None))
            return sa.and_(
                MediaRow.file_id.is_not(None), _in(sa.func.coalesce(MediaRow.file_id, 0), broken)
            )
        case "gone":
            return _in(
                MediaRow.post_id, sa.select(PostRow.id).where(PostRow.gone_since.is_not(None))
            )
        case _:
            return _in(MediaRow.post_id, sa.select(PostRow.id).where(EDITED))


def _kept(clause: Kept) -> Condition:
    match clause.field:
        case "tag":
            keys = [value.casefold() for value in clause.values]
            tagged = sa.select(MediaTagRow.media_id).join(TagRow, TagRow.id == MediaTagRow.tag_id)
            return _in(MediaRow.id, tagged.where(TagRow.name_key.in_(keys)))
        case "reason":
            return sa.and_(MediaRow.reason.is_not(None), MediaRow.reason.in_(clause.values))
        case "source":
            numbers = [int(value) for value in clause.values]
            met = sa.select(SourceRow.post_id).where(SourceRow.subscription_id.in_(numbers))
            return _in(MediaRow.post_id, met)
        case "type":
            return sa.or_(
                *(
                    MediaRow.mime == value if "/" in value else begins(MediaRow.mime, f"{value}/")
                    for value in clause.values
                )
            )
        case _:
            return sa.or_(*(_named(value) for value in clause.values))


def _named(part: str) -> Condition:
    """Return the condition that the file's name, here or at its source, has a text in it."""
    folder = sa.func.rtrim(FileRow.path, sa.func.replace(FileRow.path, "/", ""))
    name = sa.func.replace(FileRow.path, folder, "")
    here = sa.exists().where(FileRow.id == MediaRow.file_id, contains(name, part))
    here = here.correlate(MediaRow)
    return sa.or_(sa.func.coalesce(contains(MediaRow.filename, part), sa.false()), here)


def _in(
    column: sa.ColumnElement[int] | InstrumentedAttribute[int], numbers: sa.Select[int]
) -> Condition:
    # By itself, whatever tables the query has that it stands in.
    return column.in_(numbers.correlate(None))


def _big(column: InstrumentedAttribute[int | None]) -> sa.ColumnElement[int]:
    return sa.cast(column, sa.BigInteger)
