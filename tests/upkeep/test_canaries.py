"""A canary is listed by each of its ways, keeps what came of it, and warns when no way is left."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gatherum.app import App, open_app
from gatherum.demo import running
from gatherum.errors import (
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
    Withheld,
)
from gatherum.fetching.client import JobClient
from gatherum.jobs.queue import Done, JobContext
from gatherum.library.tables import MediaRow
from gatherum.model import Reason
from gatherum.settings import BootSettings
from gatherum.upkeep.canaries import CANARIES_LIST


@pytest.fixture
async def plaza() -> AsyncIterator[str]:
    async with running() as address:
        yield address


@pytest.fixture
async def app(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[App]:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "gatherum.db")
    settings = BootSettings(data_dir=data, network_allow=("127.0.0.1",), _env_file=None)
    async with open_app(settings) as app:
        await app.preferences.set("network.pace", "0")
        yield app


def job() -> JobContext:
    return JobContext(
        id="j",
        kind=CANARIES_LIST,
        payload={},
        attempt=1,
        report=lambda *_progress, **_kind: None,
    )


async def look(app: App) -> str:
    done = await app.canaries.look(job())
    assert isinstance(done, Done)
    return done.detail or ""


async def follow(app: App, url: str, *, login: int | None = None) -> None:
    await app.desk.follow(url, login=login)


async def test_nothing_is_asked_until_somebody_wants_it(app: App, plaza: str) -> None:
    await app.preferences.set("canary.links", f"{plaza}/@ada")

    assert await look(app) == "Canaries are switched off."
    assert await app.canaries.results() == ()


async def test_a_named_link_is_listed_for_one_page_and_stored_is_nothing(
    app: App, plaza: str
) -> None:
    await app.preferences.set("canary.enabled", "true")
    await app.preferences.set("canary.links", f"{plaza}/@ada")

    assert await look(app) == "1 canaries listed."

    (found,) = await app.canaries.results()
    assert (found.url, found.provider, found.platform) == (f"{plaza}/@ada", "plaza.native", "plaza")
    assert found.posts > 0
    assert found.media >= found.posts
    assert (found.requests, found.reason, found.skipped) == (1, None, "")
    (way,) = (one for one in await app.tally.providers() if one.name == "plaza.native")
    assert (way.day.delivered, way.day.posts) == (1, found.posts)
    assert await app.database.read(lambda tx: tx.scalar(sa.select(sa.func.count(MediaRow.id)))) == 0


async def test_the_newest_subscription_stands_for_a_platform_that_has_no_named_link(
    app: App, plaza: str
) -> None:
    for path in ("@ada", "@bruno"):
        await follow(app, f"{plaza}/{path}")
    await app.preferences.set("canary.links", "https://www.reddit.com/user/gatherum_demo")

    known = await app.canaries.known()

    assert [(one.platform, one.url) for one in known] == [
        ("reddit", "https://www.reddit.com/user/gatherum_demo"),
        ("plaza", f"{plaza}/@bruno"),
    ]


async def test_an_alarm_stands_while_no_way_leads_to_a_platform(app: App, plaza: str) -> None:
    await app.preferences.set("canary.enabled", "true")
    await app.preferences.set("canary.links", f"{plaza}/@nobody")

    told = await look(app)
    alarms = [(one.name, one.message) for one in await app.health.alarms()]
    (failed,) = await app.canaries.results()
    await app.preferences.set("canary.links", f"{plaza}/@ada")
    await look(app)

    assert told == "1 canaries listed. No way leads to plaza."
    assert alarms == [("ways", "No way leads to plaza just now.")]
    assert failed.reason == "gone"
    assert await app.health.alarms() == ()
    assert [one.url for one in await app.canaries.results()] == [f"{plaza}/@ada"]


@pytest.mark.parametrize(
    ("trouble", "alarmed", "at_fault"),
    [
        (RateLimited("Slow down.", retry_after=600), False, False),
        (LoginRequired("Log in."), True, False),
        (UnexpectedResponse("What is this?"), True, True),
    ],
)
async def test_a_way_that_is_only_told_to_wait_is_not_broken(
    app: App,
    plaza: str,
    monkeypatch: pytest.MonkeyPatch,
    trouble: SourceError,
    *,
    alarmed: bool,
    at_fault: bool,
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise trouble

    await app.preferences.set("canary.enabled", "true")
    await app.preferences.set("canary.links", f"{plaza}/@ada")
    await look(app)  # what the host is, is known then
    monkeypatch.setattr(JobClient, "get", refuse)

    await look(app)
    (found,) = [one async for one in app.probing.probe(f"{plaza}/@ada", counted=False)]

    assert bool(await app.health.alarms()) is alarmed
    assert found.at_fault is at_fault


@pytest.mark.parametrize(
    ("trouble", "told", "alarms"),
    [
        (Withheld("Suspended."), "", []),
        (Unavailable("Down."), " No way leads to plaza.", ["No way leads to plaza just now."]),
    ],
)
async def test_what_a_source_withholds_says_nothing_of_the_way(
    app: App,
    plaza: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    trouble: SourceError,
    told: str,
    alarms: list[str],
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise trouble

    await app.preferences.set("canary.enabled", "true")
    await app.preferences.set("canary.links", f"{plaza}/@ada")
    await look(app)  # what the host is, is known then
    monkeypatch.setattr(JobClient, "get", refuse)

    assert await look(app) == f"1 canaries listed.{told}"
    (found,) = await app.canaries.results()
    assert (found.reason, found.detail) == (Reason.UNAVAILABLE, str(trouble))
    assert [one.message for one in await app.health.alarms()] == alarms


async def test_a_canary_for_members_comes_in_as_a_job_would(
    app: App, plaza: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = JobClient.get

    async def members_only(client: JobClient, *asked: Any, **how: Any) -> Any:
        if not client._scope.login:
            raise LoginRequired("Log in.")
        return await get(client, *asked, **how)

    await app.preferences.set("canary.enabled", "true")
    await app.preferences.set("canary.links", f"{plaza}/@ada")
    await look(app)  # what the host is, is known then
    monkeypatch.setattr(JobClient, "get", members_only)

    await look(app)
    (refused,) = await app.canaries.results()
    await app.logins.keep("plaza", "ann", "127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tx\n")
    await look(app)
    (shown,) = await app.canaries.results()

    assert refused.reason is Reason.LOGIN_REQUIRED
    assert (shown.reason, shown.posts > 0) == (None, True)


async def test_a_canary_whose_login_waits_for_its_person_says_so(app: App, plaza: str) -> None:
    cookies = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tx\n"
    ann = await app.logins.keep("plaza", "ann", cookies)
    await follow(app, f"{plaza}/@ada", login=ann)
    await app.preferences.set("canary.enabled", "true")
    await app.standings.park(ann, Reason.CHALLENGE, "It wants to see you.", None)

    await look(app)
    (found,) = await app.canaries.results()

    assert (found.skipped, found.reason, found.requests) == ("turn", Reason.CHALLENGE, 0)
    assert await app.health.alarms() == ()  # the login has its own, and the way may be well


async def test_a_canary_that_could_not_get_its_turn_was_not_asked(app: App, plaza: str) -> None:
    cookies = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tx\n"
    ann = await app.logins.keep("plaza", "ann", cookies)
    await follow(app, f"{plaza}/@ada", login=ann)
    await app.preferences.set("canary.enabled", "true")
    await app.standings.park(ann, Reason.RATE_LIMITED, "Slow down.", app.clock.now() + 600)

    told = await look(app)
    (found,) = await app.canaries.results()

    assert told == "1 canaries listed."
    assert (found.skipped, found.reason, found.requests) == ("turn", None, 0)
    assert await app.health.alarms() == ()
