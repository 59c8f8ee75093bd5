"""Everything goes out as lines and comes in again; what is not fit to come in is named by its line."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from gatherum.accounts.model import Role
from gatherum.model import Target
from gatherum.query.filter import Filter
from gatherum.settings import BootSettings
from gatherum.subscriptions.timing import parse_timing
from tests.web.conftest import Server, serving

LINES = {"Content-Type": "application/x-ndjson"}


def media(number: int, **changed: object) -> dict[str, object]:
    return {
        "type": "media",
        "platform": "plaza",
        "post": f"p{number // 2}",
        "media": f"m{number}",
        "url": f"https://plaza.example/{number}.jpg",
        "post_url": f"https://plaza.example/p{number // 2}",
        "author": "ada",
        "caption": f"=HYPERLINK(number {number})",
        "state": "stored",
        "posted_at": "2025-10-10T12:53:20Z",
        "tags": ["sea", "dusk"],
        "favourite": number % 2 == 0,
        **changed,
    }


def body(*lines: Mapping[str, object]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


async def bring_in(
    client: aiohttp.ClientSession, data: bytes, query: str = ""
) -> dict[str, object]:
    async with client.post(
        f"/api/v1/import{query}", data=io.BytesIO(data), headers=LINES
    ) as answer:
        assert answer.status == 200, await answer.text()
        told: dict[str, object] = await answer.json()
        return told


async def read(client: aiohttp.ClientSession, query: str = "") -> str:
    async with client.get(f"/api/v1/export{query}") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def test_what_comes_in_is_shown_and_never_fetched_again(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    lines = body(*(media(number) for number in range(2500)))

    dry = await bring_in(client, lines, "?dry_run=true")
    first = await bring_in(client, lines)
    second = await bring_in(client, lines)

    counts = [(told["read"], told["new"], told["known"]) for told in (dry, first, second)]
    assert counts == [(2500, 2500, 0), (2500, 2500, 0), (2500, 0, 2500)]
    out = [json.loads(line) for line in (await read(client, "?what=media")).splitlines()]
    assert len(out) == 2500
    assert {(line["state"], line["reason"]) for line in out} == {("skipped", "known")}
    assert out[0]["tags"] == ["dusk", "sea"]
    posts = (await read(client, "?what=posts")).splitlines()
    assert len(posts) == 1250


async def test_a_dry_run_changes_nothing(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)

    told = await bring_in(
        client,
        body(
            media(1),
            {"type": "setting", "key": "network.pace", "value": "3"},
            {
                "type": "subscription",
                "url": "https://plaza.example/@ada",
                "platform": "plaza",
                "feed": "user",
                "key": "ada",
            },
        ),
        "?dry_run=true",
    )

    assert (told["new"], told["dry_run"]) == (3, True)
    assert await read(client, "?what=history") == ""
    assert '"network.pace","value":"1.0"' in await read(client, "?what=settings")
    assert await read(client, "?what=subscriptions") == ""


async def test_what_is_not_fit_is_named_by_its_line_and_the_rest_comes_in(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    data = b"\n".join(
        [
            body(media(1)).strip(),
            b"",
            b"no json",
            body({"type": "setting", "key": "network.nonsense", "value": "1"}).strip(),
            body({"type": "setting", "key": "duo.client_secret", "value": "hunter2"}).strip(),
            body(media(2, state="eaten")).strip(),
            b'{"type":"media","x":"' + b"y" * (3 << 20) + b'"}',
            body(media(3)).strip(),
        ]
    )

    told = await bring_in(client, data)

    assert (told["read"], told["new"], told["refused_count"]) == (7, 2, 5)
    refused = {one["line"]: one["why"] for one in told["refused"]}  # type: ignore[attr-defined]
    assert sorted(refused) == [3, 4, 5, 6, 7]
    assert "There is no setting" in refused[4] or "there are" in refused[4]
    assert "secret" in refused[5]
    assert refused[6].startswith("state")
    assert "megabyte" in refused[7]


@pytest.mark.parametrize("sudo", [True, False])
async def test_a_file_does_not_change_who_gets_in(server: Server, *, sudo: bool) -> None:
    client = await server.client_as(Role.ADMIN, sudo=sudo)
    sent = {
        "oidc.enabled": "true",
        "oidc.issuer": "https://id.evil.example",
        "oidc.default_role": "admin",
        "oidc.make_accounts": "true",
        "duo.allow_when_down": "true",
        "security.require_second_factor": "true",
        "oidc.client_id": "",  # as it is
        "network.pace": "3",
    }

    told = await bring_in(
        client, body(*({"type": "setting", "key": k, "value": v} for k, v in sent.items()))
    )

    assert (told["new"], told["known"], told["refused_count"]) == (1, 1, 6)
    kept = {one.key: one.value for one in await server.app.preferences.list() if one.key in sent}
    assert kept == {
        "oidc.enabled": "false",
        "oidc.issuer": "",
        "oidc.default_role": "viewer",
        "oidc.make_accounts": "false",
        "duo.allow_when_down": "false",
        "security.require_second_factor": "false",
        "oidc.client_id": "",
        "network.pace": "3.0",
    }


async def test_one_installation_becomes_another(server: Server, tmp_path: Path) -> None:
    client = await server.client_as(Role.ADMIN)
    await bring_in(client, body(*(media(number) for number in range(30))))
    await server.app.preferences.set("network.pace", "3")
    target = Target(
        platform="plaza", feed="user", key="ada", url="https://p.example/@ada", values={"a": "b"}
    )
    await server.app.subscriptions.follow(
        target,
        wanted=Filter.parse("kind:image"),
        timing=parse_timing("30 6 * * *", zone="Europe/Berlin"),
        limit=7,
    )
    out = await read(client)
    settings = BootSettings(data_dir=tmp_path / "other", port=0, _env_file=None)

    async with serving(settings) as other:
        there = await other.client_as(Role.ADMIN)
        told = await bring_in(there, out.encode())
        again = await read(there)

    assert told["refused"] == []
    assert again == out


async def test_a_table_of_csv_holds_no_formula(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    await bring_in(client, body(*(media(number) for number in range(1500))))

    rows = list(csv.DictReader(io.StringIO(await read(client, "?what=media&format=csv"))))

    assert len(rows) == 1500
    assert rows[6]["caption"] == "'=HYPERLINK(number 6)"
    assert json.loads(rows[6]["tags"]) == ["dusk", "sea"]


async def test_one_table_cannot_hold_everything(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)

    async with client.get("/api/v1/export?format=csv") as answer:
        assert answer.status == 422


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_only_an_administrator_takes_everything_out(server: Server, role: Role) -> None:
    client = await server.client_as(role)

    async with client.get("/api/v1/export") as out:
        pass
    async with client.post("/api/v1/import", data=b"", headers=LINES) as taken:
        pass

    assert (out.status, taken.status) == (403, 403)


async def test_a_session_takes_everything_out_only_in_sudo_mode(server: Server) -> None:
    client = await server.client_as(Role.ADMIN, sudo=False)

    async with client.get("/api/v1/export") as answer:
        assert (answer.status, answer.headers["X-Reauth"]) == (403, "required")


async def test_settings_that_come_in_are_written_down(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    line = {"type": "setting", "key": "library.trash_days", "value": "7"}

    await bring_in(client, body(line), "?dry_run=true")
    await bring_in(client, body(line))
    await bring_in(client, body(line))  # it is so already

    entries, _ = await server.app.people.audit.list(limit=10, event="settings")
    assert [entry.detail["after"] for entry in entries] == [{"trash_days": 7}]
    assert (entries[0].name, entries[0].detail["section"]) == ("admin", "library")
