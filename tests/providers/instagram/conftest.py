from collections.abc import AsyncIterator

import pytest

from tests.providers.instagram.reading import COOKIES, made
from tests.testsites.client import SiteClient
from tests.testsites.engines import engine_pool
from tests.testsites.gateway import Gateway
from tests.testsites.instagram import mount_instagram
from tests.testsites.instagram_world import Instagram
from tests.testsites.world import World


@pytest.fixture(scope="package")
def anyio_backend() -> str:
    return "asyncio"  # one loop for all of them: the children stay warm


@pytest.fixture(scope="package")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    for name, posts in {"ann": 30, "ben": 4, "ann.story": 6, "cal": 14}.items():
        world.add_person(name, posts)
    mount_instagram(made(world))
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture(scope="package")
async def warm_client(
    gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SiteClient]:
    async with engine_pool(gateway, tmp_path_factory.mktemp("scratch")) as pool:
        yield SiteClient(pool, gateway)


@pytest.fixture
def client(warm_client: SiteClient) -> SiteClient:
    warm_client.cookies = COOKIES
    return warm_client


@pytest.fixture
def site(world: World) -> Instagram:
    return made(world)
