"""Goal 8: how fast media are written, 1,000 rows a durable commit, against raw sqlite3."""

import json
import sqlite3
import time
from pathlib import Path

from benchmarks.library import empty_library, media_row
from benchmarks.race import goal
from gatherum.db import Tx, insert_new
from gatherum.library.recording import record_page
from gatherum.library.tables import MediaRow
from gatherum.model import KEEP, Media, MediaKind, Post

ROWS = 50_000
BATCH = 1_000
ROUNDS = 3


def main() -> None:
    """Write the same rows both ways, in turns; then whole pages of posts, as a listing does."""
    print(f"\n## {ROWS} media rows, {BATCH} a commit")
    mine = raw = whole = 0.0
    for _ in range(ROUNDS):
        mine, raw, whole = max(mine, _ours()), max(raw, _raw()), max(whole, _pages())
    print(f"   raw sqlite3   {raw:10.0f} rows/s")
    print(f"   our tables    {mine:10.0f} rows/s")
    print(f"   record_page   {whole:10.0f} posts/s (post, media and ledger row, looked up before)")
    goal("our tables against raw sqlite3", mine / raw, ">= 0.7")


def _ours() -> float:
    with empty_library() as (database, _):
        begun = time.perf_counter()
        for start in range(0, ROWS, BATCH):
            rows = [media_row(number) for number in range(start, start + BATCH)]
            database.write_now(lambda tx, rows=rows: insert_new(tx, MediaRow, rows))  # type: ignore[misc]  # the default binds it
        return ROWS / (time.perf_counter() - begun)


def _raw() -> float:
    with empty_library() as (_, path):
        return _raw_into(path)


def _raw_into(path: Path) -> float:
    names = list(media_row(0))
    marks = ", ".join("?" * len(names))
    statement = f"insert into media ({', '.join(names)}) values ({marks})"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma synchronous=full")
    connection.execute("pragma foreign_keys=on")
    begun = time.perf_counter()
    for start in range(0, ROWS, BATCH):
        rows = [media_row(number) for number in range(start, start + BATCH)]
        connection.execute("begin immediate")
        connection.executemany(statement, [[_plain(row[name]) for name in names] for row in rows])
        connection.execute("commit")
    taken = time.perf_counter() - begun
    connection.close()
    return ROWS / taken


def _plain(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict) else value


def _pages() -> float:
    with empty_library() as (database, _):
        pages = [
            [_post(number) for number in range(start, start + BATCH)]
            for start in range(0, ROWS, BATCH)
        ]
        begun = time.perf_counter()
        for posts in pages:

            def record(tx: Tx, posts: list[Post] = posts) -> object:
                return record_page(tx, "job", posts, [KEEP] * len(posts), 0.0)

            database.write_now(record)
        return ROWS / (time.perf_counter() - begun)


def _post(number: int) -> Post:
    url = f"https://cdn.example/{number}.jpg"
    media = Media(id=f"m{number}", url=url, kind=MediaKind.IMAGE)
    return Post(
        platform="site", id=f"p{number}", url=f"https://site.example/p/{number}", media=(media,)
    )
