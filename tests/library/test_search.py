"""Searches find exactly what they say, on both engines."""

import unicodedata
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatherum.db import Database, Tx
from gatherum.errors import InvalidInput, NotFound
from gatherum.library import ways
from gatherum.library.items import Show
from gatherum.library.recording import record_page
from gatherum.library.search import Count, Order, Search
from gatherum.library.tables import (
    FileRow,
    MediaRow,
    MediaTagRow,
    PostRow,
    PostVersion,
    SourceRow,
    TagRow,
)
from gatherum.library.text import index_text
from gatherum.model import KEEP, Media, MediaKind, Post
from gatherum.query.clauses import All as Every
from gatherum.query.clauses import AnyOf, Clause, Contains, Dated, Measure, Not, OneOf, Ratio, Words
from gatherum.query.search import Query

SHOW = Show(files="/f", paths=True)
KINDS = (MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO, MediaKind.UNKNOWN)
MIMES = {"image": "image/png", "video": "video/mp4", "audio": "audio/mpeg", "unknown": None}
CAPTIONS = (
    "Golden hour at the Café",
    "the hour is GOLDEN",
    "100% sun_set, naïve",
    "Чёрный кот",
    "rock'n'roll \\o/ sunset",
    "",
)
STATES = ("stored",) * 6 + ("trashed", "failed", "skipped", "wanted")


def _posts() -> list[Post]:
    return [_post(number) for number in range(30)]


def _post(number: int) -> Post:
    return Post(
        platform=("plaza", "reddit", "forum")[number % 3],
        host="forum.example" if number % 3 == 2 else "",
        id=f"p{number}",
        url="https://plaza.example/",
        author=("@Ada", "bob", "Éva", "")[number % 4],
        caption=CAPTIONS[number % len(CAPTIONS)],
        posted_at=datetime(2020 + number % 5, 1 + number % 12, 1 + number % 28, 12, tzinfo=UTC),
        media=(
            Media(
                id=f"m{number}",
                url=f"https://plaza.example/{number}",
                kind=KINDS[number % 4],
                filename=f"IMG_{number}.JPG" if number % 2 else None,
                size=number * 1000,
                width=None if number % 5 == 0 else 100 * (number % 4 + 1),
                height=None if number % 5 == 0 else 300,
                duration=float(number) if number % 4 in (1, 2) else None,
            ),
        ),
    )


def _seed(tx: Tx) -> None:
    """Record thirty posts; media number n (from 1) is that of one of them."""
    posts = _posts()
    record_page(tx, "job", posts, [KEEP] * len(posts), 5.0)
    rows = tx.execute(
        sa.select(MediaRow.id, MediaRow.remote_id, MediaRow.kind, MediaRow.expected_size)
    )
    for row in rows.all():
        number = int(row.remote_id[1:])
        state = STATES[number % 10]
        values: dict[str, object] = {"state": state, "size": row.expected_size}
        if state in ("stored", "trashed"):
            file = {
                "state": state if state == "stored" else "trashed",
                "trash": None if state == "stored" else f".trash/{number}",
                "sha256": f"{number:064x}",
                "size": number * 1000,
                "mime": MIMES[row.kind] or "application/octet-stream",
                "kind": row.kind,
                "part": "",
                "path": f"library/100%/a{number}_x.jpg",
                "stored_at": 10.0 + number,
            }
            values["file_id"] = tx.scalar(sa.insert(FileRow).values(**file).returning(FileRow.id))
            values |= {"stored_at": 1_600_000_000.0 + number, "mime": MIMES[row.kind]}
        if state in ("failed", "skipped"):
            values["reason"] = "gone" if state == "failed" else "filtered"
        tx.execute(sa.update(MediaRow).where(MediaRow.id == row.id).values(**values))


@pytest.fixture
def library(database: Database) -> Database:
    database.write_now(_seed)
    return database


@pytest.fixture
def search(library: Database) -> Search:
    return Search(library)


async def names(search: Search, text: str, order: Order = Order.NEWEST) -> list[str]:
    """Return the platform's ids of all that is found, over pages of two."""
    found: list[str] = []
    cursor = None
    while True:
        page = await search.page(Query.parse(text), SHOW, order=order, limit=2, cursor=cursor)
        found += [item.media for item in page.items]
        cursor = page.next
        if cursor is None:
            assert len(found) == len(set(found))
            return found


