"""The straight line without jobs and providers: real database, real HTTP, and any disk."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import PurePosixPath
from typing import Self
from urllib.parse import urlsplit

import sqlalchemy as sa

from gatherum.acquiring.acquisition import Acquisition, Ending, keep_fetched
from gatherum.acquiring.pipeline import Pipeline
from gatherum.db import Database
from gatherum.fetching.budget import Budget
from gatherum.fetching.cookies import Jar
from gatherum.fetching.fetcher import Fetcher, FetchLimits
from gatherum.fetching.http import Http, Meter
from gatherum.library.catalogue import Catalogue
from gatherum.library.files import Files
from gatherum.library.ledger import Tally, tally
from gatherum.library.reconcile import Reconciler
from gatherum.library.recycle import Recycle
from gatherum.library.tables import FileRow, MediaRow
from gatherum.model import KEEP, Decision, Media, MediaKind, Page, Part, Post, Target, Wanted
from gatherum.ports import Fs
from gatherum.safety.policy import Policy


class SystemClock:
    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Line:
    """One worker. Media are plain links; each link is a post of its own."""

    def __init__(
        self,
        database: Database,
        fs: Fs,
        *,
        owner: str = "worker",
        stall_s: float = 0.5,
        reserve: int = 0,
    ) -> None:
        self.db, self.fs, self.meter = database, fs, Meter()
        clock = SystemClock()
        self.catalogue = Catalogue(database, clock, owner)
        self.files = Files(database, fs, clock, owner)
        self.recycle = Recycle(database, fs, self.files, clock)
        self.reconciler = Reconciler(database, fs, self.files, self.recycle)
        self.pipeline = Pipeline(self.catalogue, self.files, clock, lambda: 0.0)
        self._make_http = partial(
            Http,
            policy=Policy.from_names(("127.0.0.0/8",)),
            budget=Budget(database, clock, lambda: 0.0),
            clock=clock,
            proxy="",
            ca_bundle=None,
            connections=32,
            per_host=16,
            stall_s=stall_s,
        )
        self._limits = FetchLimits(reserve=reserve)

    async def __aenter__(self) -> Self:
        self.http = self._make_http()
        self.fetcher = Fetcher(self.http, self.fs, self.catalogue.checkpoint, self._limits)
        return self

    async def heal(self) -> None:
        """Do what a start of the program does: take back own claims, finish what was begun."""
        self.files.prepare()
        await self.catalogue.release(self.catalogue.owner)
        await self.reconciler.reconcile()

    async def __aexit__(self, *_: object) -> None:
        await self.http.close()

    async def get(
        self,
        urls: Sequence[str],
        *,
        job: str = "job",
        kind: MediaKind = MediaKind.UNKNOWN,
        check: Callable[[Wanted, Part], Decision] = keep_fetched,
    ) -> Ending:
        posts = tuple(_post(url, kind) for url in urls)

        async def pages(_cursor: str | None) -> AsyncGenerator[tuple[str, Page], None]:
            yield "test.direct", Page(posts=posts, cursor=None)

        return await self.pipeline.run(
            Acquisition(
                job_id=job,
                target=Target(platform="direct", feed="file", key=job, url=urls[0]),
                pages=pages,
                select=lambda found: [KEEP for post in found for _ in post.media],
                fetch=self._fetch,
                path=_path,
                check=check,
            )
        )

    async def tally(self, job: str = "job") -> Tally:
        return await tally(self.db, job)

    async def _fetch(self, wanted: Wanted) -> Part:
        return await self.fetcher.fetch(wanted, login="", jar=Jar(), meter=self.meter)


def broken(db: Database, fs: Fs, origin: dict[str, bytes]) -> list[str]:
    """Return every way in which rows and files disagree with each other, or with the origin."""
    findings: list[str] = []
    with db.engine.connect() as tx:
        media = tx.execute(sa.select(MediaRow.__table__)).all()
        files = {row.id: row for row in tx.execute(sa.select(FileRow.__table__))}
    held = {row.path for row in files.values() if row.state != "trashed"}
    held |= {row.trash for row in files.values() if row.state != "stored"}
    for row in media:
        if row.state in ("fetching", "staged"):
            findings.append(f"open media: {row.url} {row.state}")
        if row.state == "stored":
            want = hashlib.sha256(origin[row.url]).hexdigest()
            if files[row.file_id].sha256 != want:
                findings.append(f"wrong bytes recorded: {row.url}")
    for file in files.values():
        if file.state not in ("stored", "trashed"):
            findings.append(f"open file: {file.path} {file.state}")
            continue
        path = file.path if file.state == "stored" else file.trash
        if fs.size(path) != file.size or _hash(fs, path) != file.sha256:
            findings.append(f"lost or wrong: {path}")
        if not any(row.file_id == file.id for row in media):
            findings.append(f"nobody's file: {path}")
    for folder in ("library", ".trash"):
        findings += [f"orphan: {path}" for path in fs.list(folder) if path not in held]
    wanted = {f".staging/{row.id}.part" for row in media if row.state == "wanted"}
    findings += [f"orphan part: {path}" for path in fs.list(".staging") if path not in wanted]
    return findings


def _hash(fs: Fs, path: str) -> str:
    fd = fs.open_read(path)
    try:
        return hashlib.sha256(fs.read_at(fd, 1 << 30, 0)).hexdigest()
    finally:
        fs.close(fd)


def _post(url: str, kind: MediaKind) -> Post:
    media = Media(id=url, url=url, kind=kind)
    return Post(platform="direct", host=urlsplit(url).netloc, id=url, url=url, media=(media,))


def _path(wanted: Wanted, part: Part) -> str:
    name = PurePosixPath(urlsplit(wanted.media.url).path).stem
    return f"library/{name}.{part.extension}"


async def cancel(task: "asyncio.Task[object]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
