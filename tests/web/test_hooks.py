"""Webhooks in: what is signed starts a sync once; of all else nobody learns a thing."""

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass

import aiohttp
import pytest

from gatherum.accounts.model import Role
from gatherum.model import Target
from tests.web.conftest import Server
from tests.web.times import seconds

TARGET = Target(platform="reddit", feed="user", key="bob", url="https://www.reddit.com/user/bob")
BODY = b'{"new": true}'


@dataclass(frozen=True)
class Hook:
    number: int
    url: str
    secret: str


def signature(secret: str, at: str, body: bytes = BODY) -> str:
    digest = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def headers(hook: Hook, *, at: float | None = None, delivery: str = "one") -> dict[str, str]:
    told = str(int(time.time() if at is None else at))
    return {
        "Content-Type": "application/json",
        "X-Gatherum-Timestamp": told,
        "X-Gatherum-Signature": signature(hook.secret, told),
        "X-Gatherum-Delivery": delivery,
    }


async def call(
    client: aiohttp.ClientSession, path: str, sent: dict[str, str], body: bytes = BODY
) -> tuple[int, dict[str, str]]:
    async with client.post(path, data=body, headers=sent) as answer:
        return answer.status, await answer.json(content_type=None)


async def make_hook(server: Server) -> Hook:
    """Follow something and give it a webhook."""
    followed = await server.app.subscriptions.find(TARGET)
    followed = followed or await server.app.subscriptions.follow(TARGET)
    editor = await server.client_as(Role.EDITOR)
    async with editor.post(f"/api/v1/subscriptions/{followed.id}/hook") as answer:
        made = await answer.json()
        assert answer.status == 201
    return Hook(followed.id, made["url"], made["secret"])


async def outside(server: Server) -> aiohttp.ClientSession:
    """Return a program without any account."""
    client = await server.client()
    del client.headers["Origin"]
    return client


async def test_a_signed_call_starts_a_sync(any_server: Server) -> None:
    hook = await make_hook(any_server)
    program = await outside(any_server)

    status, told = await call(program, f"/hooks/{hook.number}", headers(hook))

    assert (status, hook.url) == (202, f"{any_server.url}/hooks/{hook.number}")
    job = await any_server.app.queue.get(told["job"])
    assert (job.kind, job.payload) == ("SubscriptionSync", {"subscription": hook.number})
    editor = await any_server.client_as(Role.EDITOR)
    async with editor.get(f"/api/v1/subscriptions/{hook.number}/hook") as answer:
        shown = await answer.json()
    assert seconds(shown["called_at"]) == pytest.approx(time.time(), abs=60)
    assert set(shown) == {"url", "created_at", "called_at"}


async def test_a_second_call_finds_the_job_that_is_live(any_server: Server) -> None:
    hook = await make_hook(any_server)
    program = await outside(any_server)
    now = time.time()

    answers = [
        await call(program, f"/hooks/{hook.number}", headers(hook, at=now - n, delivery=str(n)))
        for n in range(3)
    ]

    assert [status for status, _ in answers] == [202] * 3
    assert len({told["job"] for _, told in answers}) == 1


async def test_a_call_is_taken_once_whatever_it_is_called(any_server: Server) -> None:
    hook = await make_hook(any_server)
    program = await outside(any_server)
    path, now = f"/hooks/{hook.number}", time.time()
    first = headers(hook, at=now, delivery="one")

    statuses = await asyncio.gather(*(call(program, path, first) for _ in range(5)))
    renamed, _ = await call(program, path, {**first, "X-Gatherum-Delivery": "two"})
    resigned, _ = await call(program, path, headers(hook, at=now - 1, delivery="one"))
    nameless, _ = await call(program, path, headers(hook, at=now - 2, delivery=""))

    assert sorted(status for status, _ in statuses) == [202, 409, 409, 409, 409]
    assert (renamed, resigned, nameless) == (409, 409, 202)


async def test_wrong_calls_all_look_alike(server: Server) -> None:
    hook = await make_hook(server)
    program = await outside(server)
    now = time.time()
    right = headers(hook)
    path = f"/hooks/{hook.number}"
    wrong = [
        ("/hooks/999", right, BODY),
        (path, {**right, "X-Gatherum-Signature": ""}, BODY),
        (path, {**right, "X-Gatherum-Signature": "sha256=" + "0" * 64}, BODY),
        (path, {**right, "X-Gatherum-Signature": right["X-Gatherum-Signature"][7:]}, BODY),
        (path, {"Content-Type": "application/json"}, BODY),
        (path, right, b'{"new": false}'),
        (path, {**right, "X-Gatherum-Timestamp": str(int(now) - 1)}, BODY),
        (path, headers(hook, at=now - 400), BODY),
        (path, headers(hook, at=now + 400), BODY),
        (path, headers(Hook(hook.number, "", "another secret")), BODY),
    ]

    answers = [await call(program, *one) for one in wrong]

    assert [status for status, _ in answers] == [401] * len(wrong)
    told = {(one["type"], one["title"], one["detail"]) for _, one in answers}
    assert len(told) == 1
    assert (await server.app.queue.list()).jobs == ()
    assert (await server.app.hooks.get(hook.number)).called_at is None


