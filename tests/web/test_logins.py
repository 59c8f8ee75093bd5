"""Logins over HTTP: kept sealed, never told, changed only by who has just proven who they are."""

import json
from collections.abc import Mapping
from typing import Any

import aiohttp
import sqlalchemy as sa

from gatherum.accounts.model import Role
from gatherum.fetching.cookies import Cookie
from gatherum.jobs.tables import Job
from gatherum.model import Reason, Target
from gatherum.moments import moment
from gatherum.providers.urls import normalise
from tests.testsites.faulty import FaultySite
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
        "expires_at": "2033-05-18T03:33:20Z",
        "readable": True,
        "signed_in_as": "",
        "user_agent": "",
        "health": "ok",
        "rests": None,
        "today": {"requests": 0, "limit": 20000, "resets_at": made["today"]["resets_at"]},
        "in_use": False,
        "used_by": [],
        "last_use": None,
        "woken": {"subscriptions": 0, "jobs": 0},
        "etag": '"1"',
    }
    assert shown == made | {"woken": None}
    assert listed["items"] == [{name: shown[name] for name in shown if name != "etag"}]
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
    assert (await send(stale, "GET", path))[1] == made | {"woken": None}


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


async def followed(server: Server, key: str, *, platform: str = "reddit", **options: Any) -> int:
    """Follow somebody whose last check was refused for want of a login; return the number."""
    target = Target(
        platform=platform, feed="user", key=key, url=f"https://{platform}.example/{key}"
    )
    made = await server.app.subscriptions.follow(target, title=key, options=options)
    await server.app.subscriptions.record_failure(made.id, Reason.LOGIN_REQUIRED, "Log in.")
    return made.id


async def failed(server: Server, url: str, *, login: int | None = None) -> str:
    """Hand in a link that fails for want of a login; return its job."""
    (receipt,) = await server.app.desk.take([url], limit=5, login=login)
    assert receipt.job is not None
    now = server.app.clock.now()
    values = {"state": "failed", "reason": "login_required", "finished_at": now}
    ended = sa.update(Job).where(Job.id == receipt.job).values(values)
    await server.app.database.write(lambda tx: tx.execute(ended))
    return receipt.job


async def jobs(server: Server) -> list[tuple[str, str, object]]:
    """Return state, title and login of the jobs."""
    found = (await server.app.queue.list()).jobs
    return sorted((one.state, one.title, one.payload.get("login")) for one in found)


