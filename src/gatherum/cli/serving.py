"""`gatherum serve` and `gatherum worker`: the program that stays."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import version

import structlog
import typer

from gatherum.app import App, open_app, run_worker
from gatherum.cli.output import Exit
from gatherum.safety.serving import bound, listening
from gatherum.settings import BootSettings, SecuritySettings
from gatherum.web.app import make_web
from gatherum.web.shield import shielded
from gatherum.web.site import check_plain_http, make_site

log = structlog.get_logger()


async def serve(settings: BootSettings, *, worker: bool) -> Exit:
    """Serve until SIGTERM or SIGINT."""
    async with contextlib.AsyncExitStack() as stack:
        place = stack.enter_context(bound(settings.host, settings.port))
        site = make_site(settings, place.getsockname()[1])
        app = await stack.enter_async_context(open_app(settings))
        security = await app.preferences.get(SecuritySettings)
        check_plain_http(settings, site, allowed=security.allow_plain_http)
        stop = await stack.enter_async_context(_stopping())
        stack.enter_context(app.watchdog.watching())
        if worker:
            await stack.enter_async_context(run_worker(app))
        else:
            await app.queue.prepare()
        web = shielded(make_web(app, site), site)
        await stack.enter_async_context(listening(web, on=place, refuse=web.refuse))
        _tell_start(
            settings, "serve", url=site.url, listens=f"{settings.host}:{place.getsockname()[1]}"
        )
        typer.echo(f"Gatherum is at {site.url}")
        if (token := await app.people.invitations.offer_setup()) is not None:
            typer.echo(f"Set-up token: {token}")
        await stop.wait()
    return Exit.OK


async def work(settings: BootSettings) -> Exit:
    """Perform jobs until SIGTERM or SIGINT."""
    async with open_app(settings) as app, _stopping() as stop:
        _tell_start(settings, "worker")
        await _work_until(app, stop)
    return Exit.OK


async def _work_until(app: App, stop: asyncio.Event) -> None:
    async with run_worker(app) as worker:
        typer.echo(f"Worker {worker.id} performs jobs.")
        await stop.wait()


def _tell_start(settings: BootSettings, program: str, **also: str) -> None:
    log.info(
        "started",
        program=program,
        version=version("gatherum"),
        **also,
        data=str(settings.data_dir),
        library=str(settings.library_root),
        database=settings.url,
    )


@asynccontextmanager
async def _stopping() -> AsyncGenerator[asyncio.Event]:
    """Offer an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
