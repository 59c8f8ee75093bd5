"""The one place that knows of a browser: a Chromium for each login, or for each way without one.

It runs as a child, shut in (docs/adr/0028), is asked by lines, and is sent home when nobody needs it.
What it remembers is sealed. Only its child imports Playwright.
"""

import asyncio
import contextlib
import hashlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import structlog
from pydantic import JsonValue

from gatherum.errors import Unavailable, UnexpectedResponse, Unsupported
from gatherum.fetching.browser.child import BrowserChild
from gatherum.fetching.browser.found import find_chromium, find_lack
from gatherum.fetching.browser.lines import Done
from gatherum.fetching.browser.page import BrowserPage
from gatherum.fetching.browser.profiles import Profiles
from gatherum.fetching.browser.trust import pins
from gatherum.fetching.cookies import Jar
from gatherum.fetching.workers.child import Permit
from gatherum.fetching.workers.engine import ignore_answer
from gatherum.fetching.workers.verdict import Answered
from gatherum.ports import BrowserRequest
from gatherum.safety.egress import Egress
from gatherum.safety.sandbox import has_landlock

log = structlog.get_logger()

MOST_BYTES: Final = 1200 << 20  # of all processes of one browser
LARGEST_STATE: Final = 1 << 20
CLOSE_S: Final = 10.0


