from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from gatherum.jobs.engine import make_tables
from tests.e2e.program import Gatherum, fresh
from tests.testsites.faulty import FaultySite

LOOPBACK = {"GATHERUM_NETWORK_ALLOW": "127.0.0.1"}


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """A loop in a thread, in which the sites live while the program runs."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the program itself made, with no pauses between requests."""
    program = Gatherum(data=tmp_path_factory.mktemp("template") / "data")
    ran = program("config", "set", "network.pace", "0")
    assert (ran.code, ran.out) == (0, "network.pace = 0.0\n")
    assert "banned" in ran.err
    make_tables(f"sqlite:///{program.data / 'gatherum.db'}")  # as the first job would do
    return program.data


@pytest.fixture
def program(template: Path, tmp_path: Path) -> Gatherum:
    """The program on a folder of its own, which may reach the sites of the test on 127.0.0.1."""
    return fresh(template, tmp_path, LOOPBACK)


@pytest.fixture
def another(template: Path, tmp_path: Path) -> Callable[[str], Gatherum]:
    """The same again and again, by a name each."""
    return lambda name: fresh(template, tmp_path / name, LOOPBACK)


@pytest.fixture
def site(portal: BlockingPortal) -> Iterator[FaultySite]:
    with portal.wrap_async_context_manager(FaultySite()) as site:
        yield site
