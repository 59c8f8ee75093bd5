"""A library full of rows, for the questions about the database."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from benchmarks.race import workplace
from gatherum.db import Database
from gatherum.db.migrate import migrate
from gatherum.library.tables import MediaRow, PostRow

FILL = """
with recursive n(i) as (select 1 union all select i + 1 from n where i < :count)
insert into media (id, post_id, platform, host, remote_id, position, kind, state, url, transport,
  recipe, attempt, not_before, part_ok, posted_at, created_at, shown_at)
select i, 1, 'site' || (i % 7), '', 'media' || i, 1, 'image', 'failed',
  'https://cdn.example/' || i || '.jpg', 'http',
  '{"headers": {}, "mirrors": [], "id": "media' || i || '"}', 0, 0, 0, i * 37 % 1000003, i,
  i * 37 % 1000003 from n
"""


@contextmanager
def empty_library() -> Iterator[tuple[Database, Path]]:
    """A migrated SQLite database and its file."""
    with workplace() as place:
        path = place / "gatherum.db"
        migrate(f"sqlite:///{path}", backup_dir=None)
        database = Database(f"sqlite:///{path}")
        try:
            database.write_now(lambda tx: tx.execute(sa.insert(PostRow).values(**_post())))
            yield database, path
        finally:
            database.close()


def fill(database: Database, count: int) -> None:
    """Put media into it, none of them waiting for anything."""
    database.write_now(lambda tx: tx.execute(sa.text(FILL), {"count": count}))
    database.write_now(lambda tx: tx.execute(sa.text("analyze")))


def media_row(number: int) -> dict[str, object]:
    """Return a new media as the catalogue writes it."""
    return {
        "post_id": 1,
        "platform": "site",
        "host": "",
        "remote_id": f"new{number}",
        "position": 1,
        "kind": "image",
        "state": "wanted",
        "reason": None,
        "detail": None,
        "url": f"https://cdn.example/new/{number}.jpg",
        "transport": "http",
        "recipe": {"headers": {}, "mirrors": []},
        "filename": f"{number}.jpg",
        "expected_size": 200_000,
        "width": 1080,
        "height": 1350,
        "duration": None,
        "attempt": 0,
        "not_before": 0.0,
        "part_ok": 0,
        "posted_at": float(number),
        "created_at": float(number),
    }


def page_before(shown_at: float) -> sa.Select[int, str, float]:
    """Return the query for a page of 100 of what has failed, in the order of the gallery."""
    return (
        sa.select(MediaRow.id, MediaRow.url, MediaRow.shown_at)
        .where(MediaRow.state == "failed", MediaRow.shown_at < shown_at)
        .order_by(MediaRow.shown_at.desc(), MediaRow.id.desc())
        .limit(100)
    )


def timed(times: int, ask: Callable[[int], object]) -> list[float]:
    """Return how many milliseconds each of the calls took, in order of their size."""
    taken = []
    for number in range(times):
        begun = time.perf_counter()
        ask(number)
        taken.append((time.perf_counter() - begun) * 1000)
    return sorted(taken)


def percentile(taken: list[float], share: float) -> float:
    """Return the value that this share of them does not exceed."""
    return taken[min(int(len(taken) * share), len(taken) - 1)]


def _post() -> dict[str, object]:
    texts = dict.fromkeys(("platform", "host", "remote_id", "url", "author", "caption"), "")
    return {**texts, "id": 1, "links": [], "seen_at": 0.0, "versions": 1}
