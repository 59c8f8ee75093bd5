"""What a search could be narrowed by: how much of what it finds has which platform, kind, tag, size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.pages import Columns, found
from gatherum.library.tables import MediaCountRow, MediaRow, MediaTagRow, SourceRow, TagRow
from gatherum.library.timeline import DAY, DAY_S
from gatherum.library.ways import Order
from gatherum.query.search import Query

LOOKED_AT = 50_000  # media: the newest of what is found
MOST = 20  # values of a facet
TAG_COUNTED = 10_000  # media of a tag
TAGS = 50
KILO, MEGA, GIGA = 10**3, 10**6, 10**9
SIZES = (
    *(0, 10 * KILO, 100 * KILO, 300 * KILO),
    *(MEGA, 3 * MEGA, 10 * MEGA, 30 * MEGA, 100 * MEGA, 300 * MEGA),
    *(GIGA, 3 * GIGA, 10 * GIGA),
)
DURATIONS = (0, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)


@dataclass(frozen=True, slots=True)
class Facet:
    """A value as it stands in searches, and how many media have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """How many media lie from one number on, until before the next bar's."""

    start: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What is found, by its properties; the most frequent values first, years and bars in their order.

    `looked_at` media were looked at, the newest; `exact`: these are all. Without a condition, platforms,
    kinds and states come from a kept table and count everything.
    """

    platform: tuple[Facet, ...]
    kind: tuple[Facet, ...]
    state: tuple[Facet, ...]
    type: tuple[Facet, ...]
    author: tuple[Facet, ...]
    tag: tuple[Facet, ...]
    source: tuple[Facet, ...]
    year: tuple[Facet, ...]
    size: tuple[Bar, ...]
    duration: tuple[Bar, ...]
    looked_at: int
    exact: bool


class Faceting:
    """The readers of facets, and of tags by their beginning."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def facets(self, query: Query) -> Facets:
        """Return by what a search could be narrowed."""
        return await self._db.read(lambda tx: _facets(tx, query))

    async def tags(self, prefix: str) -> tuple[Facet, ...]:
        """Return the tags that begin so, by name, and how many media have each (up to 10,000)."""
        key = prefix.casefold()
        begins = sa.and_(TagRow.name_key >= key, TagRow.name_key < key + "\U0010ffff")
        some = sa.select(sa.literal(1)).where(MediaTagRow.tag_id == TagRow.id).correlate(TagRow)
        tagged = some.limit(TAG_COUNTED).subquery()
        count = sa.select(sa.func.count()).select_from(tagged).scalar_subquery()
        query = sa.select(TagRow.name, count).where(begins).order_by(TagRow.name_key).limit(TAGS)
        return await self._db.read(lambda tx: tuple(Facet(*row) for row in tx.execute(query)))


def _facets(tx: Tx, query: Query) -> Facets:
    columns = Columns(
        (
            MediaRow.post_id.label("post_id"),
            MediaRow.platform.label("platform"),
            MediaRow.kind.label("kind"),
            MediaRow.state.label("state"),
            MediaRow.mime.label("mime"),
            MediaRow.author_key.label("author_key"),
            DAY.label("day"),
            MediaRow.size.label("size"),
            MediaRow.duration.label("duration"),
        )
    )
    newest = found(tx, query, columns, order=Order.NEWEST, limit=LOOKED_AT + 1)
    rows = newest.cte("found").prefix_with("materialized")  # looked at once for all parts
    # Outer joins, so that SQLite begins with what was found; what has no value is left out below.
    parts = [
        _counted("platform", rows.c.platform, rows),
        _counted("kind", rows.c.kind, rows),
        _counted("state", rows.c.state, rows),
        _counted("type", rows.c.mime, rows),
        _counted("author", rows.c.author_key, rows),
        _counted("day", sa.cast(rows.c.day, sa.Text), rows),
        _counted("size", sa.cast(_bar(rows.c.size, SIZES), sa.Text), rows),
        _counted("duration", sa.cast(_bar(rows.c.duration, DURATIONS), sa.Text), rows),
        _counted(
            "tag",
            sa.type_coerce(TagRow.name, sa.Text),
            sa.outerjoin(rows, MediaTagRow, MediaTagRow.media_id == rows.c.id).outerjoin(
                TagRow, TagRow.id == MediaTagRow.tag_id
            ),
        ),
        _counted(
            "source",
            sa.cast(SourceRow.subscription_id, sa.Text),
            sa.outerjoin(rows, SourceRow, SourceRow.post_id == rows.c.post_id),
        ),
    ]
    told: dict[str, dict[str, int]] = {}
    for facet, value, count in tx.execute(sa.union_all(*parts)):
        if value not in (None, ""):
            told.setdefault(facet, {})[value] = count
    looked_at = sum(told.get("state", {}).values())
    if query.clause is None:
        told |= _kept(tx, query)
    return Facets(
        platform=_most(told.get("platform", {})),
        kind=_most(told.get("kind", {})),
        state=_most(told.get("state", {})),
        type=_most(told.get("type", {})),
        author=_most(told.get("author", {})),
        tag=_most(told.get("tag", {})),
        source=_most(told.get("source", {})),
        year=_years(told.get("day", {})),
        size=_bars(told.get("size", {}), SIZES),
        duration=_bars(told.get("duration", {}), DURATIONS),
        looked_at=min(looked_at, LOOKED_AT),
        exact=looked_at <= LOOKED_AT,
    )


def _counted(
    name: str, value: sa.ColumnElement[Any], rows: sa.FromClause
) -> sa.Select[str, Any, int]:
    query = sa.select(sa.literal(name), value.label("value"), sa.func.count().label("count"))
    return query.select_from(rows).group_by(value)


def _bar(column: sa.ColumnElement[Any], starts: Sequence[int]) -> sa.ColumnElement[Any]:
    """Return the start of the bar in which a number lies."""
    return sa.case(*((column >= start, start) for start in reversed(starts)), else_=sa.null())


def _kept(tx: Tx, query: Query) -> dict[str, dict[str, int]]:
    """Return what the kept table knows of all that is in some states."""
    told: dict[str, dict[str, int]] = {"platform": {}, "kind": {}, "state": {}}
    rows = tx.execute(
        sa.select(
            MediaCountRow.platform, MediaCountRow.kind, MediaCountRow.state, MediaCountRow.count
        ).where(MediaCountRow.count > 0)
    )
    for platform, kind, state, count in rows:
        told["state"][state] = told["state"].get(state, 0) + count
        if state in query.states:
            told["platform"][platform] = told["platform"].get(platform, 0) + count
            told["kind"][kind] = told["kind"].get(kind, 0) + count
    return told


def _most(counts: dict[str, int]) -> tuple[Facet, ...]:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Facet(value, count) for value, count in ordered[:MOST])


def _years(days: dict[str, int]) -> tuple[Facet, ...]:
    years: dict[str, int] = {}
    for day, count in days.items():
        year = f"{datetime.fromtimestamp(int(day) * DAY_S, UTC).year:04d}"
        years[year] = years.get(year, 0) + count
    return tuple(Facet(year, years[year]) for year in sorted(years, reverse=True))


def _bars(counts: dict[str, int], starts: Sequence[int]) -> tuple[Bar, ...]:
    return tuple(Bar(start, counts.get(str(start), 0)) for start in starts)
