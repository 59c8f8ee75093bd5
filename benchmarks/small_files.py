"""Goals 1 to 3: many small files from a plain list, near, far and farther away."""

from collections.abc import Mapping

from benchmarks.contenders import ARIA2, BARE, CURL, SERVER, WGET2, gallery_dl, ours
from benchmarks.measure import serving
from benchmarks.race import Course, Result, goal, race

SIZE = 200_000
CONNECTIONS = 16
START = "gatherum, 1 file"


def main() -> None:
    """Race at 0, 30 and 100 ms."""
    near()
    far()
    farther()


def near() -> None:
    """Goal 3: without latency, what a file costs."""
    results = _race(latency_ms=0, files=2000, with_gallery_dl=True)
    mine, theirs = results.get("gatherum"), results.get("gallery-dl")
    if mine and theirs:
        goal("files/s against gallery-dl", theirs.wall / mine.wall, ">= 1.3, then 2")
        goal("CPU against gallery-dl", mine.cpu / theirs.cpu, "<= 1.2")
        _without_start(results, 2000)


def far() -> None:
    """Goal 1: 30 ms."""
    results = _race(latency_ms=30, files=2000, with_gallery_dl=False)
    best = min((results[name].wall for name in ("curl", "wget2") if name in results), default=0)
    if best and "gatherum" in results:
        goal("wall against the best of curl and wget2", results["gatherum"].wall / best, "<= 1.15")
    _ideal(results, 2000, 0.03)


def farther() -> None:
    """Goal 2: 100 ms."""
    results = _race(latency_ms=100, files=800, with_gallery_dl=False)
    _ideal(results, 800, 0.1)


def _race(*, latency_ms: int, files: int, with_gallery_dl: bool) -> Mapping[str, Result]:
    with serving(latency_ms) as server:
        links = [server.url(f"/f/{SIZE}/{number}.jpg") for number in range(files)]
        contenders = [SERVER, BARE, CURL, WGET2, ARIA2, ours()]
        if with_gallery_dl:
            contenders.append(gallery_dl())
        results = race(
            Course(
                title=f"{files} files of 200 KB, {latency_ms} ms, {CONNECTIONS} connections",
                links=links,
                files=files,
                least=SIZE,
                connections=CONNECTIONS,
            ),
            contenders,
            server,
        )
        one = Course(title="one file: what a start costs", links=links[:1], files=1, least=SIZE)
        start = race(one, [ours(name=START), gallery_dl(name="gallery-dl, 1 file")], server)
    return {**results, **start}


def _ideal(results: Mapping[str, Result], files: int, latency: float) -> None:
    if "gatherum" in results:
        ideal = files * latency / CONNECTIONS
        goal("wall against n * latency / c", results["gatherum"].wall / ideal, "<= 1.10")
        _without_start(results, files)


def _without_start(results: Mapping[str, Result], files: int) -> None:
    if START in results:
        wall = results["gatherum"].wall - results[START].wall
        cpu = results["gatherum"].cpu - results[START].cpu
        print(f"   without the start: {wall:.2f} s, {cpu / files * 1000:.2f} ms CPU a file")
