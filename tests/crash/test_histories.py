"""Whatever people, servers, disks and power cuts do, in whatever order: nothing lost, nothing wrong."""

import asyncio
import errno
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from gatherum.errors import Conflict, StorageError
from gatherum.library.tables import FileRow, MediaRow
from gatherum.model import MediaKind
from tests.crash.world import MortalDatabase
from tests.suites.forgetting import ForgettingDisk, PowerCut
from tests.suites.line import Line, broken
from tests.testsites.faulty import RESUMES, Fault, FaultySite, Offer
from tests.testsites.samples import photo

SLOW = {Fault.STALL, Fault.TOO_MANY}  # they wait for seconds; the fault matrix has them
FAULTS = [None, *sorted(set(Fault) - SLOW)]
BODIES = {"a": 96, "b": 96, "c": 128, "large": 1700}
ERRORS = [
    ("write", errno.ENOSPC),
    ("fsync", errno.EIO),
    ("fsync_dir", errno.EIO),
    ("rename_new", errno.EACCES),
    ("unlink", errno.EIO),
    ("make_dirs", errno.ENOSPC),
]
seeds = st.integers(0, 1 << 16)
places = st.integers(0, 7)


class Histories(RuleBasedStateMachine):
    """One library, its people, its site and its bad luck."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="gatherum-history-"))
        shutil.copyfile(template, self.folder / "gatherum.db")
        self.runner = asyncio.Runner()
        self.site = FaultySite()
        self.run(self.site.__aenter__())
        self.disk = ForgettingDisk()
        self.urls: list[str] = []
        self.jobs = 0
        self.deleted: set[str] = set()  # by a command that said so
        self.unsure: set[str] = set()  # by a command that was cut off
        self.open()

    def run(self, work: Awaitable[object]) -> object:
        async def whole() -> object:
            return await work

        return self.runner.run(whole())

    def open(self) -> None:
        self.database = MortalDatabase(f"sqlite:///{self.folder / 'gatherum.db'}")
        self.database.disk = self.disk
        self.line = Line(self.database, self.disk)
        self.run(self.line.__aenter__())
        self.run(self.line.heal())

    def restart(self, disk: ForgettingDisk) -> None:
        self.run(self.line.__aexit__())
        self.database.close()
        self.disk = disk
        self.open()

    def teardown(self) -> None:
        self.restart(self.disk.kill())
        for _ in range(3):  # what a site's fault made fail is asked for again
            self.get(self.urls)
        flaws = [*self.flaws(), *self.not_as_told()]
        self.run(self.line.__aexit__())
        self.run(self.site.__aexit__())
        self.database.close()
        self.runner.close()
        shutil.rmtree(self.folder)
        assert flaws == []

    # -- what happens

    @rule(body=st.sampled_from(sorted(BODIES)), fault=st.sampled_from(FAULTS))
    def offer(self, body: str, fault: Fault | None) -> None:
        if fault in RESUMES and body != "large":
            fault = None  # a small file is never resumed, so it would never get well
        after = photo("changed", BODIES[body]) if fault is Fault.RESUME_CHANGED else None
        offer = Offer(body=photo(body, BODIES[body]), fault=fault, after=after)
        self.urls.append(self.site.offer(f"/{len(self.urls)}.jpg", offer))

    @rule()
    def fetch(self) -> None:
        self.get(self.urls)

    @rule(at=st.integers(1, 60), power=st.booleans(), seed=seeds)
    def die_while_fetching(self, at: int, power: bool, seed: int) -> None:  # noqa: FBT001
        self.disk.arm(at, PowerCut())
        with suppress(PowerCut):
            self.get(self.urls)
        self.restart(self.disk.power_cut(seed) if power else self.disk.kill())

    @rule(at=st.integers(1, 6), fault=st.sampled_from(ERRORS))
    def fail_while_fetching(self, at: int, fault: tuple[str, int]) -> None:
        call, number = fault
        self.disk.arm(at, OSError(number, os.strerror(number)), call=call)
        self.get(self.urls)
        self.disk.disarm()

    @rule(place=places)
    def trash(self, place: int) -> None:
        self.command(self.line.recycle.trash, place, deletes=True)

    @rule(place=places)
    def restore(self, place: int) -> None:
        self.command(self.line.recycle.restore, place, deletes=False)

    @rule(place=places)
    def purge(self, place: int) -> None:
        self.command(self.line.recycle.purge, place, deletes=None)

    @rule(place=places)
    def allow_again(self, place: int) -> None:
        self.command(self.line.recycle.allow_again, place, deletes=False)

    @rule(
        place=places,
        at=st.integers(1, 5),
        power=st.booleans(),
        seed=seeds,
        kind=st.sampled_from("trp"),
    )
    def die_in_the_bin(self, place: int, at: int, power: bool, seed: int, kind: str) -> None:  # noqa: FBT001
        self.disk.arm(at, PowerCut())
        if kind == "t":
            self.command(self.line.recycle.trash, place, deletes=True)
        elif kind == "r":
            self.command(self.line.recycle.restore, place, deletes=False)
        else:
            self.command(self.line.recycle.purge, place, deletes=None)
        self.restart(self.disk.power_cut(seed) if power else self.disk.kill())

    @rule(place=places, at=st.integers(1, 4), fault=st.sampled_from(ERRORS))
    def fail_in_the_bin(self, place: int, at: int, fault: tuple[str, int]) -> None:
        call, number = fault
        self.disk.arm(at, OSError(number, os.strerror(number)), call=call)
        self.command(self.line.recycle.trash, place, deletes=True)
        self.disk.disarm()

    @rule(seed=seeds)
    def cut_the_power(self, seed: int) -> None:
        self.restart(self.disk.power_cut(seed))

    @invariant()
    def nothing_is_lost_or_wrong(self) -> None:
        open_ones = (
            "open ",
            "orphan part",
        )  # a fault of the disk may leave them for the next start
        assert [flaw for flaw in self.flaws() if not flaw.startswith(open_ones)] == []

    # -- how

    def get(self, urls: list[str]) -> None:
        if urls:
            self.jobs += 1
            self.run(self.line.get(urls, job=f"job{self.jobs}", kind=MediaKind.IMAGE))

    def command(
        self, step: Callable[[list[int]], Awaitable[object]], place: int, *, deletes: bool | None
    ) -> None:
        media = self.media()
        if not media:
            return
        row = media[place % len(media)]
        sure, done = False, None
        with suppress(PowerCut, OSError, StorageError, Conflict):
            done = self.run(step([row.id]))
            sure = True
        if not sure:
            self.unsure.add(row.url)
        elif deletes is True and row.state == "stored":
            self.deleted.add(row.url)
            self.unsure.discard(row.url)
        elif deletes is False and done:  # it says that it brought something back
            self.deleted.discard(row.url)

    def media(self) -> list[sa.Row[tuple[int, str, str]]]:
        with self.database.engine.connect() as tx:
            query = sa.select(MediaRow.id, MediaRow.url, MediaRow.state).order_by(MediaRow.id)
            return list(tx.execute(query))

    def flaws(self) -> list[str]:
        origin = {url: self.site.served("/" + url.rpartition("/")[2]) for url in self.urls}
        return broken(self.database, self.disk, origin)

    def not_as_told(self) -> list[str]:
        """Return media that are not stored, or not deleted, although that was the last word."""
        found = []
        states = {row.url: row.state for row in self.media()}
        for url in set(self.urls) - self.unsure:
            told = "trashed" if url in self.deleted else "stored"
            if states[url] != told:
                found.append(f"{url} is {states[url]}, not {told}")
        with self.database.engine.connect() as tx:
            alike = tx.scalar(sa.select(sa.func.count()).select_from(FileRow)) or 0
        return found if alike <= len(BODIES) + 1 else [*found, f"{alike} files"]


def tell(template: Path, *, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        partial(Histories, template),  # type: ignore[arg-type]  # it calls what it is given
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_few_histories_end_well(sqlite_template: Path) -> None:
    tell(sqlite_template, examples=50, steps=15)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_many_histories_end_well(sqlite_template: Path) -> None:
    tell(sqlite_template, examples=1500, steps=30)
