"""Streams that yt-dlp brings together: verified like all files, and paced like what they are."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.fetching.budget import Budget
from gatherum.fetching.fetcher import Fetcher, FetchLimits
from gatherum.fetching.http import Http, Meter, Scope
from gatherum.fetching.streams import StreamFetcher
from gatherum.fetching.tables import BudgetRow
from gatherum.model import Media, MediaKind, Post, Transport, Wanted
from gatherum.safety.fs import DiskFs
from gatherum.safety.policy import Policy
from gatherum.safety.root import Root
from tests.suites.line import SystemClock
from tests.testsites.engines import engine_pool
from tests.testsites.gateway import Gateway
from tests.testsites.videos import videos
from tests.testsites.world import World


def wanted(page: str) -> Wanted:
    media = Media(
        id="dog",
        url="https://video.example/live/dog",
        kind=MediaKind.VIDEO,
        transport=Transport.YTDLP,
    )
    post = Post(platform="youtube", id="dog", url=page, media=())
    return Wanted(id=7, post=post, media=media, position=1, attempt=0)


@pytest.mark.parametrize(
    ("page", "paced"),
    [("https://video.example/live/dog", True), ("https://pages.example/dog", False)],
)
async def test_only_the_hosts_of_its_pages_keep_to_the_pace_of_a_platform(
    sqlite_database: Database,
    tmp_path: Path,
    page: str,
    paced: bool,  # noqa: FBT001 - a parameter
) -> None:
    world, clock = World(), SystemClock()
    world.mount("video.example", videos())
    fs = DiskFs(Root(tmp_path))
    for folder in ("library", ".staging"):
        fs.make_dirs(folder)
    # What a killed download has left behind does not stand in the way of the next.
    fs.make_dirs(".staging/7.d")
    (tmp_path / ".staging" / "7.d" / ".cookies.txt").write_text("old")

    async def checkpoint(*_: object) -> None:
        raise AssertionError("A stream has no checkpoints.")

    async with Gateway(world) as gateway, engine_pool(gateway, tmp_path / "scratch") as engines:
        http = Http(
            policy=Policy(),
            budget=Budget(sqlite_database, clock, lambda: 0.01),
            clock=clock,
            proxy=gateway.url,
            ca_bundle=gateway.bundle,
            connections=1,
            per_host=1,
            stall_s=5,
        )
        streams = StreamFetcher(
            engines=engines,
            http=http,
            fs=fs,
            fetcher=Fetcher(http, fs, checkpoint, FetchLimits(reserve=0)),
            root=tmp_path,
            largest=None,
        )

        meter = Meter()
        part = await streams.fetch(
            wanted(page),
            scope=Scope(platform="youtube"),
            cookies="# Netscape HTTP Cookie File\n",
            meter=meter,
        )

        await http.close()
    assert (part.kind, part.extension) == (MediaKind.VIDEO, "mp4")
    assert meter.bytes >= part.size > 0
    keys = await sqlite_database.read(lambda tx: list(tx.scalars(sa.select(BudgetRow.key))))
    assert any(key.startswith("youtube|video.example|") for key in keys) is paced
