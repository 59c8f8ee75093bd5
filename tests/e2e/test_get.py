"""What `get` promises besides the sources: lists, limits, interruptions, and other processes."""

import re
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.contract import JobLine
from tests.e2e.program import Gatherum, Ran, Running, digests
from tests.testsites.faulty import FaultySite, Offer
from tests.testsites.media import jpeg
from tests.testsites.samples import photo


def shop(site: FaultySite, count: int, *, drip: float = 0.0) -> dict[str, bytes]:
    """Offer some pictures; return their bytes by link."""
    bodies = {f"/shop/{number}.jpg": jpeg(f"shop {number}") for number in range(count)}
    return {
        site.offer(path, Offer(body=body, drip=drip, piece=len(body) // 8)): body
        for path, body in bodies.items()
    }


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


def freeze(running: Running, database: Path) -> None:
    """Stop a command for a while, but not amid a transaction, for which others would have to wait."""
    state = Path(f"/proc/{running.process.pid}/stat")
    while True:
        running.process.send_signal(signal.SIGSTOP)
        wait_for(lambda: state.read_text().rpartition(")")[2].split()[0] == "T")
        try:
            with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as store:
                store.execute("begin immediate")
                store.execute("rollback")
        except sqlite3.OperationalError:
            running.process.send_signal(signal.SIGCONT)
            time.sleep(0.01)
        else:
            return


def test_links_come_from_arguments_a_file_and_standard_input(
    program: Gatherum, site: FaultySite, tmp_path: Path
) -> None:
    urls = list(shop(site, 5))
    listed = tmp_path / "links.txt"
    listed.write_text(f"# what I want\n\n  {urls[1]}  \n{urls[2]}\n{urls[1]}\n", encoding="utf-8")

    by_file = program.get(urls[0], "--from", str(listed))
    by_pipe = program.get("--from", "-", stdin="\r\n".join([urls[2], urls[3], urls[4], ""]))

    assert (by_file.code, by_file.counts) == (0, (3, 0, 0, 0))
    assert {line.url for line in by_file.media} == set(urls[:3])
    assert (by_pipe.code, by_pipe.counts) == (0, (2, 1, 0, 0))
    assert all(site.bodies[f"/shop/{n}.jpg"] == 1 for n in range(5))


def test_many_links_to_files_are_one_job(program: Gatherum, site: FaultySite) -> None:
    bodies = shop(site, 60)

    first = program.get("--from", "-", stdin="\n".join(bodies))
    second = program.get("--from", "-", stdin="\n".join(bodies))

    assert (first.code, first.counts) == (0, (60, 0, 0, 0))
    assert sorted(program.held().values()) == digests(list(bodies.values()))
    assert (second.code, second.counts) == (0, (0, 60, 0, 0))
    assert (first.summary.requests, second.summary.requests) == (60, 0)
    assert sum(site.bodies.values()) == 60
    jobs = program("queue", "list", "--all", "--json").all(JobLine)
    assert [(job.kind, job.state) for job in jobs] == [("LinkGet", "done")] * 2


def test_the_same_bytes_at_two_links_are_one_file_and_counted_twice(
    program: Gatherum, site: FaultySite
) -> None:
    body = jpeg("twin")
    one, two = site.put("/one.jpg", body), site.put("/other/two.jpg", body)

    ran = program.get(one, two)

    assert (ran.code, ran.counts) == (0, (2, 0, 0, 0))
    assert len({line.id for line in ran.media}) == 2
    (path,) = {line.path for line in ran.media}
    assert program.held() == {path: digests([body])[0]}
    assert len(program("media", "--json").media) == 2


def test_a_limit_takes_the_newest_and_a_later_get_the_rest(
    program: Gatherum, site: FaultySite
) -> None:
    link, bodies = feed(site, 12)

    some = program.get(link, "--limit", "5")
    rest = program.get(link)

    assert (some.code, some.counts) == (0, (5, 0, 0, 0))
    assert {line.post for line in some.media} == {f"episode-{number}" for number in range(7, 12)}
    assert (rest.code, rest.counts) == (0, (7, 5, 0, 0))
    assert sorted(program.held().values()) == digests(bodies)
    assert all(site.bodies[f"/feed/{number}.jpg"] == 1 for number in range(12))


def test_what_failed_for_a_while_comes_with_the_next_get(
    program: Gatherum, site: FaultySite
) -> None:
    link, bodies = feed(site, 3)
    site.offer("/feed/1.jpg", Offer(status=503, body=b"later", content_type="text/plain"))

    first = program.get(link)
    site.put("/feed/1.jpg", bodies[1])
    second = program.get(link)

    assert (first.code, first.counts) == (1, (2, 0, 0, 1))
    assert [line.reason for line in first.media if line.state == "failed"] == ["unavailable"]
    assert (second.code, second.counts) == (0, (1, 2, 0, 0))
    assert sorted(program.held().values()) == digests(bodies)


def test_an_interrupted_get_keeps_its_state_and_the_next_one_completes_it(
    program: Gatherum, site: FaultySite
) -> None:
    bodies = shop(site, 40, drip=0.15)
    with program.start("get", "--json", *bodies) as running:
        told = [running.line() for _ in range(5)]

        ran = running.stop(signal.SIGINT)

    assert ran.code == 130
    assert ran.seconds < 5
    assert "goes on" in ran.err
    stored = Ran(code=0, out="\n".join(told) + "\n" + ran.out, err="", seconds=0).media
    assert {line.state for line in stored} == {"stored"}
    assert len(program.held()) < 40
    before = {line.url for line in program("media", "--json").media}
    assert {line.url for line in stored} <= before

    again = program.get(*bodies)

    assert again.code == 0
    assert again.summary.stored + again.summary.known == 40
    assert {line.url for line in again.media if line.state == "known"} >= before
    assert sorted(program.held().values()) == digests(list(bodies.values()))
    assert program("check", "--json").out == ""
    for url in before:
        assert site.bodies[url.removeprefix(site.url(""))] == 1
    assert list((program.root / ".staging").iterdir()) == []


def test_a_second_get_follows_the_first_and_goes_on_when_that_ends(
    program: Gatherum, site: FaultySite
) -> None:
    first = shop(site, 8, drip=0.4)
    slow = {
        site.offer(
            f"/slow/{n}.jpg", Offer(body=photo(f"slow {n}"), drip=0.15, piece=20_000)
        ): photo(f"slow {n}")
        for n in range(4)
    }
    with program.start("get", "--json", *first) as one:
        wait_for(lambda: site.bodies)
        freeze(one, program.data / "gatherum.db")  # however long the other takes to start
        with program.start("get", "--json", *slow) as two:
            two.hear("following")
            one.process.send_signal(signal.SIGCONT)
            ended, later = one.wait(), two.wait()

    assert (ended.code, ended.counts) == (0, (8, 0, 0, 0))
    assert (later.code, later.counts) == (0, (4, 0, 0, 0))
    assert "following" in later.err
    assert sorted(program.held().values()) == digests([*first.values(), *slow.values()])
    assert all(site.bodies[url.removeprefix(site.url(""))] == 1 for url in first)
    assert sum(site.bodies.values()) <= len(first) + 2 * len(slow)  # what was cut off comes anew


def test_two_gets_of_one_link_at_once_fetch_it_once(program: Gatherum, site: FaultySite) -> None:
    (url,) = shop(site, 1, drip=0.2)

    with program.start("get", "--json", url) as one, program.start("get", "--json", url) as two:
        results = [one.wait(), two.wait()]

    assert [ran.code for ran in results] == [0, 0]
    assert sum(ran.summary.stored for ran in results) >= 1
    assert all(ran.summary.stored + ran.summary.known == 1 for ran in results)
    assert sum(site.bodies.values()) == 1


def test_get_beside_a_server_lets_the_server_do_it(program: Gatherum, site: FaultySite) -> None:
    bodies = shop(site, 6)
    with program.under(GATHERUM_PORT="0").start("serve") as server:
        assert server.line().startswith("Gatherum is at http://localhost:")

        ran = program.get(*bodies)
        again = program.get(*bodies)
        listed = program("media", "--json")
        stopped = server.stop()

    assert (ran.code, ran.counts) == (0, (6, 0, 0, 0))
    assert (again.code, again.counts) == (0, (0, 6, 0, 0))
    assert len(listed.media) == 6
    assert "following" in ran.err
    assert (stopped.code, stopped.seconds < 5) == (0, True)


def test_people_read_paths_and_a_sentence(program: Gatherum, site: FaultySite) -> None:
    bodies = shop(site, 2)

    ran = program("get", *bodies, site.url("/missing.jpg"))

    assert ran.code == 1
    assert sorted(ran.out.splitlines()) == sorted(program.held())
    assert "2 stored, 0 known, 0 skipped, 1 failed (1 gone)." in ran.err


def test_who_waits_for_a_source_is_told_what_for(program: Gatherum, site: FaultySite) -> None:
    asked_to_wait = Offer(status=429, headers={"Retry-After": "15"}, body=b"slow down", etag="")
    link = site.offer("/busy.jpg", asked_to_wait)

    with program.start("get", link) as running:
        wait_for(lambda: site.log)
        site.put("/busy.jpg", jpeg("in the end"))
        ran = running.wait()

    assert ran.code == 0
    assert len(ran.out.splitlines()) == 1
    (told,) = [line for line in ran.err.splitlines() if "left alone" in line]
    assert re.fullmatch(r"127\.0\.0\.1 is left alone for \d+ s more: it asked us to wait\.", told)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_get_that_only_follows_can_be_interrupted_too(
    program: Gatherum, site: FaultySite, number: signal.Signals
) -> None:
    (url,) = shop(site, 1, drip=0.5)
    with program.under(GATHERUM_PORT="0").start("serve") as server:
        server.line()
        with program.start("get", "--json", url) as follower:
            wait_for(lambda: site.log)

            ran = follower.stop(number)

        assert (ran.code in (130, -signal.SIGTERM, 143), ran.seconds < 3) == (True, True)
        wait_for(program.held)


def feed(site: FaultySite, count: int) -> tuple[str, list[bytes]]:
    """Offer a feed with a picture an entry, newest last; return its link and the bodies."""
    bodies = [jpeg(f"feed {number}") for number in range(count)]
    entries = "".join(
        f"<item><title>{number}</title><guid>episode-{number}</guid>"
        f"<pubDate>{number + 1:02} Sep 2025 08:00:00 GMT</pubDate><enclosure "
        f'url="{site.put(f"/feed/{number}.jpg", body)}" type="image/jpeg" length="1"/></item>'
        for number, body in enumerate(bodies)
    )
    text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{entries}</channel></rss>'
    link = site.put("/feed/index.xml", text.encode(), content_type="application/rss+xml")
    return link, bodies
