from collections.abc import AsyncIterator

import pytest

from gatherum.fetching.workers.engine import EnginePool
from tests.testsites.engines import EngineClient, engine_pool
from tests.testsites.gateway import Gateway
from tests.testsites.mastodon import mastodon
from tests.testsites.videos import videos
from tests.testsites.world import World
from tests.testsites.xenforo import xenforo


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"  # one loop for a module: its children stay warm


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.add_person("alice", 45)
    world.add_person("bob", 25)
    world.add_person("secret", 3)
    world.mount("social.example", mastodon(world, "social.example"))
    world.mount("forum.example", xenforo(world, "forum.example", closed=["secret"]))
    world.mount("video.example", videos())
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture(scope="module")
async def pool(
    gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[EnginePool]:
    async with engine_pool(gateway, tmp_path_factory.mktemp("scratch")) as pool:
        yield pool


@pytest.fixture
def world(gateway: Gateway) -> World:
    gateway.world.log.clear()
    gateway.world.faults.clear()
    gateway.refused.clear()
    return gateway.world


@pytest.fixture
def client(pool: EnginePool) -> EngineClient:
    return EngineClient(pool)