STORED = [n for n in range(30) if n % 10 < 6]
EXPECTED = {
    "": STORED,
    "kind:video": [n for n in STORED if n % 4 == 1],
    "-kind:video": [n for n in STORED if n % 4 in (0, 2)],
    "type:video": [n for n in STORED if n % 4 == 1],
    "type:image/png": [n for n in STORED if n % 4 == 0],
    "author:ada": [n for n in STORED if n % 4 == 0],
    "author:ÉVA": [n for n in STORED if n % 4 == 2],
    "-author:ada": [n for n in STORED if n % 4 in (1, 2)],
    "platform:reddit,forum": [n for n in STORED if n % 3],
    "host:forum.example": [n for n in STORED if n % 3 == 2],
    "size>=20kB": [n for n in STORED if n >= 20],
    "-size>=20kB": [n for n in STORED if n < 20],
    "duration<10s": [n for n in STORED if n % 4 in (1, 2) and n < 10],
    "ratio:1": [n for n in STORED if n % 5 and n % 4 == 2],
    "ratio>1": [n for n in STORED if n % 5 and n % 4 == 3],
    "date:2021": [n for n in STORED if n % 5 == 1],
    "date>2023": [n for n in STORED if n % 5 == 4],
    "added:2020-09-13": STORED,
    "added<2020": [],
    "golden ": [n for n in STORED if n % 6 in (0, 1)],
    "gold": [n for n in STORED if n % 6 in (0, 1)],
    "gold ": [],
    '"golden hour"': [n for n in STORED if n % 6 == 0],
    '"hour golden"': [],
    "cafe ": [n for n in STORED if n % 6 == 0],
    "CAFÉ ": [n for n in STORED if n % 6 == 0],
    "naive golden ": [],
    "golden OR naive ": [],
    '"golden* NOT x" ': [],
    '"say \\"golden" ': [],
    '"golden\'|!&:*" ': [n for n in STORED if n % 6 in (0, 1)],
    "naive | golden ": [n for n in STORED if n % 6 in (0, 1, 2)],
    "-golden kind:audio": [n for n in STORED if n % 6 not in (0, 1) and n % 4 == 2],
    "ЧЁРНЫЙ ": [n for n in STORED if n % 6 == 3],
    "rock'n'roll ": [n for n in STORED if n % 6 == 4],
    "img_1*": [n for n in STORED if n % 2 and str(n).startswith("1")],
    "ada golden ": [n for n in STORED if n % 4 == 0 and n % 6 in (0, 1)],
    "text:%": [n for n in STORED if n % 6 == 2],
    "text:s_n": [],
    "text:n_set": [n for n in STORED if n % 6 == 2],
    'text:"\\\\o"': [n for n in STORED if n % 6 == 4],
    "text:GOLDEN": [n for n in STORED if n % 6 in (0, 1)],
    "file:img_": [n for n in STORED if n % 2],
    "file:a1_": [1],
    "file:100": [],
    "kind:video size>=20kB": [n for n in STORED if n % 4 == 1 and n >= 20],
    "platform:reddit golden kind:video": [
        n for n in STORED if n % 3 == 1 and n % 4 == 1 and n % 6 < 2
    ],
    "author:ada golden date>=2021 ": [n for n in STORED if n % 4 == 0 and n % 6 < 2 and n % 5],
    "type:image/png -golden size<9kB": [n for n in STORED if n % 4 == 0 and n % 6 > 1 and n < 9],
    "state:trashed": [6, 16, 26],
    "state:failed,skipped": [7, 8, 17, 18, 27, 28],
    "state:open": [9, 19, 29],
    "state:failed reason:gone": [7, 17, 27],
    "state:stored,open golden ": [n for n in range(30) if n % 10 in (*range(6), 9) and n % 6 < 2],
}


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("few", [1000, 0])  # from a few media, and along an index
async def test_each_search_finds_exactly_what_it_says_in_every_order(
    search: Search, order: Order, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "FEW", few)
    for text, numbers in EXPECTED.items():
        found = await names(search, text, order)

        assert sorted(found) == sorted(f"m{number}" for number in numbers), text


async def test_what_is_found_comes_in_order(search: Search) -> None:
    dates = {f"m{n}": str(post.posted_at) for n, post in enumerate(_posts())}

    newest = await names(search, "golden | naive ")
    by_text = await names(search, "golden ")
    oldest = await names(search, "golden ", Order.OLDEST)
    added = await names(search, "", Order.ADDED)
    largest = await names(search, "", Order.LARGEST)

    for found in (newest, by_text, oldest[::-1]):
        assert len(found) >= 6
        assert [dates[name] for name in found] == sorted((dates[n] for n in found), reverse=True)
    assert [int(name[1:]) for name in added] == sorted(STORED, reverse=True)
    assert [int(name[1:]) for name in largest] == sorted(STORED, reverse=True)


