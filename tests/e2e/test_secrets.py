"""What is secret stands in no log, however much is logged, in a run that uses all kinds of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatherum.demo import running
from tests.e2e.program import fresh
from tests.e2e.test_server import ADMIN, PASSWORD, client, end_of, line, post

PLANTED = "planted-cookie-value-8675309"
COOKIES = (
    f"# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t2147483647\tsessionid\t{PLANTED}\n"
)
WRONG = "a wrong password nobody may read"


@pytest.fixture
async def plaza() -> AsyncIterator[str]:
    async with running() as address:
        yield address


async def test_no_secret_of_a_whole_run_stands_in_its_log(
    template: Path, tmp_path: Path, plaza: str
) -> None:
    program = fresh(
        template,
        tmp_path,
        {
            "GATHERUM_NETWORK_ALLOW": "127.0.0.1",
            "GATHERUM_PORT": "0",
            "GATHERUM_LOG_LEVEL": "debug",
            "GATHERUM_LOG_FORMAT": "json",
        },
    )
    secrets = {PASSWORD, WRONG, PLANTED}
    with program.start("serve") as server:
        heard = asyncio.create_task(asyncio.to_thread(_read_all, server.process.stderr))
        address = await line(server, "Gatherum is at ")
        setup = await line(server, "Set-up token: ")
        secrets.add(setup)
        async with client(address) as session:
            session.headers["Origin"] = address
            await post(session, "session", {"name": "Ada", "password": WRONG})
            made, _ = await post(session, "setup", {"token": setup, **ADMIN})
            assert made == 201
            signed_in, _ = await post(session, "session", ADMIN)
            assert signed_in == 204
            secrets |= {cookie.value for cookie in session.cookie_jar}
            await post(session, "session/sudo", {"password": PASSWORD})
            secrets |= {cookie.value for cookie in session.cookie_jar}
            _, told = await post(
                session, "api-keys", {"name": "k", "scopes": ["queue:write", "queue:read"]}
            )
            key = str(told["key"])
            _, told = await post(session, "tokens", {})
            token = str(told["access_token"])
            _, told = await post(session, "me/totp", {})
            secrets |= {key, token, str(told["secret"])}
            status, login = await post(
                session, "logins", {"platform": "plaza", "name": "me", "cookies": COOKIES}
            )
            assert status == 201, login
            name = {"name": 'eve\n{"event":"signed_in"}', "password": WRONG}
            await post(session, "session", name)
        async with client(address, Authorization=f"Bearer {key}") as session:
            _, told = await post(session, "links", {"urls": [f"{plaza}/@bruno"]})
            ended = await end_of(session, told["items"][0]["job"])
        async with client(address) as stranger:
            for query in (f"token={token}", f"api_key={key}", f"sid={setup}"):
                async with stranger.get(f"me?{query}") as answer:
                    assert answer.status == 401
        server.process.terminate()
        log = await heard

    lines = log.splitlines()
    records = [json.loads(each) for each in lines]
    assert ended["job"]["state"] == "done"
    assert len(records) >= 15
    assert all({"time", "level", "event"} <= record.keys() for record in records)
    assert all(str(record["time"]).endswith("Z") for record in records)
    asked = [record for record in records if record["event"] == "request"]
    assert {"GET", "POST"} <= {record["method"] for record in asked}
    assert all(len(record["request"]) == 16 for record in asked)
    assert any(record.get("account") for record in asked)
    assert [secret for secret in secrets if secret in log] == []
    assert len(secrets) >= 8


def _read_all(stream: object) -> str:
    return str(stream.read())  # type: ignore[attr-defined]  # a text stream
