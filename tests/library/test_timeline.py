"""The gallery by days: the kept tables say what the rows say, and no tile comes twice or never."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatherum.db import Database, Tx
from gatherum.library.aggregates import Aggregates
from gatherum.library.facets import Bar, Facet, Faceting
from gatherum.library.recording import record_page
from gatherum.library.tables import (
    DayBucketRow,
    FileRow,
    MediaCountRow,
    MediaRow,
    MediaTagRow,
    PostRow,
    SourceRow,
    TagRow,
)
from gatherum.library.text import index_text
from gatherum.library.timeline import Timeline
from gatherum.model import KEEP, Media, MediaKind, Post
from gatherum.query.search import Query

DAY = 86_400.0
STATES = ("wanted", "fetching", "staged", "stored", "failed", "skipped", "trashed")
WORLD = 30


def _fill(tx: Tx) -> None:
    """Store thirty media: number n stands on day 19,700 + n // 10, at 10 * (n % 10) seconds."""
    posts = [
        Post(
            platform="plaza" if number % 3 else "reddit",
            id=f"p{number}",
            url="https://plaza.example/",
            author=f"ada{number % 2}",
            caption="even dogs" if number % 2 == 0 else "odd cats",
            posted_at=datetime.fromtimestamp(
                (19_700 + number // 10) * DAY + 10 * (number % 10), UTC
            ),
            media=(
                Media(
                    id=f"m{number}",
                    url=f"https://plaza.example/{number}",
                    kind=MediaKind.VIDEO if number % 5 == 0 else MediaKind.IMAGE,
                    width=None if number == 29 else 300,
                    height=200,
                    duration=7.5 if number % 5 == 0 else None,
                ),
            ),
        )
        for number in range(WORLD)
    ]
    record_page(tx, "job", posts, [KEEP] * WORLD, 1.0)
    for media_id, name in tx.execute(sa.select(MediaRow.id, MediaRow.remote_id)).all():
        number = int(name[1:])
        file = tx.scalar(
            sa.insert(FileRow)
            .values(
                state="stored",
                sha256=f"{number + 1:x}".rjust(2, "0") + "f" * 62,
                size=200_000 * (number + 1),
                mime="image/png",
                kind="image",
                part="",
                path=f"library/{number}",
                stored_at=5.0,
                thumbhash=bytes([number]) * 3 if number else None,
            )
            .returning(FileRow.id)
        )
        values = {"state": "stored", "file_id": file, "size": 200_000 * (number + 1)}
        values |= {"mime": "image/png", "stored_at": 5.0}
        tx.execute(sa.update(MediaRow).where(MediaRow.id == media_id).values(**values))


@pytest.fixture
def library(database: Database) -> Database:
    database.write_now(_fill)
    return database


async def test_the_days_of_the_gallery_come_newest_first(library: Database) -> None:
    buckets = await Timeline(library).buckets(Query())

    assert buckets.day == (19_702, 19_701, 19_700)
    assert buckets.count == (10, 10, 10)
    assert buckets.width == (14.5, 15.0, 15.0)
    assert buckets.exact is True


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("kind:video", (2, 2, 2)),
        ("dogs ", (5, 5, 5)),
        ("dogs kind:video", (1, 1, 1)),
        ("state:trashed", ()),
        ("date:2023-12-09", (10,)),
    ],
)
async def test_the_days_of_a_search_are_worked_out(
    library: Database, text: str, count: tuple[int, ...]
) -> None:
    buckets = await Timeline(library).buckets(Query.parse(text))

    assert (buckets.count, buckets.exact) == (count, True)


async def test_some_days_can_be_asked_alone(library: Database) -> None:
    for text, count in (("", 10), ("dogs ", 5), ("kind:video", 2)):
        buckets = await Timeline(library).buckets(
            Query.parse(text), newest_day=19_701, oldest_day=19_701
        )

        assert (buckets.day, buckets.count) == ((19_701,), (count,))


