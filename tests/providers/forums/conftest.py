"""Forums that show one world, each in its own dialect, and the real client before them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette

from gatherum.db import Database
from gatherum.fetching.budget import Budget
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import Jar, parse_cookies
from gatherum.fetching.http import Http, Meter
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import Page, Post
from gatherum.providers import get_chain
from gatherum.providers.recognise import recognise
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Policy
from tests.providers.test_chain import Clock
from tests.testsites.forums import mybb, phpbb, smf, vbulletin
from tests.testsites.forums.board import Board
from tests.testsites.forums.vbulletin3 import Three
from tests.testsites.forums.vbulletin4 import Four
from tests.testsites.gateway import Gateway
from tests.testsites.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Forum:
    """One forum of the gateway, and how its links are written."""

    name: str
    root: str
    topics: str
    sections: str
    posts: str
    member: str  # the cookie of somebody who is logged in
    files: str  # the address of an attachment in full size
    site: Callable[[Board], Starlette]
    software: str = ""  # '' where the forum has its name

    @property
    def platform(self) -> str:
        return self.software or self.name

    @property
    def host(self) -> str:
        return f"{self.name}.example"

    def topic(self, number: int) -> str:
        return self.root + self.topics.format(number)

    def section(self, number: int) -> str:
        return self.root + self.sections.format(number)

    def post(self, number: int) -> str:
        return self.root + self.posts.format(number)

    def file(self, number: int) -> str:
        return self.root + self.files.format(number)

    @property
    def jar(self) -> Jar:
        line = "\t".join([f".{self.host}", "TRUE", "/", "TRUE", "0", self.member, "2"])
        return parse_cookies(f"# Netscape HTTP Cookie File\n{line}\n")


FORUMS = (
    Forum(
        name="phpbb",
        root="https://phpbb.example/board/",
        topics="viewtopic.php?t={}",
        sections="viewforum.php?f={}",
        posts="viewtopic.php?p={}",
        member=phpbb.MEMBER,
        files="download/file.php?id={}",
        site=lambda board: phpbb.phpbb(board, path="/board"),
    ),
    Forum(
        name="smf",
        root="https://smf.example/",
        topics="index.php?topic={}.0",
        sections="index.php?board={}.0",
        posts="index.php?msg={}",
        member=smf.MEMBER,
        files="index.php?action=dlattach;attach={}",
        site=smf.smf,
    ),
    Forum(
        name="mybb",
        root="https://mybb.example/",
        topics="showthread.php?tid={}",
        sections="forumdisplay.php?fid={}",
        posts="showthread.php?pid={}",
        member=mybb.MEMBER,
        files="attachment.php?aid={}",
        site=mybb.mybb,
    ),
    Forum(
        name="vbulletin3",
        software="vbulletin",
        root="https://vbulletin3.example/",
        topics="showthread.php?t={}",
        sections="forumdisplay.php?f={}",
        posts="showthread.php?p={}",
        member=vbulletin.MEMBER,
        files="attachment.php?attachmentid={}",
        site=lambda board: vbulletin.vbulletin(board, Three(board.host)),
    ),
    Forum(
        name="vbulletin4",
        software="vbulletin",
        root="https://vbulletin4.example/",
        topics="showthread.php?t={}",
        sections="forumdisplay.php?f={}",
        posts="showthread.php?p={}",
        member=vbulletin.MEMBER,
        files="attachment.php?attachmentid={}",
        site=lambda board: vbulletin.vbulletin(board, Four(board.host)),
    ),
)
SECTIONS = {
    "phpbb": phpbb.SECTION,
    "smf": smf.SECTION,
    "mybb": mybb.SECTION,
    "vbulletin": vbulletin.SECTION,
}
SHEETS = {"phpbb": 3, "smf": 2, "mybb": 2, "vbulletin": 2}  # the pages of that section
# Those on which are the two topics with the newest posts; vBulletin counts what is pinned apart.
NEWEST = {"phpbb": 2, "smf": 2, "mybb": 2, "vbulletin": 1}


def board_of(world: World, forum: Forum) -> Board:
    """Return the board: rules are pinned, secrets for members, files of `shy` withheld from visitors."""
    return Board(
        world=world,
        host=forum.host,
        closed=("secret",),
        pinned=("rules",),
        withheld=("shy",) if forum.name == "phpbb" else (),
    )


def make_world() -> World:
    """Return the people, by the numbers of their topics: 1 to 6."""
    world = World()
    for name, posts in (("alice", 45), ("bob", 25), ("secret", 3), ("carol", 12), ("rules", 2)):
        world.add_person(name, posts)
    world.add_person("shy", 1)
    for forum in FORUMS:
        world.mount(forum.host, forum.site(board_of(world, forum)))
    return world


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway(make_world()) as gateway:
        yield gateway


@pytest.fixture
def world(gateway: Gateway) -> World:
    gateway.world.log.clear()
    gateway.world.faults.clear()
    gateway.refused.clear()
    return gateway.world


@pytest.fixture(params=FORUMS, ids=[one.name for one in FORUMS])
def forum(request: pytest.FixtureRequest) -> Forum:
    found = request.param
    assert isinstance(found, Forum)
    return found


Connect = Callable[[Jar], JobClient]


@pytest.fixture
async def http(gateway: Gateway, sqlite_database: Database) -> AsyncIterator[Http]:
    """The network, behind the gateway."""
    clock = Clock()
    http = Http(
        policy=Policy.from_names(("127.0.0.1",)),
        budget=Budget(sqlite_database, clock, lambda: 0.0),
        clock=clock,
        proxy=gateway.url,
        ca_bundle=gateway.bundle,
        connections=8,
        per_host=4,
        stall_s=5.0,
    )
    yield http
    await http.close()


@pytest.fixture
def connect(http: Http, tmp_path: Path) -> Connect:
    """A client of the gateway, with the cookies of a login."""
    engines = EnginePool(tmp_path, egress=Egress(Policy()))
    return lambda jar: JobClient(http, engines, platform="forum", login="", jar=jar, meter=Meter())


@pytest.fixture
def client(connect: Connect) -> JobClient:
    return connect(Jar())


async def pages_of(url: str, client: JobClient, cursor: str | None = None) -> list[Page]:
    """List what a link leads to, as the program would."""
    target = await recognise(url, client)
    (provider, target), *others = get_chain(target)
    assert others == []
    return [page async for page in provider.listing(target, client, cursor)]


async def posts_of(url: str, client: JobClient, cursor: str | None = None) -> list[Post]:
    return [post for page in await pages_of(url, client, cursor) for post in page.posts]
