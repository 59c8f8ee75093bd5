"""Goals 9, 10 and 14: finding in a library of a million media, alone and beside a writer.

Beside each figure stands what others do: LIKE on JSON, GROUP BY over all rows, OFFSET.
"""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from benchmarks.gallery import BEGIN, YEARS, author, fill_gallery, word
from benchmarks.library import empty_library, percentile, timed
from benchmarks.race import goal
from gatherum.db import Database, Tx
from gatherum.library.items import ITEM, Show, make_items
from gatherum.library.pages import Place, find
from gatherum.library.recording import record_page
from gatherum.library.search import Search
from gatherum.library.timeline import TILE, Timeline
from gatherum.library.ways import Order
from gatherum.model import KEEP, Media, Post
from gatherum.query.search import Query

MEDIA = 1_000_000
ASKED = 200
BATCH = 50  # posts a page, as a listing brings them
DAY_S = 86_400
SHOW = Show(files="/api/v1/files", paths=True)


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is asked again and again, each time a little differently."""

    name: str
    ask: Callable[[int], object]


def main() -> None:
    """Ask everything alone, then beside a writer, then the other ways."""
    print(f"\n## finding among {MEDIA} media (goal: p99 <= 10 ms of a page, a filter, full text)")
    with empty_library() as (database, path):
        fill_gallery(database, MEDIA)
        print(f"   {path.stat().st_size / MEDIA:.0f} bytes a media in the database")
        with asyncio.Runner() as runner:
            show(database, runner)


def show(database: Database, runner: asyncio.Runner) -> None:
    """Print all figures of a filled library."""
    questions = _questions(database, runner)
    alone = {one.name: timed(ASKED, one.ask) for one in questions}
    with _writer(database) as commits:
        beside = {one.name: timed(ASKED, one.ask) for one in questions}
    print(f"   {'':28}{'alone p50':>11}{'p99':>9}{'beside p50':>12}{'p99':>9}  ms")
    for name, taken in alone.items():
        other = beside[name]
        print(
            f"   {name:28}{percentile(taken, 0.5):11.2f}{percentile(taken, 0.99):9.2f}"
            f"{percentile(other, 0.5):12.2f}{percentile(other, 0.99):9.2f}"
        )
    print(f"   the writer recorded {sum(commits)} posts in {len(commits)} commits meanwhile")
    _other_ways(database, alone)


def _questions(database: Database, runner: asyncio.Runner) -> list[Question]:
    dice = random.Random(3)

    def page(text: Callable[[], str], order: Order = Order.NEWEST) -> Callable[[int], object]:
        def ask(_: int) -> object:
            query = Query.parse(text())
            return database.read_now(lambda tx: _page(tx, query, order, None))

        return ask

    def deep(_: int) -> object:
        behind = Place(BEGIN + dice.random() * YEARS * 365 * DAY_S, 1)
        return database.read_now(lambda tx: _page(tx, Query(), Order.NEWEST, behind))

    def any_word() -> str:
        return word(int(10_000 * dice.random()))

    def said_word() -> str:
        return word(int(10_000 * dice.random() ** 4))  # as often as it stands in captions

    def day() -> str:
        return f"date:{dice.randrange(2015, 2025)}-{dice.randrange(1, 13):02d}"

    questions = {
        "page, newest": page(lambda: ""),
        "page, anywhere": deep,
        "page, largest": page(lambda: "", Order.LARGEST),
        "platform": page(lambda: f"platform:{dice.choice(('instagram', 'x', 'feed'))}"),
        "author": page(lambda: f"author:{author(int(5000 * dice.random() ** 3))}"),
        "kind": page(lambda: f"kind:{dice.choice(('video', 'audio', 'document'))}"),
        "size": page(lambda: f"size>{dice.choice((1, 10, 50, 100, 200, 1000))}MB"),
        "date": page(day),
        "platform, kind, size, date": page(lambda: f"platform:x kind:video size>5MB {day()}"),
        "tag and favourites": page(lambda: dice.choice(("tag:beach", "tag:rare", "is:favourite"))),
        "a word, drawn from all": page(lambda: f"{any_word()} "),
        "a word, drawn from texts": page(lambda: f"{said_word()} "),
        "two words": page(lambda: f"{said_word()} {said_word()} "),
        "a word and a kind": page(lambda: f"{said_word()} kind:video"),
        "letters of a last word": page(lambda: any_word()[:4]),
    }
    timeline, search = Timeline(database), Search(database)
    questions["days"] = lambda _: runner.run(timeline.buckets(Query()))
    questions["tiles of three days"] = lambda _: database.read_now(lambda tx: _tiles(tx, dice))
    questions["count of all"] = lambda _: runner.run(search.count(Query()))
    return [Question(name, ask) for name, ask in questions.items()]


def _page(tx: Tx, query: Query, order: Order, behind: Place | None) -> object:
    return make_items(tx, find(tx, query, ITEM, order=order, limit=101, behind=behind)[:100], SHOW)


def _tiles(tx: Tx, dice: random.Random) -> object:
    first = BEGIN + dice.randrange(YEARS * 365) * DAY_S
    within = (first, first + 3 * DAY_S)
    return find(tx, Query(), TILE, order=Order.NEWEST, limit=1000, within=within)


@contextmanager
def _writer(database: Database) -> Iterator[list[int]]:
    """Record pages of posts without a pause, texts included."""
    stop = threading.Event()
    commits: list[int] = []

    def write() -> None:
        while not stop.is_set():
            start = len(commits) * BATCH
            posts = [_post(number) for number in range(start, start + BATCH)]
            database.write_now(lambda tx, p=posts: record_page(tx, "job", p, [KEEP] * BATCH, 1.0))  # type: ignore[misc]  # the default binds it
            commits.append(BATCH)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield commits
    finally:
        stop.set()
        thread.join()


def _post(number: int) -> Post:
    url = f"https://cdn.example/w{number}.jpg"
    caption = " ".join(word(number * 7 + step) for step in range(12))
    return Post(
        platform="x",
        id=f"w{number}",
        url=url,
        author="writer",
        caption=caption,
        media=(Media(id=f"w{number}", url=url),),
    )


def _other_ways(database: Database, ours: dict[str, list[float]]) -> None:
    """Print how much slower the other ways are."""
    ways = {
        "LIKE on captions": (
            "a word, drawn from all",
            (
                "select media.id from media join post on post.id = post_id where caption like '%zusica%'"
                " order by shown_at desc limit 100"
            ),
        ),
        "LIKE on JSON": (
            "author",
            "select id from media where recipe like '%\"m500007\"%' limit 100",
        ),
        "GROUP BY over all": (
            "days",
            (
                "select cast(shown_at / 86400 as integer), count(*) from media not indexed"
                " where state = 'stored' group by 1"
            ),
        ),
        "OFFSET 500,000": (
            "page, anywhere",
            (
                "select id, shown_at from media where state = 'stored'"
                " order by shown_at desc, id desc limit 100 offset 500000"
            ),
        ),
        "count(*) over all": ("count of all", "select count(*), sum(size) from media not indexed"),
    }
    for name, (against, statement) in ways.items():
        taken = timed(2, lambda _, said=statement: _ask(database, said))[0]  # type: ignore[misc]  # the default binds it
        mine = percentile(ours[against], 0.5)
        print(f"   {name:28}{taken:11.2f} ms")
        goal(f"{against} against {name}", mine / taken, "<= 0.05")


def _ask(database: Database, statement: str) -> object:
    return database.read_now(lambda tx: tx.execute(sa.text(statement)).all())
