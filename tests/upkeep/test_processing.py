"""The whole library is looked into: by itself, once, whatever breaks it off."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.app import App, open_app, run_worker
from gatherum.app import worker as worker_module
from gatherum.jobs.queue import JobState, JobView
from gatherum.jobs.tables import Job
from gatherum.library.tables import FactsRow, FileRow
from gatherum.processing import processor
from gatherum.processing.processor import Processor
from gatherum.processing.studio import Subject
from gatherum.processing.trouble import Trouble
from gatherum.settings import BootSettings, ProcessingSettings
from gatherum.upkeep import processing as module
from gatherum.upkeep.processing import PROCESS, PROCESS_KEY, Starting
from gatherum.web.serving_thumbnails import subject_of
from tests.jobs.conftest import until
from tests.processing.films import ramp
from tests.suites.warm import Warm, launch
from tests.testsites.media import jpeg
from tests.web.stored import store

BROKEN = b"no picture at all"


@pytest.fixture(autouse=True)
def unfriendly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no other test go first: this one waits for what it measures."""
    monkeypatch.setattr(processor, "NICENESS", 0)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> BootSettings:
    return BootSettings(data_dir=tmp_path / "data", database_url=database_url, _env_file=None)


@pytest.fixture
async def app(settings: BootSettings) -> AsyncIterator[App]:
    async with open_app(settings) as app:
        await app.queue.prepare()
        yield app


async def ended(app: App, job_id: str | None) -> JobView:
    assert job_id is not None

    async def over() -> bool:
        return not (await app.queue.get(job_id)).is_live

    await until(over, within=120)
    return await app.queue.get(job_id)


async def has_looked_into(app: App, count: int, *, within_s: float = 60) -> None:
    async def has() -> bool:
        return await looked_into(app) >= count

    await until(has, within=within_s)


async def looked_into(app: App) -> int:
    query = sa.select(sa.func.count()).select_from(FileRow).where(FileRow.processed > 0)
    return await app.database.read(lambda tx: tx.scalar(query)) or 0


def thumbnails(app: App) -> set[str]:
    return {path.name[:64] for path in (app.settings.data_dir / "cache").rglob("*-320-1.webp")}


async def test_every_file_is_looked_into_and_what_is_wrong_is_kept(app: App) -> None:
    stored = [await store(app, jpeg(str(number))) for number in range(12)]
    await store(app, BROKEN)
    await store(app, b"%PDF-1.4", mime="application/pdf", kind="document", name="a.pdf")

    async with run_worker(app):
        job = await ended(app, await app.queue.enqueue(PROCESS))

    assert (job.state, job.progress) == (JobState.DONE, {"done": 14, "failed": 1, "left": 0})
    assert job.detail == "14 files looked into. 1 of them cannot be shown."
    assert thumbnails(app) == {each.sha256 for each in stored}
    assert await app.learning.count() == 0
    wrong = sa.select(FactsRow.trouble).where(FactsRow.trouble.is_not(None))
    assert await app.database.read(lambda tx: list(tx.scalars(wrong))) == ["unknown"]