async def test_tags_sources_and_marks_are_found(library: Database) -> None:
    search = Search(library)

    def mark(tx: Tx) -> None:
        ids = dict(tx.execute(sa.select(MediaRow.remote_id, MediaRow.id)).all())
        posts = dict(tx.execute(sa.select(PostRow.remote_id, PostRow.id)).all())
        tx.execute(
            sa.insert(TagRow), [{"id": 1, "name": "Crème brûlée", "name_key": "crème brûlée"}]
        )
        tx.execute(
            sa.insert(MediaTagRow), [{"media_id": ids[m], "tag_id": 1} for m in ("m0", "m1")]
        )
        tx.execute(sa.insert(SourceRow), [{"subscription_id": 4, "post_id": posts["p2"]}])
        tx.execute(sa.update(MediaRow).where(MediaRow.remote_id == "m3").values(favourite=True))
        tx.execute(sa.update(PostRow).where(PostRow.remote_id == "p4").values(gone_since=1.0))
        tx.execute(sa.update(PostRow).where(PostRow.remote_id == "p5").values(versions=2))
        tx.execute(
            sa.update(MediaRow).where(MediaRow.remote_id == "m5").values(description="a Dragon")
        )
        index_text(tx, list(ids.values()))

    await library.write(mark)

    assert await names(search, 'tag:"CRÈME brûlée"', Order.ADDED) == ["m1", "m0"]
    assert await names(search, "tag:creme") == []
    assert await names(search, "brulee ", Order.ADDED) == ["m1", "m0"]
    assert await names(search, "dragon ") == ["m5"]
    assert await names(search, "source:4") == ["m2"]
    assert await names(search, "is:favourite") == ["m3"]
    assert await names(search, "is:gone") == ["m4"]
    assert await names(search, "is:edited") == ["m5"]
    assert len(await names(search, "-is:gone,edited,favourite")) == len(STORED) - 3
    assert await names(search, "is:gone golden ") == []
    assert await names(search, "tag:none") == []


async def test_a_changed_caption_and_a_late_date_are_found_at_once(library: Database) -> None:
    search = Search(library)
    undated = Post(platform="plaza", id="x", url="https://x.example/", media=(_media("mx"),))
    dated = Post(
        platform="plaza",
        id="x",
        url="https://x.example/",
        caption="quokka",
        posted_at=datetime(2001, 2, 3, tzinfo=UTC),
        media=(_media("mx"),),
    )

    await library.write(lambda tx: record_page(tx, "job", [undated], [KEEP], 6.5))
    assert await names(search, "state:open quokka ") == []
    await library.write(lambda tx: record_page(tx, "job", [dated], [KEEP], 7.5))

    assert await names(search, "state:open quokka ") == ["mx"]
    assert await names(search, "state:open quokka date:2001") == ["mx"]
    assert await names(search, "state:open quokka date>2001") == []
    assert (
        len(await library.read(lambda tx: tx.execute(sa.select(PostVersion.__table__)).all())) == 1
    )


