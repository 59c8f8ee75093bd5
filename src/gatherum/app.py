"""The composition root: the only place that builds objects, and closes them in reverse."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

import structlog

from gatherum.accounts.admission import Admission
from gatherum.accounts.audit import Audit
from gatherum.accounts.authenticator import Authenticator
from gatherum.accounts.directory import Accounts
from gatherum.accounts.handshakes import Handshakes
from gatherum.accounts.invitations import Invitations
from gatherum.accounts.keys import ApiKeys
from gatherum.accounts.oidc import OpenId
from gatherum.accounts.oidc_identities import Identities
from gatherum.accounts.oidc_provider import OidcProvider
from gatherum.accounts.passwords import Passwords
from gatherum.accounts.recent import Recent
from gatherum.accounts.relying import RelyingParty
from gatherum.accounts.secondfactor import Factors
from gatherum.accounts.secondfactor.changes import FactorChanges
from gatherum.accounts.secondfactor.duo import Duo
from gatherum.accounts.secondfactor.passkey import Passkeys
from gatherum.accounts.secondfactor.recovery import RecoveryCodes
from gatherum.accounts.secondfactor.totp import Totp
from gatherum.accounts.sessions import Sessions
from gatherum.accounts.signing_in import SigningIn
from gatherum.accounts.throttle import Throttle
from gatherum.accounts.tokens import PURPOSE as BEARER_TOKENS
from gatherum.accounts.tokens import Tokens
from gatherum.acquiring.desk import Desk
from gatherum.acquiring.jobs import TRASH_PURGE, Handlers, new_fetch_job
from gatherum.acquiring.late import Late
from gatherum.acquiring.links import Links
from gatherum.acquiring.pipeline import Pipeline
from gatherum.acquiring.preview import Previews
from gatherum.curating.batches import Batches
from gatherum.curating.bin import Bin
from gatherum.curating.decisions import Decisions
from gatherum.curating.handlers import Handlers as CuratingHandlers
from gatherum.curating.preview import BatchPreviews
from gatherum.curating.settings import SettingDecisions
from gatherum.curating.transfer import Transfer
from gatherum.db import Database
from gatherum.db.cache import Cache
from gatherum.db.events import Events
from gatherum.db.migrate import migrate
from gatherum.db.preferences import Preferences
from gatherum.errors import ReadOnly, StorageError
from gatherum.fetching.budget import Budget
from gatherum.fetching.fetcher import Fetcher, FetchLimits
from gatherum.fetching.http import Http
from gatherum.fetching.logins import Logins
from gatherum.fetching.memory import Memory
from gatherum.fetching.streams import StreamFetcher
from gatherum.fetching.workers.engine import EnginePool
from gatherum.jobs.engine import LANES, DbosQueue, LaneLimits
from gatherum.jobs.queue import Lane, NewJob
from gatherum.jobs.scheduler import Every, Scheduler
from gatherum.jobs.worker import Worker
from gatherum.library.aggregates import Aggregates
from gatherum.library.browse import Browse
from gatherum.library.cancelled import Cancelled
from gatherum.library.catalogue import Catalogue
from gatherum.library.facets import Faceting
from gatherum.library.files import Files
from gatherum.library.holdings import Holdings
from gatherum.library.integrity import Integrity
from gatherum.library.naming import Template
from gatherum.library.originals import Originals
from gatherum.library.outcomes import Outcomes
from gatherum.library.posts import Posts
from gatherum.library.reconcile import Reconciler
from gatherum.library.recycle import Recycle
from gatherum.library.saved import SavedSearches
from gatherum.library.search import Search
from gatherum.library.timeline import Timeline
from gatherum.processing.thumbnails import Facts, Thumbnails
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain
from gatherum.safety.egress import Egress
from gatherum.safety.fs import DiskFs
from gatherum.safety.outgoing import Outgoing
from gatherum.safety.policy import Policy
from gatherum.safety.root import Root
from gatherum.safety.scratch import scratch_folder
from gatherum.safety.vault import Vault
from gatherum.settings import (
    BackupSettings,
    BootSettings,
    JobsSettings,
    LibrarySettings,
    NetworkSettings,
    RetentionSettings,
    SecuritySettings,
    read_pins,
)
from gatherum.subscriptions.changing import Changing
from gatherum.subscriptions.follow import Subscriptions
from gatherum.subscriptions.hooks import Hooks
from gatherum.subscriptions.timing import parse_timing
from gatherum.upkeep.backups import Backups
from gatherum.upkeep.handlers import BACKUP, PRUNE, WATCH, Upkeep
from gatherum.upkeep.health import Health
from gatherum.upkeep.retention import Retention

log = structlog.get_logger()
MEND_S = 60.0
DAILY = Every(seconds=86_400, jitter_s=3600)
SETTINGS_S = 5.0  # until a change that another process has made is seen
PURGE = NewJob(
    kind=TRASH_PURGE, lane=Lane.HOUSEKEEPING, partition="library", title="Purge the recycle bin"
)


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the present time."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What entry points work with. Reading and submitting need no more than this."""

    settings: BootSettings
    clock: SystemClock
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
    memory: Memory
    catalogue: Catalogue
    originals: Originals
    thumbnails: Thumbnails
    vault: Vault
    accounts: Accounts
    sessions: Sessions
    recent: Recent
    api_keys: ApiKeys
    tokens: Tokens
    passwords: Passwords
    throttle: Throttle
    audit: Audit
    invitations: Invitations
    admission: Admission
    relying: RelyingParty
    totp: Totp
    passkeys: Passkeys
    duo: Duo
    recovery_codes: RecoveryCodes
    factors: Factors
    identities: Identities
    openid: OpenId
    signing_in: SigningIn
    authenticator: Authenticator
    desk: Desk
    previews: Previews
    hooks: Hooks
    holdings: Holdings
    outcomes: Outcomes
    cache: Cache
    health: Health
    backups: Backups
    transfer: Transfer
    batches: Batches
    batch_previews: BatchPreviews
    decisions: Decisions
    setting_decisions: SettingDecisions
    bin: Bin


