"""Logins over HTTP: kept sealed, never told, changed only by who has just proven who they are."""

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from gatherum.accounts.model import Role
from gatherum.fetching.cookies import Cookie
from gatherum.model import Target
from tests.web.conftest import Server

SECRET = "s3cr3t-of-the-session"
COOKIES = (
    "# Netscape HTTP Cookie File\n"
    f".reddit.com\tTRUE\t/\tTRUE\t2000000000\tsession\t{SECRET}\n"
    f"#HttpOnly_www.reddit.com\tFALSE\t/\tTRUE\t1900000000\ttoken\t{SECRET}\n"
    f".redd.it\tTRUE\t/\tTRUE\t0\tother\t{SECRET}\n"
)
EXPORTED = json.dumps([{"domain": ".x.com", "name": "auth", "value": SECRET}])
NEW = {"platform": "reddit", "name": "bob", "cookies": COOKIES}
Told = dict[str, Any]
WRONG: tuple[Told, ...] = (
    {"cookies": "nonsense"},
    {"cookies": ""},
    {"cookies": "[]"},
    {"cookies": "a.example\tTRUE\t/\tTRUE\tsoon\tn\tv"},
    {"name": ""},
    {"name": " "},
    {"name": "a\nb"},
    {"platform": "../x"},
    {"secret": 1},
)


async def send(
    client: aiohttp.ClientSession,
    method: str,
    path: str = "",
    body: object = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Told]:
    async with client.request(
        method, f"/api/v1/logins{path}", json=body, headers=headers
    ) as answer:
        text = await answer.text()
        assert SECRET not in text
        told: Told = json.loads(text) if text else {}
        return answer.status, told | {"etag": answer.headers.get("ETag")}


async def test_a_login_is_kept_and_its_cookies_are_never_told(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)

    status, made = await send(client, "POST", body=NEW)
    _, listed = await send(client, "GET")
    _, shown = await send(client, "GET", f"/{made['id']}")

    assert status == 201
    assert {name: made[name] for name in made if name not in ("id", "created_at")} == {
        "platform": "reddit",
        "name": "bob",
        "version": 1,
        "sites": ["redd.it", "reddit.com", "www.reddit.com"],
        "expires_at": "2030-03-17T17:46:40Z",
        "readable": True,
        "used_by": [],
        "etag": '"1"',
    }
    assert shown == made
    assert listed["items"] == [{name: made[name] for name in made if name != "etag"}]
    jar = await any_server.app.logins.jar(made["id"])
    assert jar.header("https://www.reddit.com/") == f"session={SECRET}; token={SECRET}"


