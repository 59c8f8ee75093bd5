"""Live events: exact sequences over real HTTP, for whoever may see them, and nothing left behind."""

import asyncio
import gc
import json
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import aiohttp
import pytest
import sqlalchemy as sa

from gatherum.accounts.authenticator import Credentials
from gatherum.accounts.model import Account, Caller, Proof, Role, Scope
from gatherum.accounts.tables import AccountRow, SessionRow
from gatherum.app import open_app
from gatherum.db import Database
from gatherum.db.events import START, Events
from gatherum.db.tables import AlarmRow, EventRow
from gatherum.jobs.queue import Lane, NewJob
from gatherum.jobs.tables import Job
from gatherum.library.tables import MediaRow
from gatherum.model import Target
from gatherum.moments import moment
from gatherum.safety.serving import bound, listening
from gatherum.safety.wire import House
from gatherum.settings import BootSettings
from gatherum.web.app import make_web
from gatherum.web.live import Live, Pace, make_live
from gatherum.web.live_stream import Chunk, Stream, view_for
from gatherum.web.live_things import Thing
from gatherum.web.shield import shielded
from gatherum.web.site import make_site
from tests.suites.waiting import until
from tests.web.conftest import HERE, Server, share_routes
from tests.web.stored import store

WAIT_S = 30.0


@dataclass(frozen=True)
class Told:
    """An event as a client reads it."""

    id: str
    kind: str
    data: dict[str, object]


class Reader:
    """Reads a stream as a browser's EventSource does."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer
        self.last_id = ""

    async def next(self) -> Told:
        """Return the next event; raises `EOFError` at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(WAIT_S):
            while True:
                line = (await self.answer.content.readline()).decode()
                if not line:
                    raise EOFError
                if line == "\n":
                    self.last_id = fields.get("id", self.last_id)
                    if "data" in fields:
                        return Told(fields["id"], fields["event"], json.loads(fields["data"]))
                    fields = {}
                else:
                    name, _, value = line.rstrip("\n").partition(": ")
                    fields[name] = value

    async def take(self, count: int) -> list[Told]:
        return [await self.next() for _ in range(count)]


