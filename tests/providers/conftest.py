"""What the tests of platforms share. Each names the site it stands before: its own `gateway`."""

from collections.abc import AsyncIterator

import pytest

from gatherum.fetching.workers.engine import EnginePool
from tests.testsites.client import SiteClient
from tests.testsites.engines import engine_pool
from tests.testsites.gateway import Gateway
from tests.testsites.world import World


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"  # one loop for a module: its children stay warm


@pytest.fixture(scope="module")
async def pool(
    gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[EnginePool]:
    async with engine_pool(gateway, tmp_path_factory.mktemp("scratch")) as pool:
        yield pool


@pytest.fixture
def client(pool: EnginePool, gateway: Gateway) -> SiteClient:
    return SiteClient(pool, gateway)


@pytest.fixture
def world(gateway: Gateway) -> World:
    """The world as it was made: no fault planted, nothing asked for yet."""
    gateway.world.log.clear()
    gateway.world.faults.clear()
    gateway.refused.clear()
    return gateway.world
