"""Goal 7: a look at an account of 10,000 known posts that has nothing new."""

from dataclasses import replace
from pathlib import Path

from benchmarks.contenders import Contender, Order, gallery_dl, ours
from benchmarks.measure import Run, serving
from benchmarks.race import Result, arrived, goal, workplace
from benchmarks.server import SIZE

FILES = 10_000
LOOKS = 3


def main() -> None:
    """Fill once, then look again; the resident figure is `gatherum` without what a start costs."""
    print(f"\n## nothing new among {FILES} known")
    with serving(0) as server:
        link = server.url(f"/@u{FILES}")
        results = {}
        for contender, links in ((ours(), [link]), (gallery_dl("-A", "1"), [f"mastodon:{link}"])):
            with workplace() as place:
                order = _order(place, links)
                first = contender.fetch(order)
                if first.code or arrived(order.folder, SIZE) != FILES:
                    files = arrived(order.folder, SIZE)
                    print(f"   {contender.name}: exit {first.code}, {files} of {FILES} files")
                    print(f"   {' '.join(first.complaint.split())[-300:]}")
                    continue
                looks = []
                for _ in range(LOOKS):
                    server.take_requests()
                    done = replace(contender, before=()).fetch(order)
                    looks.append(replace(done, requests=server.take_requests()))
                results[contender.name] = Result(name=contender.name, runs=tuple(looks))
        idle = _idle()
    for name, result in results.items():
        print(
            f"   {name:22}{result.wall:8.2f} s{result.cpu:8.2f} s CPU"
            f"{result.rss:8.0f} MB  requests: {', '.join(str(look.requests) for look in result.runs)}"
        )
    if len(results) == 2:
        mine, theirs = results["gatherum"], results["gallery-dl"]
        goal(
            "requests against gallery-dl -A 1",
            max(look.requests for look in mine.runs) / theirs.runs[0].requests,
            "<= 1",
        )
        goal("CPU against gallery-dl -A 1, whole process", mine.cpu / theirs.cpu, "no goal")
        if idle is not None:
            resident = max(mine.cpu - idle.cpu, 0.0)
            goal("CPU against gallery-dl -A 1, without our start", resident / theirs.cpu, "<= 0.3")


def _order(place: Path, links: list[str]) -> Order:
    folder, listed = place / "out", place / "links.txt"
    folder.mkdir()
    listed.write_text("\n".join(links) + "\n")
    return Order(links=listed, folder=folder, connections=16)


def _idle() -> Run | None:
    """Return what a start costs: a `get` of a link that is refused before any request."""
    with workplace() as place:
        order = _order(place, ["ftp://127.0.0.1/x"])
        contender: Contender = ours()
        if contender.path is None:
            return None
        return contender.fetch(order)
