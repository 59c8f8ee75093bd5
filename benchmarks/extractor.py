"""Goal 4: an account of 100 posts through gallery-dl's own extractor, 100 ms away."""

from benchmarks.contenders import YT_DLP, gallery_dl, gallery_dl_in, ours
from benchmarks.measure import serving
from benchmarks.race import Course, goal, race
from benchmarks.server import SIZE

FILES = 100
ONE_CONNECTION = "gatherum, 1 connection"
START = "gatherum, 1 post"


def main() -> None:
    """Race over the account; yt-dlp has no such extractor and gets the links of 100 clips."""
    with serving(100) as server:
        account = server.url(f"/@u{FILES}")
        several = gallery_dl_in(4, FILES)
        course = Course(
            title=f"an account of {FILES} posts, 100 ms",
            links=[account],
            files=FILES,
            least=SIZE,
            rounds=2,
            other={
                "gallery-dl": [f"mastodon:{account}"],
                several.name: [f"mastodon:{account}"],
                "yt-dlp": [server.url(f"/f/100000/{number}.mp4") for number in range(FILES)],
            },
        )
        contenders = [
            ours(),
            ours(name=ONE_CONNECTION, per_host=1),
            gallery_dl(),
            several,
            YT_DLP,
        ]
        results = race(course, contenders, server)
        one = Course(
            title="an account of one post: what a start costs",
            links=[server.url("/@u1")],
            files=1,
            least=SIZE,
        )
        start = race(one, [ours(name=START)], server)
    mine = results.get("gatherum")
    for name, wanted in (("gallery-dl", ">= 8"), ("yt-dlp", ">= 15")):
        if mine and name in results:
            goal(f"times as fast as {name}", results[name].wall / mine.wall, wanted)
            if START in start and (alone := mine.wall - start[START].wall) > 0:
                print(f"   without the start: {results[name].wall / alone:.1f} times")
