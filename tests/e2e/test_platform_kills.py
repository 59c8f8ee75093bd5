"""SIGKILL in the middle of a platform's sync: after the next start everything is there, once."""

import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from tests.e2e.program import Gatherum, Running, digests, fresh
from tests.e2e.test_platforms import NAMES, Case, cases, internet
from tests.testsites.gateway import Gateway
from tests.testsites.world import Entry, World

# One that we ask ourselves, and one that an engine asks: all of them in `make soak`.
SAMPLE = (("pinterest", 1), ("instagram", 1))
WIDE = [(name, seed) for name in NAMES for seed in range(2, 8)]
BEGUN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A platform, and the program that visits it."""

    world: World
    case: Case
    program: Gatherum
    options: tuple[str, ...]

    def start(self) -> Running:
        return self.program.start("get", "--json", self.case.link, *self.options)

    def wait_for(self, requests: int) -> None:
        """Wait until so many requests have reached the platform."""
        deadline = time.monotonic() + BEGUN_S
        while len(self.world.log) < requests:
            assert time.monotonic() < deadline, self.world.log
            time.sleep(0.002)


def visit(
    name: str, gateway: Gateway, template: Path, folder: Path, entries: Sequence[Entry]
) -> Visit:
    case = cases(entries)[name]
    env = {
        "GATHERUM_NETWORK_PROXY": gateway.url,
        "GATHERUM_NETWORK_CA_BUNDLE": str(gateway.bundle),
    }
    program = fresh(template, folder, env)
    options: tuple[str, ...] = ()
    if case.cookies:
        (folder / "cookies.txt").write_text(case.cookies)
        options = ("--cookies", str(folder / "cookies.txt"))
    return Visit(world=gateway.world, case=case, program=program, options=options)


@pytest.fixture
def visited(
    request: pytest.FixtureRequest, portal: BlockingPortal, template: Path, tmp_path: Path
) -> Iterator[Visit]:
    name: str = request.param
    world, entries = internet(name)
    with portal.wrap_async_context_manager(Gateway(world)) as gateway:
        yield visit(name, gateway, template, tmp_path, entries)
        assert gateway.refused == []


def check(visit: Visit) -> None:
    """Let the program go on to the end: everything is there, once, and nothing waits or is left."""
    after = visit.program.get(visit.case.link, *visit.options)
    again = visit.program.get(visit.case.link, *visit.options)

    assert after.code == 0, after
    assert after.counts[2:] == (0, 0), after
    assert again.counts == (0, visit.case.listed, 0, 0), again
    assert len({line.media for line in again.media}) == visit.case.listed
    held, told = visit.program.held(), {line.path for line in again.media}
    assert told == held.keys() or (visit.case.more and told < held.keys())
    if visit.case.bodies is not None:
        assert sorted(held.values()) == sorted(set(digests(visit.case.bodies)))
    assert list((visit.program.root / ".staging").iterdir()) == []


def kill_the_program(visit: Visit, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    at = rng.randint(1, visit.case.count)  # each file is a request, and the listing before them

    with visit.start() as running:
        visit.wait_for(at)
        time.sleep(rng.uniform(0, 0.05))
        running.process.kill()
        running.process.wait()

    check(visit)


def engines_of(pid: int) -> list[int]:
    """Return the extractors' children of a process."""
    found = []
    for child in _children(pid):
        with suppress(OSError):
            if b"_worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
        found += engines_of(child)
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def kill_the_extractor(visit: Visit, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    at = rng.randint(1, 3)

    with visit.start() as running:
        visit.wait_for(at)
        while not (killed := engines_of(running.process.pid)):  # some lists we read ourselves
            assert running.process.poll() is None, "There was no extractor any more."
            time.sleep(0.002)
        for pid in killed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        ran = running.wait()

    assert ran.counts[2:] == (0, 0), ran
    assert sum(ran.counts) == visit.case.count
    check(visit)


@pytest.mark.parametrize(("visited", "seed"), SAMPLE, indirect=["visited"])
def test_a_killed_program_goes_on_and_has_everything_once(visited: Visit, seed: int) -> None:
    kill_the_program(visited, seed)


def test_a_killed_extractor_costs_a_try_and_no_post(
    portal: BlockingPortal, template: Path, tmp_path: Path
) -> None:
    world, entries = internet("instagram")
    with portal.wrap_async_context_manager(Gateway(world)) as gateway:
        kill_the_extractor(visit("instagram", gateway, template, tmp_path, entries), 1)


@pytest.mark.soak
@pytest.mark.parametrize(("visited", "seed"), WIDE, indirect=["visited"])
def test_a_program_killed_anywhere_goes_on_and_has_everything_once(
    visited: Visit, seed: int
) -> None:
    kill_the_program(visited, seed)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("visited", "seed"),
    [(name, seed) for name, seed in WIDE if name != "snapchat"],
    indirect=["visited"],
)
def test_an_extractor_killed_anywhere_costs_a_try_and_no_post(visited: Visit, seed: int) -> None:
    kill_the_extractor(visited, seed)
