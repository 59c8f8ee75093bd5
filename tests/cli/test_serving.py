"""`serve`, `worker` and `doctor` as a supervisor sees them."""

import json
import signal
import time
import urllib.request
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.e2e.contract import LookLine
from tests.e2e.program import Gatherum
from tests.testsites.faulty import FaultySite, Offer
from tests.testsites.media import jpeg

DOWN_S = 5.0


@pytest.fixture
def server(program: Gatherum) -> Gatherum:
    return program.under(GATHERUM_PORT="0")


def read(url: str) -> tuple[int, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        return answer.status, answer.read().decode()


def test_it_says_where_it_is_answers_and_stops_in_time(server: Gatherum) -> None:
    with server.under(GATHERUM_LOG_FORMAT="json").start("serve") as running:
        line = running.line()
        address = line.removeprefix("Gatherum is at ")
        answers = [read(f"{address}/health/{name}") for name in ("live", "ready")]
        home = read(f"{address}/")

        ran = running.stop()

    assert address.startswith("http://localhost:")
    assert [(status, json.loads(text)) for status, text in answers] == [
        (200, {"status": "ok"}),
        (200, {"status": "ok"}),
    ]
    assert "<title>Gatherum</title>" in home[1]
    assert ran.code == 0
    told = [json.loads(record) for record in ran.err.splitlines()]
    (begun,) = [record for record in told if record["event"] == "started"]
    assert {record["event"] for record in told} == {"started", "worker started"}  # no requests
    assert begun.items() >= {"program": "serve", "url": address, "level": "info"}.items()
    assert begun["data"] == str(server.data)
    assert begun["database"] == f"sqlite:///{server.data}/gatherum.db"
    assert begun["version"] == version("gatherum")
    assert ran.seconds < DOWN_S


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_the_middle_of_a_download_and_goes_on_later(
    number: signal.Signals, server: Gatherum, site: FaultySite
) -> None:
    body = jpeg("slow")
    url = site.offer("/slow.jpg", Offer(body=body, drip=0.4, piece=len(body) // 10))
    with server.start("serve") as running:
        running.line()
        with server.start("get", "--json", url) as follower:
            while not site.log:
                time.sleep(0.02)

            ran = running.stop(number)

            assert ran.code in (0, 130)
            assert ran.seconds < DOWN_S
            assert follower.wait().counts == (1, 0, 0, 0)  # which took over
    assert list(server.held())


def test_it_does_not_listen_on_a_network_without_being_told_its_address(server: Gatherum) -> None:
    ran = server.under(GATHERUM_HOST="0.0.0.0")("serve")

    assert (ran.code, ran.out) == (2, "")
    assert "GATHERUM_PUBLIC_URL" in ran.err


def test_a_port_that_is_taken_is_told(server: Gatherum, site: FaultySite) -> None:
    port = site.url("").rpartition(":")[2]

    ran = server.under(GATHERUM_PORT=port)("serve")

    assert ran.code not in (0, 130)
    assert port in ran.err


def test_two_servers_do_not_share_a_folder(server: Gatherum) -> None:
    with server.start("serve") as running:
        running.line()

        ran = server("serve")
        worker = server("worker")

    assert (ran.code, worker.code) == (4, 4)
    assert "already works on this data folder" in ran.err
    assert "already works on this data folder" in worker.err


def test_a_worker_performs_what_a_server_without_one_only_shows(
    server: Gatherum, site: FaultySite
) -> None:
    url = site.put("/a.jpg", jpeg("a"))
    with server.start("serve", "--no-worker") as shown, server.start("worker") as worker:
        assert shown.line().startswith("Gatherum is at")
        assert "performs jobs" in worker.line()

        ran = server.get(url)

        assert (ran.code, ran.counts) == (0, (1, 0, 0, 0))
        assert "following" in ran.err
        ended = worker.stop()
        assert (ended.code, shown.stop().code) == (0, 0)

    lines = [line for line in ended.err.splitlines() if "kind=LinkGet" in line]
    assert len(lines) == 1, ended.err
    assert all(word in lines[0] for word in ("job ended", "how=done", "seconds="))


def test_the_doctor_looks_at_everything_and_finds_this_machine_well(program: Gatherum) -> None:
    ran = program("doctor", "--json")

    looks = {line.name: line for line in ran.all(LookLine)}
    assert ran.code == (0 if all(line.ok for line in looks.values()) else 1)
    assert {"data folder", "database", "disk", "ffmpeg", "gallerydl", "ytdlp"} <= looks.keys()
    assert all(looks[name].ok for name in ("data folder", "database", "gallerydl", "ytdlp"))
    assert all(line.detail for line in looks.values())


def test_the_doctor_says_what_is_wrong_with_a_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")

    ran = Gatherum(data=tmp_path / "data")("doctor")

    assert ran.code == 1
    assert "NO  data folder" in ran.out


def test_an_environment_that_makes_no_sense_is_told(program: Gatherum) -> None:
    for wrong in (
        {"GATHERUM_PORT": "many"},
        {"GATHERUM_LOG_LEVEL": "loud"},
        {"GATHERUM_DATABASE_URL": "mysql://nobody@nowhere/x"},
        {"GATHERUM_NETWORK_PROXY": "not a proxy"},
        {"GATHERUM_NETWORK_CA_BUNDLE": "/there/is/none.pem"},
    ):
        ran = program.under(**wrong)("get", "https://files.example/a.jpg")

        assert ran.code in (2, 4), (wrong, ran)
        assert len(ran.err.strip()) > 20


def test_logs_can_be_read_by_machines(program: Gatherum, site: FaultySite) -> None:
    loud = program.under(GATHERUM_LOG_LEVEL="info", GATHERUM_LOG_FORMAT="json")

    ran = loud.get(site.put("/a.jpg", jpeg("a")))

    lines = [line for line in ran.err.splitlines() if line.startswith("{")]
    assert ran.counts == (1, 0, 0, 0)
    assert lines
    assert all("event" in json.loads(line) for line in lines)


def test_the_demonstration_shows_the_main_job_and_stays_until_it_is_stopped(
    tmp_path: Path,
) -> None:
    program = Gatherum(data=tmp_path / "data")
    with program.start("demo") as running:
        lines: list[str] = []
        while not lines or not lines[-1].startswith("Gatherum is at"):
            lines.append(running.line())
            assert running.process.poll() is None, lines

        ran = running.stop(signal.SIGINT)

    asked = [line for line in lines if line.startswith("$ gatherum get http://127.0.0.1:")]
    told = [line for line in lines if line.startswith("library/")]
    held = replace(program, data=program.data / "demo").held()
    assert len(asked) >= 5
    assert set(told) == set(held)
    assert len(held) > 50
    assert (ran.code in (0, 130), ran.seconds < DOWN_S) == (True, True)


def test_a_fresh_machine_needs_no_configuration(site: FaultySite, tmp_path: Path) -> None:
    program = Gatherum(
        data=tmp_path / "not" / "there" / "yet",
        env={"GATHERUM_NETWORK_ALLOW": "127.0.0.1"},
        cold=True,
    )
    program.data.parent.mkdir(parents=True)
    urls = [site.put(f"/{number}.jpg", jpeg(f"fresh {number}")) for number in range(3)]

    ran = program.get(*urls)

    assert (ran.code, ran.counts) == (0, (3, 0, 0, 0))
    assert ran.err == ""
    assert oct(program.data.stat().st_mode & 0o777) == "0o700"
    assert oct((program.data / "secret.key").stat().st_mode & 0o777) == "0o600"
