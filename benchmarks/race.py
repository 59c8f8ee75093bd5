"""A race: every contender fetches the same, in turns, several rounds, and a table is printed."""

import shutil
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.contenders import Contender, Order
from benchmarks.measure import Run, Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a contender reached over all rounds."""

    name: str
    runs: tuple[Run, ...]

    @property
    def wall(self) -> float:
        """The least wall time: what disturbs a run only ever makes it longer."""
        return min(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        """The median CPU time."""
        return statistics.median(run.cpu for run in self.runs)

    @property
    def rss(self) -> float:
        """The peak memory in MB."""
        return max(run.rss for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is raced over."""

    title: str
    links: Sequence[str]
    files: int  # that must have arrived
    least: int  # bytes that each has at least
    connections: int = 16
    rounds: int = 3
    other: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # links of those who need others


def race(course: Course, contenders: Sequence[Contender], server: Server) -> Mapping[str, Result]:
    """Run the race, print its table, and return the results of those who finished it."""
    print(f"\n## {course.title}")
    runs: dict[str, list[Run]] = {}
    present = [one for one in contenders if _is_here(one)]
    for _ in range(course.rounds):
        for contender in present:
            done = _once(course, contender, server)
            if done is not None:
                runs.setdefault(contender.name, []).append(done)
    results = {name: Result(name=name, runs=tuple(done)) for name, done in runs.items()}
    _print(course, results)
    return results


def goal(text: str, ratio: float, wanted: str) -> None:
    """Print a ratio beside what it should be."""
    print(f"   {text}: {ratio:.2f} (goal {wanted})")


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="gatherum-bench-"))
    try:
        yield place
    finally:
        shutil.rmtree(place)


def arrived(folder: Path, least: int) -> int:
    """Return how many files of at least that size lie under `folder`."""
    return sum(
        path.stat().st_size >= least
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("gatherum.db")
    )


def _once(course: Course, contender: Contender, server: Server) -> Run | None:
    with workplace() as place:
        folder, links = place / "out", place / "links.txt"
        folder.mkdir()
        wanted = course.other.get(contender.name, course.links)
        links.write_text("\n".join(wanted) + "\n")
        server.take_requests()
        order = Order(links=links, folder=folder, connections=course.connections)
        done = contender.fetch(order)
        files = arrived(folder, course.least)
        done = replace(done, requests=server.take_requests(), files=files)
    if contender.name != "(server)" and (done.code or files != course.files):
        complaint = " ".join(done.complaint.split())[-300:]
        print(f"   {contender.name}: exit {done.code}, {files} of {course.files} files {complaint}")
        return None
    return done


def _is_here(contender: Contender) -> bool:
    if contender.path is None:
        print(f"   {contender.name}: not on this machine")
    return contender.path is not None


def _print(course: Course, results: Mapping[str, Result]) -> None:
    rows = f"   {'':22}{'least wall s':>13}{'median CPU s':>14}{'CPU ms/file':>13}"
    print(f"{rows}{'files/s':>9}{'peak MB':>9}{'requests':>10}")
    for result in sorted(results.values(), key=lambda one: one.wall):
        print(
            f"   {result.name:22}{result.wall:13.2f}{result.cpu:14.2f}"
            f"{result.cpu / course.files * 1000:13.2f}{course.files / result.wall:9.0f}"
            f"{result.rss:9.0f}{result.runs[-1].requests:10}"
        )
