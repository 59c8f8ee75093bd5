"""A server with all its parts on a free port, and clients that are signed in, or not."""

import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.routing import BaseRoute

from gatherum.accounts.model import Account, Role, Visitor
from gatherum.accounts.sessions import hash_token
from gatherum.accounts.tables import SessionRow, TotpRow
from gatherum.app import App, open_app
from gatherum.demo import running
from gatherum.safety.serving import bound, listening
from gatherum.settings import BootSettings
from gatherum.web.app import make_web
from gatherum.web.limits import Limits
from gatherum.web.shield import shielded
from gatherum.web.site import Site, make_site

SHARED: dict[int, BaseRoute] = {}
HERE = Visitor(address="127.0.0.1", agent="a test")


@dataclass
class Server:
    """A server under test. `client` opens a session of HTTP; `client_as` one that is signed in."""

    app: App
    site: Site
    port: int
    _stack: AsyncExitStack = field(repr=False)
    _accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.site.url

    async def client(self, **headers: str) -> aiohttp.ClientSession:
        """Open a client without a cookie jar; headers of a browser that sends from our own page."""
        return await self._stack.enter_async_context(
            aiohttp.ClientSession(
                base_url=f"{self.url}/",
                headers={"Origin": self.site.origin, **headers},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        )

    async def account(self, role: Role = Role.ADMIN, name: str = "") -> Account:
        """Return the account of this name, made at the first call; it has no password."""
        name = name or role.value
        if name not in self._accounts:
            self._accounts[name] = await self.app.people.accounts.create(name, role, password=None)
        return self._accounts[name]

    async def client_as(
        self, role: Role = Role.ADMIN, *, name: str = "", sudo: bool = True
    ) -> aiohttp.ClientSession:
        """Open a client with a session of an account in this role, in sudo mode or out of it."""
        account = await self.account(role, name)
        token = await self.app.people.sessions.begin(
            account.id, HERE, methods="password", full=True
        )
        if not sudo:
            over = sa.update(SessionRow).where(SessionRow.hash == hash_token(token))
            await self.app.database.write(lambda tx: tx.execute(over.values(sudo_until=0)))
        return await self.client(Cookie=f"{self.site.cookie}={token}")


@asynccontextmanager
async def serving(
    settings: BootSettings, *, limits: Limits | None = None
) -> AsyncGenerator[Server]:
    """Serve an installation of its own, without a worker."""
    async with AsyncExitStack() as stack:
        place = stack.enter_context(bound("127.0.0.1", 0))
        site = make_site(settings, place.getsockname()[1])
        app = await stack.enter_async_context(open_app(settings))
        await app.queue.prepare()
        made = make_web(app, site, limits=limits)
        share_routes(made)
        web = shielded(made, site)
        port = await stack.enter_async_context(
            listening(web, on=place, grace_s=1, refuse=web.refuse)
        )
        yield Server(app=app, site=site, port=port, _stack=stack)


async def forget_codes(server: Server) -> None:
    """Have no code of an authenticator app be used up: the one of now, too, is fresh."""
    await server.app.database.write(lambda tx: tx.execute(sa.update(TotpRow).values(last_step=0)))


def share_routes(web: FastAPI) -> None:
    """Let all servers of this process have the routes that the first one has worked out.

    FastAPI makes the checks of parameters anew for each application, when it is first asked. Ours
    are the same each time: a route knows its application only by the request.
    """
    for index, route in enumerate(web.router.routes):
        router = getattr(route, "original_router", None)
        if router is not None:
            web.router.routes[index] = SHARED.setdefault(id(router), route)


@pytest.fixture
def settings(tmp_path: Path, sqlite_template: Path) -> BootSettings:
    """Of an installation whose database has its tables already: to make them takes a while."""
    settings = BootSettings(data_dir=tmp_path / "data", port=0, _env_file=None)
    settings.data_dir.mkdir()
    shutil.copyfile(sqlite_template, settings.data_dir / "gatherum.db")
    return settings


@pytest.fixture
async def server(settings: BootSettings) -> AsyncIterator[Server]:
    """A server of its own for a test, on SQLite."""
    async with serving(settings) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def any_server(
    request: pytest.FixtureRequest, settings: BootSettings
) -> AsyncIterator[Server]:
    """A server, once on each engine."""
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        url = postgres.make()
        async with serving(settings.model_copy(update={"database_url": url})) as server:
            yield server
        postgres.drop(url)
        return
    async with serving(settings) as server:
        yield server


@pytest.fixture
async def plaza() -> AsyncIterator[str]:
    """The address of a demo platform."""
    async with running() as address:
        yield address


@pytest.fixture
async def near(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that may reach the sites of the test, without pauses between requests."""
    settings = BootSettings(
        data_dir=tmp_path / "data", port=0, network_allow=("127.0.0.1",), _env_file=None
    )
    async with serving(settings) as server:
        await server.app.preferences.set("network.pace", "0")
        yield server
