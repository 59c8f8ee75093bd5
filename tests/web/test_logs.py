"""The log in a browser: bounded, without secrets, and for administrators only."""

import json
import logging
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import aiohttp
import pytest
import structlog

from gatherum import log
from gatherum.accounts.model import Role
from gatherum.web.routes import logs as routes
from tests.web.conftest import Server

SECRET = "Zk3vY0mXn8qTq1wS7cR5bL2pJ9hG4fD6aE0iU-o_yVx"
JOB = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[structlog.stdlib.BoundLogger]:
    """A logger as the program's, whose lines nobody has read yet."""
    kept = log.Recent(50)
    for place in (log, routes):
        monkeypatch.setattr(place, "RECENT", kept)
    before = logging.getLogger().handlers[:]
    logging.getLogger().handlers.clear()
    log.configure(level="error", form="json")
    structlog.configure(
        cache_logger_on_first_use=False
    )  # the program's own loggers outlast the test
    yield structlog.get_logger()
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before


async def tail(client: aiohttp.ClientSession, **query: str) -> dict[str, Any]:
    async with client.get("/api/v1/logs", params=query) as answer:
        told: dict[str, Any] = await answer.json()
        assert answer.status == 200, told
        return told


def events(told: dict[str, Any]) -> list[str]:
    return [line["event"] for line in told["items"] if line["event"] != "request"]


async def test_the_tail_goes_on_where_it_was_and_tells_each_line_once(
    server: Server, written: structlog.stdlib.BoundLogger
) -> None:
    client = await server.client_as(Role.ADMIN)
    written.info("first", bytes=7)
    written.warning("second", names=["a", "b"])

    begun = await tail(client)
    again = await tail(client, after=begun["next"])
    written.error("third")
    last = await tail(client, after=begun["next"])

    assert events(begun) == ["first", "second"]
    assert begun["items"][0]["fields"] == {"bytes": 7}
    assert begun["items"][1]["fields"] == {"names": '["a", "b"]'}
    assert (again["items"], again["next"]) == ([], begun["next"])  # to look is no news in it
    assert (events(last), last["missed"]) == (["third"], False)


async def test_a_long_tail_comes_in_pieces_without_a_gap(
    server: Server, written: structlog.stdlib.BoundLogger
) -> None:
    client = await server.client_as(Role.ADMIN)
    start = (await tail(client))["next"]
    for number in range(7):
        written.info(f"line {number}")

    seen: list[str] = []
    while told := await tail(client, after=start, limit="3"):
        seen += events(told)
        if not told["items"]:
            break
        start = told["next"]

    assert seen == [f"line {number}" for number in range(7)]


async def test_lines_are_found_by_gravity_job_request_and_words(
    server: Server, written: structlog.stdlib.BoundLogger
) -> None:
    client = await server.client_as(Role.ADMIN)
    with structlog.contextvars.bound_contextvars(job=JOB):
        written.info("stored", mime="image/png")
    with structlog.contextvars.bound_contextvars(request="r1"):
        written.warning("refused", detail="Nobody MAY do this")
    written.exception("crashed")

    assert events(await tail(client, level="warning")) == ["refused", "crashed"]
    assert events(await tail(client, job=JOB)) == ["stored"]
    assert events(await tail(client, request="r1")) == ["refused"]
    assert events(await tail(client, text="may DO")) == ["refused"]
    assert events(await tail(client, text="image/")) == ["stored"]
    assert events(await tail(client, text=JOB)) == ["stored"]


async def test_lines_of_requests_are_left_out_before_a_page_is_counted(
    server: Server, written: structlog.stdlib.BoundLogger
) -> None:
    client = await server.client_as(Role.ADMIN)
    written.info("stored")
    for _ in range(3):
        async with client.get("/api/v1/me") as answered:
            assert answered.status == 200

    shown = await tail(client, requests="false", limit="1")
    everything = await tail(client, limit="1")

    assert [line["event"] for line in shown["items"]] == ["stored"]
    assert [line["event"] for line in everything["items"]] == ["request"]


