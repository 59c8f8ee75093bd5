"""The end of the engine: its threads are waited for, and never for long."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatherum.db import Database
from gatherum.jobs import engine as module
from gatherum.jobs.engine import LANES, Engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    database = Database(f"sqlite:///{tmp_path / 'some.db'}")
    yield Engine(database, executor="local", lanes=LANES)
    database.close()


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[threading.Thread]]:
    """The threads that there are, as the engine sees them."""
    threads: list[threading.Thread] = []
    monkeypatch.setattr(threading, "enumerate", lambda: threads)
    yield threads
    for thread in threads:
        thread.join()


def test_a_thread_that_is_listed_before_it_has_begun_is_waited_for(
    engine: Engine, listed: list[threading.Thread]
) -> None:
    done: list[str] = []
    late = threading.Thread(name="queue-worker-sync", target=lambda: done.append("claimed"))
    listed.append(late)
    threading.Timer(0.05, late.start).start()

    engine.wait_claimed()

    assert done == ["claimed"]


def test_threads_that_do_not_end_share_one_patience(
    engine: Engine, listed: list[threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ENDING_S", 0.2)
    over = threading.Event()
    listed += [threading.Thread(name=f"queue-worker-{n}", target=over.wait) for n in range(20)]
    for thread in listed:
        thread.start()
    begun = time.monotonic()

    engine.wait_claimed()

    took = time.monotonic() - begun
    over.set()
    assert took < 20 * 0.2
