"""Goal 10: readers beside a writer that commits without a pause."""

import random
import threading

from benchmarks.library import empty_library, fill, media_row, page_before, percentile, timed
from benchmarks.race import goal
from gatherum.db import Database, insert_new
from gatherum.library.tables import MediaRow

MEDIA = 200_000
ASKED = 1_000
BATCH = 200


def main() -> None:
    """Read pages alone, then beside the writer."""
    print(f"\n## pages of 100 from {MEDIA} media, alone and beside a writer")
    with empty_library() as (database, _):
        fill(database, MEDIA)
        alone = _read(database)
        stop = threading.Event()
        commits: list[int] = []
        writer = threading.Thread(target=_write, args=(database, stop, commits))
        writer.start()
        beside = _read(database)
        stop.set()
        writer.join()
    for name, taken in (("alone", alone), ("beside", beside)):
        p50, p99 = percentile(taken, 0.5), percentile(taken, 0.99)
        print(f"   {name:8} p50 {p50:7.3f} ms  p99 {p99:7.3f} ms")
    print(f"   the writer made {len(commits)} commits of {BATCH} rows meanwhile")
    goal("p99 beside against alone", percentile(beside, 0.99) / percentile(alone, 0.99), "<= 10")


def _read(database: Database) -> list[float]:
    dice = random.Random(1)

    def page(_: int) -> object:
        query = page_before(dice.uniform(0, 1_000_003))
        return database.read_now(lambda tx: tx.execute(query).all())

    return timed(ASKED, page)


def _write(database: Database, stop: threading.Event, commits: list[int]) -> None:
    while not stop.is_set():
        start = len(commits) * BATCH
        rows = [media_row(number) for number in range(start, start + BATCH)]
        database.write_now(lambda tx, rows=rows: insert_new(tx, MediaRow, rows))  # type: ignore[misc]  # the default binds it
        commits.append(start)
