"""Statistics from what is maintained: no count goes over the whole library."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.library.tables import (
    DayBucketRow,
    FileRow,
    MediaCountRow,
    ReasonCountRow,
    StoredDayRow,
)

GROWTH_DAYS = 400


@dataclass(frozen=True, slots=True)
class Count:
    """How many media there are of a platform, kind and state, and their bytes."""

    platform: str
    kind: str
    state: str
    count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Growth:
    """How much was stored, by day (days since 1970, UTC), the newest first."""

    day: tuple[int, ...]
    count: tuple[int, ...]
    bytes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """The library in numbers."""

    counts: tuple[Count, ...]
    stored: int
    bytes: int
    trash_files: int
    trash_bytes: int
    growth: Growth
    failures: dict[str, int]  # media that failed or were skipped, by reason
    days: int  # of the gallery that have something


async def read_statistics(database: Database, now: Callable[[], float]) -> Statistics:
    """Return the library in numbers."""
    since = now() - GROWTH_DAYS * 86_400.0
    return await database.read(lambda tx: _read(tx, since))


def _read(tx: Tx, since: float) -> Statistics:
    counts = tuple(
        Count(*row)
        for row in tx.execute(
            sa.select(
                MediaCountRow.platform,
                MediaCountRow.kind,
                MediaCountRow.state,
                MediaCountRow.count,
                MediaCountRow.bytes,
            )
            .where(MediaCountRow.count > 0)
            .order_by(MediaCountRow.platform, MediaCountRow.kind, MediaCountRow.state)
        )
    )
    trash = tx.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(FileRow.size), 0)).where(
            FileRow.state == "trashed"
        )
    ).one()
    failures = tx.execute(
        sa.select(ReasonCountRow.reason, ReasonCountRow.count)
        .where(ReasonCountRow.count > 0)
        .order_by(ReasonCountRow.count.desc(), ReasonCountRow.reason)
    )
    stored = [one for one in counts if one.state == "stored"]
    return Statistics(
        counts=counts,
        stored=sum(one.count for one in stored),
        bytes=sum(one.bytes for one in stored),
        trash_files=trash[0],
        trash_bytes=int(trash[1]),
        growth=_growth(tx, since),
        failures={row[0]: row[1] for row in failures},
        days=tx.scalar(
            sa.select(sa.func.count()).select_from(DayBucketRow).where(DayBucketRow.count > 0)
        )
        or 0,
    )


def _growth(tx: Tx, since: float) -> Growth:
    rows = tx.execute(
        sa.select(StoredDayRow.day, StoredDayRow.count, StoredDayRow.bytes)
        .where(StoredDayRow.count > 0, StoredDayRow.day >= int(since // 86_400))
        .order_by(StoredDayRow.day.desc())
    ).all()
    return Growth(
        day=tuple(row[0] for row in rows),
        count=tuple(row[1] for row in rows),
        bytes=tuple(row[2] for row in rows),
    )
