"""Goals 5 and 6: files where the bytes cost more than the requests, and one that is huge."""

from benchmarks.contenders import ARIA2, BARE, CURL, SERVER, WGET2, gallery_dl, ours
from benchmarks.measure import serving
from benchmarks.race import Course, goal, race


def main() -> None:
    """Race over 200 files of 5 MB, then over one of 2 GB."""
    with serving(0) as server:
        size = 5_000_000
        links = [server.url(f"/f/{size}/{number}.mp4") for number in range(200)]
        course = Course(title="200 files of 5 MB", links=links, files=200, least=size)
        everybody = [SERVER, BARE, CURL, WGET2, ARIA2, gallery_dl(), ours()]
        small = race(course, everybody, server)
        if "gatherum" in small:
            mine = small["gatherum"].wall
            for name, wanted in (("curl", "<= 1.6"), ("gallery-dl", "<= 0.8")):
                if name in small:
                    goal(f"wall against {name}", mine / small[name].wall, wanted)

        size = 2_000_000_000
        huge = Course(
            title="one file of 2 GB",
            links=[server.url(f"/f/{size}/1.mp4")],
            files=1,
            least=size,
            rounds=2,
        )
        large = race(huge, [SERVER, CURL, gallery_dl(), ours()], server)
        if "gatherum" in large and "gallery-dl" in large:
            ratio = large["gatherum"].wall / large["gallery-dl"].wall
            goal("wall against gallery-dl", ratio, "<= 0.7")
        if "gatherum" in large and "gatherum" in small:
            ratio = large["gatherum"].rss / small["gatherum"].rss
            goal("peak memory against that for small files", ratio, "<= 1.2")
