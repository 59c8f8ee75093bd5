"""The warm pool of child workers: what the rest of the program knows of the engines."""

import asyncio
import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import certifi
import structlog
from imageio_ffmpeg._utils import get_ffmpeg_exe

from gatherum.errors import InvalidInput, Unavailable, UnexpectedResponse, Unsupported
from gatherum.fetching.cookies import Cookie, parse_cookies
from gatherum.fetching.workers.child import Child, Permit
from gatherum.fetching.workers.pipe import Died
from gatherum.fetching.workers.protocol import Key, Order, Progress, Saved, as_found
from gatherum.fetching.workers.verdict import Answered, Verdict
from gatherum.ports import EngineLine, EngineRequest
from gatherum.safety.egress import Egress
from gatherum.safety.sandbox import python_command

log = structlog.get_logger()
COMMANDS: Mapping[str, Sequence[str]] = {
    "gallerydl": python_command("gatherum.fetching.workers.gallerydl_worker"),
    "instaloader": python_command("gatherum.fetching.workers.instaloader_worker"),
    "ytdlp": python_command("gatherum.fetching.workers.ytdlp_worker"),
}
MAX_MEMORY = 400 * 2**20
COOKIES = ".cookies.txt"
BUNDLE = ".bundle.pem"
LARGEST_JAR = 1 << 20


Beside = Callable[[str], Path | None]  # the folder that an engine is to be taken from


def nothing_beside(_engine: str) -> None:
    """Take every engine as it came with us."""


async def permit_all(host: str) -> None:  # a `Permit`
    """Let every request go at once."""


async def ignore_answer(host: str, status: int, retry_after: float | None) -> None:
    """Learn nothing from the answers."""


def find_ffmpeg() -> str:
    """Return the ffmpeg of this machine, else the one that came with us."""
    return shutil.which("ffmpeg") or str(get_ffmpeg_exe())  # type: ignore[no-untyped-call]


