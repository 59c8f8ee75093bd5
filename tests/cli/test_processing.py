"""`gatherum process` as somebody at a terminal sees it: it says how it went, and ends by itself."""

import asyncio
from collections.abc import Awaitable, Callable

from gatherum.app import App, open_app
from gatherum.jobs.queue import Lane
from gatherum.settings import BootSettings
from tests.e2e.program import Gatherum
from tests.testsites.faulty import FaultySite
from tests.testsites.media import jpeg

HANGS_S = 60.0


def do(program: Gatherum, act: Callable[[App], Awaitable[object]]) -> None:
    """Do something to the data folder of a program that does not run."""

    async def main() -> None:
        settings = BootSettings(data_dir=program.data, _env_file=None)
        async with open_app(settings) as app:
            await act(app)

    asyncio.run(main())


def filled(program: Gatherum, site: FaultySite) -> Gatherum:
    """Return the program with two pictures in its library."""
    ran = program.get(*(site.put(f"/{name}.jpg", jpeg(name)) for name in "ab"))
    assert ran.counts == (2, 0, 0, 0)
    return program


def test_it_looks_into_what_is_there_and_says_how_many(program: Gatherum, site: FaultySite) -> None:
    ran = filled(program, site)("process", timeout=HANGS_S)
    again = program("process", timeout=HANGS_S)

    assert (ran.code, ran.err.splitlines()[-1]) == (0, "2 files looked into.")
    assert (again.code, again.err.splitlines()[-1]) == (0, "0 files looked into.")


def test_it_does_not_wait_for_a_lane_that_is_paused(program: Gatherum, site: FaultySite) -> None:
    do(filled(program, site), lambda app: app.queue.pause(Lane.HOUSEKEEPING))

    ran = program("process", timeout=HANGS_S)

    assert ran.code == 1
    assert ran.err.splitlines()[-1] == (
        "The job is held. Its lane is paused: it goes on when somebody resumes it."
    )
    do(program, lambda app: app.queue.resume(Lane.HOUSEKEEPING))
    assert program("process", timeout=HANGS_S).code == 0


def test_it_says_that_the_library_is_away_and_does_not_wait_for_it(
    program: Gatherum, site: FaultySite
) -> None:
    library = filled(program, site).root / "library"
    away = library.rename(program.root / "away")

    ran = program("process", timeout=HANGS_S)

    assert ran.code == 1
    assert ran.err.splitlines()[-2:] == [
        "The job is waiting. The library is not there just now.",
        "It is left to the next run, or to `gatherum serve`.",
    ]
    library.rmdir()  # the program has made it
    away.rename(library)
    assert program("process", timeout=HANGS_S).err.splitlines()[-1] == "2 files looked into."