async def test_a_tile_has_all_that_the_gallery_shows(library: Database) -> None:
    timeline = Timeline(library)

    tiles = await timeline.assets(Query(), newest_day=19_700, oldest_day=19_700, limit=100)

    assert tiles.shown_at == tuple(int(19_700 * DAY + 10 * n) for n in reversed(range(10)))
    assert tiles.ratio == (1.5,) * 10
    assert tiles.kind[-1] == "video"
    assert tiles.duration[-1] == 7.5
    assert tiles.favourite == (False,) * 10
    assert tiles.thumbhash[-2:] == ("AQEB", None)
    assert tiles.revision[-1] == "01" + "f" * 14
    assert len(tiles.id) == len(tiles.post) == 10
    assert len(tiles.size) == len(tiles.author) == len(tiles.caption) == 10
    assert tiles.author[-1]
    assert tiles.next is None


@pytest.mark.parametrize("text", ["", "dogs ", "kind:image"])
async def test_a_long_day_is_entered_at_any_place(library: Database, text: str) -> None:
    timeline, query = Timeline(library), Query.parse(text)
    whole = await timeline.assets(query, newest_day=19_702, oldest_day=19_701, limit=100)

    for skip in (1, 4, len(whole.id) - 1, len(whole.id), 1000):
        part = await timeline.assets(
            query, newest_day=19_702, oldest_day=19_701, limit=3, skip=skip
        )

        assert part.id == whole.id[skip : skip + 3]


@pytest.mark.parametrize(("text", "count"), [("", 20), ("dogs ", 10), ("kind:image", 16)])
async def test_a_span_of_days_is_paged_to_its_end(library: Database, text: str, count: int) -> None:
    timeline, seen, cursor = Timeline(library), [], None

    while True:
        tiles = await timeline.assets(
            Query.parse(text), newest_day=19_702, oldest_day=19_701, limit=3, cursor=cursor
        )
        seen += list(zip(tiles.shown_at, tiles.id, strict=True))
        cursor = tiles.next
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == count
    assert seen == sorted(seen, reverse=True)
    assert min(shown_at for shown_at, _ in seen) >= 19_701 * DAY


async def test_facets_say_how_much_of_what_is_found_has_what(library: Database) -> None:
    def mark(tx: Tx) -> None:
        ids = list(tx.scalars(sa.select(MediaRow.id).order_by(MediaRow.shown_at)))
        posts = list(tx.scalars(sa.select(PostRow.id)))
        tx.execute(sa.insert(TagRow), [{"id": 1, "name": "Sea", "name_key": "sea"}])
        tx.execute(sa.insert(MediaTagRow), [{"media_id": i, "tag_id": 1} for i in ids[:4]])
        tx.execute(
            sa.insert(SourceRow), [{"subscription_id": 7, "post_id": post} for post in posts]
        )

    await library.write(mark)

    whole = await Faceting(library).facets(Query())
    dogs = await Faceting(library).facets(Query.parse("dogs "))

    assert whole.platform == (Facet("plaza", 20), Facet("reddit", 10))
    assert whole.kind == (Facet("image", 24), Facet("video", 6))
    assert whole.state == (Facet("stored", 30),)
    assert whole.type == (Facet("image/png", 30),)
    assert whole.author == (Facet("ada0", 15), Facet("ada1", 15))
    assert whole.tag == (Facet("Sea", 4),)
    assert whole.source == (Facet("7", 30),)
    assert whole.year == (Facet("2023", 30),)
    assert [bar for bar in whole.size if bar.count] == [
        Bar(100_000, 1),
        Bar(300_000, 3),
        Bar(1_000_000, 10),
        Bar(3_000_000, 16),
    ]
    assert [bar for bar in whole.duration if bar.count] == [Bar(5, 6)]
    assert (whole.looked_at, whole.exact) == (30, True)
    assert (dogs.author, dogs.kind, dogs.tag) == (
        (Facet("ada0", 15),),
        (Facet("image", 12), Facet("video", 3)),
        (Facet("Sea", 2),),
    )


async def test_tags_are_found_by_their_beginning(library: Database) -> None:
    names = ("Sea", "Seaside", "Summer", "Ärger")

    def tag(tx: Tx) -> None:
        media_id = tx.scalar(sa.select(sa.func.min(MediaRow.id)))
        for number, name in enumerate(names, 1):
            key = name.casefold()
            tx.execute(sa.insert(TagRow).values(id=number, name=name, name_key=key))
        tx.execute(sa.insert(MediaTagRow).values(media_id=media_id, tag_id=2))

    await library.write(tag)
    faceting = Faceting(library)

    assert await faceting.tags("SEA") == (Facet("Sea", 0), Facet("Seaside", 1))
    assert await faceting.tags("ä") == (Facet("Ärger", 0),)
    assert [facet.value for facet in await faceting.tags("")] == list(names)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "state", "move", "resize", "kind", "size", "forget"]),
        st.integers(0, 5),
        st.integers(0, 40),
    ),
    max_size=25,
)


