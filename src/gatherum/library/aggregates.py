"""The kept tables of days and counts: are they what the rows say? If not, they are made anew.

Triggers keep them with each change; this is the proof, and the cure should a fault ever be found.
"""

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.conditions import STORED
from gatherum.library.tables import DayBucketRow, MediaCountRow, MediaRow
from gatherum.library.timeline import DAY, RATIO

TOLERANCE = 1e-6  # of a sum of fractions, added and taken away a million times
_CLASS = sa.case(
    (MediaRow.state.in_(("wanted", "fetching", "staged")), "open"), else_=MediaRow.state
)
_DAYS = (
    sa.select(DAY, sa.func.count(), sa.func.sum(sa.func.coalesce(RATIO, 1.0)))
    .where(STORED)
    .group_by(DAY)
)
_BYTES = sa.cast(sa.func.sum(sa.func.coalesce(MediaRow.size, 0)), sa.BigInteger)
_COUNTS = sa.select(MediaRow.platform, MediaRow.kind, _CLASS, sa.func.count(), _BYTES).group_by(
    MediaRow.platform, MediaRow.kind, _CLASS
)


class Aggregates:
    """Compares the kept tables with the rows, and makes them anew."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def differences(self) -> list[str]:
        """Return what the kept tables say wrongly, as `day 19723` or `count plaza image stored`."""
        return await self._db.read(_differences)

    async def rebuild(self) -> None:
        """Make the kept tables anew from the rows."""
        await self._db.write(_rebuild)


def _differences(tx: Tx) -> list[str]:
    if tx.dialect.name == "postgresql":  # all of it as it stands at one moment
        tx.exec_driver_sql("set transaction isolation level repeatable read")
    days = {day: (count, float(width or 0)) for day, count, width in tx.execute(_DAYS)}
    kept = {
        day: (count, width)
        for day, count, width in tx.execute(
            sa.select(DayBucketRow.day, DayBucketRow.count, DayBucketRow.width)
        )
    }
    wrong = [
        f"day {day}"
        for day in sorted(days.keys() | kept.keys())
        if not _same(days.get(day, (0, 0.0)), kept.get(day, (0, 0.0)))
    ]
    counts = {tuple(row[:3]): tuple(row[3:]) for row in tx.execute(_COUNTS)}
    told = {
        (row.platform, row.kind, row.state): (row.count, row.bytes)
        for row in tx.execute(sa.select(MediaCountRow.__table__))
    }
    return wrong + [
        f"count {' '.join(key)}"
        for key in sorted(counts.keys() | told.keys())
        if counts.get(key, (0, 0)) != told.get(key, (0, 0))
    ]


def _same(one: tuple[int, float], other: tuple[int, float]) -> bool:
    near = abs(one[1] - other[1]) <= TOLERANCE * max(1.0, abs(one[1]))
    return one[0] == other[0] and near


def _rebuild(tx: Tx) -> None:
    if tx.dialect.name == "postgresql":  # nobody adds to them between the look and the write
        tx.exec_driver_sql("lock table media in share row exclusive mode")
    tx.execute(sa.delete(DayBucketRow))
    tx.execute(sa.delete(MediaCountRow))
    tx.execute(sa.insert(DayBucketRow).from_select(["day", "count", "width"], _DAYS))
    columns = ["platform", "kind", "state", "count", "bytes"]
    tx.execute(sa.insert(MediaCountRow).from_select(columns, _COUNTS))
