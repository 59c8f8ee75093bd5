"""The browser: the real Chromium in its sandbox, before sites that are kind, strange or wicked."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gatherum.db import Database
from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    Refused,
    SourceError,
    Unavailable,
    UnexpectedResponse,
    Unsupported,
)
from gatherum.fetching.browser import Browsers
from gatherum.fetching.browser import found as browser_found
from gatherum.fetching.browser import page as browser_page
from gatherum.fetching.browser.child import BrowserChild
from gatherum.fetching.browser.trust import pins
from gatherum.fetching.cookies import Cookie, Jar
from gatherum.fetching.logins import Logins
from gatherum.fetching.workers.engine import permit_all
from gatherum.ports import BrowserRequest
from gatherum.safety.vault import Vault
from tests.suites.children import children, count_from_here
from tests.suites.waiting import until
from tests.testsites.browsers import KEY, Clock, browsers_before, fresh_database
from tests.testsites.gateway import Gateway
from tests.testsites.world import Fault, World

HOST = "shop.example"
ROOT = f"https://{HOST}"
REQUEST = BrowserRequest(profile="shop", hosts=(HOST,), capture=(rf"{ROOT}/api/",))
SECRET = "keep-me-secret-0123456789"
FRONT = """<!DOCTYPE html><title>Shop</title><form><input id="q"><button>Go</button></form>
<img src="/big.jpg"><script src="https://tracker.example/t.js"></script>
<script>
document.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await fetch('/api/find?q=' + document.querySelector('#q').value);
  const found = document.createElement('p');
  found.textContent = (await answer.json()).found;
  document.body.append(found);
});
</script>"""
CHECK = """<!DOCTYPE html><title>Just a moment...</title>
<script>setTimeout(() => { document.cookie = 'passed=1; path=/'; location.reload(); }, 300);</script>"""
WALL = "<!DOCTYPE html><title>Just a moment...</title><p>Are you a person?</p>"
REMEMBER = (
    f"<!DOCTYPE html><title>Kept</title><script>localStorage.kept = '{SECRET}-local';</script>"
)
SHOW = """<!DOCTYPE html><title>Shown</title><p id="kept"></p>
<script>document.querySelector('#kept').textContent = localStorage.kept || 'nothing';</script>"""


def shop() -> Starlette:
    async def front(_: Request) -> Response:
        return HTMLResponse(FRONT)

    async def find(request: Request) -> Response:
        return JSONResponse({"found": f"one {request.query_params['q']}"})

    async def check(request: Request) -> Response:
        return HTMLResponse(FRONT) if "passed" in request.cookies else HTMLResponse(CHECK, 403)

    async def wall(_: Request) -> Response:
        return HTMLResponse(WALL, 403, headers={"cf-mitigated": "challenge"})

    async def checkpoint(_: Request) -> Response:
        return HTMLResponse("<title>Verify</title>")

    async def remember(_: Request) -> Response:
        answer = HTMLResponse(REMEMBER)
        answer.set_cookie("visitor", SECRET, max_age=3600, secure=True)
        return answer

    async def show(_: Request) -> Response:
        return HTMLResponse(SHOW)

    async def grow(_: Request) -> Response:
        return HTMLResponse("<title>Growing</title>")

    return Starlette(
        routes=[
            Route("/", front),
            Route("/api/find", find),
            Route("/check", check),
            Route("/wall", wall),
            Route("/checkpoint/1", checkpoint),
            Route("/remember", remember),
            Route("/show", show),
            Route("/grow", grow),
        ]
    )


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"  # one loop for a module: its browser stays warm


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    world = World()
    world.mount(HOST, shop())
    async with Gateway(world) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def store(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with fresh_database(sqlite_template, tmp_path_factory.mktemp("db")) as database:
        yield database


@pytest.fixture(scope="module")
async def warm(
    gateway: Gateway, store: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browsers]:
    async with browsers_before(gateway, tmp_path_factory.mktemp("scratch"), store) as browsers:
        yield browsers


@pytest.fixture(autouse=True)
def nothing_planted(gateway: Gateway) -> None:
    gateway.world.log.clear()
    gateway.world.faults.clear()
    gateway.connects.clear()
    count_from_here()


async def opened(browsers: Browsers, path: str, request: BrowserRequest = REQUEST) -> str:
    async with browsers.page(request, permit=permit_all) as page:
        return (await page.open(ROOT + path)).text


async def sought(browsers: Browsers, what: str) -> str:
    async with browsers.page(REQUEST, permit=permit_all) as page:
        await page.open(f"{ROOT}/")
        await page.fill("#q", what)
        await page.click("button")
        found = await page.take()
    assert found is not None
    return found.text


def processes(session: int) -> set[int]:
    """The processes of a session that run."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.add(int(folder.name))
    return found


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().partition(b"\0")[0].decode()


