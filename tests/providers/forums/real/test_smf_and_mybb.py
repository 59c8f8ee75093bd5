"""SMF and MyBB as they really are: everything that stands in them, and nothing else.

`GATHERUM_REAL_SMF` names the folder of an unpacked SMF 2.1 with its `other`, `GATHERUM_REAL_MYBB` that
of a MyBB 1.8 with its `install`. Run it with `python -m pytest -m soak tests/providers/forums/real`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from tests.conftest import Postgres
from tests.e2e.program import Gatherum, Ran, fresh
from tests.providers.forums.real import mybb, smf
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
from tests.providers.forums.real.software import Database, Person, php_server, proxied, unpacked
from tests.testsites.gateway import Gateway
from tests.testsites.media import jpeg

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]  # to set a board up takes a while
HOST = "forum.example"
ROOT = f"https://{HOST}/community/"  # a forum need not be all that is on a host
PATIENCE_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A forum that people have written in, and how its links are made."""

    forum: mybb.MyBB | smf.SMF
    person: Person
    harbour: Harbour
    gateway: Gateway
    topic: str
    section: str

    def link(self, form: str, name: str) -> str:
        return ROOT + form.format(name)


@pytest.fixture(scope="module", params=["smf", "mybb"])
def place(
    request: pytest.FixtureRequest,
    portal: BlockingPortal,
    postgres: Postgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    software = smf if request.param == "smf" else mybb
    source = unpacked(software.VARIABLE, php=software.EXTENSIONS)
    kept, gateway = tmp_path_factory.mktemp("forum"), Gateway()
    (kept / "www").mkdir()
    url = postgres.make_empty()
    with (
        portal.wrap_async_context_manager(gateway),
        php_server(kept / "www", kept / "php.log") as port,
    ):
        gateway.world.mount(HOST, proxied(port))
        gateway.world.mount(ELSEWHERE, elsewhere())
        person = Person(gateway, ROOT)
        forum = software.install(source, kept / "www" / "community", person, Database(url))
        harbour = write(forum)
        forum.spread()
        is_smf = software is smf
        yield Place(
            forum=forum,
            person=person,
            harbour=harbour,
            gateway=gateway,
            topic="index.php?topic={}.0" if is_smf else "showthread.php?tid={}",
            section="index.php?board={}.0" if is_smf else "forumdisplay.php?fid={}",
        )
    postgres.drop(url)


@pytest.fixture
def program(template: Path, tmp_path: Path, place: Place) -> Gatherum:
    env = {
        "GATHERUM_NETWORK_PROXY": place.gateway.url,
        "GATHERUM_NETWORK_CA_BUNDLE": str(place.gateway.bundle),
    }
    return fresh(template, tmp_path, env)


@pytest.fixture
def cookies(place: Place, tmp_path: Path) -> tuple[str, str]:
    """The option by which one asks as a member: both show attachments to nobody else."""
    file = tmp_path / "cookies.txt"
    file.write_text(place.person.cookies())
    return "--cookies", str(file)


def told(ran: Ran) -> dict[str, str | None]:
    """Return the digest of each media that was brought."""
    return {one.media: one.sha256 for one in ran.media}


def written(posts: Sequence[Post]) -> dict[str, str]:
    """Return the digest of each media that stands in some posts."""
    return {name: hashlib.sha256(body).hexdigest() for name, body in media_of(posts).items()}


def test_a_topic_of_many_pages_is_brought_whole(
    program: Gatherum, place: Place, cookies: tuple[str, str]
) -> None:
    fog = place.harbour.fog

    ran = program.get(place.link(place.topic, fog[0].topic), *cookies, timeout=PATIENCE_S)

    assert told(ran) == written(fog)
    assert ran.counts == (70, 0, 0, 0)


def test_a_section_is_brought_whole_and_then_only_what_is_new(
    program: Gatherum, place: Place, cookies: tuple[str, str]
) -> None:
    harbour, forum = place.harbour, place.forum
    link = place.link(place.section, forum.board(BOATS))
    assert program("follow", link, *cookies, timeout=PATIENCE_S).code == 0

    first = program("sync", "--json", timeout=PATIENCE_S)
    second = program("sync", "--json", timeout=PATIENCE_S)
    late = forum.reply(harbour.boats[5].topic, "Once more.", [picture("late")])
    late.media[late.attached[0]] = jpeg("late")
    third = program("sync", "--json", timeout=PATIENCE_S)
    harbour.boats.append(late)

    assert told(first) == written(harbour.section[:-1])
    assert (second.summary.stored, third.summary.stored) == (0, 1)
    assert written([late]).items() <= told(third).items()


def test_what_has_moved_is_found_where_it_is_now(
    program: Gatherum, place: Place, cookies: tuple[str, str]
) -> None:
    boards = [place.link(place.section, place.forum.board(name)) for name in (WORKSHOP, EMPTY)]

    ran = program.get(*boards, *cookies, timeout=PATIENCE_S)

    assert told(ran) == written(place.harbour.moved)


def test_who_is_shown_no_attachments_is_told_to_log_in(program: Gatherum, place: Place) -> None:
    links = [
        place.link(place.topic, place.harbour.fog[0].topic),
        place.link(place.section, place.forum.board(DOCK)),
    ]

    ran = program.get(*links, timeout=PATIENCE_S)

    assert ran.code == 3
    assert {one.reason for one in ran.outcomes if one.state == "failed"} == {"login_required"}


def test_what_is_for_members_takes_a_login_and_what_is_deleted_is_not_there(
    program: Gatherum, place: Place, cookies: tuple[str, str]
) -> None:
    dock = program.get(
        place.link(place.section, place.forum.board(DOCK)), *cookies, timeout=PATIENCE_S
    )
    lost = program.get(place.link(place.topic, "999"), *cookies, timeout=PATIENCE_S)

    assert told(dock) == written(place.harbour.dock)
    # SMF says the same of what is not there and of what is not for this login.
    is_told = isinstance(place.forum, mybb.MyBB)
    assert [one.reason for one in lost.links] == ["gone" if is_told else "unavailable"]


@pytest.mark.usefixtures("place")
def test_one_signs_in_by_the_form_of_the_forum(program: Gatherum) -> None:
    sign_in = ("logins", "sign-in", ROOT, "--name", ADMIN, "--password-stdin")

    wrong = program(*sign_in, stdin="not-the-password\n", timeout=PATIENCE_S)
    right = program(*sign_in, stdin=f"{PASSWORD}\n", timeout=PATIENCE_S)

    assert "does not accept this name" in wrong.err
    assert (right.code, ADMIN in right.err) == (0, True), right