class Browsers:
    """Lends pages, one a job. A browser serves one profile; few are alive at once, each for a while.

    What a page did not say by itself is never made of it: no check for persons is solved here.
    """

    def __init__(
        self,
        scratch: Path,
        *,
        egress: Egress,
        profiles: Profiles,
        ca_bundle: Path | None = None,
        size: int = 1,
        idle: float = 60.0,
        most: int = MOST_BYTES,
        executable: Path | None = None,
    ) -> None:
        self._scratch = scratch
        self._egress = egress
        self._profiles = profiles
        self._ca_bundle = ca_bundle
        self._size = size
        self._idle = idle
        self._most = most
        self._executable = executable or find_chromium()
        self._slots = asyncio.Semaphore(size)
        self._turns: dict[str, asyncio.Lock] = {}
        self._alive = 0
        self._resting: dict[str, BrowserChild] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._ends: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for profile in list(self._resting):
            await self._end(self._wake(profile))
        if self._ends:
            await asyncio.wait(self._ends)

    @contextlib.asynccontextmanager
    async def page(
        self,
        request: BrowserRequest,
        *,
        permit: Permit,
        answered: Answered = ignore_answer,
        login: str = "",
        jar: Jar = Jar(),  # noqa: B008 - frozen
    ) -> AsyncIterator[BrowserPage]:
        """Lend a page of a profile's browser, which remembers what earlier jobs have made it remember.

        `permit` is awaited before each request that counts and `answered` called after it. Raises
        `Unsupported` with what must be installed if there is no browser, and `Unavailable` if it ends
        in the middle.
        """
        lack = find_lack(self._executable)
        if lack is not None:
            raise Unsupported(lack)
        own = bool(request.login and login)
        profile = f"login:{login}" if own else request.profile
        given = jar if own else Jar()
        async with self._turns.setdefault(profile, asyncio.Lock()), self._slots:
            child = await self._take(profile, given)
            page = BrowserPage(child, self._egress, permit, answered)
            self._egress.confine(child.folder.name, request.hosts)
            try:
                await page.ask("page", capture=list(request.capture))
                yield page
            finally:
                self._egress.confine(child.folder.name, ())
                if page.broken:
                    await self._end(child)
                else:
                    await self._put_back(profile, child, given, int(login) if own else None)

    async def _put_back(
        self, profile: str, child: BrowserChild, jar: Jar, login: int | None
    ) -> None:
        """Close the page, seal what the browser remembers, and let it rest."""
        closed = False
        try:
            order: dict[str, JsonValue] = {"op": "close"}
            done = await child.ask(order, permit=None, answered=ignore_answer, within=CLOSE_S)
            closed = isinstance(done, Done) and done.state is not None
            if isinstance(done, Done) and done.state and len(done.state) <= LARGEST_STATE:
                text = json.dumps({"jar": _digest(jar), "state": json.loads(done.state)})
                await self._profiles.keep(profile, text, login=login)
        except (Unavailable, UnexpectedResponse):
            log.warning("browser_did_not_close", profile=profile)
        finally:
            if not closed:
                await self._end(child)
        if not closed:
            return
        self._resting[profile] = child
        loop = asyncio.get_running_loop()
        self._timers[profile] = loop.call_later(self._idle, self._retire, profile)

    async def _take(self, profile: str, jar: Jar) -> BrowserChild:
        """Return the profile's browser if it rests, else a new one, in place of another that rests."""
        if profile in self._resting:
            child = self._wake(profile)
            if child.alive:
                return child
            await self._end(child)
        while self._alive >= self._size and self._resting:
            await self._end(self._wake(next(iter(self._resting))))
        self._alive += 1
        self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        self._egress.confine(folder.name, ())
        try:
            return await self._start(profile, folder, jar)
        except BaseException:
            self._alive -= 1
            self._egress.confine(folder.name, None)
            shutil.rmtree(folder, ignore_errors=True)
            raise

    async def _start(self, profile: str, folder: Path, jar: Jar) -> BrowserChild:
        assert self._executable is not None  # noqa: S101  # `page` has looked
        state = await self._remembered(profile, jar)
        proxy = urlsplit(self._egress.url(folder.name))
        arguments: list[JsonValue] = []
        if self._ca_bundle is not None and (own := pins(self._ca_bundle)):
            arguments.append(f"--ignore-certificate-errors-spki-list={','.join(own)}")
        order: dict[str, JsonValue] = {
            "executable": str(self._executable),
            "own_sandbox": not has_landlock(),
            "arguments": arguments,
            "proxy": {
                "server": f"http://{proxy.hostname}:{proxy.port}",
                "username": proxy.username,
                "password": proxy.password,
            },
            "state": state,
            # A state holds newer cookies of the same login.
            "cookies": [] if state is not None else _cookies(jar),
        }
        return await BrowserChild.start(
            folder,
            port=self._egress.port,
            order=order,
            readable=self._executable.resolve().parent,
            most=self._most,
        )

    async def _remembered(self, profile: str, jar: Jar) -> dict[str, JsonValue] | None:
        """Return what a profile remembers, unless its login was given other cookies since."""
        text = await self._profiles.find(profile)
        if text is None:
            return None
        kept = json.loads(text)
        state: dict[str, JsonValue] = kept["state"]
        return state if kept["jar"] == _digest(jar) else None

    def _wake(self, profile: str) -> BrowserChild:
        self._timers.pop(profile).cancel()
        return self._resting.pop(profile)

    def _retire(self, profile: str) -> None:
        task = asyncio.get_running_loop().create_task(self._end(self._wake(profile)))
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)

    async def _end(self, child: BrowserChild) -> None:
        self._alive -= 1
        try:
            await child.kill()
        finally:
            self._egress.confine(child.folder.name, None)
            shutil.rmtree(child.folder, ignore_errors=True)


def _digest(jar: Jar) -> str:
    return hashlib.sha256((jar.netscape() or "").encode()).hexdigest()


def _cookies(jar: Jar) -> list[JsonValue]:
    given: list[JsonValue] = []
    for cookie in jar.cookies:
        one: dict[str, JsonValue] = {
            "name": cookie.name,
            "value": cookie.value,
            "domain": f".{cookie.domain}" if cookie.subdomains else cookie.domain,
            "path": cookie.path,
            "secure": cookie.secure,
        }
        if cookie.expires is not None:
            one["expires"] = cookie.expires
        given.append(one)
    return given
