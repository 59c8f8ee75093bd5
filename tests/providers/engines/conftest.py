from collections.abc import AsyncIterator

import pytest

from gatherum.fetching.workers.engine import EnginePool
from tests.testsites.engines import EngineClient
from tests.testsites.gateway import Gateway
from tests.testsites.mastodon import mastodon
from tests.testsites.videos import videos
from tests.testsites.world import World
from tests.testsites.xenforo import xenforo


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


@pytest.fixture
def client(pool: EnginePool) -> EngineClient:
    return EngineClient(pool)
