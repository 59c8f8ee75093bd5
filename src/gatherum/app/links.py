"""The straight line for one process: the network, the engines, and what brings media in."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from gatherum.acquiring.clients import Clients
from gatherum.acquiring.links import Links
from gatherum.acquiring.media_fetch import MediaFetch
from gatherum.acquiring.pipeline import Pipeline
from gatherum.acquiring.turns import Turns
from gatherum.fetching.browser import Browsers
from gatherum.fetching.browser.profiles import Profiles
from gatherum.fetching.budget import Budget
from gatherum.fetching.fetcher import Fetcher, FetchLimits
from gatherum.fetching.http import Http
from gatherum.fetching.streams import StreamFetcher
from gatherum.fetching.workers.engine import Beside, EnginePool, nothing_beside
from gatherum.library.catalogue import Catalogue
from gatherum.library.files import Files
from gatherum.library.naming import Template
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Doors, Policy
from gatherum.safety.scratch import scratch_folder
from gatherum.settings import (
    BootSettings,
    LibrarySettings,
    NetworkSettings,
)

if TYPE_CHECKING:
    from gatherum.app.core import App


@asynccontextmanager
async def open_engines(
    settings: BootSettings, doors: Doors | None = None, *, beside: Beside = nothing_beside
) -> AsyncGenerator[EnginePool]:
    """Offer the extractors, in their sandbox; a child starts when it is needed."""
    policy = Policy.from_names(settings.network_allow, doors)
    with scratch_folder(settings.data_dir / "scratch") as scratch:
        async with (
            Egress(policy, upstream=settings.network_proxy) as egress,
            EnginePool(
                scratch, egress=egress, ca_bundle=settings.network_ca_bundle, beside=beside
            ) as engines,
        ):
            yield engines


@asynccontextmanager
async def open_browsers(app: "App") -> AsyncGenerator[Browsers]:
    """Offer the browser; it starts when it is needed, and not before."""
    settings = app.settings
    policy = Policy.from_names(settings.network_allow, app.doors)
    with scratch_folder(settings.data_dir / "scratch") as scratch:
        async with (
            Egress(policy, upstream=settings.network_proxy) as egress,
            Browsers(
                scratch,
                egress=egress,
                profiles=Profiles(app.database, app.vault, app.clock),
                ca_bundle=settings.network_ca_bundle,
            ) as browsers,
        ):
            yield browsers


@asynccontextmanager
async def open_links(
    app: "App", *, owner: str, beside: Beside | None = None
) -> AsyncGenerator[Links]:
    """Build the straight line for one process; `beside` names other extractors than those in use."""
    settings, clock, database = app.settings, app.clock, app.database
    await app.preferences.refresh()
    network = app.preferences.latest(NetworkSettings)
    library = app.preferences.latest(LibrarySettings)
    limits = FetchLimits(reserve=library.free_space_reserve, largest=network.max_file_size)
    catalogue = Catalogue(database, clock, owner)
    async with AsyncExitStack() as stack:
        http = Http(
            policy=Policy.from_names(settings.network_allow, app.doors),
            budget=Budget(database, clock, lambda: app.preferences.latest(NetworkSettings).pace),
            clock=clock,
            proxy=settings.network_proxy,
            ca_bundle=settings.network_ca_bundle,
            connections=network.connections,
            per_host=network.connections_per_host,
            stall_s=network.timeout,
            count=app.standings.count,
        )
        stack.push_async_callback(http.close)
        opened = open_engines(settings, app.doors, beside=beside or app.releases.folder_of)
        engines = await stack.enter_async_context(opened)
        browsers = await stack.enter_async_context(open_browsers(app))
        fetcher = Fetcher(http, app.fs, catalogue.checkpoint, limits)
        clients = Clients(http=http, engines=engines, browsers=browsers)
        yield Links(
            pipeline=Pipeline(
                catalogue,
                Files(database, app.fs, clock, owner),
                clock,
                lambda: app.preferences.latest(NetworkSettings).pace,
                tries=network.retries + 1,
            ),
            catalogue=catalogue,
            chain=Chain(
                Breakers(clock),
                consents=app.preferences.is_on,
                servers=app.preferences.servers,
                told=app.tally.note,
            ),
            clients=clients,
            media=MediaFetch(
                clients=clients,
                fetcher=fetcher,
                streams=StreamFetcher(
                    engines=engines,
                    http=http,
                    fs=app.fs,
                    fetcher=fetcher,
                    root=settings.library_root,
                    largest=limits.largest,
                ),
            ),
            memory=app.memory,
            logins=app.logins,
            turns=Turns(app.logins, app.standings, clock, owner),
            template=lambda: Template.parse(app.preferences.latest(LibrarySettings).template),
        )
