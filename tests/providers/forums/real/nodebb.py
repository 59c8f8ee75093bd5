"""NodeBB 4 as its own setup makes it, on Redis, and how one writes there."""

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.providers.forums.real.harbour import ADMIN, BOARDS, DOCK, MAIL, PASSWORD, File, Post
from tests.providers.forums.real.software import free_port, proxied, serving, unpacked
from tests.testsites.gateway import Gateway

VARIABLE = "GATHERUM_REAL_NODEBB"
FOLDER = "/community/"
# One person writes everything at once, and archives as well; what comes is kept byte by byte, and
# a busy machine is no reason to turn anybody away.
SETTINGS = {
    "eventLoopCheckEnabled": "0",
    "postDelay": "0",
    "initialPostDelay": "0",
    "uploadRateLimitThreshold": "0",
    "stripEXIFData": "0",
    "allowedFileExtensions": "png,jpg,mp4,zip",
    "activitypubEnabled": "0",
}
READING = ("groups:find", "groups:read", "groups:topics:read")
CODES = (
    (r"\[quote\](.*?)\[/quote\]\n?", r"> \1\n\n"),
    (r"\[img\](.*?)\[/img\]", r"![](\1)"),
    (r"\[url=(.*?)\](.*?)\[/url\]", r"[\2](\1)"),
)


@dataclass(frozen=True, slots=True)
class Software:
    """The folder of a NodeBB whose dependencies and assets are in place, and what runs it."""

    folder: Path
    node: str
    redis: str

    @contextlib.contextmanager
    def running(self, root: str, kept: Path) -> Iterator[int]:
        """Run a new board at a root, and keep all of it in a folder; yields the port on loopback."""
        port, store = free_port(), free_port()
        redis = [self.redis, "--port", str(store), "--bind", "127.0.0.1"]
        redis += ["--save", "", "--dir", str(kept)]
        config = kept / "config.json"
        config.write_text(
            json.dumps(
                {
                    "url": root.rstrip("/"),
                    "port": port,
                    "bind_address": "127.0.0.1",
                    "secret": "seeded",
                    "database": "redis",
                    "redis": {"host": "127.0.0.1", "port": str(store), "database": "0"},
                    "upload_path": str(kept / "uploads"),
                }
            )
        )
        with serving(redis, store, kept / "redis.log"):
            self._set_up(config)
            with serving(self._command(config), port, kept / "nodebb.log"):
                yield port

    def _command(self, config: Path, *told: str) -> list[str]:
        return [self.node, str(self.folder / "app.js"), f"--config={config}", *told]

    def _set_up(self, config: Path) -> None:
        told = json.loads(config.read_text())
        answers = {
            **{name: told[name] for name in ("url", "secret", "database")},
            **{f"redis:{name}": value for name, value in told["redis"].items()},
            "admin:username": ADMIN,
            "admin:email": MAIL,
            "admin:password": PASSWORD,
            "admin:password:confirm": PASSWORD,
        }
        ran = subprocess.run(  # noqa: S603
            self._command(config, f"--setup={json.dumps(answers)}", "--skip-build"),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Setup Completed" in ran.stdout, ran
        config.write_text(json.dumps(told))


def software() -> Software:
    """Return what there is; skips where a part is missing."""
    folder = unpacked(VARIABLE)
    node, redis = shutil.which("node"), shutil.which("redis-server")
    if node is None or redis is None:
        pytest.skip("there is no node or no redis-server")
    return Software(folder, node, redis)


def shown(port: int) -> ASGIApp:
    """Return what shows the board to the gateway, as a server in front of it does."""
    behind = proxied(port)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*scope["headers"], (b"x-forwarded-proto", b"https")]
        await behind({**scope, "headers": headers}, receive, send)

    return app