async def test_the_clock_of_the_caller_may_be_off_by_five_minutes(server: Server) -> None:
    hook = await make_hook(server)
    program = await outside(server)
    now = time.time()

    for delivery, at in (("past", now - 290), ("future", now + 290)):
        sent = headers(hook, at=at, delivery=delivery)
        status, _ = await call(program, f"/hooks/{hook.number}", sent)
        assert status == 202


async def test_a_signature_whose_time_is_no_number_is_no_signature(server: Server) -> None:
    hook = await make_hook(server)
    program = await outside(server)

    for at in ("", "now", "1e9", "-5", "9" * 30, "١٢٣", " 1"):
        sent = {
            "Content-Type": "application/json",
            "X-Gatherum-Timestamp": at,
            "X-Gatherum-Signature": signature(hook.secret, at),
        }
        status, _ = await call(program, f"/hooks/{hook.number}", sent)
        assert status == 401, at


async def test_the_body_has_an_end(server: Server) -> None:
    hook = await make_hook(server)
    program = await outside(server)
    now = str(int(time.time()))

    statuses = []
    for size in (64 * 1024, 64 * 1024 + 1):
        body = b"x" * size
        sent = {**headers(hook), "X-Gatherum-Signature": signature(hook.secret, now, body)}
        sent["X-Gatherum-Timestamp"] = now
        statuses.append((await call(program, f"/hooks/{hook.number}", sent, body))[0])

    assert statuses == [202, 413]


async def test_a_new_secret_ends_the_old_one_and_a_hook_can_go(server: Server) -> None:
    old = await make_hook(server)
    new = await make_hook(server)
    program = await outside(server)
    path = f"/hooks/{old.number}"

    refused, _ = await call(program, path, headers(old))
    taken, _ = await call(program, path, headers(new))
    editor = await server.client_as(Role.EDITOR)
    async with editor.delete(f"/api/v1/subscriptions/{old.number}/hook") as answer:
        gone = answer.status
    async with editor.get(f"/api/v1/subscriptions/{old.number}/hook") as answer:
        missing = answer.status
    after, _ = await call(program, path, headers(new, delivery="two"))

    assert (refused, taken, gone, missing, after) == (401, 202, 204, 404, 401)


async def test_one_that_rests_is_not_started(server: Server) -> None:
    hook = await make_hook(server)
    program = await outside(server)
    await server.app.subscriptions.pause(hook.number)
    sent = headers(hook)

    rests, _ = await call(program, f"/hooks/{hook.number}", sent)
    await server.app.subscriptions.resume(hook.number)
    goes_on, _ = await call(program, f"/hooks/{hook.number}", sent)

    assert (rests, goes_on) == (409, 202)


async def test_what_is_followed_no_longer_has_no_hook(any_server: Server) -> None:
    hook = await make_hook(any_server)
    program = await outside(any_server)
    first, _ = await call(program, f"/hooks/{hook.number}", headers(hook))

    await any_server.app.subscriptions.remove(hook.number)

    after, _ = await call(program, f"/hooks/{hook.number}", headers(hook, delivery="two"))
    assert (first, after) == (202, 401)


async def test_the_secret_is_sealed_and_told_once(server: Server) -> None:
    hook = await make_hook(server)

    data = server.app.settings.data_dir
    held = b"".join(file.read_bytes() for file in sorted(data.glob("gatherum.db*")))

    assert hook.secret.encode() not in held


async def test_only_who_may_follow_makes_hooks(server: Server) -> None:
    hook = await make_hook(server)
    viewer = await server.client_as(Role.VIEWER)

    for method in ("POST", "DELETE"):
        path = f"/api/v1/subscriptions/{hook.number}/hook"
        async with viewer.request(method, path) as answer:
            assert answer.status == 403


async def test_a_secret_is_made_only_for_who_has_just_proven_who_they_are(server: Server) -> None:
    old = await make_hook(server)
    editor = await server.client_as(Role.EDITOR, name="late", sudo=False)

    async with editor.post(f"/api/v1/subscriptions/{old.number}/hook") as answer:
        told = (answer.status, answer.headers.get("X-Reauth"))

    assert told == (403, "required")
    program = await outside(server)
    assert (await call(program, f"/hooks/{old.number}", headers(old)))[0] == 202
