"""A library with files of every kind, and what draws them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatherum.processing.renditions import Renditions
from tests.processing.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
async def renditions(world: World) -> AsyncIterator[Renditions]:
    async with world.renditions() as renditions:
        yield renditions