async def test_it_goes_on_slice_after_slice(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE_S", 0.4)
    monkeypatch.setattr(module, "PAUSE_S", 0.1)
    for number in range(25):
        await store(app, jpeg(str(number)))

    async with run_worker(app):
        job = await ended(app, await app.queue.enqueue(PROCESS))

    assert (job.state, job.progress) == (JobState.DONE, {"done": 25, "failed": 0, "left": 0})
    assert job.attempt > 1


async def test_who_cancels_it_has_rest_until_something_new_comes(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LOOK_S", 3600)  # nobody looks but this test
    starting = Starting(app.learning, app.queue)
    for number in range(200):
        await store(app, jpeg(str(number % 20) + "x", 1200, 900) + b"%d" % number)
    assert await starting.look()

    async with run_worker(app) as worker:
        job = await app.queue.find_live(PROCESS_KEY)
        assert job is not None
        await has_looked_into(app, 1)
        assert await app.queue.cancel(job.id)

        async def has_stopped() -> bool:
            return not worker._running

        async def rests() -> bool:
            before = await app.learning.count()  # a write that was under way may still come
            await asyncio.sleep(1)
            return before == await app.learning.count()

        await until(has_stopped)
        await until(rests)
        left = await app.learning.count()
        await asyncio.sleep(1)

        assert 0 < left == await app.learning.count()
        assert not await starting.look()
        assert not await Starting(app.learning, app.queue).look()  # as the next process does
        assert await app.queue.find_live(PROCESS_KEY) is None
        await store(app, jpeg("new"))
        assert await starting.look()
        await ended(app, (await app.queue.find_live(PROCESS_KEY) or job).id)

    assert await app.learning.count() == 0


async def test_new_files_are_looked_into_by_themselves_unless_that_is_off(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LOOK_S", 0.2)
    await app.preferences.set("processing.enabled", "false")
    async with run_worker(app):
        await store(app, jpeg("a"))
        await asyncio.sleep(1)
        assert await looked_into(app) == 0

        await app.preferences.set("processing.enabled", "true")

        await has_looked_into(app, 1)


# -- nothing is left behind


class Gate:
    """Holds the looking into one file up, until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, sha256: str) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()
        through = Processor.process

        async def process(self_: Processor, subject: Subject, *, previews: bool) -> Trouble | None:
            if subject.sha256 == sha256:
                self.reached.set()
                await self.opened.wait()
            return await through(self_, subject, previews=previews)

        monkeypatch.setattr(Processor, "process", process)


@pytest.mark.parametrize("what", ["again", "new"])
async def test_what_comes_behind_the_last_file_of_a_job_is_looked_into_by_it(
    app: App, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    broken = await store(app, BROKEN)
    gate = Gate(monkeypatch, (await store(app, jpeg("last"))).sha256)
    async with run_worker(app):
        job_id = await app.queue.enqueue(PROCESS)
        await gate.reached.wait()
        await has_looked_into(app, 1)

        if what == "again":
            mended = app.settings.library_root / broken.path
            mended.write_bytes(jpeg("mended"))
            assert await app.learning.try_again() == 1
        else:
            await store(app, jpeg("new"))
        assert await app.queue.enqueue(PROCESS) is None  # the job is live
        gate.opened.set()
        job = await ended(app, job_id)

    assert (job.state, await app.learning.count()) == (JobState.DONE, 0)
    assert job.progress is not None
    assert job.progress["done"] == 3


async def test_what_comes_behind_the_last_look_of_a_job_gets_another(app: App) -> None:
    starting = Starting(app.learning, app.queue)
    await store(app, jpeg("a"))
    assert await starting.look()
    live = await app.queue.find_live(PROCESS_KEY)
    assert live is not None

    await store(app, jpeg("b"))
    assert not await starting.look()  # it is live still
    done = sa.update(Job).where(Job.id == live.id).values(state=JobState.DONE)
    await app.database.write(lambda tx: tx.execute(done))

    assert await starting.look()
    assert await app.queue.find_live(PROCESS_KEY) is not None


async def test_what_came_while_the_queue_was_away_is_queued_later(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting = Starting(app.learning, app.queue)
    job_id = await app.queue.enqueue(PROCESS)
    assert job_id is not None
    assert await app.queue.cancel(job_id)  # so that only what is new counts
    await store(app, jpeg("a"))
    with monkeypatch.context() as patch:
        patch.setattr(type(app.queue), "enqueue", _away)
        with pytest.raises(OSError, match="away"):
            await starting.look()

    assert await starting.look()


async def test_what_has_failed_rests_until_something_new_comes(app: App) -> None:
    starting = Starting(app.learning, app.queue)
    await store(app, jpeg("a"))
    assert await starting.look()
    live = await app.queue.find_live(PROCESS_KEY)
    assert live is not None
    failed = sa.update(Job).where(Job.id == live.id).values(state=JobState.FAILED)
    await app.database.write(lambda tx: tx.execute(failed))

    assert not await starting.look()
    await store(app, jpeg("b"))

    assert await starting.look()


async def test_a_library_that_is_away_is_waited_for(app: App) -> None:
    for number in range(3):
        await store(app, jpeg(str(number)))
    library = app.settings.library_root / "library"
    away = library.rename(library.parent / "away")
    library.mkdir()
    async with run_worker(app):
        job_id = await app.queue.enqueue(PROCESS)
        assert job_id is not None

        async def waits() -> bool:
            return (await app.queue.get(job_id)).state is JobState.WAITING

        await until(waits, within=60)
        waiting = await app.queue.get(job_id)
        library.rmdir()
        away.rename(library)
        assert await app.queue.retry_now(job_id)
        job = await ended(app, job_id)

    assert waiting.detail == "The library is not there just now."
    assert job.detail == "3 files looked into."
    assert await app.learning.count() == 0


async def test_a_file_that_is_back_is_looked_into_by_the_next_job(app: App) -> None:
    lost, _ = await store(app, jpeg("a")), await store(app, jpeg("b"))
    place = app.settings.library_root / lost.path
    data = place.read_bytes()
    place.unlink()
    async with run_worker(app):
        first = await ended(app, await app.queue.enqueue(PROCESS))
        left = await app.learning.count()
        place.write_bytes(data)
        second = await ended(app, await app.queue.enqueue(PROCESS))

    assert (first.detail, left) == ("2 files looked into. 1 of them cannot be shown.", 0)
    assert second.detail == "1 files looked into."
    assert await looked_into(app) == 2


async def test_previews_are_made_of_videos_that_were_looked_into_before(app: App) -> None:
    starting = Starting(app.learning, app.queue, lambda: app.preferences.latest(ProcessingSettings))
    seen, unseen = [
        await store(app, ramp(seconds), mime="video/mp4", kind="video", name="a.mp4")
        for seconds in (2, 3)
    ]
    async with run_worker(app):
        assert await starting.look()
        live = await app.queue.find_live(PROCESS_KEY)
        await ended(app, live.id if live else None)
        assert made(app) == set()
        assert not await starting.look()

        await app.preferences.set("processing.previews", "true")
        on_demand = await store(app, ramp(4), mime="video/mp4", kind="video", name="a.mp4")
        await app.renditions.thumbnail(subject_of(await app.originals.get(on_demand.id)), 320)
        assert await app.learning.count() == 0
        assert await starting.look()
        live = await app.queue.find_live(PROCESS_KEY)
        job = await ended(app, live.id if live else None)

    assert made(app) == {
        f"{each.sha256}-{what}" for each in (seen, unseen, on_demand) for what in WHATS
    }
    assert job.progress == {"done": 3, "failed": 0, "left": 0}
    assert not await starting.look()


WHATS = ("scrub", "preview")


def made(app: App) -> set[str]:
    paths = (app.settings.data_dir / "cache").rglob("*-1.*")
    return {path.stem.removesuffix("-1") for path in paths if path.suffix != ".webp"}


async def _away(*_: object) -> None:
    raise OSError("The database is away.")


# -- killed


@pytest.fixture
def life() -> Iterator[list[Warm]]:
    lives: list[Warm] = []
    yield lives
    for process in lives:
        process.kill()
        process.communicate()


def begin(settings: BootSettings, most: int) -> Warm:
    arguments = [str(settings.data_dir), settings.url, str(most)]
    process = launch(arguments, module="tests.upkeep.processing_worker")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


async def test_killed_again_and_again_it_does_every_file_and_none_twice(
    app: App, settings: BootSettings, life: list[Warm]
) -> None:
    stored = [await store(app, jpeg(str(number))) for number in range(40)]
    await store(app, BROKEN)
    await _keep_count(app)
    job_id = await app.queue.enqueue(PROCESS)

    for least in (8, 24):
        life.append(await asyncio.to_thread(begin, settings, 20))
        await has_looked_into(app, least)
        life[-1].kill()
        life[-1].wait()
        assert await looked_into(app) < 41
    life.append(await asyncio.to_thread(begin, settings, 41))
    job = await ended(app, job_id)

    assert (job.state, await app.learning.count()) == (JobState.DONE, 0)
    assert await _counted(app) == {1: 41}
    assert thumbnails(app) == {each.sha256 for each in stored}


async def _keep_count(app: App) -> None:
    """Note each time that something is written about what a file is like."""

    def tx(tx: sa.Connection) -> None:
        tx.exec_driver_sql("create table noted (file_id bigint)")
        if tx.dialect.name == "sqlite":
            note = "begin insert into noted values (new.file_id); end"
            tx.exec_driver_sql("create trigger one after insert on facts " + note)
            tx.exec_driver_sql("create trigger two after update on facts " + note)
            return
        tx.exec_driver_sql(
            "create function note() returns trigger language plpgsql as"
            " $$ begin insert into noted values (new.file_id); return new; end $$"
        )
        tx.exec_driver_sql(
            "create trigger note after insert or update on facts"
            " for each row execute function note()"
        )

    await app.database.write(tx)


async def _counted(app: App) -> dict[int, int]:
    """Return how many files were written about how often."""
    query = sa.text(
        "select times, count(*) from (select count(*) as times from noted group by file_id) as each"
        " group by times"
    )
    rows = await app.database.read(lambda tx: tx.execute(query).all())
    return {int(times): int(files) for times, files in rows}