async def test_no_more_is_kept_than_there_is_room_for_and_who_missed_some_is_told(
    server: Server, written: structlog.stdlib.BoundLogger
) -> None:
    client = await server.client_as(Role.ADMIN)
    written.info("old")
    begun = await tail(client)
    for number in range(60):
        written.info("new", number=number, text="x" * 100_000)

    told = await tail(client, after=begun["next"])

    assert len(told["items"]) == 50
    assert told["items"][-1]["fields"]["number"] == 59
    assert told["missed"] is True
    assert len(json.dumps(told)) < 50 * (log.LONGEST_VALUE + 500)


async def test_a_tail_of_a_process_that_has_ended_begins_anew(
    server: Server, written: structlog.stdlib.BoundLogger
) -> None:
    client = await server.client_as(Role.ADMIN)
    written.info("now")

    told = await tail(client, after="00000000.4711")

    assert (events(told), told["missed"]) == (["now"], True)
    async with client.get("/api/v1/logs", params={"after": "nonsense"}) as answer:
        assert answer.status == 422


async def test_a_secret_that_is_logged_is_told_nowhere(
    server: Server, written: structlog.stdlib.BoundLogger
) -> None:
    client = await server.client_as(Role.ADMIN)
    written.info("signed_in", password=SECRET, headers={"Cookie": f"sid={SECRET}"})
    written.error("failed", error=ValueError(f"token={SECRET}"))
    written.error(f"could not open https://me:{SECRET}@site.example/")
    try:
        raise RuntimeError(f"Authorization: Bearer {SECRET}")  # noqa: TRY301
    except RuntimeError:
        logging.getLogger("a.library").exception("it broke with %s", SECRET)

    async with client.get("/api/v1/logs") as answer:
        lines = await answer.text()
    async with client.get("/api/v1/support") as answer:
        report = await answer.text()

    for told in (lines, report):
        assert SECRET not in told
        assert told.count(log.HIDDEN) >= 4
        assert "signed_in" in told
        assert "Traceback" in told


async def test_a_report_for_help_has_versions_settings_checks_and_no_secret_of_the_settings(
    server: Server, written: structlog.stdlib.BoundLogger
) -> None:
    client = await server.client_as(Role.ADMIN)
    async with client.patch(
        "/api/v1/settings/oidc", json={"client_secret": SECRET, "label": "Ours"}
    ) as changed:
        assert changed.status == 200
    written.warning("told")

    async with client.get("/api/v1/support") as answer:
        text = await answer.text()
    report = json.loads(text)

    assert report["versions"]["gatherum"] == version("gatherum")
    assert report["versions"]["yt-dlp"] == version("yt-dlp")
    oidc = next(one for one in report["settings"]["sections"] if one["section"] == "oidc")
    assert (oidc["values"]["client_secret"], oidc["values"]["label"]) == (True, "Ours")
    assert {check["name"] for check in report["health"]["checks"]} >= {"database", "disk"}
    assert "told" in [line["event"] for line in report["lines"]]
    assert SECRET not in text


async def test_a_report_leaves_out_what_sites_and_tools_have_said(
    server: Server, written: structlog.stdlib.BoundLogger
) -> None:
    client = await server.client_as(Role.ADMIN)
    written.warning(
        "tool_failed", told="of somebody's child", url="https://cdn.example/a.jpg?signed=yes"
    )

    async with client.get("/api/v1/support") as answer:
        report = await answer.json()

    line = next(one for one in report["lines"] if one["event"] == "tool_failed")
    assert line["fields"] == {"url": "https://cdn.example/a.jpg?…"}


@pytest.mark.usefixtures("written")
async def test_files_and_the_interface_are_no_news(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    async with client.get("/library") as page, client.get("/api/v1/me") as me:
        assert (page.status, me.status) == (200, 200)

    paths = {line.fields.get("path") for line in log.RECENT.after(0)}

    assert "/api/v1/me" in paths
    assert "/{page:path}" not in paths


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
@pytest.mark.parametrize("path", ["/api/v1/logs", "/api/v1/support"])
async def test_the_log_is_for_administrators_only(role: Role, path: str, server: Server) -> None:
    client = await server.client_as(role)

    async with client.get(path) as answer:
        assert answer.status == 403
