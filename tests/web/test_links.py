"""Links over HTTP: each has its own outcome, and what is refused never reaches the queue."""

from pathlib import Path
from typing import Any

import aiohttp

from gatherum.accounts.model import Role
from tests.web.conftest import Server

REDDIT = "https://www.reddit.com/user/gatherum_demo"
HOSTILE = (
    "http://127.0.0.1/a.jpg",
    "http://localhost:8080/a.jpg",
    "http://10.1.2.3/a.jpg",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/a.jpg",
    "http://[::ffff:127.0.0.1]/a.jpg",
    "http://2130706433/a.jpg",
    "http://0x7f.1/a.jpg",
    "http://0177.0.0.1/a.jpg",
    "http://127.1/a.jpg",
    "http://example.org:22/",
    "file:///etc/passwd",
    "ftp://example.org/a.jpg",
    "gopher://example.org/",
    "javascript:alert(1)",
    "https://user:secret@example.org/a.jpg",
    "https://l.instagram.com/?u=http%3A%2F%2F127.0.0.1%2Fa.jpg",
    "https://www.google.com/url?q=http://169.254.169.254/latest/meta-data/",
    "https://vk.com/away.php?to=https%3A%2F%2Fuser%3Asecret%40example.org%2Fa.jpg",
)
NONSENSE = (
    "",
    "no link",
    "https://",
    "example.org/a.jpg",
    "https://exa mple.org/",
    f"https://{'a' * 64}.example/a.jpg",
    "https://a..example/a.jpg",
    f"https://{'ü' * 70}.example/",
    "https://xn--ü.example/",
    "https://example.org:99999/",
    "http://[::1",
)


async def post(
    client: aiohttp.ClientSession, path: str, body: object
) -> tuple[int, dict[str, Any]]:
    async with client.post(f"/api/v1{path}", json=body) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_link_becomes_a_job_and_the_same_link_again_is_the_same_job(
    any_server: Server,
) -> None:
    client = await any_server.client_as(Role.EDITOR)

    status, first = await post(client, "/links", {"urls": [REDDIT, f"{REDDIT}/"]})
    carried = f"https://www.google.com/url?q={REDDIT}&sa=D"
    _, second = await post(client, "/links", {"urls": [REDDIT]})
    _, third = await post(client, "/links", {"urls": [carried]})

    job = first["items"][0]["job"]
    assert (status, len(first["items"])) == (202, 2)
    assert first["items"][0] == {
        "url": REDDIT,
        "accepted": True,
        "job": job,
        "subscription": None,
        "platform": "reddit",
        "feed": "user",
        "key": "gatherum_demo",
        "needs": [],
        "reason": None,
        "detail": None,
    }
    assert second["items"][0]["job"] == third["items"][0]["job"] == job
    view = await any_server.app.queue.get(job)
    assert (view.kind, view.state, view.payload["urls"]) == ("LinkGet", "queued", [REDDIT])