async def test_a_page_is_used_as_somebody_would_and_its_answers_are_read(warm: Browsers) -> None:
    async with warm.page(REQUEST, permit=permit_all) as page:
        front = await page.open(f"{ROOT}/")
        await page.fill("#q", "red shoes")
        await page.click("button")
        found = await page.take()
        shown = await page.sees("p")
        after = await page.content()

    assert (front.url, found and found.url) == (f"{ROOT}/", f"{ROOT}/api/find?q=red%20shoes")
    assert found is not None
    assert (found.status, found.text) == (200, '{"found":"one red shoes"}')
    assert shown
    assert "one red shoes" in after.text


async def test_what_does_not_come_is_told_and_what_is_not_there_is_a_changed_page(
    warm: Browsers,
) -> None:
    async with warm.page(REQUEST, permit=permit_all) as page:
        await page.open(f"{ROOT}/")

        assert await page.sees("#q", within=0)  # a look is taken however short the wait is
        assert not await page.sees("#nowhere", within=0.3)
        assert await page.take(within=0.3) is None


async def test_a_field_that_is_not_there_is_a_changed_page(
    warm: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_page, "ACT_S", 0.3)
    async with warm.page(REQUEST, permit=permit_all) as page:
        await page.open(f"{ROOT}/")
        with pytest.raises(UnexpectedResponse):
            await page.click("#nowhere")


async def test_pages_and_what_they_ask_for_wait_for_a_permit_and_pictures_are_left_out(
    gateway: Gateway, warm: Browsers
) -> None:
    permits: Counter[str] = Counter()
    answers: list[tuple[str, int]] = []

    async def permit(host: str) -> None:
        permits[host] += 1

    async def answered(host: str, status: int, _wait: float | None) -> None:
        answers.append((host, status))

    async with warm.page(REQUEST, permit=permit, answered=answered) as page:
        await page.open(f"{ROOT}/")
        await page.fill("#q", "shoes")
        await page.click("button")
        await page.take()

    assert permits == {HOST: 2}
    assert answers == [(HOST, 200), (HOST, 200)]
    assert gateway.world.hits == {(HOST, "/"): 1, (HOST, "/api/find"): 1}


async def test_waiting_for_a_permit_is_no_delay_of_the_page(warm: Browsers) -> None:
    is_slow = False

    async def slow(_: str) -> None:
        if is_slow:
            await asyncio.sleep(6)

    async with warm.page(REQUEST, permit=slow) as page:
        await page.open(f"{ROOT}/")
        await page.fill("#q", "shoes")
        is_slow = True
        await page.click("button")

        assert await page.take(within=5.0) is not None


async def test_a_budget_that_says_no_ends_the_job_with_its_own_error(
    gateway: Gateway, warm: Browsers
) -> None:
    async def never(host: str) -> None:
        raise RateLimited(f"{host} rests.", retry_after=9)

    with pytest.raises(RateLimited) as caught:
        async with warm.page(REQUEST, permit=never) as page:
            await page.open(f"{ROOT}/")

    assert caught.value.retry_after == 9
    assert gateway.world.log == []
    assert await sought(warm, "hats") == '{"found":"one hats"}'


async def test_a_host_that_nobody_claims_is_refused_and_recorded(
    gateway: Gateway, warm: Browsers
) -> None:
    gateway.world.mount("tracker.example", shop())  # it is there, and would answer

    await opened(warm, "/")

    refused = [each for each in warm._egress.passages if each.host == "tracker.example"]
    assert refused
    assert all(each.refused for each in refused)
    assert "tracker.example" not in gateway.connects


async def test_a_browser_reaches_nothing_before_its_job_and_after_it(
    gateway: Gateway, store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    confined: list[object] = []
    begin = BrowserChild.start

    async def start(folder: Path, **more: Any) -> BrowserChild:
        confined.append(browsers._egress._confined.get(folder.name))
        return await begin(folder, **more)

    monkeypatch.setattr(BrowserChild, "start", start)
    async with browsers_before(gateway, tmp_path / "scratch", store) as browsers:
        async with browsers.page(REQUEST, permit=permit_all):
            confined.extend(browsers._egress._confined.values())
        confined.extend(browsers._egress._confined.values())

    assert confined == [frozenset(), frozenset({HOST}), frozenset()]
    assert browsers._egress._confined == {}


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/", "http://169.254.169.254/latest"])
async def test_an_address_that_the_policy_forbids_is_refused(
    gateway: Gateway, warm: Browsers, address: str
) -> None:
    host = address.split("/")[2].partition(":")[0]
    request = BrowserRequest(profile="shop", hosts=(host,))

    with pytest.raises(Refused):
        async with warm.page(request, permit=permit_all) as page:
            await page.open(address)

    assert gateway.connects == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=404), Gone),
        (Fault(status=401), LoginRequired),
        (Fault(status=403), Unavailable),
        (Fault(status=429, headers={"Retry-After": "30"}), RateLimited),
        (Fault(status=503), Unavailable),
        (Fault(status=400), UnexpectedResponse),
    ],
)
async def test_a_refusal_is_named_by_its_status(
    gateway: Gateway, warm: Browsers, fault: Fault, error: type[SourceError]
) -> None:
    gateway.world.plant(HOST, fault)

    with pytest.raises(error) as caught:
        await opened(warm, "/")

    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 30


