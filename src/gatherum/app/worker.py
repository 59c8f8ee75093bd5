"""A process that performs jobs, and what it keeps doing beside them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import structlog

from gatherum.acquiring.jobs import TRASH_PURGE, Handlers
from gatherum.app.core import App, SystemClock
from gatherum.app.links import open_links
from gatherum.curating.handlers import Handlers as CuratingHandlers
from gatherum.db.events import Events
from gatherum.errors import DatabaseAway, StorageError
from gatherum.jobs.engine import LANES, LaneLimits
from gatherum.jobs.queue import Lane, NewJob
from gatherum.jobs.scheduler import Every
from gatherum.jobs.worker import Worker
from gatherum.library.abandoned import Abandoned
from gatherum.library.catalogue import Catalogue
from gatherum.library.files import Files
from gatherum.library.reconcile import Reconciler
from gatherum.library.recycle import Recycle
from gatherum.settings import (
    BackupSettings,
    CanarySettings,
    ExtractorSettings,
    JobsSettings,
    LibrarySettings,
    NetworkSettings,
    ProcessingSettings,
    RetentionSettings,
    SecuritySettings,
)
from gatherum.subscriptions.timing import parse_timing
from gatherum.upkeep.canaries import LIST as CANARIES
from gatherum.upkeep.extractors import UPDATE
from gatherum.upkeep.handlers import BACKUP, PRUNE, WATCH, Upkeep
from gatherum.upkeep.processing import LibraryProcessing, Starting
from gatherum.upkeep.retention import Retention

log = structlog.get_logger()
MEND_S = 60.0
DAILY = Every(seconds=86_400, jitter_s=3600)
LOOK_S = 30.0  # until new files are looked into
SETTINGS_S = 5.0  # until a change that another process has made is seen
SCHEDULED = (
    BackupSettings,
    CanarySettings,
    ExtractorSettings,
)  # what they say of when is a schedule of ours
PURGE = NewJob(
    kind=TRASH_PURGE, lane=Lane.HOUSEKEEPING, partition="library", title="Purge the recycle bin"
)


@asynccontextmanager
async def run_worker(
    app: App, *, heartbeat_s: float = 3.0, ttl_s: float = 15.0
) -> AsyncGenerator[Worker]:
    """Perform jobs while the context lasts. Others take over after `ttl_s` without a heartbeat.

    Raises `DataDirBusy` if another process does so already on this SQLite database.
    """
    await app.queue.prepare()
    lanes = await app.preferences.get(JobsSettings)
    clock, database = app.clock, app.database
    worker = Worker(
        app.queue,
        scheduler=app.scheduler,
        lanes=_lanes(lanes),
        heartbeat_s=heartbeat_s,
        ttl_s=ttl_s,
    )
    owner = worker.id
    async with AsyncExitStack() as stack:
        stack.enter_context(app.watchdog.watching())
        worker.lock()  # before anything is touched that another process may be at
        stack.callback(worker.unlock)
        links = await stack.enter_async_context(open_links(app, owner=owner))
        catalogue = Catalogue(database, clock, owner)
        files = Files(database, app.fs, clock, owner)
        recycle = Recycle(database, app.fs, files, clock, purged=app.renditions.forget)
        reconciler = Reconciler(database, app.fs, files, recycle)
        handlers = Handlers(
            links=links,
            subscriptions=app.subscriptions,
            catalogue=catalogue,
            holdings=app.holdings,
            recycle=recycle,
            queue=app.queue,
            database=database,
            clock=clock,
            trash_days=lambda: app.preferences.latest(LibrarySettings).trash_days,
            pace=lambda: app.preferences.latest(NetworkSettings).pace,
        )
        curating = CuratingHandlers(app.batches, app.decisions)
        own = handlers.all() | _upkeep(app).all() | curating.all() | _processing(app).all()
        own |= app.canaries.all() | app.extractors.all()
        for kind, handler in own.items():
            worker.register(kind, handler)

        async def take_over(dead: str) -> None:
            await catalogue.release(dead)
            await app.standings.release(dead)
            await _mend(reconciler)

        worker.on_executor_dead(take_over)
        await take_over(owner)  # what this executor left open, before its jobs go on
        await worker.start()
        stack.push_async_callback(worker.close)
        await _keep_house(app)
        mending = asyncio.create_task(_keep_mending(reconciler, clock))
        stack.callback(mending.cancel)
        settling = asyncio.create_task(Abandoned(database, clock).keep_settling())
        stack.callback(settling.cancel)
        reading = asyncio.create_task(_keep_reading(app))
        stack.callback(reading.cancel)
        looking = asyncio.create_task(_keep_looking(app))
        stack.callback(looking.cancel)
        yield worker


def _upkeep(app: App) -> Upkeep:
    return Upkeep(
        backups=app.backups,
        retention=Retention(
            app.database,
            Events(app.database),
            app.clock.now,
            retention=lambda: app.preferences.latest(RetentionSettings),
            security=lambda: app.preferences.latest(SecuritySettings),
        ),
        health=app.health,
        settings=lambda: app.preferences.latest(BackupSettings),
    )


def _processing(app: App) -> LibraryProcessing:
    return LibraryProcessing(
        learning=app.learning,
        processor=app.processor,
        queue=app.queue,
        clock=app.clock,
        settings=lambda: app.preferences.latest(ProcessingSettings),
    )


async def _keep_looking(app: App) -> None:
    """Have new files looked into, unless the settings say no."""
    starting = Starting(app.learning, app.queue, lambda: app.preferences.latest(ProcessingSettings))
    while True:
        await app.clock.sleep(LOOK_S)
        try:
            if app.preferences.latest(ProcessingSettings).enabled:
                await starting.look()
        except DatabaseAway:
            log.debug("new_files_seen_later")
        except Exception:  # what fails today may go well tomorrow
            log.exception("new_files_not_seen")


async def _keep_house(app: App) -> None:
    """Schedule what the program does for itself, as the settings say."""
    present = {one.id: one.timing for one in await app.scheduler.list()}
    wanted = {
        "library:purge": (PURGE, DAILY),
        "upkeep:prune": (PRUNE, DAILY),
        "upkeep:watch": (WATCH, Every(seconds=300)),
        "upkeep:backup": (BACKUP, parse_timing(app.preferences.latest(BackupSettings).schedule)),
        "upkeep:canaries": (
            CANARIES,
            parse_timing(app.preferences.latest(CanarySettings).schedule),
        ),
        "upkeep:extractors": (
            UPDATE,
            parse_timing(app.preferences.latest(ExtractorSettings).schedule),
        ),
    }
    for name, (job, timing) in wanted.items():
        if present.get(name) != timing:
            await app.database.write(
                lambda tx, name=name, job=job, timing=timing: app.scheduler.set_schedule(  # type: ignore[misc]
                    tx, name, job, timing
                )
            )


async def _keep_reading(app: App) -> None:
    """See now and then which settings other processes have changed."""
    while True:
        await app.clock.sleep(SETTINGS_S)
        try:
            before = [app.preferences.latest(section) for section in SCHEDULED]
            await app.preferences.refresh()
            if [app.preferences.latest(section) for section in SCHEDULED] != before:
                await _keep_house(app)
        except DatabaseAway:
            log.debug("settings_read_later")
        except Exception:  # what fails today may go well tomorrow
            log.exception("settings_not_read")


async def run_mending(app: App) -> None:
    """Finish what was broken off, once: what a database says that was copied in the middle of it."""
    await _mend(Reconciler(app.database, app.fs, app.files, app.recycle))


async def _keep_mending(reconciler: Reconciler, clock: SystemClock) -> None:
    """Finish now and then what a killed command, or a disk that had a fault, has left open."""
    while True:
        await clock.sleep(MEND_S)
        await _mend(reconciler)


async def _mend(reconciler: Reconciler) -> None:
    try:
        await reconciler.reconcile()
    except DatabaseAway:
        log.debug("library_mended_later")
    except (OSError, StorageError) as error:  # a full disk must not keep the program from starting
        log.warning("library_not_mended", error=str(error))


def _lanes(settings: JobsSettings) -> dict[Lane, LaneLimits]:
    wanted = {
        Lane.INTERACTIVE: settings.interactive,
        Lane.SYNC: settings.sync,
        Lane.HOUSEKEEPING: settings.housekeeping,
    }
    return {
        lane: replace(LANES[lane], in_worker=most, in_partition=min(LANES[lane].in_partition, most))
        for lane, most in wanted.items()
    }