async def test_the_cookies_lie_sealed_on_the_disk(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    await send(client, "POST", body=NEW)

    files = sorted(server.app.settings.data_dir.glob("gatherum.db*"))

    assert SECRET.encode() not in b"".join(file.read_bytes() for file in files)


async def test_cookies_are_replaced_and_names_changed_with_a_version(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    _, made = await send(client, "POST", body=NEW)
    path, seen = f"/{made['id']}", {"If-Match": made["etag"]}

    renamed, one = await send(client, "PATCH", path, {"name": "robert"}, headers=seen)
    late, _ = await send(client, "PATCH", path, {"name": "rob"}, headers=seen)
    refused, _ = await send(client, "PUT", f"{path}/cookies", {"cookies": EXPORTED}, headers=seen)
    replaced, two = await send(
        client, "PUT", f"{path}/cookies", {"cookies": EXPORTED}, headers={"If-Match": one["etag"]}
    )
    kept, _ = await send(client, "DELETE", path, headers=seen)

    assert (renamed, one["name"], late, refused) == (200, "robert", 412, 412)
    assert (replaced, two["sites"], two["expires_at"], two["version"]) == (200, ["x.com"], None, 3)
    assert kept == 412
    (cookie,) = (await any_server.app.logins.jar(made["id"])).cookies
    assert cookie == Cookie(
        domain="x.com",
        subdomains=True,
        path="/",
        secure=False,
        expires=None,
        name="auth",
        value=SECRET,
    )


async def test_a_login_in_use_cannot_be_removed(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    _, made = await send(client, "POST", body=NEW)
    target = Target(platform="reddit", feed="user", key="a", url="https://www.reddit.com/user/a")
    followed = await any_server.app.subscriptions.follow(
        target, title="A", options={"login": made["id"]}
    )

    in_use, told = await send(client, "DELETE", f"/{made['id']}")
    _, shown = await send(client, "GET", f"/{made['id']}")
    await any_server.app.subscriptions.remove(followed.id)
    removed, _ = await send(client, "DELETE", f"/{made['id']}")
    gone, _ = await send(client, "GET", f"/{made['id']}")

    assert (in_use, "1 subscription" in told["detail"]) == (409, True)
    assert shown["used_by"] == [{"id": followed.id, "title": "A"}]
    assert (removed, gone) == (204, 404)


async def test_each_change_is_in_the_audit_without_what_is_secret(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    _, made = await send(client, "POST", body=NEW)
    path = f"/{made['id']}"
    await send(client, "PATCH", path, {"name": "carl"})
    await send(client, "PUT", f"{path}/cookies", {"cookies": EXPORTED})
    await send(client, "DELETE", path)

    async with client.get("/api/v1/audit") as answer:
        told = await answer.json()

    entries = [one for one in told["items"] if one["event"] == "login.changed"]
    assert [one["detail"] for one in entries] == [
        {"login": made["id"], "removed": True},
        {"login": made["id"], "renewed": True},
        {"login": made["id"], "renamed": "carl"},
        {"added": "bob"},
    ]
    assert SECRET not in str(told)


async def test_a_name_is_used_once_on_a_platform(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    await send(client, "POST", body=NEW)
    _, other = await send(client, "POST", body={**NEW, "platform": "x"})
    _, third = await send(client, "POST", body={**NEW, "name": "carl"})

    again, _ = await send(client, "POST", body=NEW)
    renamed, _ = await send(client, "PATCH", f"/{third['id']}", {"name": "bob"})
    same, _ = await send(client, "PATCH", f"/{other['id']}", {"name": "bob"})

    assert (again, renamed, same) == (409, 409, 200)


async def test_what_is_no_login_is_refused(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)

    for change in WRONG:
        status, told = await send(client, "POST", body={**NEW, **change})

        assert (status, bool(told["detail"])) == (422, True), change
    assert await server.app.logins.list() == ()


async def test_credentials_are_changed_only_by_a_fresh_proof(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    _, made = await send(client, "POST", body=NEW)
    stale = await server.client_as(Role.ADMIN, sudo=False)
    path = f"/{made['id']}"

    answers = [
        await send(stale, "POST", body={**NEW, "name": "carl"}),
        await send(stale, "PUT", f"{path}/cookies", {"cookies": EXPORTED}),
        await send(stale, "DELETE", path),
    ]

    assert [(status, told["title"]) for status, told in answers] == [
        (403, "Prove again who you are")
    ] * 3
    assert (await send(stale, "GET", path))[1] == made


async def test_who_may_not_see_logins_neither_sees_nor_uses_them(server: Server) -> None:
    admin = await server.client_as(Role.ADMIN)
    _, made = await send(admin, "POST", body=NEW)
    viewer, editor = await server.client_as(Role.VIEWER), await server.client_as(Role.EDITOR)

    statuses = [
        (await send(viewer, "GET"))[0],
        (await send(viewer, "GET", f"/{made['id']}"))[0],
        (await send(editor, "POST", body={**NEW, "name": "carl"}))[0],
        (await send(editor, "PATCH", f"/{made['id']}", {"name": "carl"}))[0],
        (await send(editor, "DELETE", f"/{made['id']}"))[0],
        (await send(editor, "GET"))[0],
    ]

    assert statuses == [403, 403, 403, 403, 403, 200]