async def test_a_new_login_wakes_what_waits_for_one_on_its_platform(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    subscriptions = any_server.app.subscriptions
    waits = await followed(any_server, "ann")
    rests, elsewhere = (
        await followed(any_server, "ben"),
        await followed(any_server, "c", platform="x"),
    )
    await subscriptions.pause(rests)
    _, other = await send(client, "POST", body={**NEW, "platform": "x", "name": "other"})
    uses_another = await followed(any_server, "dan", login=other["id"])
    await failed(any_server, "https://www.reddit.com/user/eve")

    _, made = await send(client, "POST", body=NEW)

    assert made["woken"] == {"subscriptions": 1, "jobs": 1}
    assert made["used_by"] == [{"id": waits, "title": "ann"}]
    logins = [(await subscriptions.get(one)).login for one in (waits, rests, uses_another)]
    assert logins == [made["id"], None, other["id"]]
    assert (await subscriptions.get(elsewhere)).login == other["id"]
    told = await jobs(any_server)
    assert ("queued", "ann", None) in told
    assert ("queued", "https://www.reddit.com/user/eve", made["id"]) in told
    assert not [one for one in told if one[1] in ("ben", "dan")]


async def test_a_login_of_a_forum_wakes_nothing_of_another_forum(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    app, waiting = any_server.app, dict[str, int]()
    for host in ("a.example", "b.example"):
        url = f"https://{host}/viewtopic.php?t=1"
        target = Target(platform="phpbb", feed="topic", key="1", url=url, host=host)
        made = await app.subscriptions.follow(target, title=host, options={})
        await app.subscriptions.record_failure(made.id, Reason.LOGIN_REQUIRED, "Log in.")
        waiting[host] = made.id
        await app.memory.keep(normalise(url), target)
        await failed(any_server, url)
    cookies = json.dumps([{"domain": ".a.example", "name": "sid", "value": SECRET}])

    _, login = await send(client, "POST", body={**NEW, "platform": "phpbb", "cookies": cookies})

    assert login["woken"] == {"subscriptions": 1, "jobs": 1}
    assert [one["id"] for one in login["used_by"]] == [waiting["a.example"]]
    given = [title for _, title, chosen in await jobs(any_server) if chosen == login["id"]]
    assert given == ["https://a.example/viewtopic.php?t=1"]


async def test_fresh_cookies_wake_what_waits_for_this_login(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    _, made = await send(client, "POST", body=NEW)
    waits = await followed(any_server, "ann", login=made["id"])
    await failed(any_server, "https://www.reddit.com/user/eve", login=made["id"])
    await failed(any_server, "https://www.reddit.com/user/eve", login=made["id"])
    _, before = await send(client, "GET", f"/{made['id']}")

    _, renewed = await send(client, "PUT", f"/{made['id']}/cookies", {"cookies": EXPORTED})

    assert renewed["woken"] == {"subscriptions": 1, "jobs": 1}
    last = before["last_use"]
    assert (last["subscription"], last["reason"]) == (waits, "login_required")
    states = [state for state, title, _ in await jobs(any_server) if title.endswith("/eve")]
    assert states == ["failed", "failed", "queued"]


async def test_a_login_is_tested_on_a_link_and_says_what_it_opens(near: Server, plaza: str) -> None:
    client = await near.client_as(Role.ADMIN)
    _, made = await send(client, "POST", body=NEW)
    path = f"/{made['id']}/test"

    opens = await send(client, "POST", path, {"url": f"{plaza}/@ada"})
    shut = await send(client, "POST", path, {"url": f"{plaza}/@vault"})
    nonsense = await send(client, "POST", path, {"url": "no link"})

    assert opens[0] == shut[0] == nonsense[0] == 200
    assert (opens[1]["ok"], opens[1]["reason"]) == (True, None)
    assert opens[1]["posts"] > 10
    assert (shut[1]["ok"], shut[1]["posts"], shut[1]["reason"]) == (False, 0, "login_required")
    assert shut[1]["detail"]
    assert (nonsense[1]["ok"], nonsense[1]["reason"]) == (False, "unsupported")
    audit = await (await client.get("/api/v1/audit?event=login.tested")).json()
    assert [one["detail"] for one in audit["items"]] == [{"login": made["id"]}] * 3


async def test_a_test_sends_the_cookies_and_takes_the_newest_link_that_uses_them(
    near: Server, plaza: str
) -> None:
    client = await near.client_as(Role.ADMIN)
    here = json.dumps([{"domain": "127.0.0.1", "name": "sid", "value": SECRET}])
    _, made = await send(client, "POST", body={**NEW, "cookies": here})
    path = f"/{made['id']}/test"

    nothing = await send(client, "POST", path, {})
    async with FaultySite() as site:
        await near.app.desk.take([site.url("/posts")], limit=None, login=made["id"])
        by_job = await send(client, "POST", path, {})
        sent = [one.headers.get("cookie") for one in site.asked("/posts")]
    for name in ("bruno", "ada"):
        await near.app.desk.follow(f"{plaza}/@{name}", login=made["id"])
    by_subscription = await send(client, "POST", path, {})

    assert (nothing[0], "name a link" in nothing[1]["detail"]) == (422, True)
    assert by_job[1]["url"].endswith("/posts")
    assert sent
    assert set(sent) == {f"sid={SECRET}"}
    assert by_subscription[1]["url"] == f"{plaza}/@ada"


async def test_only_who_may_change_logins_tests_them(server: Server) -> None:
    admin = await server.client_as(Role.ADMIN)
    _, made = await send(admin, "POST", body=NEW)
    editor = await server.client_as(Role.EDITOR)

    refused, _ = await send(editor, "POST", f"/{made['id']}/test", {"url": "https://x.example/"})
    missing, _ = await send(admin, "POST", "/99/test", {"url": "https://x.example/"})

    assert (refused, missing) == (403, 404)


async def test_a_login_says_why_it_rests_until_when_and_what_it_has_asked(
    any_server: Server,
) -> None:
    client = await any_server.client_as(Role.ADMIN)
    _, made = await send(client, "POST", body=NEW | {"user_agent": "Mozilla/5.0 (X; Y)"})
    path, standings = f"/{made['id']}", any_server.app.standings
    until = any_server.app.clock.now() + 3600
    await standings.park(made["id"], Reason.RATE_LIMITED, "Slow down.", until)
    _, limited = await send(client, "GET", path)
    await standings.park(made["id"], Reason.CHALLENGE, "Who are you?", None)
    _, checkpoint = await send(client, "GET", path)

    status, resumed = await send(client, "POST", f"{path}/resume")

    assert (made["health"], made["user_agent"]) == ("ok", "Mozilla/5.0 (X; Y)")
    assert (limited["health"], limited["rests"]["detail"]) == ("limited", "Slow down.")
    assert limited["rests"]["until"] == moment(until)
    assert checkpoint["health"] == "checkpoint"
    assert (checkpoint["rests"]["reason"], checkpoint["rests"]["until"]) == ("challenge", None)
    assert (status, resumed["health"], resumed["rests"]) == (200, "ok", None)


async def test_fresh_cookies_end_a_rest_and_keep_the_browsers_name(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    _, made = await send(client, "POST", body=NEW | {"user_agent": "Old/1"})
    path = f"/{made['id']}"
    await server.app.standings.park(made["id"], Reason.LOGIN_REQUIRED, "Log in.", None)
    _, refused = await send(client, "GET", path)

    _, same = await send(client, "PUT", f"{path}/cookies", {"cookies": EXPORTED})
    _, other = await send(
        client, "PUT", f"{path}/cookies", {"cookies": EXPORTED, "user_agent": "New/2"}
    )

    assert (refused["health"], same["health"], same["rests"]) == ("refused", "ok", None)
    assert (same["user_agent"], other["user_agent"]) == ("Old/1", "New/2")
