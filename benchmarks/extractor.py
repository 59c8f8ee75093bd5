"""Goal 4: an account of 100 posts through gallery-dl's own extractor, 100 ms away."""

from dataclasses import replace

from benchmarks.contenders import YT_DLP, gallery_dl, ours
from benchmarks.measure import serving
from benchmarks.race import Course, goal, race
from benchmarks.server import SIZE

FILES = 100


def main() -> None:
    """Race over the account; yt-dlp has no such extractor and gets the links of 100 clips."""
    with serving(100) as server:
        account = Course(
            title="an account of 100 posts, 100 ms",
            links=[server.url(f"/@u{FILES}")],
            files=FILES,
            least=SIZE,
            rounds=3,
        )
        results = dict(race(account, [ours()], server))
        theirs = replace(account, links=[f"mastodon:{account.links[0]}"], title="gallery-dl's way")
        results |= race(theirs, [gallery_dl()], server)
        size = 100_000
        clips = [server.url(f"/f/{size}/{number}.mp4") for number in range(FILES)]
        films = Course(
            title="the same number of plain clips", links=clips, files=FILES, least=size, rounds=1
        )
        results |= race(films, [YT_DLP], server)
        one = replace(account, title="an account of one post", links=[server.url("/@u1")], files=1)
        start = race(one, [ours(name="gatherum, 1 post")], server)
    mine = results.get("gatherum")
    for name, wanted in (("gallery-dl", ">= 8"), ("yt-dlp", ">= 15")):
        if mine and name in results:
            goal(f"times as fast as {name}", results[name].wall / mine.wall, wanted)
            if start:
                alone = mine.wall - start["gatherum, 1 post"].wall
                print(f"   without the start: {results[name].wall / alone:.1f} times")
