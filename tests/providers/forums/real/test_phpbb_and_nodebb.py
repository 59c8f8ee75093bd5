"""phpBB and NodeBB as they really are: everything that stands in them, and nothing else.

`GATHERUM_REAL_PHPBB` names the folder of an unpacked phpBB 3.3 with its `vendor` and `install`, and
`GATHERUM_REAL_NODEBB` that of a NodeBB 4 whose dependencies and assets are in place; beside these it
takes `redis-server`. Run it with `python -m pytest -m soak tests/providers/forums/real`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from tests.e2e.program import Gatherum, Ran, fresh
from tests.providers.forums.real import nodebb, phpbb
from tests.providers.forums.real.harbour import (
    ADMIN,
    BOATS,
    DOCK,
    ELSEWHERE,
    EMPTY,
    PASSWORD,
    WORKSHOP,
    Harbour,
    Post,
    elsewhere,
    media_of,
    picture,
    write,
)
from tests.providers.forums.real.software import Person, php_server, proxied, unpacked
from tests.testsites.gateway import Gateway
from tests.testsites.media import jpeg

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]  # to set a board up takes a while
HOST = "harbour.example"
PATIENCE_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A board that people have written in, and how its links are made."""

    root: str
    board: phpbb.PhpBB | nodebb.NodeBB
    harbour: Harbour
    gateway: Gateway
    topic: str
    section: str
    words: str  # what a section's link ends with, for only topics with such words
    search: str

    def link(self, form: str, name: str) -> str:
        return self.root + form.format(name)


@pytest.fixture(scope="module", params=["phpbb", "nodebb"])
def place(
    request: pytest.FixtureRequest,
    portal: BlockingPortal,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    make = _phpbb if request.param == "phpbb" else _nodebb
    gateway = Gateway()
    with portal.wrap_async_context_manager(gateway):
        gateway.world.mount(ELSEWHERE, elsewhere())
        yield from make(gateway, tmp_path_factory.mktemp("board"))


def _phpbb(gateway: Gateway, kept: Path) -> Iterator[Place]:
    source = unpacked(phpbb.VARIABLE, php=phpbb.EXTENSIONS)
    www, root = kept / "www", f"https://{HOST}{phpbb.FOLDER}"
    www.mkdir()
    with php_server(www, kept / "php.log") as port:
        gateway.world.mount(HOST, proxied(port))
        board = phpbb.install(source, www, Person(gateway, root), HOST)
        harbour = write(board)
        board.open()
        yield Place(
            root=root,
            board=board,
            harbour=harbour,
            gateway=gateway,
            topic="viewtopic.php?t={}",
            section="viewforum.php?f={}",
            words="&words={}",
            search="search.php?keywords={}",
        )


def _nodebb(gateway: Gateway, kept: Path) -> Iterator[Place]:
    root = f"https://{HOST}{nodebb.FOLDER}"
    with nodebb.software().running(root, kept) as port:
        gateway.world.mount(HOST, nodebb.shown(port))
        board = nodebb.NodeBB(gateway, root)
        board.fill()
        yield Place(
            root=root,
            board=board,
            harbour=write(board),
            gateway=gateway,
            topic="topic/{}",
            section="category/{}/any-name",
            words="?words={}",
            search="search?term={}",
        )


@pytest.fixture
def program(template: Path, tmp_path: Path, place: Place) -> Gatherum:
    env = {
        "GATHERUM_NETWORK_PROXY": place.gateway.url,
        "GATHERUM_NETWORK_CA_BUNDLE": str(place.gateway.bundle),
    }
    return fresh(template, tmp_path, env)


@pytest.fixture
def cookies(place: Place, tmp_path: Path) -> Path:
    """What the browser of the administrator holds."""
    file = tmp_path / "cookies.txt"
    file.write_text(place.board.cookies())
    return file


def told(ran: Ran) -> dict[str, str | None]:
    """Return the digest of each media that was brought."""
    return {f"{one.post}/{one.media}": one.sha256 for one in ran.media}


def written(posts: list[Post]) -> Mapping[str, str]:
    """Return the digest of each media that stands in some posts."""
    assert len({post.number for post in posts}) == len(posts)
    return {
        f"{post.number}/{name}": hashlib.sha256(body).hexdigest()
        for post in posts
        for name, body in media_of([post]).items()
    }


def test_a_topic_of_many_pages_is_brought_whole(program: Gatherum, place: Place) -> None:
    fog = place.harbour.fog

    ran = program.get(place.link(place.topic, fog[0].topic), timeout=PATIENCE_S)

    assert told(ran) == written(fog)
    assert ran.counts == (70, 0, 0, 0)


def test_a_section_is_brought_whole_and_then_only_what_is_new(
    program: Gatherum, place: Place
) -> None:
    harbour, board = place.harbour, place.board
    link = place.link(place.section, board.board(BOATS))
    assert program("follow", link, timeout=PATIENCE_S).code == 0

    first = program("sync", "--json", timeout=PATIENCE_S)
    second = program("sync", "--json", timeout=PATIENCE_S)
    name = f"late-{len(harbour.boats)}"
    late = board.reply(harbour.boats[5].topic, "Once more.", [picture(name)])
    late.media[late.attached[0]] = jpeg(name)
    third = program("sync", "--json", timeout=PATIENCE_S)
    harbour.boats.append(late)

    assert told(first) == written(harbour.section[:-1])
    assert (second.summary.stored, third.summary.stored) == (0, 1)
    assert second.summary.requests <= 4
    assert written([late]).items() <= told(third).items()


def test_only_topics_that_fit_the_words_are_looked_at(program: Gatherum, place: Place) -> None:
    section = place.link(place.section, place.board.board(BOATS))
    link = section + place.words.format("anchor,rules")

    ran = program.get(link, timeout=PATIENCE_S)

    assert told(ran) == written(place.harbour.boats[:1])


def test_what_has_moved_is_found_where_it_is_now(program: Gatherum, place: Place) -> None:
    ran = program.get(
        place.link(place.section, place.board.board(WORKSHOP)),
        place.link(place.section, place.board.board(EMPTY)),
        timeout=PATIENCE_S,
    )

    assert told(ran) == written(place.harbour.moved)


def test_a_search_brings_the_posts_that_it_finds(
    program: Gatherum, place: Place, cookies: Path
) -> None:
    link = place.link(place.search, "mast")

    ran = program.get("--cookies", str(cookies), link, timeout=PATIENCE_S)

    masts = [post for post in place.harbour.boats if jpeg("mast-00") in post.media.values()]
    assert written(masts).items() <= told(ran).items()
    assert ran.counts == (8, 0, 0, 0)


def test_what_is_for_members_takes_a_login(program: Gatherum, place: Place, cookies: Path) -> None:
    link = place.link(place.section, place.board.board(DOCK))

    refused = program.get(link, timeout=PATIENCE_S)
    ran = program.get("--cookies", str(cookies), link, timeout=PATIENCE_S)

    assert [one.reason for one in refused.links] == ["login_required"]
    assert told(ran) == written(place.harbour.dock)


def test_one_signs_in_by_the_form_of_the_board(program: Gatherum, place: Place) -> None:
    sign_in = ("logins", "sign-in", place.root, "--name", ADMIN, "--password-stdin")

    wrong = program(*sign_in, stdin="not-the-password\n", timeout=PATIENCE_S)
    right = program(*sign_in, stdin=f"{PASSWORD}\n", timeout=PATIENCE_S)

    assert "does not accept this name" in wrong.err
    assert (right.code, ADMIN in right.err) == (0, True), right