async def test_a_check_that_a_plain_browser_passes_is_waited_for(warm: Browsers) -> None:
    assert "<title>Shop</title>" in await opened(warm, "/check")


@pytest.mark.parametrize("path", ["/wall", "/checkpoint/1"])
async def test_a_check_for_persons_is_a_challenge_with_a_way_out(
    gateway: Gateway, warm: Browsers, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(browser_page, "INTERSTITIAL_S", 0.5)

    with pytest.raises(Challenge, match="store the cookies as a login"):
        await opened(warm, path)

    assert gateway.world.hits == {(HOST, path): 1}  # nothing was tried


async def test_each_job_has_a_page_of_its_own_and_the_browser_stays_warm(warm: Browsers) -> None:
    await sought(warm, "shoes")
    first = set(warm._resting)

    async with warm.page(REQUEST, permit=permit_all) as page:
        assert "shoes" not in (await page.open(f"{ROOT}/")).text
        assert await page.take(within=0.2) is None

    assert set(warm._resting) == first == {"shop"}
    assert children() == set()  # those of before


@pytest.mark.parametrize("whom", ["the child", "chromium"])
async def test_a_browser_that_is_killed_in_the_middle_fails_its_job_and_the_next_one_works(
    gateway: Gateway, store: Database, tmp_path: Path, whom: str
) -> None:
    async with browsers_before(gateway, tmp_path / "scratch", store) as browsers:
        with pytest.raises(Unavailable):  # noqa: PT012  # a page is a context
            async with browsers.page(REQUEST, permit=permit_all) as page:
                await page.open(f"{ROOT}/")
                [child] = children()
                group = processes(child)
                chromium = {pid for pid in group if "chromium" in name_of(pid)}
                assert len(chromium) > 1
                for pid in [child] if whom == "the child" else chromium:
                    os.kill(pid, signal.SIGKILL)
                await page.take()

        assert children() == set()
        assert await sought(browsers, "hats") == '{"found":"one hats"}'


async def test_an_idle_browser_is_sent_home(
    gateway: Gateway, store: Database, tmp_path: Path
) -> None:
    async with browsers_before(gateway, tmp_path / "scratch", store, idle=0.05) as browsers:
        await opened(browsers, "/")
        await until(lambda: not children() and not list((tmp_path / "scratch").iterdir()))


async def test_another_profile_takes_the_place_of_one_that_rests(
    gateway: Gateway, store: Database, tmp_path: Path
) -> None:
    async with browsers_before(gateway, tmp_path / "scratch", store) as browsers:
        await opened(browsers, "/")
        [first] = children()

        await opened(browsers, "/", BrowserRequest(profile="other", hosts=(HOST,)))

        [second] = children()
        assert first != second
        assert processes(first) == set()


async def test_a_browser_that_takes_too_much_memory_is_killed(
    gateway: Gateway, store: Database, tmp_path: Path
) -> None:
    async with browsers_before(gateway, tmp_path / "scratch", store, most=1 << 20) as browsers:
        with pytest.raises(Unavailable, match="memory"):  # noqa: PT012  # a page is a context
            async with browsers.page(REQUEST, permit=permit_all) as page:
                await page.open(f"{ROOT}/")
                await page.take(within=30)

        assert children() == set()


async def test_what_a_browser_remembers_outlives_it_and_lies_nowhere_in_plain(
    gateway: Gateway, sqlite_template: Path, tmp_path: Path
) -> None:
    with fresh_database(sqlite_template, tmp_path) as database:
        async with browsers_before(gateway, tmp_path / "scratch", database) as browsers:
            await opened(browsers, "/remember")
            written = [path for path in tmp_path.rglob("*") if path.is_file()]
            assert any(path.is_relative_to(tmp_path / "scratch") for path in written)
            while_alive = [path for path in written if SECRET.encode() in path.read_bytes()]
        async with (
            browsers_before(gateway, tmp_path / "scratch", database) as browsers,
            browsers.page(REQUEST, permit=permit_all) as page,
        ):
            await page.open(f"{ROOT}/show")
            assert await page.sees("#kept:not(:empty)")
            shown = await page.content()

        sent = gateway.world.log[-1].headers["cookie"]
        assert sent == f"visitor={SECRET}"
        assert f">{SECRET}-local<" in shown.text
        written = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert while_alive == []
        assert [path for path in written if SECRET.encode() in path.read_bytes()] == []


async def test_a_login_has_a_browser_of_its_own_with_its_cookies_until_it_is_given_others(
    gateway: Gateway, sqlite_template: Path, tmp_path: Path
) -> None:
    asks = BrowserRequest(profile="shop", hosts=(HOST,), login=True)

    def jar(value: str) -> Jar:
        return Jar((_cookie(value),))

    async def visited(browsers: Browsers, request: BrowserRequest, given: Jar) -> str:
        async with browsers.page(request, permit=permit_all, login="1", jar=given) as page:
            await page.open(f"{ROOT}/remember")
        return gateway.world.log[-1].headers.get("cookie", "")

    with fresh_database(sqlite_template, tmp_path) as database:
        logins = Logins(database, Vault({1: KEY}), Clock())
        assert await logins.keep("shop", "me", jar("a").netscape() or "") == 1
        async with browsers_before(gateway, tmp_path / "scratch", database) as browsers:
            assert await visited(browsers, asks, jar("a")) == "session=a"
            assert await visited(browsers, REQUEST, jar("a")) == ""
        async with browsers_before(gateway, tmp_path / "scratch", database) as browsers:
            assert await visited(browsers, asks, jar("a")) == f"session=a; visitor={SECRET}"
        async with browsers_before(gateway, tmp_path / "scratch", database) as browsers:
            assert await visited(browsers, asks, jar("b")) == "session=b"

            await logins.remove(1)
            profiles = browsers._profiles
            assert await profiles.find("login:1") is None
            await profiles.keep("login:1", "late", login=1)
            assert await profiles.find("login:1") is None


def _cookie(value: str) -> Cookie:
    return Cookie(
        domain=HOST,
        subdomains=False,
        path="/",
        secure=True,
        expires=None,
        name="session",
        value=value,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a death")
async def test_when_we_are_killed_no_chromium_goes_on(
    gateway: Gateway, sqlite_template: Path, tmp_path: Path
) -> None:
    parent = f"""
import asyncio, sys
from pathlib import Path
from gatherum.fetching.browser import Browsers
from gatherum.fetching.browser.child import BrowserChild
from gatherum.fetching.browser.profiles import Profiles
from gatherum.fetching.workers.engine import permit_all
from gatherum.ports import BrowserRequest
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Policy
from gatherum.safety.vault import Vault
from tests.testsites.browsers import KEY, Clock, chromium, fresh_database

async def main():
    with fresh_database(Path({str(sqlite_template)!r}), Path(sys.argv[1])) as database:
        profiles = Profiles(database, Vault({{1: KEY}}), Clock())
        async with Egress(Policy(), upstream={gateway.url!r}) as egress:
            browsers = Browsers(
                Path(sys.argv[1]) / "scratch", egress=egress, profiles=profiles,
                ca_bundle=Path({str(gateway.bundle)!r}), executable=chromium(),
            )
            request = BrowserRequest(profile="shop", hosts=({HOST!r},))
            async with browsers.page(request, permit=permit_all) as page:
                await page.open({f"{ROOT}/"!r})
                print("child", page._child.pid, flush=True)
                await asyncio.sleep(60)

asyncio.run(main())
"""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", parent, str(tmp_path)]
    ours = await asyncio.create_subprocess_exec(
        *command, cwd=root, stdout=asyncio.subprocess.PIPE, stderr=None
    )
    assert ours.stdout is not None
    line = b""
    while not line.startswith(b"child "):  # what it logs comes before
        line = await ours.stdout.readline()
        assert line
    session = int(line.split()[1])
    chromium = [pid for pid in processes(session) if "chromium" in name_of(pid)]
    assert len(chromium) > 2
    for pid in chromium:
        os.kill(pid, signal.SIGSTOP)  # else it would leave by itself, where nobody listens any more

    ours.kill()
    await ours.wait()

    async with asyncio.timeout(20):
        while processes(session):  # noqa: ASYNC110  # a process is no event
            await asyncio.sleep(0.05)


async def test_without_playwright_the_reason_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(browser_found, "find_spec", lambda _: None)

    assert f"{sys.executable} -m pip install playwright" in browser_found.browser_status().detail
    assert not browser_found.browser_status().ok


async def test_without_chromium_the_reason_says_what_to_install(
    warm: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "_executable", Path("/nowhere/chromium"))

    with pytest.raises(Unsupported, match="apt-get install chromium"):
        await opened(warm, "/")


async def test_a_public_authority_is_never_pinned(gateway: Gateway) -> None:
    assert len(pins(gateway.bundle)) == 1
