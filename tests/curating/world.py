"""A library with files, and all that carries decisions out, without a worker."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from gatherum.acquiring.jobs import new_fetch_job
from gatherum.curating.batches import Batches
from gatherum.curating.decisions import Decisions, DecisionView
from gatherum.curating.preview import BatchPreviews
from gatherum.db import Database, Tx
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.scheduler import Scheduler
from gatherum.library.files import Files
from gatherum.library.recycle import Recycle
from gatherum.library.search import Search
from gatherum.library.tables import FileRow, MediaRow, MediaTagRow, PostRow, TagRow
from gatherum.library.text import index_text
from gatherum.ports import Fs
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root
from gatherum.subscriptions.changing import Changing
from gatherum.subscriptions.follow import Subscriptions
from tests.suites.line import SystemClock

DAY = 86_400.0
SIZE = 10  # bytes of each file


@dataclass
class World:
    """What a test works with. The media `n` has the file `n`, was posted on day `n`."""

    database: Database
    fs: Fs
    queue: DbosQueue
    recycle: Recycle
    subscriptions: Subscriptions
    batches: Batches
    previews: BatchPreviews
    log: Decisions

    async def finish(self, view: DecisionView) -> DecisionView:
        """Do what a worker would do for a decision."""
        if view.job is not None:
            while await self.batches.go_on(view.id, view.job) is not None:
                pass
            await self.end(view.job)
        return await self.log.get(view.id)

    async def end(self, job_id: str) -> None:
        done = sa.text("update job set state = 'done' where id = :id").bindparams(id=job_id)
        await self.database.write(lambda tx: tx.execute(done))

    async def facts(self) -> dict[int, tuple[object, ...]]:
        """Return all that people may change of all media, and where their files are."""
        return await self.database.read(_facts)

    async def fact(self, number: int) -> tuple[object, ...]:
        return (await self.facts())[number]

    async def tags(self) -> list[str]:
        query = sa.select(TagRow.name).order_by(TagRow.name_key)
        return list(await self.database.read(lambda tx: tx.scalars(query).all()))

    async def set(self, number: int, **values: object) -> None:
        update = sa.update(MediaRow).where(MediaRow.id == number).values(**values)
        await self.database.write(lambda tx: tx.execute(update))


async def make_world(database: Database, folder: Path, *, fs: Fs | None = None) -> World:
    disk = fs or DiskFs(Root(folder))
    clock = SystemClock()
    queue = DbosQueue(database)
    await queue.prepare()
    scheduler = Scheduler(queue)
    files = Files(database, disk, clock, "me")
    files.prepare()
    recycle = Recycle(database, disk, files, clock)
    subscriptions = Subscriptions(database, scheduler)
    changing = Changing(subscriptions, scheduler)
    return World(
        database=database,
        fs=disk,
        queue=queue,
        recycle=recycle,
        subscriptions=subscriptions,
        batches=Batches(
            database=database,
            queue=queue,
            recycle=recycle,
            changing=changing,
            search=Search(database),
            clock=clock,
            new_fetch=new_fetch_job,
        ),
        previews=BatchPreviews(database, changing),
        log=Decisions(database),
    )


async def stock(world: World, count: int, *, files: bool = False) -> None:
    """Put media into the library, numbered from 1; with `files`, their bytes as well."""
    await world.database.write(lambda tx: stock_rows(tx, count))
    if files:
        for number in range(1, count + 1):
            put(world.fs, path_of(number), body_of(number))
        world.fs.fsync_dir("library")


def stock_rows(tx: Tx, count: int, *, platform: str = "plaza") -> None:
    numbers = range(1, count + 1)
    tx.execute(sa.insert(PostRow), [_post(number, platform) for number in numbers])
    tx.execute(sa.insert(FileRow), [_file(number) for number in numbers])
    tx.execute(sa.insert(MediaRow), [_media(number, platform) for number in numbers])
    for table in ("post", "file", "media"):
        if tx.dialect.name == "postgresql":  # rows were numbered here
            tx.execute(sa.text(f"select setval(pg_get_serial_sequence('{table}','id'), {count})"))
    index_text(tx, list(numbers))


def put(fs: Fs, path: str, body: bytes) -> None:
    part = f".staging/{path.rpartition('/')[2]}.part"
    fd = fs.open_part(part)
    fs.write(fd, body)
    fs.fsync(fd)
    fs.close(fd)
    fs.rename_new(part, path)


def path_of(number: int) -> str:
    return f"library/{number}.jpg"


def body_of(number: int) -> bytes:
    return f"{number:0{SIZE}}".encode()


def places(fs: Fs, folder: str) -> Sequence[str]:
    return sorted(fs.list(folder))


def _post(number: int, platform: str) -> dict[str, object]:
    return {
        "id": number,
        "platform": platform,
        "host": "",
        "remote_id": f"p{number}",
        "url": f"https://plaza.example/p/{number}",
        "author": "ada" if number % 2 else "bob",
        "caption": f"fog number {number}",
        "links": [],
        "posted_at": number * DAY,
        "seen_at": 0.0,
        "versions": 1,
    }


def _file(number: int) -> dict[str, object]:
    return {
        "id": number,
        "state": "stored",
        "sha256": hashlib.sha256(body_of(number)).hexdigest(),
        "size": SIZE,
        "mime": "image/jpeg",
        "kind": "image",
        "part": f".staging/{number}.part",
        "path": path_of(number),
        "stored_at": 1.0,
    }


def _media(number: int, platform: str) -> dict[str, object]:
    return {
        "id": number,
        "post_id": number,
        "platform": platform,
        "host": "",
        "remote_id": f"m{number}",
        "position": 1,
        "kind": "image",
        "state": "stored",
        "url": f"https://plaza.example/{number}.jpg",
        "transport": "http",
        "recipe": {},
        "attempt": 0,
        "not_before": 0.0,
        "part_ok": 0,
        "file_id": number,
        "posted_at": number * DAY,
        "created_at": 1.0,
        "stored_at": 1.0,
        "author_key": "ada" if number % 2 else "bob",
        "mime": "image/jpeg",
        "size": SIZE,
        "shown_at": number * DAY,
    }


def _facts(tx: Tx) -> dict[int, tuple[object, ...]]:
    tags: dict[int, list[str]] = {}
    named = sa.select(MediaTagRow.media_id, TagRow.name).join(
        TagRow, TagRow.id == MediaTagRow.tag_id
    )
    for number, name in tx.execute(named.order_by(TagRow.name_key)):
        tags.setdefault(number, []).append(name)
    query = (
        sa.select(
            MediaRow.id,
            MediaRow.state,
            MediaRow.edited_date,
            MediaRow.shown_at,
            MediaRow.description,
            MediaRow.favourite,
            FileRow.state.label("file"),
        )
        .outerjoin(FileRow, FileRow.id == MediaRow.file_id)
        .order_by(MediaRow.id)
    )
    return {row.id: (*row[1:], *tags.get(row.id, [])) for row in tx.execute(query)}