@asynccontextmanager
async def stream(
    client: aiohttp.ClientSession, query: str = "", *, after: str | None = None
) -> AsyncIterator[Reader]:
    """Open a stream and read its hello."""
    headers = {} if after is None else {"Last-Event-ID": after}
    async with client.get(f"/api/v1/events{query}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        reader = Reader(answer)
        assert (await reader.next()).kind == "hello"
        yield reader


@asynccontextmanager
async def lively(settings: BootSettings, pace: Pace) -> AsyncIterator[tuple[Server, Live]]:
    """Serve with a hub of another pace, and let the test look into it."""
    async with AsyncExitStack() as stack:
        place = stack.enter_context(bound("127.0.0.1", 0))
        site = make_site(settings, place.getsockname()[1])
        app = await stack.enter_async_context(open_app(settings))
        await app.queue.prepare()
        web = make_web(app, site)
        share_routes(web)
        live = web.state.live = make_live(app, site, pace)
        port = await stack.enter_async_context(listening(shielded(web, site), on=place, grace_s=30))
        yield Server(app=app, site=site, port=port, _stack=stack), live


def job(title: str) -> NewJob:
    return NewJob(kind="note", lane=Lane.SYNC, partition="plaza", title=title)


async def enqueue(server: Server, *titles: str) -> list[str]:
    """Submit jobs, each in a transaction of its own."""
    ids = [await server.app.queue.enqueue(job(title)) for title in titles]
    return [str(job_id) for job_id in ids]


def alarm(name: str) -> sa.Insert:
    return sa.insert(AlarmRow).values(name=name, since=1.0, seen_at=1.0, message="Look here.")


def names(told: Sequence[Told]) -> list[object]:
    return [one.data.get("title", one.data.get("id")) for one in told]


async def test_a_change_is_told_with_how_the_thing_stands(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    async with stream(client) as reader:
        (job_id,) = await enqueue(any_server, "one")

        told = await reader.next()

    async with client.get(f"/api/v1/jobs/{job_id}") as answer:
        assert (told.kind, told.data) == ("job", (await answer.json())["job"])


async def test_each_kind_of_thing_is_told_and_what_is_no_more_is_gone(any_server: Server) -> None:
    app, client = any_server.app, await any_server.client_as(Role.ADMIN)
    stored = await store(app, b"picture")
    target = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")
    async with stream(client) as reader:

        async def told() -> tuple[str, dict[str, object]]:
            event = await reader.next()
            return event.kind, event.data

        await edit(any_server, stored.id)
        async with client.get(f"/api/v1/media/{stored.id}") as answer:
            whole = await answer.json()
        kind, media = await told()
        assert kind == "media"
        assert media == {name: whole[name] for name in media}
        assert (media["id"], media["path"], media["version"]) == (str(stored.id), stored.path, 2)

        followed = await app.subscriptions.follow(target, title="Ada")
        kind, subscription = await told()
        async with client.get("/api/v1/subscriptions") as answer:
            assert (kind, [subscription]) == ("subscription", (await answer.json())["items"])
        await app.subscriptions.remove(followed.id)
        assert await told() == ("subscription", {"id": followed.id, "gone": True})

        await app.preferences.set("network.pace", "2")
        assert await told() == ("setting", {"id": "network"})

        await app.queue.pause(Lane.SYNC, "plaza")
        lane = {"id": "sync:plaza", "lane": "sync", "platform": "plaza"}
        assert await told() == ("lane", {**lane, "paused": True})
        await app.queue.resume(Lane.SYNC, "plaza")
        assert await told() == ("lane", {**lane, "paused": False})

        await app.database.write(lambda tx: tx.execute(alarm("disk")))
        assert await told() == (
            "alarm",
            {"id": "disk", "since": "1970-01-01T00:00:01Z", "message": "Look here."},
        )
        await app.database.write(lambda tx: tx.execute(sa.delete(AlarmRow)))
        assert await told() == ("alarm", {"id": "disk", "gone": True})


async def test_many_changes_of_a_thing_are_told_once_as_it_stands(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    async with stream(client) as reader:

        def tx(tx: sa.Connection) -> None:
            one = any_server.app.queue.submit(tx, job("one"))
            any_server.app.queue.submit(tx, job("two"))
            for attempt in range(2, 100):
                tx.execute(sa.update(Job).where(Job.id == one).values(attempt=attempt))

        await any_server.app.database.write(tx)
        told = await reader.take(2)
        await enqueue(any_server, "three")

        assert names(told) == ["two", "one"]  # in the order of the last change of each
        assert told[1].data["attempt"] == 99
        assert names([await reader.next()]) == ["three"]


async def test_a_stream_goes_on_where_it_broke_off(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)
    async with stream(client) as reader:
        await enqueue(any_server, "1", "2", "3")
        seen = await reader.take(3)
    await enqueue(any_server, "4", "5")

    async with stream(client, after=seen[1].id) as reader:
        await enqueue(any_server, "6")
        assert names(await reader.take(4)) == ["3", "4", "5", "6"]
    async with stream(client, after=seen[2].id) as reader:
        told = await reader.take(3)
        await enqueue(any_server, "7")

        assert names(told) == ["4", "5", "6"]
        assert names([await reader.next()]) == ["7"]
        assert sorted({one.id for one in told}) == sorted(one.id for one in told)


async def test_a_stream_that_breaks_again_and_again_misses_nothing_and_repeats_nothing(
    any_server: Server,
) -> None:
    client = await any_server.client_as(Role.ADMIN)
    titles = [str(number) for number in range(40)]
    async with stream(client) as reader:
        at = reader.last_id
    writing = asyncio.create_task(enqueue(any_server, *titles))
    seen: list[object] = []
    while len(seen) < len(titles):
        async with stream(client, after=at) as reader:
            told = await reader.take(min(1 + len(seen) % 3, len(titles) - len(seen)))
            seen += names(told)
            at = reader.last_id
    await writing

    assert seen == titles


async def test_hello_of_a_resumed_stream_stands_where_the_client_stood(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    async with stream(client) as reader:
        before = reader.last_id
    await enqueue(server, "1")

    begun = moment(server.app.clock.now())
    async with client.get("/api/v1/events", headers={"Last-Event-ID": before}) as answer:
        hello = await Reader(answer).next()
    async with client.get("/api/v1/events") as answer:
        fresh = await Reader(answer).next()

    assert (hello.id, hello.data["position"], hello.data["resumed"]) == (before, before, True)
    assert (fresh.id, fresh.data["resumed"]) == (str(await events_of(server).newest()), False)
    assert begun <= str(fresh.data["now"]) <= moment(server.app.clock.now())


async def test_a_page_misses_nothing_that_changes_after_it_was_told_who_is_signed_in(
    any_server: Server,
) -> None:
    client = await any_server.client_as(Role.ADMIN)

    async def position() -> str:
        async with client.get("/api/v1/me") as answer:
            return str((await answer.json())["position"])

    begun = await position()
    await enqueue(any_server, "1", "2")

    async with stream(client, f"?since={begun}") as reader:
        told = await reader.take(2)
        await enqueue(any_server, "3")
        assert names([*told, await reader.next()]) == ["1", "2", "3"]
        later = await position()
        await enqueue(any_server, "4")
        async with stream(client, f"?since={later}") as other:
            assert names([await other.next()]) == ["4"]
    async with stream(client, f"?since={begun}", after=told[0].id) as reader:
        assert names(await reader.take(3)) == ["2", "3", "4"]


async def test_who_has_missed_too_much_or_talks_nonsense_is_told_to_load_anew(
    any_server: Server,
) -> None:
    client = await any_server.client_as(Role.ADMIN)
    await enqueue(any_server, "1", "2", "3")
    oldest = await events_of(any_server).oldest()
    await events_of(any_server).prune(most=1)
    newest = await events_of(any_server).newest()

    for after in (str(oldest), "nonsense", f"{newest.xid}.{newest.id + 1}", "9" * 200, "1.2.3"):
        async with stream(client, after=after) as reader:
            told = await reader.next()
            assert (told.kind, told.id, told.data) == (
                "reset",
                str(newest),
                {"position": str(newest)},
            )
    async with stream(client, after="0.0") as reader:
        await reader.next()
        await enqueue(any_server, "4")
        assert names([await reader.next()]) == ["4"]


async def test_who_has_missed_more_than_a_few_thousand_is_told_to_load_anew(
    server: Server,
) -> None:
    client = await server.client_as(Role.ADMIN)
    async with stream(client) as reader:
        at = reader.last_id
    row = {"xid": 0, "at": server.app.clock.now(), "kind": "setting", "ref": "network"}
    many = [row] * 5000
    await server.app.database.write(lambda tx: tx.execute(sa.insert(EventRow), many))

    async with stream(client, after=at) as reader:
        assert [(one.kind, one.data) for one in await reader.take(1)] == [
            ("setting", {"id": "network"})
        ]
    await server.app.database.write(lambda tx: tx.execute(sa.insert(EventRow), [row]))
    async with stream(client, after=at) as reader:
        assert (await reader.next()).kind == "reset"


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (Role.ADMIN, ["job", "media", "setting", "lane", "alarm", "media"]),
        (Role.EDITOR, ["job", "media", "lane", "media"]),
        (Role.VIEWER, ["media", "media"]),
    ],
)
async def test_a_role_is_told_what_it_may_see(server: Server, role: Role, kinds: list[str]) -> None:
    app, client = server.app, await server.client_as(role)
    stored = await store(app, b"picture")
    async with stream(client) as reader:
        await enqueue(server, "one")
        await edit(server, stored.id)
        await app.preferences.set("network.pace", "2")
        await app.queue.pause(Lane.SYNC)
        await app.database.write(lambda tx: tx.execute(alarm("disk")))
        other = await store(app, b"other")
        await edit(server, other.id)
        told = await reader.take(len(kinds))

    assert [one.kind for one in told] == kinds
    media = [one.data for one in told if one.kind == "media"]
    paths = [stored.path, other.path] if role is not Role.VIEWER else [None, None]
    assert [one["path"] for one in media] == paths


async def test_a_decision_is_told_to_who_made_it_and_to_administrators(server: Server) -> None:
    stored = await store(server.app, b"picture")
    mine, other, admin = [
        await server.client_as(role, name=name)
        for role, name in ((Role.EDITOR, "mine"), (Role.EDITOR, "other"), (Role.ADMIN, "admin"))
    ]
    only = "?kinds=decision,alarm,job"
    async with (
        stream(mine, only) as own,
        stream(other, only) as not_own,
        stream(admin, only) as all_,
    ):
        async with mine.patch(
            f"/api/v1/media/{stored.id}", json={"favourite": True}, headers={"If-Match": '"1"'}
        ) as answer:
            assert answer.status == 200, await answer.text()
        async with mine.get("/api/v1/decisions") as answer:
            (decision,) = (await answer.json())["items"]
        await enqueue(server, "one")

        assert [(one.kind, one.data) for one in await own.take(1)] == [("decision", decision)]
        assert [one.kind for one in await not_own.take(1)] == ["job"]
        assert [one.kind for one in await all_.take(2)] == ["decision", "job"]


async def test_only_the_kinds_and_the_job_that_were_asked_for_are_told(server: Server) -> None:
    app, client = server.app, await server.client_as(Role.ADMIN)
    (first,) = await enqueue(server, "first")
    async with (
        stream(client, "?kinds=alarm,setting") as kinds,
        stream(client, f"?job={first}&kinds=job,lane") as one_job,
    ):
        await enqueue(server, "second")
        await app.queue.cancel(first)
        await app.queue.pause(Lane.SYNC)
        await app.preferences.set("network.pace", "2")

        assert [told.kind for told in await kinds.take(1)] == ["setting"]
        assert names(await one_job.take(2)) == ["first", "sync:"]
    async with client.get("/api/v1/events?kinds=job,secret") as answer:
        assert answer.status == 422
        assert "secret" in (await answer.json(content_type=None))["detail"]


async def test_a_program_with_a_key_is_told_what_its_key_may_see(server: Server) -> None:
    app, account = server.app, await server.account(Role.ADMIN)
    scopes = {Scope.LIBRARY_READ, Scope.QUEUE_READ}
    key, text = await app.people.api_keys.create(
        account, name="p", scopes=scopes, expires_at=None, also=lambda _: lambda _: None
    )
    client = await server.client(**{"X-Api-Key": text})
    async with stream(client) as reader:
        await app.preferences.set("network.pace", "2")
        (job_id,) = await enqueue(server, "one")

        assert (await reader.next()).data["id"] == job_id
        await app.people.api_keys.revoke(account.id, key.id, also=lambda _: None)
        with pytest.raises(EOFError):
            await reader.next()


async def test_what_another_process_changes_is_told_even_if_it_commits_late(
    any_server: Server,
) -> None:
    client = await any_server.client_as(Role.ADMIN)
    other = Database(any_server.app.database.url)
    async with stream(client) as reader:
        if other.is_sqlite:  # one writer at a time: nobody can commit late
            await other.write(lambda tx: tx.execute(alarm("late")))
            await other.write(lambda tx: tx.execute(alarm("early")))
        else:
            with other.engine.connect() as late, late.begin():
                late.execute(alarm("late"))  # its number is handed out now
                await other.write(lambda tx: tx.execute(alarm("early")))
                await asyncio.sleep(1)  # several looks of the hub, which must wait for it
        told = await reader.take(2)
    other.close()

    assert names(told) == ["late", "early"]


@pytest.mark.parametrize("what", ["revoked", "disabled", "demoted", "removed"])
async def test_a_stream_ends_when_its_right_does(any_server: Server, what: str) -> None:
    await any_server.account(Role.ADMIN, "root")
    account = await any_server.account(Role.ADMIN, "other")
    client, root = await any_server.client_as(name="other"), await any_server.client_as(name="root")
    own = AccountRow.id == account.id
    change = {
        "revoked": sa.delete(SessionRow).where(SessionRow.account_id == account.id),
        "disabled": sa.update(AccountRow).where(own).values(disabled=True),
        "demoted": sa.update(AccountRow).where(own).values(role=Role.VIEWER),
        "removed": sa.delete(AccountRow).where(own),
    }[what]
    other = Database(any_server.app.database.url)  # another process: nothing of ours is told
    async with stream(root) as rest, stream(client) as reader:
        await other.write(lambda tx: tx.execute(change))

        with pytest.raises(EOFError):
            await reader.next()
        await enqueue(any_server, "one")
        assert names([await rest.next()]) == ["one"]
    other.close()


async def test_a_right_that_ends_by_itself_ends_the_stream_at_the_next_look(
    settings: BootSettings,
) -> None:
    async with lively(settings, Pace(check_s=0.1)) as (server, live):
        client = await server.client_as(Role.ADMIN)
        async with stream(client) as reader:
            over = sa.update(SessionRow).values(created_at=0.0)  # no trigger tells of that
            await server.app.database.write(lambda tx: tx.execute(over))

            with pytest.raises(EOFError):
                await reader.next()
        await until(lambda: live.count == 0)


async def test_a_beat_says_how_far_a_stream_is_that_is_told_nothing(
    settings: BootSettings,
) -> None:
    async with lively(settings, Pace(beat_s=0.05)) as (server, _):
        client = await server.client_as(Role.ADMIN)
        async with client.get("/api/v1/events?kinds=alarm") as answer:
            reader = Reader(answer)
            await reader.next()
            await enqueue(server, "one")
            newest = str(await events_of(server).newest())

            reading = asyncio.create_task(reader.next())
            await until(lambda: reader.last_id == newest)
            reading.cancel()

        async with stream(client, after=newest) as reader:
            await server.app.database.write(lambda tx: tx.execute(alarm("disk")))
            assert names([await reader.next()]) == ["disk"]


async def test_a_client_that_does_not_read_is_dropped_and_the_others_go_on(
    settings: BootSettings,
) -> None:
    async with lively(settings, Pace()) as (server, live):
        reading = await server.client_as(Role.ADMIN)
        token = await server.app.people.sessions.begin(
            (await server.account()).id, HERE, methods="password", full=True
        )
        with lazy(server, token):
            async with stream(reading, "?kinds=setting") as reader:
                await until(lambda: live.count == 2)
                while live.count == 2:
                    await enqueue(server, *["x" * 50_000] * 20)
                await server.app.preferences.set("network.pace", "2")

                assert (await reader.next()).kind == "setting"
                assert live.count == 1
                # It is cut off at once: to wait for the client would keep what is written to it.
                await until(lambda: connections() == 1)


async def test_there_is_an_end_of_streams_for_an_account_and_for_all(
    settings: BootSettings,
) -> None:
    async with lively(settings, Pace(of_account=2, streams=3)) as (server, live):
        first = await server.client_as(name="first")
        second = await server.client_as(name="second")
        async with stream(first), stream(first) as own, stream(second):
            for client, status in ((first, 429), (second, 429)):
                async with client.get("/api/v1/events") as answer:
                    assert answer.status == status
                    assert answer.headers["Retry-After"] == "31"
            await enqueue(server, "one")
            assert names([await own.next()]) == ["one"]
        await until(lambda: live.count == 0)
        async with stream(second):
            assert live.count == 1


async def test_when_all_clients_have_gone_nothing_of_them_is_left(settings: BootSettings) -> None:
    async with lively(settings, Pace(of_account=1000)) as (server, live):
        client = await server.client_as(Role.ADMIN)
        before = len(asyncio.all_tasks())
        for _ in range(5):
            async with AsyncExitStack() as stack:
                for _ in range(40):
                    await stack.enter_async_context(stream(client))
                assert (live.count, live.is_reading) == (40, True)
            await until(lambda: live.count == 0)

        assert not live.is_reading
        await client.close()
        await until(lambda: len(asyncio.all_tasks()) <= before)
        assert not any(isinstance(one, Stream) for one in alive())


async def test_when_the_server_stops_streams_come_to_their_end(settings: BootSettings) -> None:
    async with AsyncExitStack() as stack:
        async with lively(settings, Pace()) as (server, live):
            account = await server.account(Role.ADMIN)
            token = await server.app.people.sessions.begin(
                account.id, HERE, methods="password", full=True
            )
            client = await stack.enter_async_context(
                aiohttp.ClientSession(base_url=f"{server.url}/", headers={"Cookie": f"sid={token}"})
            )
            readers = [await stack.enter_async_context(stream(client)) for _ in range(3)]
            reading = [asyncio.create_task(reader.next()) for reader in readers]
        for task in reading:  # its patience is 30 seconds: it must not be needed
            with pytest.raises(EOFError):
                await task
        assert (live.count, live.is_reading) == (0, False)


async def test_a_fault_of_the_hub_ends_the_streams_and_the_next_one_reads_again(
    settings: BootSettings,
) -> None:
    async with lively(settings, Pace()) as (server, live):
        client = await server.client_as(Role.ADMIN)
        load = live._load

        async def fail(_kind: str, _refs: Sequence[str]) -> Mapping[str, Thing]:
            raise ZeroDivisionError

        live._load = fail
        async with stream(client) as reader:
            await enqueue(server, "one")
            with pytest.raises(EOFError):
                await reader.next()
        live._load = load
        async with stream(client, after=reader.last_id) as reader:
            await enqueue(server, "two")
            assert names(await reader.take(2)) == ["one", "two"]


async def test_what_comes_while_one_catches_up_comes_once(settings: BootSettings) -> None:
    async with lively(settings, Pace(poll_s=0.01)) as (server, live):
        events = events_of(server)
        await enqueue(server, "1")
        after = await events.newest()
        (missed,) = await enqueue(server, "2")
        async with live.join(administrator(), Credentials(), after=after) as stream:
            (late,) = await enqueue(server, "3")  # this one is the hub's to tell

            assert [one.ref for one in await live.missed(stream, after) or ()] == [missed]
            chunk = await stream.take(within_s=WAIT_S)
            assert chunk is not None
            assert (chunk.frames, late.encode() in chunk.data) == (1, True)


async def test_what_another_process_has_told_already_is_not_told_again(
    settings: BootSettings,
) -> None:
    async with lively(settings, Pace(poll_s=60)) as (server, live):  # a hub that is behind
        who = administrator()
        async with live.join(who, Credentials()):
            (told,) = await enqueue(server, "1")
            after = await events_of(server).newest()
            (new,) = await enqueue(server, "2")
            async with live.join(who, Credentials(), after=after) as stream:
                assert await live.missed(stream, after) == []
                await live._read_once()
                chunk = await stream.take(within_s=WAIT_S)

    assert chunk is not None
    assert (chunk.frames, new.encode() in chunk.data, told.encode() in chunk.data) == (
        1,
        True,
        False,
    )


def test_a_queue_ends_at_so_many_events_and_so_many_bytes() -> None:
    def offered(chunks: Sequence[tuple[int, int]]) -> Stream:
        caller = administrator()
        view = view_for(caller, kinds=frozenset(), job=None, behind=None)
        stream = Stream(caller, Credentials(), view, since=START)
        for frames, size in chunks:
            stream.offer(Chunk(position=START, frames=frames, data=bytes(size)))
        return stream

    assert not offered([(500, 10), (500, 10)]).dropped
    assert offered([(500, 10), (501, 10)]).dropped
    assert not offered([(1, 500_000), (1, 500_000)]).dropped
    assert offered([(1, 500_000), (1, 500_001)]).dropped
    assert not offered([(1, 2_000_000)]).dropped  # one alone is taken, however large
    assert offered([(1, 2_000_000), (1, 1)]).ended


def administrator() -> Caller:
    account = Account(
        id=1,
        name="a",
        role=Role.ADMIN,
        disabled=False,
        created_at=0,
        signed_in_at=None,
        version=1,
    )
    return Caller(account=account, scopes=frozenset(Scope), proof=Proof.SESSION, via="")


async def edit(server: Server, media_id: int) -> None:
    """Change what people may change of a media."""
    change = sa.update(MediaRow).where(MediaRow.id == media_id)
    bumped = change.values(description="x", version=MediaRow.version + 1)
    await server.app.database.write(lambda tx: tx.execute(bumped))


def events_of(server: Server) -> Events:
    return Events(server.app.database)


@contextmanager
def lazy(server: Server, token: str) -> Iterator[socket.socket]:
    """Open a stream with small buffers, and read nothing of it."""
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", server.port))
        host = server.site.url.removeprefix("http://")
        head = f"GET /api/v1/events HTTP/1.1\r\nHost: {host}\r\nCookie: sid={token}\r\n\r\n"
        deaf.sendall(head.encode())
        yield deaf


def connections() -> int:
    """Return how many connections servers of this process hold."""
    return sum(len(one.inside) for one in alive() if isinstance(one, House))


def alive() -> list[object]:
    gc.collect()
    return gc.get_objects()
