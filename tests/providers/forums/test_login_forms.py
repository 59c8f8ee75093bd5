"""Somebody signs in to a forum by name and password, and what stays are cookies that open it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from gatherum.errors import (
    Challenge,
    InvalidInput,
    RateLimited,
    Unavailable,
    UnexpectedResponse,
    Unsupported,
)
from gatherum.fetching.http import Http
from gatherum.fetching.visiting import Visit
from gatherum.providers.forums.login_form import CodeNeeded, Credentials
from gatherum.providers.forums.login_forms import sign_in
from tests.providers.forums.conftest import FORUMS, Connect, board_of, posts_of
from tests.providers.test_chain import Clock
from tests.testsites.forums import entrances as doors
from tests.testsites.forums.board import Board
from tests.testsites.forums.discourse import discourse
from tests.testsites.forums.entrances import CAREFUL, CODE, NAME, PASSWORD, Entrance, with_entrance
from tests.testsites.forums.invision import invision
from tests.testsites.forums.nodebb import nodebb
from tests.testsites.forums.vbulletin5 import SECTION, vbulletin5
from tests.testsites.gateway import Gateway
from tests.testsites.world import Fault, World

TALKS = {"invision": invision, "discourse": discourse, "nodebb": nodebb, "vbulletin5": vbulletin5}
SECRETS = {
    "invision": "topic/3-all-of-secret/",
    "discourse": "t/all/3",
    "nodebb": "talk/topic/3",
    "vbulletin5": f"{SECTION}/3-all-of-secret",
}
GUARDED = ("xenforo", "smf", "invision", "discourse")  # with a second factor in their log-in
SOFTWARE = (
    "xenforo",
    "phpbb",
    "smf",
    "mybb",
    "vbulletin",
    "invision",
    "discourse",
    "nodebb",
    "vbulletin5",
)
CAPTCHAS = ("xenforo", "phpbb", "smf", "mybb", "vbulletin", "invision")


@dataclass
class Door:
    """A forum with a log-in, and somebody who stands before it."""

    software: str
    host: str
    link: str  # of its first page
    secret: str  # of a topic for members
    entrance: Entrance
    clock: Clock
    visit: Visit

    async def enter(
        self, name: str = NAME, password: str = PASSWORD, code: str | None = None
    ) -> str:
        key = Credentials(name=name, password=password, code=code)
        return await sign_in(self.visit, self.link, key, self.clock.sleep)


@pytest.fixture(params=SOFTWARE)
def door(request: pytest.FixtureRequest, world: World, http: Http) -> Door:
    software, clock = str(request.param), Clock()
    entrance = Entrance(now=clock.now)
    name = "vbulletin3" if software == "vbulletin" else software
    host, folder = f"{name}.example", {"phpbb": "/board", "nodebb": "/talk"}.get(software, "")
    known = next((one for one in FORUMS if one.name == name), None)
    board = Board(world=world, host=host, closed=("secret",))
    if known is not None:
        site, secret = known.site(board_of(world, known)), known.topic(3)
    elif software in TALKS:
        site, secret = TALKS[software](board), f"https://{host}/{SECRETS[software]}"
    else:
        site, secret = Starlette(), ""
    routes: Callable[..., list[Route]] = getattr(doors, f"{software}_entrance")
    made = routes(entrance, host) if software == "smf" else routes(entrance)
    world.mount(host, with_entrance(site, made, folder=folder))
    return Door(software, host, f"{host}{folder}/", secret, entrance, clock, Visit(http))


async def test_who_signs_in_may_see_what_members_see(
    door: Door, world: World, connect: Connect
) -> None:
    assert await door.enter() == door.software

    sent = door.entrance.seen
    assert len(sent) == 1
    assert all(PASSWORD not in cookie.value for cookie in door.visit.jar.cookies)
    if door.secret:
        posts = await posts_of(door.secret, connect(door.visit.jar))
        assert len(posts) == len(world.people["secret"]) == 3
    else:
        assert "xf_user=" in door.visit.jar.header(f"https://{door.host}/threads/x.3/")


async def test_a_wrong_password_is_said_in_words_and_not_tried_again(door: Door) -> None:
    with pytest.raises(InvalidInput, match="does not accept this name"):
        await door.enter(password="something else")

    assert len(door.entrance.seen) == 1


@pytest.mark.parametrize("door", GUARDED, indirect=True)
async def test_a_second_factor_is_asked_for_and_taken(door: Door) -> None:
    with pytest.raises(CodeNeeded, match="second factor"):
        await door.enter(CAREFUL)
    with pytest.raises(InvalidInput, match="does not accept this code"):
        await door.enter(CAREFUL, code="000000")

    assert await door.enter(CAREFUL, code=CODE) == door.software


@pytest.mark.parametrize("door", ["nodebb"], indirect=True)
async def test_a_second_factor_that_we_cannot_answer_is_named(door: Door) -> None:
    with pytest.raises(CodeNeeded, match="cookies"):
        await door.enter(CAREFUL)


@pytest.mark.parametrize("door", CAPTCHAS, indirect=True)
async def test_a_captcha_is_for_a_person_and_nothing_is_sent(door: Door) -> None:
    door.entrance.captcha = True

    with pytest.raises(Challenge, match="export its cookies"):
        await door.enter()

    assert door.entrance.seen == []


@pytest.mark.parametrize("door", ["vbulletin"], indirect=True)
async def test_vbulletin_never_gets_the_password_itself(door: Door) -> None:
    await door.enter()

    [sent] = door.entrance.seen
    assert PASSWORD not in sent.values()


@pytest.mark.parametrize("door", ["mybb"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, headers={"Retry-After": "7"}), RateLimited),
        (Fault(status=503), Unavailable),
        (Fault(status=200, body=b"<html><p>All is new here."), Unsupported),
        (Fault(status=200, body=b"<html><p>All is new here.", path="member"), UnexpectedResponse),
    ],
)
async def test_what_goes_wrong_is_said_as_it_is(
    door: Door, world: World, fault: Fault, error: type[Exception]
) -> None:
    world.plant(door.host, fault)

    with pytest.raises(error):
        await door.enter()

    assert door.entrance.seen == []


@pytest.mark.parametrize("door", ["mybb"], indirect=True)
@pytest.mark.parametrize(
    "action", ["https://elsewhere.example/login", "http://mybb.example/member.php"]
)
async def test_a_password_goes_nowhere_else_and_never_without_encryption(
    door: Door, world: World, action: str, gateway: Gateway
) -> None:
    page = (
        f'<form action="{action}" method="post"><input name="username"><input name="password">'
        '<input type="hidden" name="action" value="do_login"></form>'
    )
    world.plant(door.host, Fault(status=200, body=page.encode(), path="member"))

    with pytest.raises((UnexpectedResponse, InvalidInput)):
        await door.enter()

    assert [hit for hit in world.log if hit.method == "POST"] == []
    assert gateway.refused == []


@pytest.fixture
def look_alike(door: Door, world: World) -> str:
    """Another host, that would take the password as gladly."""
    world.mount("look-alike.example", world.sites[door.host])
    return "look-alike.example"


@pytest.mark.parametrize("door", ["mybb", "discourse"], indirect=True)
async def test_a_forum_is_asked_by_https_even_if_http_was_given(door: Door) -> None:
    door.link = f"http://{door.link}"

    assert await door.enter() == door.software


@pytest.mark.parametrize("door", SOFTWARE, indirect=True)
async def test_a_redirect_to_another_host_gets_no_password(
    door: Door, world: World, look_alike: str
) -> None:
    target = "https://" + door.link.replace(door.host, look_alike)
    world.plant(door.host, Fault(status=302, headers={"Location": target}))

    with pytest.raises(InvalidInput, match="the address of the forum itself"):
        await door.enter()

    assert door.entrance.seen == []


@pytest.mark.parametrize("door", ["mybb"], indirect=True)
async def test_a_form_that_another_host_shows_gets_no_password(
    door: Door, world: World, look_alike: str
) -> None:
    target = f"https://{look_alike}/member.php?action=login"
    world.plant(door.host, Fault(status=302, headers={"Location": target}, path="member"))

    with pytest.raises(InvalidInput, match="the address of the forum itself"):
        await door.enter()

    assert door.entrance.seen == []


@pytest.mark.parametrize("door", ["mybb"], indirect=True)
async def test_a_link_of_a_post_is_not_the_way_to_the_log_in(
    door: Door, world: World, look_alike: str
) -> None:
    page = (
        '<html><script>var my_post_key = "0";</script><div id="content"><a href="https://'
        f'{look_alike}/member.php?action=login">prizes</a></div>Powered By MyBB</html>'
    )
    world.plant(door.host, Fault(status=200, body=page.encode()))

    assert await door.enter() == "mybb"

    assert world.count(look_alike) == 0
    assert world.count(door.host, method="POST") == 1


@pytest.mark.parametrize("door", ["nodebb"], indirect=True)
async def test_a_folder_that_makes_another_host_gets_no_password(door: Door, world: World) -> None:
    other = f"{door.host}.look-alike.example"
    world.mount(other, world.sites[door.host])
    page = '<script>{"relative_path":".look-alike.example/talk","upload_url":"/u"}</script>'
    world.plant(door.host, Fault(status=200, body=page.encode()))

    with pytest.raises(InvalidInput, match="the address of the forum itself"):
        await door.enter()

    assert world.count(other) == 0


@pytest.mark.parametrize("door", ["mybb"], indirect=True)
async def test_with_and_without_www_it_is_one_forum(door: Door, world: World) -> None:
    world.mount(f"www.{door.host}", world.sites[door.host])
    target = f"https://www.{door.host}/"
    world.plant(door.host, Fault(status=301, headers={"Location": target}))

    assert await door.enter() == "mybb"
