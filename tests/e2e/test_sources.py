"""`get` of every kind of source, twice: all of it the first time, not one byte the second time."""

import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from anyio.from_thread import BlockingPortal
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gatherum.demo.api import Budget
from gatherum.demo.content import posts_of
from gatherum.demo.platform import build_platform
from tests.e2e.conftest import LOOPBACK
from tests.e2e.contract import PostLine
from tests.e2e.program import Gatherum, Ran, digests, fresh
from tests.fetching.samples import sample
from tests.testsites.bluesky import KEEPER, mount_bluesky
from tests.testsites.gateway import Gateway
from tests.testsites.mastodon import mastodon
from tests.testsites.media import jpeg, mp4
from tests.testsites.reddit import mount_reddit
from tests.testsites.snac import Missing, running_snac
from tests.testsites.videos import videos
from tests.testsites.world import World, items
from tests.testsites.xenforo import xenforo

EPISODES = {
    "/1.mp3": ("audio/mpeg", "constant.mp3"),
    "/2.mp3": ("audio/mpeg", "variable.mp3"),
    "/3.m4a": ("audio/mp4", "alac.m4a"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A link, what is behind it, and how to count the bodies that its site has sent."""

    link: str
    platform: str
    bodies: Sequence[bytes] | None  # None: they are put together anew, so hashes say nothing
    sent: Callable[[], int]
    count: int = 0
    page: int | None = None  # media on the newest page, where a second listing may stop

    @property
    def total(self) -> int:
        return self.count or len(self.bodies or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The two runs over a source."""

    source: Source
    program: Gatherum
    first: Ran
    second: Ran
    sent: tuple[int, int]  # bodies after the first run, and after the second


class Sites:
    """Everything on the internet, and what of it the tests look at."""

    def __init__(self, portal: BlockingPortal, stack: ExitStack, folder: Path) -> None:
        world = World()
        self.alice = world.add_person("alice", 23)
        self.bob = world.add_person("bob", 14)
        self.secret = world.add_person("secret", 4)
        mount_reddit(world, page=10)
        mount_bluesky(world, page=20)
        world.mount("social.example", mastodon(world, "social.example"))
        world.mount("forum.example", xenforo(world, "forum.example", closed=["secret"]))
        world.mount("video.example", videos())
        world.mount("cast.example", podcast())
        routes = [Route("/{id}", shown), Route("/{id}/{name}", shown)]
        world.mount("imagetwist.com", Starlette(routes=routes))
        world.mount("i5.imagetwist.com", Starlette(routes=[Route("/i/{name}", beach)]))
        # The demonstration, as if it were on the internet; with a budget that a test can spend.
        world.mount("plaza.example", build_platform(Budget(burst=1000, per_second=1000)))
        self.world = world
        self.gateway = stack.enter_context(portal.wrap_async_context_manager(Gateway(world)))
        self.gallery = stack.enter_context(served_folder(folder))

    def sources(self) -> dict[str, Source]:
        world = self.world
        count = world.count
        pages = {f"/{name}" for name in self.gallery.names}
        return {
            "demo": Source(
                link="https://plaza.example/@bruno",
                platform="plaza",
                bodies=[item.body() for post in posts_of("bruno") for item in post.items],
                sent=partial(count, "plaza.example", r"^/media/.*\.(jpg|png|mp4)$"),
            ),
            "listing": Source(
                link=f"{self.gallery.url}/",
                platform="web",
                bodies=list(self.gallery.files.values()),
                sent=lambda: sum(hit in pages for hit in self.gallery.log),
            ),
            "page": Source(
                link=f"{self.gallery.url}/holiday/index.html",
                platform="web",
                bodies=list(self.gallery.holiday.values()),
                sent=lambda: sum("/holiday/full" in hit for hit in self.gallery.log),
            ),
            "podcast": Source(
                link="https://cast.example/feed.xml",
                platform="feed",
                bodies=[sample(name) for _, name in EPISODES.values()],
                sent=partial(count, "cast.example", r"\.(mp3|m4a)$"),
            ),
            "reddit": Source(
                link="https://www.reddit.com/user/alice",
                platform="reddit",
                bodies=[item.body for item in items(self.alice)],
                page=len(items(self.alice[:10])),
                sent=lambda: count("i.redd.it") + count("v.redd.it") + count("preview.redd.it"),
            ),
            "mastodon": Source(
                link="https://social.example/@alice",
                platform="mastodon",
                bodies=[item.body for item in items(self.alice)],
                page=len(items(self.alice[:20])),
                sent=partial(count, "social.example", "/original/"),
            ),
            "bluesky": Source(
                link="https://bsky.app/profile/alice.bsky.social",
                platform="bluesky",
                bodies=[item.body for item in items(self.alice)],
                page=len(items(self.alice[:18])),  # two of the newest twenty are of others
                sent=partial(count, KEEPER),
            ),
            "xenforo": Source(
                link="https://forum.example/threads/bob.2/",
                platform="xenforo",
                bodies=[item.body for item in items(self.bob)],
                page=len(items(self.bob[:4])),
                sent=partial(count, "forum.example", "^/(attachments|data/video|pics)/"),
            ),
            "hls": Source(
                link="https://video.example/live/concert",
                platform="web",
                bodies=None,
                count=1,
                sent=partial(count, "video.example", r"\.ts$"),
            ),
            "image host": Source(  # its page about the picture is named like the picture
                link="https://imagetwist.com/f1i2s4vhvbrq/beach.jpg",
                platform="direct",
                bodies=[jpeg("beach")],
                sent=partial(count, "i5.imagetwist.com"),
            ),
            "players": Source(
                link="https://video.example/several",
                platform="web",
                bodies=[mp4(name) for name in ("one", "two", "three")],
                sent=partial(count, "video.example", "^/files/"),
            ),
        }


@pytest.fixture(scope="module")
def sites(portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with ExitStack() as stack:
        yield Sites(portal, stack, tmp_path_factory.mktemp("gallery"))


@pytest.fixture(scope="module")
def environment(sites: Sites) -> Mapping[str, str]:
    """Everything goes out by the gateway, to real names; no private address is allowed."""
    return {
        "GATHERUM_NETWORK_PROXY": sites.gateway.url,
        "GATHERUM_NETWORK_CA_BUNDLE": str(sites.gateway.bundle),
    }


@pytest.fixture(scope="module")
def visits(
    sites: Sites,
    environment: Mapping[str, str],
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mapping[str, Future[Visit]]]:
    """Every source is visited, some at once: each test waits for its own."""
    with ThreadPoolExecutor(3) as pool:
        yield {
            name: pool.submit(
                visit,
                source,
                fresh(
                    template,
                    tmp_path_factory.mktemp(name),
                    environment if source.link.startswith("https:") else LOOPBACK,
                ),
            )
            for name, source in sites.sources().items()
        }


def visit(source: Source, program: Gatherum) -> Visit:
    first = program.get(source.link)
    sent = source.sent()
    second = program.get(source.link)
    return Visit(
        source=source,
        program=program,
        first=first,
        second=second,
        sent=(sent, source.sent()),
    )


NAMES = (
    *("demo", "listing", "page", "podcast"),
    *("reddit", "mastodon", "bluesky", "xenforo", "hls", "image host", "players"),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_source_is_brought_in_whole_and_a_second_get_fetches_no_body(
    name: str, visits: Mapping[str, Future[Visit]]
) -> None:
    visit = visits[name].result()
    source, program = visit.source, visit.program

    assert visit.first.counts == (source.total, 0, 0, 0), visit.first
    assert visit.first.code == 0
    assert {line.platform for line in visit.first.media} == {source.platform}
    assert len({line.media for line in visit.first.media}) == source.total
    assert all(line.path in program.held() for line in visit.first.media)
    if source.bodies is not None:
        told = sorted(line.sha256 or "" for line in visit.first.media)
        assert told == digests(source.bodies)
        assert sorted(program.held().values()) == sorted(set(digests(source.bodies)))
    assert visit.first.summary.requests >= visit.sent[0] > 0

    assert visit.second.counts == (0, source.page or source.total, 0, 0), visit.second
    assert visit.second.code == 0
    assert {line.reason for line in visit.second.media} == {"known"}
    assert {(m.media, m.path) for m in visit.second.media} <= {
        (m.media, m.path) for m in visit.first.media
    }
    assert visit.sent[0] == visit.sent[1]


def test_a_stream_in_pieces_becomes_one_whole_film(visits: Mapping[str, Future[Visit]]) -> None:
    visit = visits["hls"].result()

    line = visit.first.only()
    body = visit.program.body(line)

    assert body[4:8] == b"ftyp"
    assert (line.size, line.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert visit.sent[0] >= 3


def test_the_library_says_of_a_carousel_what_its_author_said(
    visits: Mapping[str, Future[Visit]], sites: Sites
) -> None:
    program = visits["mastodon"].result().program

    posts = {line.post: line for line in program("posts", "--json").all(PostLine)}

    assert len(posts) == len(sites.alice)
    for entry in sites.alice:
        post = posts[str(entry.id)]
        assert post.media == [str(item.id) for item in entry.items]
        assert (post.author, post.caption) == ("alice", entry.text)
        assert post.posted_at == entry.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert (post.versions, post.gone_since) == (1, None)


def test_the_library_lists_what_get_told(visits: Mapping[str, Future[Visit]]) -> None:
    visit = visits["reddit"].result()

    listed = visit.program("media", "--json").media
    images = visit.program("media", "--json", "--kind", "image", "--limit", "5").media
    nobody = visit.program("media", "--json", "--author", "nobody")

    assert sorted(listed, key=by_id) == sorted(visit.first.media, key=by_id)
    assert len(images) == 5
    assert all(line.path and line.path.endswith(".jpg") for line in images)
    assert (nobody.code, nobody.out) == (0, "")


def test_a_members_thread_asks_for_a_login_and_opens_with_cookies(
    sites: Sites, environment: Mapping[str, str], template: Path, tmp_path: Path
) -> None:
    program = fresh(template, tmp_path, environment)
    link = "https://forum.example/threads/secret.3/"
    cookies = tmp_path / "cookies.txt"
    cookies.write_text(
        "# Netscape HTTP Cookie File\nforum.example\tFALSE\t/\tTRUE\t0\txf_user\t12%2Cabcdef\n"
    )

    closed = program.get(link)
    opened = program.get(link, "--cookies", str(cookies))

    assert closed.code == 3
    assert [(line.url, line.reason) for line in closed.links] == [(link, "login_required")]
    assert closed.counts == (0, 0, 0, 1)
    bodies = [item.body for item in items(sites.secret)]
    assert (opened.code, opened.counts) == (0, (len(bodies), 0, 0, 0))
    assert sorted(line.sha256 or "" for line in opened.media) == digests(bodies)
    assert "abcdef" not in (program.data / "gatherum.db").read_bytes().decode("latin-1")


def test_a_page_for_members_only_says_so(
    environment: Mapping[str, str], template: Path, tmp_path: Path
) -> None:
    ran = fresh(template, tmp_path, environment).get("https://video.example/members")

    assert (ran.code, [line.reason for line in ran.links]) == (3, ["login_required"])


def test_the_demonstration_has_its_oddities(
    environment: Mapping[str, str], template: Path, tmp_path: Path
) -> None:
    program = fresh(template, tmp_path, environment)
    true = {item.broken: item.body() for post in posts_of("mishap") for item in post.items}

    ran = program.get("https://plaza.example/@mishap")

    told = {line.url.rpartition("/")[2].removesuffix(".jpg"): line for line in ran.media}
    right = {name: line for name, line in told.items() if line.state == "stored"}
    assert set(right) == {"cut-once", "busy-once", "down-once", "empty-once", "slow"}
    for name, line in right.items():
        assert program.body(line) == true[name]
    assert {name: line.reason for name, line in told.items() if line.state == "failed"} == {
        "login": "login_required",
        "half": "corrupt",
        "gone": "gone",
        "forbidden": "login_required",
        "private": "refused",
        "loop": "site_changed",
    }
    assert ran.code == 3


@pytest.mark.snac
def test_a_real_server_of_other_people_is_brought_in_whole(template: Path, tmp_path: Path) -> None:
    program = fresh(template, tmp_path / "ours", LOOPBACK)
    bodies = []
    try:
        with running_snac(tmp_path) as snac:
            for number in range(5):
                picture, clip = tmp_path / f"{number}.jpg", tmp_path / f"{number}.mp4"
                picture.write_bytes(jpeg(f"note {number}"))
                clip.write_bytes(mp4(f"note {number % 2}"))
                files = [picture, clip] if number % 2 else [picture]
                bodies += [file.read_bytes() for file in files]
                snac.note(f"Note {number}", files)
            snac.note("Only words")

            first, second = program.get(snac.url), program.get(snac.url)
    except Missing as missing:
        pytest.skip(str(missing))

    assert (first.code, first.counts) == (0, (len(bodies), 0, 0, 0))
    assert {line.platform for line in first.media} == {"mastodon"}
    assert sorted(line.sha256 or "" for line in first.media) == digests(bodies)
    assert sorted(program.held().values()) == sorted(set(digests(bodies)))
    assert (second.code, second.counts) == (0, (0, len(bodies), 0, 0))
    assert second.summary.requests < first.summary.requests


def test_nothing_tried_to_reach_a_host_that_we_did_not_mean(
    visits: Mapping[str, Future[Visit]], sites: Sites
) -> None:
    for each in visits.values():
        each.result()

    assert sites.gateway.refused == []


def by_id(line: object) -> str:
    return str(getattr(line, "id", ""))


async def shown(_: Request) -> Response:
    """Return an image host's page about a picture, as gallery-dl 1.32 reads it."""
    return HTMLResponse(
        "<!DOCTYPE html><html><title>beach.jpg</title>"
        '<img src="https://i5.imagetwist.com/i/beach.jpg" class="pic" alt="beach.jpg"></html>'
    )


async def beach(_: Request) -> Response:
    return Response(jpeg("beach"), media_type="image/jpeg")


def podcast() -> ASGIApp:
    """Return a show with three episodes."""

    async def feed(_: object) -> Response:
        episodes = "".join(
            f"<item><title>Episode {number}</title><guid>cast-{number}</guid>"
            f"<pubDate>Mon, 0{number} Sep 2025 08:00:00 GMT</pubDate>"
            f'<enclosure url="https://cast.example{path}" type="{kind}" length="0"/></item>'
            for number, (path, (kind, _)) in enumerate(EPISODES.items(), start=1)
        )
        text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Cast</title>{episodes}</channel></rss>'
        return Response(text, media_type="application/rss+xml")

    def episode(kind: str, name: str) -> Callable[[object], Response]:
        return lambda _: Response(sample(name), media_type=kind)

    routes = [Route(path, episode(kind, name)) for path, (kind, name) in EPISODES.items()]
    return Starlette(routes=[Route("/feed.xml", feed), *routes])


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder served by Python's own web server."""

    url: str
    files: Mapping[str, bytes]  # in the listing of the root
    holiday: Mapping[str, bytes]  # behind the page
    log: list[str]

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    @property
    def names(self) -> list[str]:
        return [quote(name) for name in self.files]


@contextmanager
def served_folder(folder: Path) -> Iterator[Folder]:
    files = {
        "plain.jpg": jpeg("plain"),
        "with space & more.jpg": jpeg("space"),
        "günther #1.jpg": jpeg("umlaut"),
        "100%.jpg": jpeg("percent"),
        "UPPER.JPG": jpeg("upper"),
        "clip.mp4": mp4("clip"),
        "sound.mp3": sample("constant.mp3"),
    }
    holiday = {f"full{number}.jpg": jpeg(f"full {number}") for number in range(6)}
    (folder / "holiday").mkdir()
    for name, body in files.items():
        (folder / name).write_bytes(body)
    for name, body in holiday.items():
        (folder / "holiday" / name).write_bytes(body)
    (folder / "notes.txt").write_text("not a medium")
    thumbs = "".join(
        f'<a href="{name}"><img src="../plain.jpg" width="80"></a>' for name in list(holiday)[:3]
    )
    large = "".join(f'<img data-src="{name}" src="data:,">' for name in list(holiday)[3:])
    (folder / "holiday" / "index.html").write_text(
        f"<!DOCTYPE html><title>Holiday</title><body>{thumbs}{large}"
        '<img src="https://pixel.example/1x1.gif"></body>'
    )
    log: list[str] = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
            if self.command == "GET":
                log.append(self.path)

        def log_message(self, *_: object) -> None:
            pass

    handler = partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        host = f"127.0.0.1:{server.server_address[1]}"
        yield Folder(url=f"http://{host}", files=files, holiday=holiday, log=log)
        server.shutdown()
        thread.join()
