"""Lists that say little of their posts: what is new is told whole, what is known costs nothing more."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.acquiring.acquisition import Acquisition, Ending
from gatherum.acquiring.links import keep_all
from gatherum.db import Database
from gatherum.errors import Expired, Gone, Unavailable
from gatherum.library.tables import MediaRow, PostRow
from gatherum.model import Media, Page, Part, Post, Target, Wanted
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root
from tests.suites.line import Line

TARGET = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")
AT = datetime(2025, 3, 1, 12, 0, 30, tzinfo=UTC)


@dataclass
class Channel:
    """A list of numbers; what they say stands on a page of its own."""

    numbers: list[int]
    visited: list[int] = field(default_factory=list)
    unfinished: set[int] = field(default_factory=set)
    broken: bool = False
    pinned: bool = False
    address: str = "old"

    async def pages(self, _cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
        for start in range(0, len(self.numbers), 3):
            numbers = self.numbers[start : start + 3]
            posts = tuple(self._brief(number) for number in numbers)
            after = None if start + 3 >= len(self.numbers) else str(start + 3)
            yield "plaza.native", Page(posts=posts, cursor=after, finish=self._finish)

    def _brief(self, number: int) -> Post:
        return Post(
            platform="plaza",
            id=f"p{number}",
            url=f"https://plaza.example/p/{number}",
            caption=f"post {number}",
            media=(Media(id=f"m{number}", url=f"https://plaza.example/{number}.mp4"),),
            pinned=self.pinned,
            brief=True,
        )

    async def _finish(self, post: Post) -> Post | None:
        number = int(post.id[1:])
        self.visited.append(number)
        if self.broken:
            raise Unavailable("Not now.")
        if number in self.unfinished:
            return None
        words = Media(id=f"{post.media[0].id} en", url=f"https://plaza.example/{self.address}.vtt")
        caption = f"{post.caption}\n\nand all about it"
        media = (*post.media, words)
        return replace(post, caption=caption, posted_at=AT, media=media, brief=False)


@pytest.fixture
async def line(sqlite_database: Database, tmp_path: Path) -> Line:
    return Line(sqlite_database, DiskFs(Root(tmp_path)))


async def gone(_: Wanted) -> Part:
    raise Gone("There is nothing.")


async def sync(line: Line, channel: Channel, job: str, fetch: object = gone) -> Ending:
    return await line.pipeline.run(
        Acquisition(
            job_id=job,
            target=TARGET,
            pages=channel.pages,
            select=keep_all,
            fetch=fetch,  # type: ignore[arg-type]  # it never brings a part
            path=lambda *_: "library/x",
        )
    )


async def rows(line: Line) -> dict[str, tuple[str, float | None, int]]:
    found = sa.select(PostRow.remote_id, PostRow.caption, PostRow.posted_at, PostRow.versions)
    return {
        row.remote_id: (row.caption, row.posted_at, row.versions)
        for row in await line.db.read(lambda tx: tx.execute(found).all())
    }


async def test_what_is_new_is_recorded_with_all_its_words(line: Line) -> None:
    channel = Channel([4, 3, 2, 1])

    await sync(line, channel, "one")

    assert channel.visited == [4, 3, 2, 1]
    assert await rows(line) == {
        f"p{number}": (f"post {number}\n\nand all about it", AT.timestamp(), 1)
        for number in (1, 2, 3, 4)
    }


async def test_what_is_known_is_not_visited_and_keeps_its_words(line: Line) -> None:
    channel = Channel(list(range(30, 0, -1)))
    await sync(line, channel, "one")
    channel.visited.clear()
    before = await rows(line)

    channel.numbers.insert(0, 31)
    await sync(line, channel, "two")

    assert channel.visited == [31]
    assert {name: row for name, row in (await rows(line)).items() if name != "p31"} == before


async def test_a_list_in_no_order_shows_what_is_new_at_its_end(line: Line) -> None:
    channel = Channel(list(range(1, 31)), pinned=True)
    await sync(line, channel, "one")
    channel.visited.clear()

    channel.numbers.append(31)
    await sync(line, channel, "two")

    assert channel.visited == [31]
    assert "p31" in await rows(line)


async def test_what_is_not_to_be_had_yet_is_not_taken_for_known(line: Line) -> None:
    channel = Channel([3, 2, 1], unfinished={3})
    await sync(line, channel, "one")
    assert set(await rows(line)) == {"p1", "p2"}

    channel.unfinished.clear()
    await sync(line, channel, "two")

    assert set(await rows(line)) == {"p1", "p2", "p3"}


async def test_a_post_that_cannot_be_told_whole_is_not_recorded_by_halves(line: Line) -> None:
    channel = Channel([3, 2, 1], broken=True)
    line.pipeline._lister._tries = 1
    ending = await sync(line, channel, "one")
    assert (ending.reason, await rows(line)) == ("unavailable", {})

    channel.broken = False
    await sync(line, channel, "two")

    assert len(await rows(line)) == 3


async def test_an_address_that_expired_is_looked_up_on_the_posts_own_page_alone(
    line: Line,
) -> None:
    channel = Channel([3, 2, 1])

    async def expired(wanted: Wanted) -> Part:
        if wanted.media.id == "m2 en" and wanted.media.url.endswith("old.vtt"):
            channel.address = "new"
            raise Expired("Too late.", status=403)
        raise Gone("There is nothing.")

    await sync(line, channel, "one", expired)

    assert channel.visited == [3, 2, 1, 2]
    address = sa.select(MediaRow.url).where(MediaRow.remote_id == "m2 en")
    assert await line.db.read(lambda tx: tx.scalar(address)) == "https://plaza.example/new.vtt"
