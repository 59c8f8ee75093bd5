"""Goals 9 and 14: a page and a known media in a small library and in one of a million."""

import random

import sqlalchemy as sa

from benchmarks.library import empty_library, fill, page_before, percentile, timed
from benchmarks.race import goal
from gatherum.db import Database
from gatherum.library.tables import MediaRow

SMALL, LARGE = 1_000, 1_000_000
ASKED = 500


def main() -> None:
    """Ask a small library and a large one the same."""
    print(f"\n## {LARGE} media")
    with empty_library() as (database, _):
        fill(database, SMALL)
        small = _ask(database, SMALL)
    with empty_library() as (database, _):
        fill(database, LARGE)
        large = _ask(database, LARGE)
        like = timed(3, lambda number: _like(database, number))[0]
    for name, taken in large.items():
        p50, p99 = percentile(taken, 0.5), percentile(taken, 0.99)
        print(f"   {name:24} p50 {p50:7.3f} ms  p99 {p99:7.3f} ms (goal <= 10)")
        goal("growth of p50 from 1,000", p50 / percentile(small[name], 0.5), "flat")
    known = percentile(large["known media, bare SQL"], 0.5)
    goal("LIKE on JSON against a known media, bare SQL", like / known, ">= 10,000")


def _ask(database: Database, count: int) -> dict[str, list[float]]:
    dice = random.Random(1)
    known = sa.select(MediaRow.id).where(
        MediaRow.platform == sa.bindparam("platform"),
        MediaRow.host == "",
        MediaRow.remote_id == sa.bindparam("remote_id"),
    )

    def page(_: int) -> object:
        query = page_before(dice.uniform(0, 1_000_003))
        return database.read_now(lambda tx: tx.execute(query).all())

    def media(_: int) -> object:
        number = dice.randrange(1, count)
        values = {"platform": f"site{number % 7}", "remote_id": f"media{number}"}
        return database.read_now(lambda tx: tx.execute(known, values).all())

    with database.engine.connect() as connection:
        raw = connection.connection.cursor()
        statement = "select id from media where platform = ? and host = '' and remote_id = ?"

        def bare(_: int) -> object:
            number = dice.randrange(1, count)
            return raw.execute(statement, (f"site{number % 7}", f"media{number}")).fetchall()

        asked = {
            "timeline page of 100": page,
            "known media": media,
            "known media, bare SQL": bare,
        }
        return {name: timed(ASKED, ask) for name, ask in asked.items()}


def _like(database: Database, number: int) -> object:
    statement = sa.text("select id from media where recipe like :part")
    part = {"part": f'%"media{number + 5}"%'}
    return database.read_now(lambda tx: tx.execute(statement, part).all())
