"""Following: new posts come, filters and limits hold, old posts come in slices, jobs can be steered."""

import hashlib
import time
from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal

from tests.e2e.contract import JobLine, SubscriptionLine
from tests.e2e.program import Gatherum, digests
from tests.testsites.faulty import FaultySite, Offer
from tests.testsites.gateway import Gateway
from tests.testsites.media import jpeg
from tests.testsites.reddit import mount_reddit
from tests.testsites.world import Entry, Fault, World, items

USER = "https://www.reddit.com/user/alice"


@pytest.fixture
def world() -> World:
    world = World()
    mount_reddit(world, page=30)
    return world


@pytest.fixture
def gateway(portal: BlockingPortal, world: World) -> Iterator[Gateway]:
    with portal.wrap_async_context_manager(Gateway(world)) as gateway:
        yield gateway


@pytest.fixture
def outside(program: Gatherum, gateway: Gateway) -> Gatherum:
    """The program with the world in place of the internet."""
    return program.under(
        GATHERUM_NETWORK_PROXY=gateway.url, GATHERUM_NETWORK_CA_BUNDLE=str(gateway.bundle)
    )


def speaks(world: World, name: str, posts: int) -> tuple[Entry, ...]:
    """Let somebody publish much, without the lone videos, each of which yt-dlp puts together."""
    entries = [one for one in world.add_person(name, posts) if one.items[0].kind == "image"]
    world.people[name] = tuple(entries)
    return world.people[name]