class EnginePool:
    """Runs extractors in child processes: warm, few, replaced when they die, grow or grow old.

    A child belongs to one job at a time, and its job to one login: nothing is carried over. What
    `beside` names counts for every job that begins after that; if it does not start, what came with
    us does.
    """

    def __init__(
        self,
        scratch: Path,
        *,
        egress: Egress,
        ca_bundle: Path | None = None,
        size: int = 2,
        commands: Mapping[str, Sequence[str]] = COMMANDS,
        patience: float = 120.0,
        idle: float = 300.0,
        max_jobs: int = 200,
        beside: Beside = nothing_beside,
    ) -> None:
        self._scratch = scratch
        self._egress = egress
        self._ca_bundle = ca_bundle
        self._commands = commands
        self._patience = patience
        self._idle = idle
        self._max_jobs = max_jobs
        self._beside = beside
        self._broken: set[Path] = set()  # folders that a child did not start from
        self._slots = {engine: asyncio.Semaphore(size) for engine in commands}
        self._downloads = asyncio.Semaphore(size)
        self._resting: dict[str, list[Child]] = {engine: [] for engine in commands}
        self._timers: dict[Child, asyncio.TimerHandle] = {}
        self._ends: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for children in self._resting.values():
            while children:
                await self._end(children.pop())
        if self._ends:
            await asyncio.wait(self._ends)

    async def extract(
        self,
        request: EngineRequest,
        *,
        cookies: str | None = None,
        user_agent: str = "",
        renewed: Callable[[Sequence[Cookie]], None] = lambda _cookies: None,
        permit: Permit = permit_all,
        answered: Answered = ignore_answer,
    ) -> AsyncGenerator[EngineLine, None]:
        """Yield what an engine finds behind a link, as it finds it.

        Raises the `SourceError` that says what should happen next. `permit` is awaited before each
        request and `answered` called after it; closing the iterator stops the engine. `cookies` is
        in Netscape form, and the child's for this job only; `renewed` is told of those that it has at
        the end, which are whatever a child may say.
        """
        order = self._order("extract", request.url, cursor=request.cursor, flat=request.flat)
        told = {"options": dict(request.options), "user_agent": user_agent or None}
        order = order.model_copy(update=told)
        for attempt in (1, 2):
            verdict = Verdict(answered, logged_in=bool(cookies))
            try:
                lines = self._perform(
                    request.engine, order, verdict, cookies=cookies, renewed=renewed, permit=permit
                )
                async with contextlib.aclosing(lines):
                    async for line in lines:
                        yield line
            except Died:
                # A warm child may die between two jobs, just before we look: a fresh one is asked.
                if attempt == 2 or not verdict.silent:
                    raise
            else:
                return

    async def _perform(
        self,
        engine: str,
        order: Order,
        verdict: Verdict,
        *,
        cookies: str | None,
        renewed: Callable[[Sequence[Cookie]], None],
        permit: Permit,
    ) -> AsyncGenerator[EngineLine, None]:
        async with self._child(engine) as child:
            order = self._furnish(order, child.folder, cookies)
            lines = child.lines(order, permit=permit, patience=self._patience)
            async with contextlib.aclosing(lines):
                try:
                    async for line in lines:
                        await verdict.hear(line)
                        if (found := as_found(line)) is not None:
                            yield found
                except GeneratorExit:
                    await child.wind_down()
                    raise
                finally:
                    if cookies:
                        renewed(_given_back(child.folder))
            refused = self._refused(child.folder)
        verdict.check(refused)
        if (nothing := verdict.nothing) is not None:
            yield nothing

    async def download(  # each is a choice of the caller
        self,
        url: str,
        folder: Path,
        *,
        max_height: int | None = None,
        audio_only: bool = False,
        max_bytes: int | None = None,
        cookies: str | None = None,
        user_agent: str = "",
        permit: Permit = permit_all,
        answered: Answered = ignore_answer,
        progress: Callable[[int, int | None], None] = lambda _done, _total: None,
    ) -> Path:
        """Let yt-dlp bring one video into `folder` and return its path.

        It runs in a child of its own that may write nowhere else; cancelling kills it.
        `progress` gets the bytes so far and in all.
        """
        order = self._order("download", url).model_copy(
            update={
                "folder": str(folder),
                "user_agent": user_agent or None,
                "max_bytes": max_bytes,
                "format": _format(max_height, audio_only=audio_only),
                "ffmpeg": find_ffmpeg(),
            }
        )
        verdict, name = Verdict(answered), ""
        async with self._downloads:
            child = await self._start("ytdlp", folder)
            try:
                order = self._furnish(order, folder, cookies)
                async for line in child.lines(order, permit=permit, patience=self._patience):
                    await verdict.hear(line)
                    if isinstance(line, Progress):
                        progress(line.done, line.total)
                    elif isinstance(line, Saved):
                        name = line.name
            finally:
                await child.kill()
                (folder / COOKIES).unlink(missing_ok=True)
                (folder / BUNDLE).unlink(missing_ok=True)
        verdict.check(self._refused(folder))
        path = folder / name
        if not name or path.parent != folder or path.is_symlink() or not path.is_file():
            raise UnexpectedResponse("The extractor left no file.")
        return path

    async def supports(self, engine: str, url: str) -> str | None:
        """Return the engine's name of the site that the link belongs to, if it has one made for it.

        No request is made. Pages that only a generic extractor would try give None.
        """
        async with self._child(engine) as child:
            order = Order(op="supports", url=url)
            async for line in child.lines(order, permit=permit_all, patience=self._patience):
                if isinstance(line, Key):
                    return line.value
        raise UnexpectedResponse("The extractor does not say whether it knows this link.")

    def _order(self, op: str, url: str, *, cursor: str | None = None, flat: bool = False) -> Order:
        try:
            return Order.model_validate({"op": op, "url": url, "cursor": cursor, "flat": flat})
        except ValueError as error:
            raise InvalidInput("This is not a web address.") from error

    @contextlib.asynccontextmanager
    async def _child(self, engine: str) -> AsyncIterator[Child]:
        if engine not in self._commands:
            raise Unsupported(f"There is no engine called {engine}.")
        async with self._slots[engine]:
            child = await self._take(engine)
            try:
                yield child
            finally:
                (child.folder / COOKIES).unlink(missing_ok=True)
                if child.busy or child.jobs >= self._max_jobs or child.memory > MAX_MEMORY:
                    await self._end(child)
                else:
                    self._rest(engine, child)

    async def _take(self, engine: str) -> Child:
        resting = self._resting[engine]
        while resting:
            child = resting.pop()
            self._timers.pop(child).cancel()
            if child.alive and child.beside == self._folder_beside(engine):
                return child
            await self._end(child)
        self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        return await self._start(engine, Path(tempfile.mkdtemp(dir=self._scratch)))

    async def _start(self, engine: str, folder: Path) -> Child:
        bundle = None
        if self._ca_bundle is not None:
            bundle = folder / BUNDLE
            public = Path(certifi.where())
            bundle.write_bytes(public.read_bytes() + self._ca_bundle.read_bytes())  # noqa: ASYNC240  # small
        start = partial(
            Child.start,
            folder=folder,
            port=self._egress.port,
            ca_bundle=bundle,
            patience=self._patience,
        )
        command, beside = self._commands[engine], self._folder_beside(engine)
        if beside is None:
            return await start(command)
        try:
            return await start(command_beside(beside, command), beside=beside)
        except (Unavailable, UnexpectedResponse):
            log.warning("extractor_beside_does_not_start", engine=engine)
            self._broken.add(beside)
            return await start(command)

    def _folder_beside(self, engine: str) -> Path | None:
        beside = self._beside(engine)
        return None if beside in self._broken else beside

    def _furnish(self, order: Order, folder: Path, cookies: str | None) -> Order:
        """Give an order its way out, its trust and its login, all in the child's own folder."""
        # One label a child, not a job: what is kept warm in it knows the proxy by its URL.
        given = {"proxy": self._egress.url(folder.name)}
        if (folder / BUNDLE).exists():
            given["ca_bundle"] = str(folder / BUNDLE)
        if cookies:
            path = folder / COOKIES
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
                file.write(cookies)
            given["cookies"] = str(path)
        return order.model_copy(update=given)

    def _refused(self, folder: Path) -> frozenset[str]:
        return frozenset(each.host for each in self._egress.refusals(folder.name))

    def _rest(self, engine: str, child: Child) -> None:
        self._resting[engine].append(child)
        loop = asyncio.get_running_loop()
        self._timers[child] = loop.call_later(self._idle, self._retire, engine, child)

    def _retire(self, engine: str, child: Child) -> None:
        self._resting[engine].remove(child)
        task = asyncio.get_running_loop().create_task(self._end(child))
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)

    async def _end(self, child: Child) -> None:
        if timer := self._timers.pop(child, None):
            timer.cancel()
        try:
            await child.kill()
        finally:
            shutil.rmtree(child.folder, ignore_errors=True)


def command_beside(folder: Path, command: Sequence[str]) -> tuple[str, ...]:
    """Return how to run one of our workers with the packages of a folder before all others."""
    return (*python_command("gatherum.fetching.workers.beside"), str(folder), command[-1])


def _given_back(folder: Path) -> Sequence[Cookie]:
    """Return the cookies that a child has left; nothing if that is no sensible file."""
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with os.fdopen(os.open(folder / COOKIES, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return ()
            return parse_cookies(file.read(LARGEST_JAR).decode()).cookies
    except (OSError, ValueError, InvalidInput):
        return ()


def _format(max_height: int | None, *, audio_only: bool) -> str | None:
    if audio_only:
        return "bestaudio/best"
    if max_height is None:
        return None
    return f"bestvideo*[height<={max_height}]+bestaudio/best[height<={max_height}]/worst"
