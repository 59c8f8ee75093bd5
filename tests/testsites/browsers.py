"""The real Chromium, shut in as in the program, before a world of test sites."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from gatherum.db import Database
from gatherum.fetching.browser import MOST_BYTES, Browsers
from gatherum.fetching.browser.profiles import Profiles
from gatherum.fetching.workers.engine import EnginePool
from gatherum.ports import BrowserPage, BrowserRequest
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Policy
from gatherum.safety.vault import Vault
from tests.testsites.client import SiteClient
from tests.testsites.gateway import Gateway

KEY = b"k" * 32


class Clock:
    """Time that nobody waits for."""

    def now(self) -> float:
        return 1_000_000.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


def chromium() -> Path | None:
    """Return the browser that somebody names; without one these tests are left out, or fail."""
    named = os.environ.get("GATHERUM_BROWSER")
    if named == "skip":
        pytest.skip("GATHERUM_BROWSER=skip: nothing was seen in a browser")
    return Path(named) if named else None


@contextlib.asynccontextmanager
async def browsers_before(
    gateway: Gateway,
    scratch: Path,
    database: Database,
    *,
    idle: float = 300.0,
    most: int = MOST_BYTES,
    size: int = 1,
) -> AsyncIterator[Browsers]:
    """Give browsers whose only way out is the egress proxy, and behind it the gateway."""
    async with (
        Egress(Policy(), upstream=gateway.url) as egress,
        Browsers(
            scratch,
            egress=egress,
            profiles=Profiles(database, Vault({1: KEY}), Clock()),
            ca_bundle=gateway.bundle,
            idle=idle,
            most=most,
            size=size,
            executable=chromium(),
        ) as browsers,
    ):
        yield browsers


@contextlib.contextmanager
def fresh_database(template: Path, folder: Path) -> Iterator[Database]:
    """Give a database of its own, copied from the one that is migrated."""
    shutil.copyfile(template, folder / "gatherum.db")
    database = Database(f"sqlite:///{folder / 'gatherum.db'}")
    try:
        yield database
    finally:
        database.close()


class BrowserClient(SiteClient):
    """A client that lends pages, too."""

    def __init__(self, pool: EnginePool, gateway: Gateway, browsers: Browsers) -> None:
        super().__init__(pool, gateway)
        self.browsers = browsers

    def browse(self, request: BrowserRequest) -> AbstractAsyncContextManager[BrowserPage]:
        return self.browsers.page(request, permit=self.permit, answered=self.answered)
