"""Goal 11, second half: thumbnails and parts of large files over HTTP, beside Starlette's own."""

import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.http_clients import ask, get
from benchmarks.library import media_row
from benchmarks.race import goal, workplace
from gatherum.db import Database
from gatherum.db.migrate import migrate
from gatherum.library.tables import FileRow, MediaRow, PostRow
from gatherum.processing.shelf import Shelf

THUMBNAILS = 200
LAST = THUMBNAILS + 1
THUMBNAIL = 20_000  # bytes
LARGE = 1_000_000_000
CONNECTIONS = 16
ROUNDS = 3
SERVERS = ("FileResponse", "read+Response", "gatherum")
Wanted = tuple[int, str, Mapping[str, str]]  # which, what of it, and further headers
WEBP = b"RIFF" + (THUMBNAIL - 8).to_bytes(4, "little") + b"WEBP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that runs, and what a client shows it."""

    port: int
    headers: Mapping[str, str]
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best of some runs: requests and MB a second, and ms of CPU a request."""

    rate: float
    speed: float
    cpu: float

    def better(self, other: "Best") -> "Best":
        """Return the best of both: what disturbs a run only ever makes it dearer."""
        return Best(
            rate=max(self.rate, other.rate),
            speed=max(self.speed, other.speed),
            cpu=min(self.cpu, other.cpu),
        )


def main() -> None:
    """Ask all servers for the same, in turns."""
    with workplace() as place, ExitStack() as stack:
        _fill(place)
        servers = {name: stack.enter_context(_serving(name, place)) for name in SERVERS}
        numbers = range(1, THUMBNAILS + 1)

        print("\n## each thumbnail once, by a server that has just started (the first request too)")
        once: list[Wanted] = [(number, "thumbnail?size=320", {}) for number in numbers]
        _race(servers, once, connections=6, rounds=1)

        print(f"\n## {THUMBNAILS} thumbnails of {THUMBNAIL // 1000} KB, again and again")
        found = _race(servers, once * 40)
        ours, peer = found["gatherum"], found["FileResponse"]
        goal("requests a second against FileResponse", ours.rate / peer.rate, ">= 4")
        goal("CPU of FileResponse against ours", peer.cpu / ours.cpu, ">= 4")

        dice = random.Random(1)
        starts = [dice.randrange(LARGE - 1_000_000) for _ in range(1_000)]
        parts: list[Wanted] = [
            (LAST, "original", {"Range": f"bytes={s}-{s + 999_999}"}) for s in starts
        ]
        whole: list[Wanted] = [(LAST, "original", {})]
        for title, wanted, connections in (
            ("1 MB out of a file of 1 GB, anywhere in it", parts, 4),
            ("a file of 1 GB, whole", whole, 1),
        ):
            print(f"\n## {title}")
            found = _race(servers, wanted, but=("read+Response",), connections=connections)
            ours, peer = found["gatherum"], found["FileResponse"]
            goal("requests a second against FileResponse", ours.rate / peer.rate, ">= 1")


def _race(
    servers: Mapping[str, Server],
    wanted: Sequence[Wanted],
    *,
    but: Sequence[str] = (),
    connections: int = CONNECTIONS,
    rounds: int = ROUNDS,
) -> dict[str, Best]:
    """Ask the servers in turns; print and return what each reached at best."""
    found: dict[str, Best] = {}
    present = {name: server for name, server in servers.items() if name not in but}
    for _ in range(rounds):
        for name, server in present.items():
            requests = [
                get(f"/api/v1/files/{number}/{what}", {**server.headers, **more})
                for number, what, more in wanted
            ]
            begun = _cpu(server.pid)
            taken, size = ask(server.port, requests, connections)
            done = Best(
                rate=len(requests) / taken,
                speed=size / taken / 1e6,
                cpu=(_cpu(server.pid) - begun) / len(requests) * 1000,
            )
            found[name] = done.better(found.get(name, done))
    for name, best in found.items():
        print(
            f"   {name:14} {best.rate:9.1f} requests/s {best.speed:8.1f} MB/s"
            f"   CPU {best.cpu:8.3f} ms a request"
        )
    return found


@contextmanager
def _serving(name: str, place: Path) -> Iterator[Server]:
    with (
        (place / f"{name}.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.http_servers", name, str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        assert process.stdin
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise SystemExit((place / f"{name}.log").read_text()[-2000:])
        told = json.loads(line)
        headers = {"Host": f"localhost:{told['port']}"}
        if told["cookie"]:
            headers |= {"Cookie": told["cookie"], "Sec-Fetch-Site": "same-origin"}
        yield Server(port=told["port"], headers=headers, pid=process.pid)
        process.stdin.close()


def _fill(place: Path) -> None:
    """Make a library of thumbnails that are there already, and a large file under the last number."""
    data, files = place / "data", place / "files"
    root = data / "library-root"
    (root / "library").mkdir(parents=True)
    files.mkdir()
    shelf, dice = Shelf(data / "cache" / "thumbnails"), random.Random(1)
    names = {}
    for number in range(1, THUMBNAILS + 1):
        picture = WEBP + dice.randbytes(THUMBNAIL - len(WEBP))
        names[number] = hashlib.sha256(picture).hexdigest()
        (files / str(number)).write_bytes(picture)
        shelf.keep(names[number], "320", picture)
    shelf.close()
    block = dice.randbytes(1_000_000)
    with (root / "library" / "large.mp4").open("wb") as large:
        for _ in range(LARGE // len(block)):
            large.write(block)
    (files / str(LAST)).hardlink_to(root / "library" / "large.mp4")
    url = f"sqlite:///{data / 'gatherum.db'}"
    migrate(url, backup_dir=None)
    database = Database(url)
    database.write_now(lambda tx: _insert(tx, names))
    database.close()


def _insert(tx: sa.Connection, names: Mapping[int, str]) -> None:
    texts = dict.fromkeys(("platform", "host", "remote_id", "url", "author", "caption"), "")
    tx.execute(
        sa.insert(PostRow).values({**texts, "id": 1, "links": [], "seen_at": 0, "versions": 1})
    )
    for number, sha256 in {**names, LAST: "f" * 64}.items():
        file = {
            "id": number,
            "state": "stored",
            "sha256": sha256,
            "size": LARGE,
            "mime": "video/mp4" if number == LAST else "image/jpeg",
            "kind": "video" if number == LAST else "image",
            "part": f".staging/{number}.part",
            "path": "library/large.mp4" if number == LAST else f"library/{number}.jpg",
            "thumbhash": b"known",
        }
        tx.execute(sa.insert(FileRow).values(file))
        media = {**media_row(number), "id": number, "state": "stored", "file_id": number}
        tx.execute(sa.insert(MediaRow).values(media))


def _cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


if __name__ == "__main__":
    main()
