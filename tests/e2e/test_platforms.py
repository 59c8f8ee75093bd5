"""`get` of each platform, with the real engines in their sandbox: all of it, and not one body again."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from tests.e2e.program import Gatherum, Ran, digests, fresh
from tests.testsites import pinterest, snapchat, tiktok, x, youtube_shapes
from tests.testsites.gateway import Gateway
from tests.testsites.instagram import SESSION as LOGGED_IN
from tests.testsites.instagram import mount_instagram
from tests.testsites.instagram_world import Instagram
from tests.testsites.world import Entry, World, items
from tests.testsites.youtube import YouTube

SESSION = (
    "# Netscape HTTP Cookie File\n"
    f".instagram.com\tTRUE\t/\tTRUE\t1999999999\tsessionid\t{LOGGED_IN}\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is behind a link, and which hosts hand out its files."""

    link: str
    hosts: Sequence[str]
    bodies: Sequence[bytes] | None  # None: they are put together anew, so hashes say nothing
    count: int
    more: int = 0  # of these, what only the posts themselves show: their list does not
    cookies: str = ""

    @property
    def listed(self) -> int:
        """How many media the list alone shows, to a second look."""
        return self.count - self.more


def cases(entries: Sequence[Entry]) -> Mapping[str, Case]:
    everything = [item.body for item in items(entries)]
    live = [item.body for item in items(snapchat.live(entries))]
    films = [youtube_shapes.film(entry) for entry in entries]
    words = [youtube_shapes.subtitles(entry, "en", "vtt")[0].encode() for entry in entries]
    return {
        "pinterest": Case(
            link="https://www.pinterest.com/ann/everything/",
            hosts=("i.pinimg.com", "v1.pinimg.com"),
            bodies=None,
            count=len(everything),
        ),
        "snapchat": Case(
            link="https://www.snapchat.com/@ann",
            hosts=tuple(snapchat.CDN.values()),
            bodies=live,
            count=len(live),
        ),
        "tiktok": Case(
            link="https://www.tiktok.com/@ann",
            hosts=(tiktok.VIDEOS, *tiktok.PICTURES, tiktok.SOUNDS),
            bodies=None,
            count=len(tiktok.files(entries)),
        ),
        "youtube": Case(
            link="https://www.youtube.com/@ann",
            hosts=(youtube_shapes.STREAMS,),
            bodies=[*films, *words],
            count=2 * len(entries),
            more=len(entries),  # the subtitles
        ),
        "x": Case(
            link="https://x.com/ann/media",
            hosts=("pbs.twimg.com", "video.twimg.com"),
            bodies=everything,
            count=len(everything),
            cookies=x.cookies_of(),
        ),
        "instagram": Case(
            link="https://www.instagram.com/ann/",
            hosts=("scontent.cdninstagram.com",),
            bodies=everything,
            count=len(everything),
            cookies=SESSION,
        ),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The two runs over a link, and the files that its hosts gave out after each."""

    case: Case
    program: Gatherum
    first: Ran
    second: Ran
    given: tuple[int, int]
    refused: Sequence[str]


def internet(name: str) -> tuple[World, tuple[Entry, ...]]:
    """Return a world with this platform alone, and what its first person published."""
    world = World()
    entries = world.add_person("ann", 8)
    world.add_person("ben", 1)
    match name:
        case "pinterest":
            pinterest.mount_pinterest(world)
        case "snapchat":
            snapchat.mount_snapchat(world)
        case "tiktok":
            tiktok.TikTok(world=world).mount()
        case "youtube":
            names = [youtube_shapes.youtube_id(entry) for entry in entries]
            tracks = (youtube_shapes.Track(language="en"),)
            site = YouTube(world=world, tracks=dict.fromkeys(names, tracks))
            site.whole_only.update(names)  # their bytes stay as they are
            site.mount()
        case "x":
            x.mount_x(world, "ann")
        case "instagram":
            mount_instagram(Instagram(world=world))
    return world, entries


NAMES = ("pinterest", "snapchat", "tiktok", "youtube", "x", "instagram")


@pytest.fixture(scope="module")
def visits(
    portal: BlockingPortal, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Future[Visit]]]:
    """Every platform is visited, two at once: each test waits for its own."""
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        made = {}
        for name in NAMES:
            world, entries = internet(name)
            opened = portal.wrap_async_context_manager(Gateway(world))
            made[name] = (world, stack.enter_context(opened), entries)
        yield {
            name: pool.submit(
                visit, name, world, gateway, entries, template, tmp_path_factory.mktemp(name)
            )
            for name, (world, gateway, entries) in made.items()
        }


def visit(  # noqa: PLR0917  # what a thread is handed
    name: str,
    world: World,
    gateway: Gateway,
    entries: Sequence[Entry],
    template: Path,
    folder: Path,
) -> Visit:
    case = cases(entries)[name]
    program = fresh(
        template,
        folder,
        {
            "GATHERUM_NETWORK_PROXY": gateway.url,
            "GATHERUM_NETWORK_CA_BUNDLE": str(gateway.bundle),
        },
    )
    options: list[str] = []
    if case.cookies:
        (folder / "cookies.txt").write_text(case.cookies)
        options = ["--cookies", str(folder / "cookies.txt")]

    def given() -> int:
        return sum(world.count(host) for host in case.hosts)

    first = program.get(case.link, *options)
    before = given()
    second = program.get(case.link, *options)
    return Visit(
        case=case,
        program=program,
        first=first,
        second=second,
        given=(before, given()),
        refused=gateway.refused,
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_platform_is_brought_in_whole_and_a_second_get_fetches_no_body(
    name: str, visits: Mapping[str, Future[Visit]]
) -> None:
    visit = visits[name].result()
    case, program = visit.case, visit.program

    assert visit.first.counts == (case.count, 0, 0, 0), visit.first
    assert visit.first.code == 0
    assert {line.platform for line in visit.first.media} == {name}
    assert len({line.media for line in visit.first.media}) == case.count
    assert all(line.path in program.held() for line in visit.first.media)
    if case.bodies is not None:
        assert sorted(line.sha256 or "" for line in visit.first.media) == digests(case.bodies)
    assert visit.given[0] > 0
    assert visit.refused == []

    assert visit.second.counts[0] == 0, visit.second
    assert {line.reason for line in visit.second.media} == {"known"}
    assert visit.second.counts[1] == visit.case.listed
    assert visit.given[0] == visit.given[1]


def test_a_short_link_that_stands_for_nothing_says_so(
    portal: BlockingPortal, template: Path, tmp_path: Path
) -> None:
    world, _ = internet("tiktok")
    with portal.wrap_async_context_manager(Gateway(world)) as gateway:
        outside = {
            "GATHERUM_NETWORK_PROXY": gateway.url,
            "GATHERUM_NETWORK_CA_BUNDLE": str(gateway.bundle),
        }
        ran = fresh(template, tmp_path, outside).get("https://vm.tiktok.com/ZTR45GpSF/")

    assert ran.code != 0
    (link,) = ran.links
    assert link.reason == "unavailable"
    assert "leads to the front page" in link.detail