async def test_direct_links_go_together_into_one_job(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    urls = [f"https://files.example.org/{n}.jpg" for n in range(999)]

    _, told = await post(client, "/links", {"urls": [*urls, REDDIT]})
    _, again = await post(client, "/links", {"urls": urls})

    jobs = {item["job"] for item in told["items"]}
    assert len(told["items"]) == 1000
    assert len(jobs) == 2
    assert {item["job"] for item in again["items"]} == {told["items"][0]["job"]}
    view = await any_server.app.queue.get(told["items"][0]["job"])
    assert (view.title, view.payload["urls"]) == ("999 links to files", urls)


async def test_more_than_a_thousand_links_are_not_taken(server: Server) -> None:
    client = await server.client_as(Role.EDITOR)

    for urls in ([REDDIT] * 1001, []):
        status, told = await post(client, "/links", {"urls": urls})
        assert (status, told["title"]) == (422, "The input does not fit")


async def test_a_hostile_link_is_refused_before_anything_is_queued(server: Server) -> None:
    client = await server.client_as(Role.EDITOR)
    asked: list[tuple[str, dict[str, object]]] = [
        ("/links", {"urls": HOSTILE}),
        ("/links", {"urls": HOSTILE, "follow": True}),
        ("/links/explain", {"urls": HOSTILE}),
    ]

    for path, body in asked:
        _, told = await post(client, path, body)

        assert [(one["url"], one["reason"]) for one in told["items"]] == [
            (url, "refused") for url in HOSTILE
        ]
        assert all(one["detail"] for one in told["items"])
    assert (await server.app.queue.list()).jobs == ()
    assert await server.app.subscriptions.list() == ()


async def test_one_bad_link_holds_up_no_other(server: Server) -> None:
    client = await server.client_as(Role.EDITOR)
    asked: list[tuple[str, dict[str, object]]] = [
        ("/links", {}),
        ("/links", {"follow": True}),
        ("/links/explain", {}),
    ]

    for path, more in asked:
        status, told = await post(client, path, {"urls": [*NONSENSE, REDDIT], **more})

        assert status in (200, 202), told
        reasons = [one["reason"] for one in told["items"]]
        assert reasons == ["unsupported"] * len(NONSENSE) + [None]


async def test_what_is_no_link_is_told_to_who_previews_or_follows_it(server: Server) -> None:
    client = await server.client_as(Role.EDITOR)

    for url in NONSENSE:
        status, seen = await post(client, "/links/preview", {"url": url})
        assert (status, seen["reason"], bool(seen["detail"])) == (200, "unsupported", True), url
        status, told = await post(client, "/subscriptions", {"url": url})
        assert (status, told["type"]) == (422, "urn:gatherum:problem:invalid-input"), url


async def test_a_host_that_nobody_knows_is_asked_by_the_job_alone(server: Server) -> None:
    client = await server.client_as(Role.EDITOR)

    _, told = await post(client, "/links", {"urls": ["https://forum.example.org/threads/1/"]})

    (item,) = told["items"]
    assert (item["accepted"], item["platform"], item["needs"]) == (True, None, ["probe"])


async def test_links_can_be_followed_at_once(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    file = "https://files.example.org/1.jpg"

    _, told = await post(client, "/links", {"urls": [REDDIT, file, REDDIT], "follow": True})

    (followed,) = await any_server.app.subscriptions.list()
    assert [(one["subscription"], one["reason"]) for one in told["items"]] == [
        (followed.id, None),
        (None, "unsupported"),
        (followed.id, None),
    ]
    assert followed.target.url == REDDIT
    assert (await any_server.app.queue.list()).jobs == ()


async def test_a_login_that_is_not_there_is_said_to_be_missing(server: Server) -> None:
    client = await server.client_as(Role.EDITOR)

    status, told = await post(client, "/links", {"urls": [REDDIT], "login": 7})

    assert (status, told["detail"]) == (404, "There is no such login.")
    assert (await server.app.queue.list()).jobs == ()


async def test_who_may_only_look_adds_nothing(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)

    for path in ("/links", "/links/explain", "/links/preview"):
        body = {"url": REDDIT} if path == "/links/preview" else {"urls": [REDDIT]}
        status, _ = await post(client, path, body)
        assert status == 403


async def test_explaining_says_what_a_link_is(server: Server, tmp_path: Path) -> None:
    client = await server.client_as(Role.EDITOR)

    carried = f"https://www.google.com/url?q={REDDIT}&sa=D"
    urls = [REDDIT, "https://a.example.org/b", carried]
    _, told = await post(client, "/links/explain", {"urls": urls})

    known, unknown, same = told["items"]
    assert same == {**known, "url": carried}
    assert (known["platform"], known["feed"], known["key"]) == ("reddit", "user", "gatherum_demo")
    assert known["providers"][0] == "reddit.native"
    assert (unknown["platform"], unknown["needs"]) == (None, ["probe"])
    assert list((tmp_path / "data" / "scratch").glob("*"))  # engines were asked
