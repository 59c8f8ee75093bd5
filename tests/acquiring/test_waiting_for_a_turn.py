"""A subscription whose login another job has just now has not failed: it only waits."""

import shutil
from pathlib import Path

from gatherum.acquiring.jobs import Handlers
from gatherum.app import open_app
from gatherum.app.links import open_links
from gatherum.jobs.queue import JobContext, Later
from gatherum.model import Reason, Target
from gatherum.settings import BootSettings

COOKIES = ".reddit.com\tTRUE\t/\tTRUE\t0\tsession\tsecret\n"
ANN = Target(platform="reddit", feed="user", key="ann", url="https://www.reddit.com/user/ann")


async def test_waiting_for_a_turn_is_no_failure(tmp_path: Path, sqlite_template: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "gatherum.db")
    settings = BootSettings(data_dir=data, _env_file=None)
    async with open_app(settings) as app, open_links(app, owner="worker") as links:
        links.turns._patience_s = 0.0
        handlers = Handlers(
            links=links,
            subscriptions=app.subscriptions,
            catalogue=app.catalogue,
            holdings=app.holdings,
            recycle=app.recycle,
            queue=app.queue,
            database=app.database,
            clock=app.clock,
            trash_days=lambda: 0,
            pace=lambda: 0.0,
        )
        login = await app.logins.keep("reddit", "ann", COOKIES)
        followed = await app.subscriptions.follow(ANN, title="ann", options={"login": login})
        assert await app.standings.take(login, "other/1")

        ended = await handlers.sync(
            JobContext(
                id="j",
                kind="SubscriptionSync",
                payload={"subscription": followed.id},
                attempt=1,
                report=lambda *_progress, **_kind: None,
            )
        )
        after = await app.subscriptions.get(followed.id)

    assert isinstance(ended, Later)
    assert ended.reason is Reason.RATE_LIMITED
    assert (after.reason, after.checked_at) == (None, None)
