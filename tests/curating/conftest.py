"""A world on each engine."""

from pathlib import Path

import pytest

from gatherum.db import Database
from tests.curating.world import World, make_world


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    folder = tmp_path / "root"
    folder.mkdir()
    return await make_world(database, folder)