@given(steps=STEPS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_the_kept_tables_say_what_the_rows_say_after_any_history(
    database: Database, steps: list[tuple[str, int, int]]
) -> None:
    def history(tx: Tx) -> None:
        for table in (MediaRow, PostRow, FileRow, DayBucketRow, MediaCountRow):
            tx.execute(sa.delete(table))
        tx.execute(sa.insert(PostRow).values(**POST))
        tx.execute(sa.insert(FileRow).values(**FILE))
        for number, (kind, which, value) in enumerate(steps):
            _step(tx, number, kind, which, value)

    await database.write(history)

    assert await Aggregates(database).differences() == []
    texts = await database.read(_texts)
    assert texts[0] == texts[1]


POST = {
    **dict.fromkeys(("platform", "host", "remote_id", "url", "author", "caption"), "x"),
    "id": 1,
    "links": [],
    "seen_at": 0.0,
    "versions": 1,
}
FILE = {
    "id": 1,
    "state": "stored",
    "sha256": "0",
    "size": 1,
    "mime": "",
    "kind": "",
    "part": "",
    "path": "library/x",
}


def _step(tx: Tx, number: int, kind: str, which: int, value: int) -> None:
    this = MediaRow.id == which + 1
    match kind:
        case "add":
            row = {
                "post_id": 1,
                "platform": f"p{which % 2}",
                "host": "",
                "remote_id": f"n{number}",
                "position": 1,
                "kind": ("image", "video")[value % 2],
                "state": STATES[value % 7],
                "url": "",
                "transport": "http",
                "recipe": {},
                "attempt": 0,
                "not_before": 0.0,
                "part_ok": 0,
                "file_id": 1,
                "owner": "me",
                "created_at": 0.0,
                "shown_at": value * 30_000.0 - 300_000,
                "size": None if value % 3 else value,
                "width": value,
                "height": which,
            }
            if tx.scalar(sa.select(MediaRow.id).where(this)) is None:
                tx.execute(sa.insert(MediaRow).values(id=which + 1, **row))
                index_text(tx, [which + 1])
        case "forget":
            tx.execute(sa.delete(MediaRow).where(this))
        case "move":
            tx.execute(sa.update(MediaRow).where(this).values(shown_at=value * 50_000.0))
            index_text(tx, [which + 1])
        case "state":
            tx.execute(sa.update(MediaRow).where(this).values(state=STATES[value % 7]))
        case "resize":
            tx.execute(sa.update(MediaRow).where(this).values(width=value, height=which or None))
        case "kind":
            tx.execute(sa.update(MediaRow).where(this).values(kind=("image", "audio")[value % 2]))
        case _:
            tx.execute(sa.update(MediaRow).where(this).values(size=value or None))


def _texts(tx: Tx) -> tuple[list[int], list[int]]:
    """Return the numbers of media, and those that the index of texts has, each as often as it does."""
    number = "rowid & 536870911" if tx.dialect.name == "sqlite" else "media_id"
    indexed = sa.select(sa.literal_column(number, sa.BigInteger)).select_from(sa.text("media_text"))
    media = tx.scalars(sa.select(MediaRow.id).order_by(MediaRow.id))
    return list(media), sorted(tx.scalars(indexed))


async def test_what_differs_is_found_and_made_anew(library: Database) -> None:
    aggregates = Aggregates(library)
    spoil = sa.update(DayBucketRow).where(DayBucketRow.day == 19_701).values(count=11)
    await library.write(lambda tx: tx.execute(spoil))
    drop = sa.delete(MediaCountRow).where(MediaCountRow.platform == "reddit")
    await library.write(lambda tx: tx.execute(drop))

    found = await aggregates.differences()
    await aggregates.rebuild()

    assert found == ["day 19701", "count reddit image stored", "count reddit video stored"]
    assert await aggregates.differences() == []
    assert (await Timeline(library).buckets(Query())).count == (10, 10, 10)