@asynccontextmanager
async def open_app(settings: BootSettings) -> AsyncGenerator[App]:
    """Open the data folder: make it if missing, migrate the database, build the repositories.

    Raises the `StorageError` that says what is wrong with the folder or the database.
    """
    async with AsyncExitStack() as stack:
        _make_folders(settings)
        await asyncio.to_thread(migrate, settings.url, backup_dir=settings.data_dir / "backups")
        clock = SystemClock()
        database = Database(settings.url)
        stack.callback(database.close)
        fs = DiskFs(Root(settings.library_root))
        queue = DbosQueue(database)
        scheduler = Scheduler(queue)
        files = Files(database, fs, clock, f"cli-{os.getpid()}")
        try:
            await asyncio.to_thread(files.prepare)
        except OSError as error:
            raise _unwritable() from error
        originals = Originals(database)
        thumbnails = _thumbnails(settings, fs, clock, originals)
        stack.push_async_callback(thumbnails.close)
        vault = _vault(settings)
        preferences = Preferences(
            database,
            vault=vault,
            checks={"library.template": Template.parse, "backup.schedule": parse_timing},
            pins=read_pins(),
        )
        rules = partial(preferences.get, SecuritySettings)
        recent = Recent(clock.now)
        accounts = Accounts(database, clock.now, recent)
        sessions = Sessions(database, clock.now, rules=rules, recent=recent)
        api_keys = ApiKeys(database, clock.now, recent)
        tokens = Tokens(vault.derive(BEARER_TOKENS), clock.now)
        passwords = Passwords()
        throttle = Throttle(database, clock.now)
        audit = Audit(database, clock.now)
        invitations = Invitations(database, clock.now, recent)
        relying = RelyingParty()
        handshakes = Handshakes(database, vault, clock.now)
        outgoing = Outgoing(
            Policy.from_names(settings.network_allow),
            proxy=settings.network_proxy,
            ca_bundle=settings.network_ca_bundle,
        )
        changes = FactorChanges(database, audit=audit, recent=recent)
        totp = Totp(database, vault=vault, changes=changes, now=clock.now)
        passkeys = Passkeys(
            database, handshakes=handshakes, site=relying, changes=changes, now=clock.now
        )
        duo = Duo(
            database,
            handshakes=handshakes,
            site=relying,
            changes=changes,
            outgoing=outgoing,
            preferences=preferences,
            now=clock.now,
        )
        recovery_codes = RecoveryCodes(database, changes=changes)
        identities = Identities(database, changes=changes, audit=audit, now=clock.now)
        factors: Factors = {one.name: one for one in (totp, passkeys, duo, recovery_codes)}
        memory = Memory(database, clock)
        subscriptions = Subscriptions(database, scheduler)
        links = Late(lambda: _open_links(app, owner="desk"))
        stack.push_async_callback(links.close)
        holdings = Holdings(database)
        recycle = Recycle(database, fs, files, clock, purged=thumbnails.forget)
        search = Search(database)
        desk = Desk(
            queue=queue,
            database=database,
            subscriptions=subscriptions,
            memory=memory,
            policy=Policy.from_names(settings.network_allow),
            links=links.get,
        )
        app = App(
            settings=settings,
            clock=clock,
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
            logins=Logins(database, vault, clock),
            memory=memory,
            catalogue=Catalogue(database, clock, f"cli-{os.getpid()}"),
            originals=originals,
            thumbnails=thumbnails,
            vault=vault,
            accounts=accounts,
            sessions=sessions,
            recent=recent,
            api_keys=api_keys,
            tokens=tokens,
            passwords=passwords,
            throttle=throttle,
            audit=audit,
            invitations=invitations,
            admission=Admission(
                accounts=accounts,
                invitations=invitations,
                passwords=passwords,
                audit=audit,
            ),
            relying=relying,
            totp=totp,
            passkeys=passkeys,
            duo=duo,
            recovery_codes=recovery_codes,
            factors=factors,
            identities=identities,
            openid=OpenId(
                provider=OidcProvider(outgoing, clock.now),
                handshakes=handshakes,
                identities=identities,
                accounts=accounts,
                audit=audit,
                site=relying,
                preferences=preferences,
                now=clock.now,
            ),
            signing_in=SigningIn(
                accounts=accounts,
                sessions=sessions,
                passwords=passwords,
                throttle=throttle,
                audit=audit,
                factors=factors,
                sleep=clock.sleep,
            ),
            authenticator=Authenticator(
                sessions,
                keys=api_keys,
                tokens=tokens,
                factors=factors,
                rules=rules,
                recent=recent,
                now=clock.now,
            ),
            desk=desk,
            holdings=holdings,
            outcomes=Outcomes(database),
            hooks=Hooks(database, scheduler, vault, now=clock.now),
            previews=Previews(
                desk=desk, links=links.get, holdings=holdings, subscriptions=subscriptions
            ),
            cache=Cache(database, clock.now),
            health=Health(
                database,
                fs,
                clock.now,
                reserve=lambda: preferences.latest(LibrarySettings).free_space_reserve,
                limits=lambda: preferences.latest(RetentionSettings),
            ),
            backups=Backups(settings),
            transfer=Transfer(database, preferences, subscriptions, clock.now),
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
async def open_engines(settings: BootSettings) -> AsyncGenerator[EnginePool]:
    """Offer the extractors, in their sandbox; a child starts when it is needed."""
    policy = Policy.from_names(settings.network_allow)
    with scratch_folder(settings.data_dir / "scratch") as scratch:
        async with (
            Egress(policy, upstream=settings.network_proxy) as egress,
            EnginePool(scratch, egress=egress, ca_bundle=settings.network_ca_bundle) as engines,
        ):
            yield engines


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
        worker.lock()  # before anything is touched that another process may be at
        stack.callback(worker.unlock)
        links = await stack.enter_async_context(_open_links(app, owner=owner))
        catalogue = Catalogue(database, clock, owner)
        files = Files(database, app.fs, clock, owner)
        recycle = Recycle(database, app.fs, files, clock, purged=app.thumbnails.forget)
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
        for kind, handler in (handlers.all() | _upkeep(app).all() | curating.all()).items():
            worker.register(kind, handler)

        async def take_over(dead: str) -> None:
            await catalogue.release(dead)
            await _mend(reconciler)

        worker.on_executor_dead(take_over)
        await take_over(owner)  # what this executor left open, before its jobs go on
        await worker.start()
        stack.push_async_callback(worker.close)
        await _keep_house(app)
        mending = asyncio.create_task(_keep_mending(reconciler, clock))
        stack.callback(mending.cancel)
        settling = asyncio.create_task(Cancelled(database, clock).keep_settling())
        stack.callback(settling.cancel)
        reading = asyncio.create_task(_keep_reading(app))
        stack.callback(reading.cancel)
        yield worker


@asynccontextmanager
async def _open_links(app: App, *, owner: str) -> AsyncGenerator[Links]:
    """Build the straight line for one process."""
    settings, clock, database = app.settings, app.clock, app.database
    await app.preferences.refresh()
    network = app.preferences.latest(NetworkSettings)
    library = app.preferences.latest(LibrarySettings)
    limits = FetchLimits(reserve=library.free_space_reserve, largest=network.max_file_size)
    catalogue = Catalogue(database, clock, owner)
    async with AsyncExitStack() as stack:
        http = Http(
            policy=Policy.from_names(settings.network_allow),
            budget=Budget(database, clock, lambda: app.preferences.latest(NetworkSettings).pace),
            clock=clock,
            proxy=settings.network_proxy,
            ca_bundle=settings.network_ca_bundle,
            connections=network.connections,
            per_host=network.connections_per_host,
            stall_s=network.timeout,
        )
        stack.push_async_callback(http.close)
        engines = await stack.enter_async_context(open_engines(settings))
        fetcher = Fetcher(http, app.fs, catalogue.checkpoint, limits)
        yield Links(
            pipeline=Pipeline(
                catalogue,
                Files(database, app.fs, clock, owner),
                clock,
                lambda: app.preferences.latest(NetworkSettings).pace,
                tries=network.retries + 1,
            ),
            catalogue=catalogue,
            chain=Chain(Breakers(clock)),
            http=http,
            engines=engines,
            fetcher=fetcher,
            streams=StreamFetcher(
                engines=engines,
                http=http,
                fs=app.fs,
                fetcher=fetcher,
                root=settings.library_root,
                largest=limits.largest,
            ),
            memory=app.memory,
            logins=app.logins,
            template=lambda: Template.parse(app.preferences.latest(LibrarySettings).template),
        )


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


async def _keep_house(app: App) -> None:
    """Schedule what the program does for itself, as the settings say."""
    present = {one.id: one.timing for one in await app.scheduler.list()}
    wanted = {
        "library:purge": (PURGE, DAILY),
        "upkeep:prune": (PRUNE, DAILY),
        "upkeep:watch": (WATCH, Every(seconds=300)),
        "upkeep:backup": (BACKUP, parse_timing(app.preferences.latest(BackupSettings).schedule)),
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
            before = app.preferences.latest(BackupSettings)
            await app.preferences.refresh()
            if app.preferences.latest(BackupSettings) != before:
                await _keep_house(app)
        except Exception:  # the database may be away, and come back
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
    except (OSError, StorageError) as error:  # a full disk must not keep the program from starting
        log.warning("library_not_mended", error=str(error))


def _thumbnails(
    settings: BootSettings, fs: DiskFs, clock: SystemClock, originals: Originals
) -> Thumbnails:
    async def learned(facts: Facts) -> None:
        await originals.learn(
            facts.sha256, thumbhash=facts.thumbhash, width=facts.width, height=facts.height
        )

    return Thumbnails(fs, settings.data_dir / "cache" / "thumbnails", clock, learned=learned)


def _vault(settings: BootSettings) -> Vault:
    if secret := settings.secret_key.get_secret_value():
        return Vault.from_secret(secret.encode())
    return Vault.from_file(settings.data_dir / "secret.key")


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