class NodeBB:
    """The board, and its administrator who writes in it."""

    def __init__(self, gateway: Gateway, root: str) -> None:
        self._root = f"{root}api/"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.proxies = {"https": gateway.url}
        self._session.verify = str(gateway.bundle)
        # Who says to be a program is never logged in here.
        self._session.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"
        self._boards: dict[str, int] = {}

    def fill(self) -> None:
        """Enter, and make the sections."""
        self.ask("post", "v3/utilities/login", {"username": ADMIN, "password": PASSWORD})
        token = self.see("config")["csrf_token"]
        self._session.headers["X-CSRF-Token"] = token
        for name, value in SETTINGS.items():
            self.ask("put", f"v3/admin/settings/{name}", {"value": value})
        for name in BOARDS:
            self._boards[name] = self.ask("post", "v3/categories", {"name": name})["cid"]
        for privilege in READING:
            link = f"v3/categories/{self._boards[DOCK]}/privileges/{privilege}"
            self.ask("delete", link, {"member": "guests"})

    def board(self, name: str) -> str:
        """Return the number of a section."""
        return str(self._boards[name])

    def begin(self, board: str, title: str, text: str, files: Sequence[File] = ()) -> Post:
        """Write the first post of a topic."""
        names = self._upload(files)
        sent = {"cid": self._boards[board], "title": title, "content": self._words(text, names)}
        told = self.ask("post", "v3/topics", sent)
        return Post(str(told["tid"]), str(told["mainPid"]), names)

    def reply(self, topic: str, text: str, files: Sequence[File] = ()) -> Post:
        """Write one more."""
        names = self._upload(files)
        told = self.ask("post", f"v3/topics/{topic}", {"content": self._words(text, names)})
        return Post(topic, str(told["pid"]), names)

    def edit(self, post: Post, text: str) -> None:
        """Put other words in the place of those of a post."""
        self.ask("put", f"v3/posts/{post.number}", {"content": self._words(text)})

    def delete(self, post: Post) -> None:
        """Take a post away."""
        self.ask("delete", f"v3/posts/{post.number}/state")

    def pin(self, topic: str) -> None:
        """Show a topic above all others."""
        self.ask("put", f"v3/topics/{topic}/pin", {})

    def move(self, topic: str, board: str) -> None:
        """Move a topic. NodeBB leaves no sign where it stood."""
        self.ask("put", f"v3/topics/{topic}/move", {"cid": self._boards[board]})

    def inline(self, number: str) -> str:
        """Return what shows an attachment among the words, or offers it."""
        sign = "!" if number.endswith(".jpg") else ""
        return f"{sign}[{number.partition('-')[2]}]({FOLDER}assets/uploads/files/{number})"

    def cookies(self) -> str:
        """Return what the browser of who writes holds, as a cookie file."""
        lines = (
            f"{one.domain}\tFALSE\t{one.path}\tTRUE\t{one.expires or 0}\t{one.name}\t{one.value}"
            for one in self._session.cookies
        )
        return "\n".join(["# Netscape HTTP Cookie File", *lines, ""])

    def see(self, link: str) -> Any:  # JSON
        """Return what a page of the board is made of."""
        answer = self._session.get(self._root + link, timeout=60)
        assert answer.status_code == requests.codes.ok, (link, answer.status_code, answer.text)
        return answer.json()

    def ask(self, method: str, link: str, sent: dict[str, Any] | None = None) -> Any:  # JSON
        """Ask something of the board."""
        answer = self._session.request(method, self._root + link, json=sent, timeout=60)
        assert answer.status_code == requests.codes.ok, (link, answer.status_code, answer.text)
        return answer.json()["response"]

    def _upload(self, files: Sequence[File]) -> list[str]:
        """Return what the board calls some files."""
        if not files:
            return []
        answer = self._session.post(
            f"{self._root}post/upload", files=[("files[]", file) for file in files], timeout=60
        )
        assert answer.status_code == requests.codes.ok, answer.text
        return [one["url"].rpartition("/")[2] for one in answer.json()["response"]["images"]]

    def _words(self, text: str, names: Sequence[str] = ()) -> str:
        for code, mark in CODES:
            text = re.sub(code, mark, text, flags=re.DOTALL)
        return "\n".join([text, *map(self.inline, names)])
