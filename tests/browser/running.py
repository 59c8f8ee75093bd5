"""The program as its users start it, and the shortest way to fill it."""

import asyncio
import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import requests
from yarl import URL

from tests.suites.warm import Warm, launch

NAME = "ada"
PASSWORD = "correct horse battery"
UP_S = 180.0
SETTLED_S = 120.0
TOO_OFTEN = 429
ENDED = {"done", "failed", "cancelled"}
T = TypeVar("T")


class Running:
    """A program that runs. `token` sets it up; `folder` is its data."""

    def __init__(self, url: str, token: str, folder: Path) -> None:
        self.url = url
        self.token = token
        self.folder = folder
        self._session = requests.Session()

    @property
    def origin(self) -> str:
        """Where its pages come from: its address without the path."""
        return str(URL(self.url).origin())

    @property
    def session(self) -> str:
        """The secret of the session in which `call` calls."""
        return str(self._session.cookies["sid"])

    def set_up(self) -> None:
        """Make the first account, and sign in as it."""
        self.call("POST", "/setup", token=self.token, name=NAME, password=PASSWORD)
        self.call("PATCH", "/settings/network", pace=0)

    def call(self, method: str, path: str, **body: Any) -> Any:
        """Call the API as the administrator; what it answers, or an error of the test.

        Who calls too often waits as it is told: tests may come faster than people.
        """

        def ask() -> requests.Response:
            return self._session.request(
                method,
                f"{self.url}/api/v1{path}",
                json=body or None,
                headers={"origin": self.origin},
                timeout=30,
            )

        answer = ask()
        if answer.status_code == TOO_OFTEN:
            wait_as_told(answer.headers)
            answer = ask()
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, *links: str) -> None:
        """Get links, and wait until nothing of them is left to do."""
        told = self.call("POST", "/links", urls=links)
        jobs = {each["job"] for each in told["items"]}
        until = time.monotonic() + SETTLED_S
        while jobs:
            assert time.monotonic() < until, f"These jobs do not come to an end: {jobs}"
            jobs = {
                job for job in jobs if self.call("GET", f"/jobs/{job}")["job"]["state"] not in ENDED
            }
            time.sleep(0.1)

    def until_checked(self, numbers: Iterable[int]) -> None:
        """Wait until the first checks of subscriptions are over, so that no event comes in between."""
        end = time.monotonic() + SETTLED_S
        while True:
            told = self.call("GET", "/subscriptions")["items"]
            ready = {one["id"] for one in told if one["checked_at"] and one["backfill_done"]}
            if ready.issuperset(numbers):
                return
            assert time.monotonic() < end, "These subscriptions are never checked."
            time.sleep(0.2)

    def until_idle(self) -> None:
        """Wait until nothing is on its way."""
        end = time.monotonic() + SETTLED_S
        while self.call("GET", "/jobs?state=queued&state=running&state=waiting")["items"]:
            assert time.monotonic() < end, "There is always something on its way."
            time.sleep(0.2)


def wait_as_told(headers: Mapping[str, str]) -> None:
    """Wait as long as an answer says that came of asking too often; a minute at most."""
    told = float(headers["retry-after"])
    assert told <= 61, f"This may be asked again only in {told:.0f} s."
    time.sleep(told)


@contextlib.contextmanager
def beside(served: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Hold something open that is served, in a loop and a thread of its own."""
    begun = Future[tuple[T, asyncio.AbstractEventLoop]]()
    end = asyncio.Event()

    async def run() -> None:
        try:
            opened = await served.__aenter__()
        except Exception as error:  # noqa: BLE001 -- it is raised where somebody waits for it
            begun.set_exception(error)
            return
        begun.set_result((opened, asyncio.get_running_loop()))
        await end.wait()
        await served.__aexit__(None, None, None)

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    opened, loop = begun.result(30)
    try:
        yield opened
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(30)


@dataclass(frozen=True, slots=True)
class Made:
    """The data of a program that was set up, and has stopped: others begin with a copy of it."""

    folder: Path
    token: str


def make(folder: Path, *links: str) -> Made:
    """Set a program up, let it get links, and return its data."""
    with start(folder) as program:
        program.set_up()
        if links:
            program.get(*links)
            program.until_idle()
    return Made(folder / "data", program.token)


@contextlib.contextmanager
def start_again(made: Made, folder: Path) -> Iterator[Running]:
    """Start a program on a copy of data that was made before, and sign in as its administrator."""
    shutil.copytree(made.folder, folder / "data")
    with _serving(folder, {}) as (url, _):
        program = Running(url, made.token, folder)
        program.call("POST", "/session", name=NAME, password=PASSWORD)
        yield program


@contextlib.contextmanager
def start(folder: Path, **more: str) -> Iterator[Running]:
    """Start the program on a free port, with `more` in its environment, and stop it in the end."""
    with _serving(folder, more) as (url, tell):
        yield Running(url, tell("Set-up token: "), folder)


@contextlib.contextmanager
def _serving(folder: Path, more: Mapping[str, str]) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Serve; the value is the address, and what waits for a line that begins with some words."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GATHERUM_")},
        "GATHERUM_DATA_DIR": str(folder / "data"),
        "GATHERUM_PORT": "0",
        "GATHERUM_NETWORK_ALLOW": "127.0.0.1",
        "GATHERUM_LOG_LEVEL": "warning",
        **more,
    }
    said = folder / "server.log"
    with said.open("wb") as log:
        process = launch(["serve"], env=environment, cwd=folder, stdout=log, stderr=log)
        tell = partial(_told, process, said)
        try:
            yield tell("Gatherum is at "), tell
        finally:
            process.terminate()
            process.wait(30)


def _told(process: Warm, said: Path, words: str) -> str:
    """Wait for a line that begins with some words, and return the rest of it."""
    until = time.monotonic() + UP_S
    while time.monotonic() < until and process.poll() is None:
        for line in said.read_text().splitlines(keepends=True):
            if line.startswith(words) and line.endswith("\n"):
                return line.removeprefix(words).strip()
        time.sleep(0.05)
    raise AssertionError(f"The program did not start:\n{said.read_text()}")
