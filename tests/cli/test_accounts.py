"""`gatherum accounts`, and the line of `serve` with which everything begins."""

import json
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing

import pytest

from tests.e2e.program import Gatherum

PASSWORD = "correct horse battery"
NEW = "another long password"


def listed(program: Gatherum) -> dict[str, dict[str, object]]:
    ran = program("accounts", "list", "--json")
    assert ran.code == 0
    return {line["name"]: line for line in map(json.loads, ran.out.splitlines())}


def add(program: Gatherum, name: str, role: str = "admin") -> None:
    ran = program(
        "accounts", "add", name, "--role", role, "--password-stdin", stdin=f"{PASSWORD}\n"
    )
    assert (ran.code, ran.out) == (0, f"{name} is {role}.\n")


def post(url: str, body: dict[str, object]) -> tuple[int, dict[str, str]]:
    """Send JSON as a browser would; return the status and the headers."""
    origin = "/".join(url.split("/")[:3])
    request = urllib.request.Request(  # noqa: S310 - loopback
        url,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Origin": origin},
        method="POST",
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {}


def test_accounts_are_made_changed_and_removed_and_the_audit_says_so(program: Gatherum) -> None:
    add(program, "ada")
    add(program, "eve", "viewer")

    assert program("accounts", "role", "EVE", "editor").out == "eve is editor.\n"
    assert program("accounts", "disable", "eve").out == "eve is disabled.\n"
    found = listed(program)
    assert [(one["role"], one["disabled"]) for one in found.values()] == [
        ("admin", False),
        ("editor", True),
    ]
    assert found["ada"]["signed_in_at"] is None
    assert program("accounts", "enable", "eve").out == "eve is enabled.\n"
    assert program("accounts", "remove", "eve").code == 1  # nobody is there to say yes
    assert program("accounts", "remove", "eve", "--yes").out == "Removed.\n"
    last = program("accounts", "remove", "ada", "--yes")
    assert (last.code, "last administrator" in last.err) == (2, True)

    with closing(sqlite3.connect(program.data / "gatherum.db")) as database:
        rows = database.execute("select event, name, address from audit order by id").fetchall()
        names = database.execute("select name from account").fetchall()
        dump = "\n".join(database.iterdump())
    assert names == [("ada",)]
    assert [event for event, *_ in rows] == [
        *("account.added", "account.added"),
        *("account.changed", "account.changed", "account.changed"),
        "account.removed",
    ]
    assert {tuple(by) for _, *by in rows} == {("console", "console")}
    assert PASSWORD not in dump


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (("add", "eve", "--password-stdin"), "password1234\n", "first that an attacker tries"),
        (("add", "eve"), PASSWORD, "--password-stdin"),
        (("add", "eve", PASSWORD), "", "unexpected extra argument"),
    ],
)
def test_what_makes_no_sense_is_told_and_changes_nothing(
    arguments: tuple[str, ...], stdin: str, told: str, program: Gatherum
) -> None:
    ran = program("accounts", *arguments, stdin=stdin)

    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    with closing(sqlite3.connect(program.data / "gatherum.db")) as database:
        assert database.execute("select count(*) from account").fetchone() == (0,)


def test_a_fresh_server_prints_a_token_that_makes_its_administrator_once(
    program: Gatherum,
) -> None:
    server = program.under(GATHERUM_PORT="0")
    with server.start("serve", "--no-worker") as running:
        url = running.line().removeprefix("Gatherum is at ")
        first = running.line().removeprefix("Set-up token: ")
        assert running.stop().code == 0
    with server.start("serve", "--no-worker") as running:
        url = running.line().removeprefix("Gatherum is at ")
        token = running.line().removeprefix("Set-up token: ")
        body: dict[str, object] = {"token": token, "name": "ada", "password": PASSWORD}

        stale, _ = post(f"{url}/api/v1/setup", {**body, "token": first})
        made, headers = post(f"{url}/api/v1/setup", body)
        again, _ = post(f"{url}/api/v1/setup", {**body, "name": "eve"})
        entered, _ = post(f"{url}/api/v1/session", {"name": "ada", "password": PASSWORD})
        ran = running.stop()

    assert len(token) == 43
    assert token != first
    assert (stale, made, again, entered) == (401, 201, 401, 204)
    assert headers["set-cookie"].startswith("sid=")
    assert token not in ran.out + ran.err
    with server.start("serve", "--no-worker") as running:
        assert running.line().startswith("Gatherum is at ")
        assert running.stop().out == ""  # no token any more


def test_a_running_server_follows_what_the_console_changes(program: Gatherum) -> None:
    invited = program("accounts", "add", "eve", "--invite").out
    assert invited.startswith("eve is viewer.\nToken for their password, for a day, once: ")
    server = program.under(GATHERUM_PORT="0")
    with server.start("serve", "--no-worker") as running:
        url = running.line().removeprefix("Gatherum is at ")

        def enter(password: str) -> int:
            return post(f"{url}/api/v1/session", {"name": "eve", "password": password})[0]

        def accept(token: str) -> int:
            body: dict[str, object] = {"token": token, "password": PASSWORD}
            return post(f"{url}/api/v1/invitations/accept", body)[0]

        assert accept(invited.split()[-1]) == 204
        assert enter(PASSWORD) == 204
        ran = program("accounts", "reset", "eve", "--password-stdin", stdin=NEW)
        assert (ran.code, NEW in ran.out + ran.err) == (0, False)
        assert (enter(PASSWORD), enter(NEW)) == (401, 204)

        token = program("accounts", "reset", "eve", "--token").out.strip()
        assert (len(token), accept(token), accept(token)) == (43, 204, 401)
        assert (enter(NEW), enter(PASSWORD)) == (401, 204)

        assert program("accounts", "sign-out", "eve").out == "1 sessions ended.\n"
        assert "no second factor now" in program("accounts", "reset-factors", "eve").out
        assert running.stop().code == 0
