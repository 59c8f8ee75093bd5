"""What a command says while it waits for a source."""

from types import SimpleNamespace
from typing import cast

import pytest

from gatherum.app import App
from gatherum.cli.resting import Rests
from gatherum.db import Database
from gatherum.fetching.budget import Budget
from gatherum.jobs.queue import JobView
from tests.fetching.test_budget import SteppedClock

CDN = "host|i.slow.example|"


async def test_of_what_rests_only_what_is_waited_for_is_told_once_and_when_nothing_moves(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = SteppedClock()
    budget = Budget(database, clock, lambda: 1.0)
    for key, seconds in ((CDN, 60.0), ("instagram||7", 300.0), ("mastodon|other.example|", 300.0)):
        await budget.limited(key, seconds)

    async def pending(_: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(url="https://i.slow.example/1.jpg")]

    app = SimpleNamespace(clock=clock, database=database, browse=SimpleNamespace(pending=pending))
    rests = Rests(cast("App", app))
    job = cast("JobView", SimpleNamespace(id="1", partition="mastodon"))

    async def told(seen: int, after: float) -> str:
        clock.time += after
        await rests.look(seen, [("https://mine.example/@ada", job)])
        return capsys.readouterr().err

    assert await told(seen=0, after=0.0) == ""
    assert await told(seen=1, after=5.0) == ""  # something has come
    assert (
        await told(seen=1, after=5.0)
        == "i.slow.example is left alone for 50 s more: it asked us to wait.\n"
    )
    assert await told(seen=1, after=5.0) == ""
    await budget.limited(CDN, 90.0)
    assert "i.slow.example is left alone for 85 s more" in await told(seen=1, after=5.0)
