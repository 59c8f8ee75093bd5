"""The opened program: what entry points work with, built in order and closed in reverse."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gatherum.acquiring.desk import Desk
from gatherum.acquiring.forum_sign_in import ForumSignIn
from gatherum.acquiring.jobs import new_fetch_job
from gatherum.acquiring.late import Late
from gatherum.acquiring.links import Links
from gatherum.acquiring.preview import Previews
from gatherum.acquiring.probing import Probing
from gatherum.app.learned import Lessons
from gatherum.app.links import open_links
from gatherum.curating.archives import Archives
from gatherum.curating.batches import Batches
from gatherum.curating.bin import Bin
from gatherum.curating.decisions import Decisions
from gatherum.curating.preview import BatchPreviews
from gatherum.curating.settings import SettingDecisions
from gatherum.curating.transfer import Transfer
from gatherum.db import Database
from gatherum.db.cache import Cache
from gatherum.db.migrate import migrate
from gatherum.db.preferences import Preferences
from gatherum.errors import Conflict, ReadOnly
from gatherum.fetching.logins import Logins
from gatherum.fetching.memory import Memory
from gatherum.fetching.releases import Releases
from gatherum.fetching.standings import Standings
from gatherum.fetching.workers.engine import Beside
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.scheduler import Scheduler
from gatherum.library.aggregates import Aggregates
from gatherum.library.brought import Bringing
from gatherum.library.browse import Browse
from gatherum.library.catalogue import Catalogue
from gatherum.library.facets import Faceting
from gatherum.library.files import Files
from gatherum.library.holdings import Holdings
from gatherum.library.integrity import Integrity
from gatherum.library.learning import Learning
from gatherum.library.naming import Template
from gatherum.library.originals import Originals
from gatherum.library.outcomes import Outcomes
from gatherum.library.posts import Posts
from gatherum.library.recycle import Recycle
from gatherum.library.saved import SavedSearches
from gatherum.library.search import Search
from gatherum.library.timeline import Timeline
from gatherum.processing.facts import VERSION as FACTS_VERSION
from gatherum.processing.processor import Processor
from gatherum.processing.renditions import Renditions
from gatherum.processing.shelf import VERSION as RENDITIONS_VERSION
from gatherum.safety.fs import DiskFs
from gatherum.safety.policy import Doors, Policy
from gatherum.safety.root import Root
from gatherum.safety.vault import Vault
from gatherum.settings import (
    BootSettings,
    CanarySettings,
    ExtractorSettings,
    LibrarySettings,
    NetworkSettings,
    RetentionSettings,
    read_pins,
)
from gatherum.subscriptions.changing import Changing
from gatherum.subscriptions.follow import Subscriptions
from gatherum.subscriptions.hooks import Hooks
from gatherum.subscriptions.timing import parse_timing
from gatherum.upkeep.backups import Backups
from gatherum.upkeep.canaries import Canaries
from gatherum.upkeep.extractors import Extractors
from gatherum.upkeep.health import Health
from gatherum.upkeep.tally import Tally
from gatherum.watchdog import Watchdog

if TYPE_CHECKING:
    from gatherum.app.people import People


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the present time."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, kw_only=True)
class App:
    """What entry points work with. Reading and submitting need no more than this."""

    settings: BootSettings
    clock: SystemClock
    watchdog: Watchdog
    database: Database
    fs: DiskFs
    queue: DbosQueue
    scheduler: Scheduler
    preferences: Preferences
    subscriptions: Subscriptions
    browse: Browse
    search: Search
    posts: Posts
    timeline: Timeline
    faceting: Faceting
    saved_searches: SavedSearches
    aggregates: Aggregates
    files: Files
    recycle: Recycle
    integrity: Integrity
    logins: Logins
    standings: Standings
    memory: Memory
    catalogue: Catalogue
    originals: Originals
    bringing: Bringing
    learning: Learning
    renditions: Renditions
    processor: Processor
    vault: Vault
    doors: Doors
    demonstration: Late[str]
    desk: Desk
    previews: Previews
    forum_sign_in: ForumSignIn
    hooks: Hooks
    holdings: Holdings
    outcomes: Outcomes
    cache: Cache
    health: Health
    tally: Tally
    probing: Probing
    canaries: Canaries
    releases: Releases
    extractors: Extractors
    backups: Backups
    transfer: Transfer
    archives: Archives
    batches: Batches
    batch_previews: BatchPreviews
    decisions: Decisions
    setting_decisions: SettingDecisions
    bin: Bin

    @cached_property
    def people(self) -> "People":
        """Who may do what: built when it is first asked for, since commands of the console need none."""
        from gatherum.app.people import make_people  # noqa: PLC0415 - a third of a second

        return make_people(self)


@asynccontextmanager
async def open_app(settings: BootSettings) -> AsyncGenerator[App]:
    """Open the data folder: make it if missing, migrate the database, build the repositories.

    Raises the `StorageError` that says what is wrong with the folder or the database.
    """
    async with AsyncExitStack() as stack:
        _make_folders(settings)
        await asyncio.to_thread(migrate, settings.url, backup_dir=settings.data_dir / "backups")
        clock, watchdog = SystemClock(), Watchdog()
        database = Database(settings.url)
        stack.callback(database.close)
        stack.enter_context(database.watched())
        fs = DiskFs(Root(settings.library_root))
        queue = DbosQueue(database)
        scheduler = Scheduler(queue)
        files = Files(database, fs, clock, f"cli-{os.getpid()}")
        try:
            await asyncio.to_thread(files.prepare)
        except OSError as error:
            raise _unwritable() from error
        originals = Originals(database)
        learning = Learning(database, version=FACTS_VERSION, previews=RENDITIONS_VERSION)
        lessons, shelf = Lessons(learning), settings.data_dir / "cache" / "renditions"
        renditions = Renditions(fs, shelf, clock, learned=lessons)
        stack.push_async_callback(renditions.close)
        processor = Processor(fs, shelf, learned=lessons)
        stack.push_async_callback(processor.close)
        vault = _vault(settings)
        preferences = Preferences(
            database,
            vault=vault,
            checks={
                "library.template": Template.parse,
                "backup.schedule": parse_timing,
                "canary.schedule": parse_timing,
                "extractors.schedule": parse_timing,
            },
            pins=read_pins(),
        )
        memory = Memory(database, clock)
        subscriptions = Subscriptions(database, scheduler)
        doors = Doors()
        demonstration = Late(lambda: _demonstration(settings, doors))
        stack.push_async_callback(demonstration.close)
        links = Late(lambda: open_links(app, owner="desk"))
        stack.push_async_callback(links.close)
        holdings = Holdings(database)
        recycle = Recycle(database, fs, files, clock, purged=renditions.forget)
        search = Search(database)
        desk = Desk(
            queue=queue,
            database=database,
            subscriptions=subscriptions,
            memory=memory,
            policy=Policy.from_names(settings.network_allow, doors),
            links=links.get,
        )
        logins = Logins(database, vault, clock)
        health = Health(
            database,
            fs,
            clock.now,
            reserve=lambda: preferences.latest(LibrarySettings).free_space_reserve,
            limits=lambda: preferences.latest(RetentionSettings),
            stood_still=watchdog.recent,
        )
        probing = Probing(desk=desk, links=links.get, logins=logins)
        canaries = Canaries(
            database=database,
            subscriptions=subscriptions,
            probing=probing,
            health=health,
            clock=clock,
            settings=lambda: preferences.latest(CanarySettings),
        )
        releases = Releases(settings.data_dir / "extractors")
        app = App(
            settings=settings,
            clock=clock,
            watchdog=watchdog,
            database=database,
            fs=fs,
            queue=queue,
            scheduler=scheduler,
            preferences=preferences,
            subscriptions=subscriptions,
            browse=Browse(database),
            search=search,
            posts=Posts(database),
            timeline=Timeline(database),
            faceting=Faceting(database),
            saved_searches=SavedSearches(database, clock.now),
            aggregates=Aggregates(database),
            files=files,
            recycle=recycle,
            integrity=Integrity(database, fs, clock),
            logins=logins,
            standings=Standings(
                database,
                clock,
                lambda: preferences.latest(NetworkSettings).requests_per_day,
            ),
            memory=memory,
            catalogue=Catalogue(database, clock, f"cli-{os.getpid()}"),
            originals=originals,
            bringing=Bringing(database),
            learning=learning,
            renditions=renditions,
            processor=processor,
            vault=vault,
            doors=doors,
            demonstration=demonstration,
            desk=desk,
            holdings=holdings,
            outcomes=Outcomes(database),
            hooks=Hooks(database, scheduler, vault, now=clock.now),
            previews=Previews(
                desk=desk, links=links.get, holdings=holdings, subscriptions=subscriptions
            ),
            forum_sign_in=ForumSignIn(links=links.get, logins=logins, clock=clock),
            cache=Cache(database, clock.now),
            health=health,
            tally=Tally(database, clock.now),
            probing=probing,
            canaries=canaries,
            releases=releases,
            extractors=Extractors(
                releases=releases,
                probing=probing,
                beside=lambda beside: _probing_beside(app, beside),
                canaries=canaries.known,
                clock=clock,
                settings=lambda: preferences.latest(ExtractorSettings),
                canary=lambda: preferences.latest(CanarySettings),
            ),
            backups=Backups(settings),
            transfer=Transfer(database, preferences, subscriptions, clock.now),
            archives=Archives(database, fs),
            batches=Batches(
                database=database,
                queue=queue,
                recycle=recycle,
                changing=Changing(subscriptions, scheduler),
                search=search,
                clock=clock,
                new_fetch=new_fetch_job,
            ),
            batch_previews=BatchPreviews(database, Changing(subscriptions, scheduler)),
            decisions=Decisions(database),
            setting_decisions=SettingDecisions(database, preferences, clock),
            bin=Bin(database, clock),
        )
        yield app


@asynccontextmanager
async def _probing_beside(app: App, beside: Beside) -> AsyncGenerator[Probing]:
    """Offer a way to list links with extractors that are not in use."""
    async with open_links(app, owner="probe", beside=beside) as links:

        async def get() -> Links:
            return links

        yield Probing(desk=app.desk, links=get, logins=app.logins)


def _demonstration(settings: BootSettings, doors: Doors) -> AbstractAsyncContextManager[str]:
    """Return what runs the demonstration platform; its value is the address."""
    from gatherum.demo.beside import running_beside  # noqa: PLC0415 - few people ask for it

    if settings.network_proxy:
        raise Conflict("The demonstration runs on this machine, and a proxy stands in between.")
    return running_beside(doors)


def _vault(settings: BootSettings) -> Vault:
    if secret := settings.secret_key.get_secret_value():
        return Vault.from_secret(secret.encode())
    return Vault.from_file(settings.data_dir / "secret.key")


def _make_folders(settings: BootSettings) -> None:
    os.umask(int(settings.umask, 8))
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.library_root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable() from error


def _unwritable() -> ReadOnly:
    return ReadOnly(
        "The data folder cannot be written to. Set GATHERUM_DATA_DIR to a folder of your own."
    )