async def test_a_page_of_more_than_it_holds_leads_on_and_others_do_not(search: Search) -> None:
    whole = await search.page(Query(), SHOW, order=Order.NEWEST, limit=len(STORED))
    more = await search.page(Query(), SHOW, order=Order.NEWEST, limit=len(STORED) - 1)

    assert (len(whole.items), whole.next) == (18, None)
    assert (len(more.items), more.next is None) == (17, False)


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "bmV3ZXN0", "bmV3ZXN0Om5hbjox", "bmV3ZXN0OjEuMDotMQ", "é", "%"],
)
async def test_a_cursor_that_is_none_of_ours_is_refused(search: Search, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        await search.page(Query(), SHOW, order=Order.NEWEST, limit=1, cursor=cursor)


async def test_a_cursor_of_another_order_is_refused(search: Search) -> None:
    page = await search.page(Query(), SHOW, order=Order.OLDEST, limit=1)

    with pytest.raises(InvalidInput, match="another order"):
        await search.page(Query(), SHOW, order=Order.NEWEST, limit=1, cursor=page.next)


async def test_what_is_found_is_counted_with_its_bytes(search: Search) -> None:
    whole = await search.count(Query())
    some = await search.count(Query.parse("golden "))

    assert whole == Count(18, sum(n * 1000 for n in STORED), exact=True)
    assert some == Count(6, sum(n * 1000 for n in STORED if n % 6 < 2), exact=True)


async def test_the_numbers_of_all_that_is_found_come_in_their_order(search: Search) -> None:
    first = await search.ids(Query.parse("kind:video"), limit=3)
    rest = await search.ids(Query.parse("kind:video"), limit=100, after=first[-1])

    assert len(first) == 3
    assert first + rest == sorted(first + rest)
    assert len(first + rest) == len([n for n in STORED if n % 4 == 1])


async def test_no_media_is_found_that_is_not_there(search: Search) -> None:
    with pytest.raises(NotFound, match="no such media"):
        await search.get(10_000, SHOW)


POSTS = {post.media[0].id: post for post in _posts()}
AUTHORS = st.sampled_from(["ada", "ADA", "bob", "éva", "nobody"])
SIGNS = st.sampled_from([">=", "<=", ">", "<", "="])
LEAVES: st.SearchStrategy[Clause] = st.one_of(
    st.builds(OneOf, st.just("author"), st.lists(AUTHORS, min_size=1, unique=True).map(tuple)),
    st.builds(
        OneOf,
        st.just("kind"),
        st.lists(st.sampled_from(["image", "video"]), min_size=1, unique=True).map(tuple),
    ),
    st.builds(OneOf, st.just("platform"), st.tuples(st.sampled_from(["plaza", "forum", "x"]))),
    st.builds(
        Contains, st.tuples(st.sampled_from(["golden", "%", "_", "\\", "'", "at the", "S", "zz"]))
    ),
    st.builds(Measure, st.just("size"), SIGNS, st.integers(0, 30).map(lambda n: n * 1000)),
    st.builds(
        Measure, st.sampled_from(["width", "height"]), SIGNS, st.sampled_from([100, 200, 300])
    ),
    st.builds(Measure, st.just("duration"), SIGNS, st.integers(0, 30)),
    st.builds(Ratio.of, SIGNS, st.integers(1, 4), st.integers(1, 3)),
    st.builds(Dated, SIGNS, st.integers(2019, 2025), st.none() | st.integers(1, 12)),
    st.builds(Dated, SIGNS, st.integers(2019, 2025), st.integers(1, 12), st.integers(1, 28)),
)
CLAUSES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(Every, st.lists(parts, min_size=2, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(parts, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@given(clause=CLAUSES)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_a_search_finds_what_a_filter_of_the_same_words_would_keep(
    search: Search, clause: Clause
) -> None:
    every = ("stored", "trashed", "failed", "skipped", "open")

    page = await search.page(Query(clause, every), SHOW, order=Order.NEWEST, limit=100)

    kept = {name for name, post in POSTS.items() if clause.judge(post, post.media[0]) is True}
    assert {item.media for item in page.items} == kept


VOCABULARY = [
    "golden",
    "GOLD",
    "hour",
    "cafe",
    "Café",
    "naive",
    "кот",
    "rock",
    "n",
    "sun",
    "hou",
    "ca",
]
PHRASES = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3).map(" ".join)


@given(words=st.lists(st.builds(Words, PHRASES, st.booleans()), min_size=1, max_size=3))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_words_are_found_as_whole_words_phrases_and_beginnings(
    search: Search, words: list[Words]
) -> None:
    query = Query(words[0] if len(words) == 1 else Every(tuple(words)), ("stored",))

    page = await search.page(query, SHOW, order=Order.NEWEST, limit=100)

    kept = {f"m{n}" for n in STORED if all(_has(POSTS[f"m{n}"], one) for one in words)}
    assert {item.media for item in page.items} == kept


def _has(post: Post, words: Words) -> bool:
    texts = (post.caption, post.author, post.media[0].filename or "")
    wanted = _parted(words.text)
    begins = words.begins and len(wanted[-1]) >= 3
    return any(_stands(_parted(text), wanted, begins=begins) for text in texts)


def _stands(text: list[str], wanted: list[str], *, begins: bool) -> bool:
    for start in range(len(text) - len(wanted) + 1):
        here = text[start : start + len(wanted)]
        if here[:-1] == wanted[:-1] and (
            here[-1].startswith(wanted[-1]) if begins else here[-1] == wanted[-1]
        ):
            return True
    return False


def _parted(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in plain.casefold()).split()


def _media(name: str) -> Media:
    return Media(id=name, url=f"https://x.example/{name}")