def test_a_followed_person_is_brought_in_whole_slice_by_slice_and_then_only_what_is_new(
    outside: Gatherum, world: World
) -> None:
    entries = speaks(world, "alice", 180)

    followed = outside("follow", USER, "--title", "Alice", "--every", "6h")
    first = outside("sync", "--json")
    pages = world.count("www.reddit.com")
    second = outside("sync", "--json")

    assert followed.code == 0
    assert "every 6 hours" in followed.out
    assert (first.code, first.counts) == (0, (len(items(entries)), 0, 0, 0))
    assert sorted(set(outside.held().values())) == sorted(
        {hashlib.sha256(item.body).hexdigest() for item in items(entries)}
    )
    newest = first.media[: len(first.media) // 4]
    assert min(line.posted_at or "" for line in newest) > min(
        line.posted_at or "" for line in first.media
    )
    assert second.code == 0
    assert second.summary.stored == second.summary.failed == 0
    assert world.count("www.reddit.com") == pages + 1

    more = world.add_person("bob", 1)  # alice says something new
    world.people["alice"] = (*more, *world.people["alice"])
    third = outside("sync", "--json")

    assert third.summary.stored == len(items(more))
    (line,) = outside("subscriptions", "list", "--json").all(SubscriptionLine)
    assert (line.title, line.url.rstrip("/"), line.paused) == ("Alice", USER, False)


def test_a_filter_and_a_limit_hold(outside: Gatherum, world: World) -> None:
    entries = world.add_person("alice", 60)

    outside("follow", USER, "--filter", "kind:image", "--limit", "30")
    ran = outside("sync", "--json")

    taken = items(entries[:30])
    images = [item.body for item in taken if item.kind == "image"]
    assert ran.code == 0
    assert ran.counts == (len(images), 0, len(taken) - len(images), 0)
    assert {line.reason for line in ran.media if line.state == "skipped"} == {"filtered"}
    assert sorted(outside.held().values()) == digests(images)
    assert outside("sync", "--json").summary.stored == 0
    listed = outside("subscriptions", "list")
    assert "keeps kind:image" in listed.out

    assert outside("subscriptions", "set", "1", "--filter", "", "--every", "0 6 * * *").code == 0
    (line,) = outside("subscriptions", "list", "--json").all(SubscriptionLine)
    assert (line.filter, line.limit) == ("", 30)


def test_a_limit_within_a_page_holds_and_new_posts_do_not_count(
    outside: Gatherum, world: World
) -> None:
    entries = world.add_person("alice", 9)
    outside("follow", USER, "--limit", "2")

    first = outside("sync", "--json")
    assert first.summary.stored == len(items(entries[:2]))

    more = world.add_person("bob", 4)  # alice says something new
    world.people["alice"] = (*more, *world.people["alice"])
    assert outside("sync", "--json").summary.stored == len(items(more))


def test_a_limit_holds_when_a_new_post_moves_the_page_at_which_it_ended(
    outside: Gatherum, world: World
) -> None:
    new, *entries = world.add_person("alice", 60)
    world.people["alice"] = tuple(entries)
    outside("follow", USER, "--limit", "25")  # as many as a page shows
    assert outside("sync", "--json").summary.stored == len(items(entries[:25]))

    world.people["alice"] = (new, *entries)

    assert outside("sync", "--json").summary.stored == len(items([new]))


def test_a_subscription_can_rest_and_end(outside: Gatherum, world: World) -> None:
    entries = world.add_person("alice", 3)
    outside("follow", USER)

    assert outside("subscriptions", "pause", "1").code == 0
    assert outside("sync").code == 2
    assert outside("subscriptions", "resume", "1").code == 0
    assert outside("sync", "1", "--json").summary.stored == len(items(entries))
    assert outside("subscriptions", "remove", "1").code == 0

    assert outside("subscriptions", "list", "--json").out == ""
    assert len(outside("media", "--json").media) == len(items(entries))


def test_a_server_brings_in_what_is_followed_by_itself(outside: Gatherum, world: World) -> None:
    entries = world.add_person("alice", 6)
    outside("follow", USER, "--every", "1h")

    with outside.under(GATHERUM_PORT="0").start("serve") as server:
        assert server.line().startswith("Gatherum is at")
        until = time.monotonic() + 120
        while len(outside.held()) < len(items(entries)):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert server.stop().code == 0


def test_a_paused_lane_holds_jobs_back_until_it_is_resumed(
    program: Gatherum, site: FaultySite
) -> None:
    url = site.put("/a.jpg", jpeg("a"))
    assert program("queue", "pause", "interactive").code == 0

    with program.start("get", "--json", url) as running:
        running.hear("Its lane is paused: it goes on when somebody resumes it.")
        assert site.log == []
        listed = program("queue", "list")
        assert program("queue", "resume", "interactive").code == 0
        ran = running.wait()

    assert "paused: interactive" in listed.out
    assert (ran.code, ran.counts) == (0, (1, 0, 0, 0))


def test_a_cancelled_job_ends_its_get_at_once(program: Gatherum, site: FaultySite) -> None:
    body = jpeg("slow")
    url = site.offer("/slow.jpg", Offer(body=body, drip=2.0, piece=len(body) // 20))
    with program.start("get", "--json", url) as running:
        while not site.log:
            time.sleep(0.05)
        (job,) = program("queue", "list", "--json").all(JobLine)

        assert program("queue", "cancel", job.id[:8]).code == 0
        begun = time.monotonic()
        ran = running.wait()

    assert time.monotonic() - begun < 5
    assert (ran.code, ran.counts) == (1, (0, 0, 0, 1))
    assert ran.only().reason == "cancelled"
    assert program("queue", "list", "--json").out == ""
    (ended,) = program("queue", "list", "--json", "--all").all(JobLine)
    assert (ended.id, ended.state) == (job.id, "cancelled")


def test_what_failed_on_an_older_page_comes_with_the_next_get(
    outside: Gatherum, world: World
) -> None:
    entries = speaks(world, "alice", 105)
    oldest = entries[-1].items[0]  # on the third page
    world.plant("i.redd.it", *[Fault(status=503, path=oldest.name) for _ in range(6)])

    first = outside.get(USER)
    second = outside.get(USER)

    total = len(items(entries))
    assert (first.code, first.counts) == (1, (total - 1, 0, 0, 1))
    assert second.code == 0
    assert (second.summary.stored, second.summary.failed) == (1, 0)
    assert hashlib.sha256(oldest.body).hexdigest() in outside.held().values()
