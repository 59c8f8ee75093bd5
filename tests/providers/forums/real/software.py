"""Real forum software, unpacked by whoever runs these tests, under a real-looking name and folder."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import requests
import sqlalchemy as sa
from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from yarl import URL

from tests.testsites.gateway import Gateway

PHP = shutil.which("php")
HOPS = {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"}
STARTED_S = 120.0
# The server speaks plain HTTP, its visitors https.
TLS = "<?php $_SERVER['HTTPS'] = 'on'; $_SERVER['SERVER_PORT'] = '443';\n"


def unpacked(variable: str, *, php: Sequence[str] = ()) -> Path:
    """Return the folder that an environment variable names; skips where it, or PHP's part, is missing."""
    if variable not in os.environ:
        pytest.skip(f"{variable} does not name the folder of the unpacked software")
    if php:
        if PHP is None:
            pytest.skip("there is no php (Debian: php-cli)")
        held = subprocess.run([PHP, "-m"], check=True, capture_output=True, text=True).stdout  # noqa: S603
        missing = set(php) - set(held.split())
        if missing:
            pytest.skip(f"php lacks {', '.join(sorted(missing))}")
    return Path(os.environ[variable])


@contextlib.contextmanager
def php_server(
    www: Path, log: Path, *, router: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Serve a folder by PHP's own server; yields the port on loopback."""
    assert PHP is not None
    before = log.with_suffix(".php")
    before.write_text(TLS)
    told = {
        "auto_prepend_file": str(before),
        "display_errors": "0",
        "error_log": str(log.with_suffix(".errors")),
        "upload_max_filesize": "64M",
        "post_max_size": "64M",
        **(settings or {}),
    }
    port = free_port()
    command = [PHP, *(part for name, value in told.items() for part in ("-d", f"{name}={value}"))]
    command += ["-S", f"127.0.0.1:{port}", "-t", str(www), *([str(router)] if router else [])]
    with serving(command, port, log, env={"PHP_CLI_SERVER_WORKERS": "4"}):
        yield port


def run_php(folder: Path, code: str, told: Sequence[str] = ()) -> str:
    """Run some lines of PHP within a software; `$argv[1]` is `told`, as JSON. Returns what they say."""
    assert PHP is not None
    command = [PHP, "-d", "display_errors=stderr", "-r", code, json.dumps(told)]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 0, ran
    return ran.stdout


@contextlib.contextmanager
def serving(
    command: Sequence[str], port: int, log: Path, *, env: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a server until the end of the context, which begins when its port answers."""
    with log.open("wb") as out:
        server = subprocess.Popen(  # noqa: S603
            command, stdout=out, stderr=out, env={**os.environ, **(env or {})}, process_group=0
        )
    try:
        deadline = time.monotonic() + STARTED_S
        while not _answers(port):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, 15)  # its workers as well
        server.wait(10)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def proxied(port: int) -> ASGIApp:
    """Return what shows a server on loopback to the gateway, as it is."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        # The server must see the link as it was written.
        path = scope.get("raw_path", scope["path"].encode()).decode().partition("?")[0]
        link = f"http://127.0.0.1:{port}{path}"
        query = scope["query_string"].decode()
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method,
                URL(f"{link}?{query}" if query else link, encoded=True),
                headers=[(k, v) for k, v in request.headers.items() if k not in HOPS],
                data=await request.body(),
                allow_redirects=False,
            ) as told,
        ):
            answer = Response(await told.read(), told.status)
            kept = [
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in told.headers.items()
                if name.lower() not in HOPS - {"content-encoding"}
            ]
            answer.raw_headers = [
                *kept,
                *(one for one in answer.raw_headers if one[0] == b"content-length"),
            ]
            await answer(scope, receive, send)

    return app


class Database:
    """The database of a software: one of PostgreSQL's."""

    def __init__(self, url: str) -> None:
        told = sa.make_url(url)
        self.host = str(told.host or told.query["host"])
        self.name = str(told.database)
        self.user = str(told.username)
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)

    def ask(self, query: str, value: str | None = None) -> list[str]:
        """Return the first column of what it says; `:value` stands for a value."""
        with self._engine.connect() as connection:
            given = {} if value is None else {"value": value}
            return [str(one) for one in connection.execute(sa.text(query), given).scalars()]

    def tell(self, query: str, value: str = "", name: str = "") -> None:
        """Change what it holds; `:value` and `:name` stand for values."""
        with self._engine.begin() as connection:
            connection.execute(sa.text(query), {"value": value, "name": name})


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that somebody saw, and where redirects had led."""

    url: str
    status: int
    text: str

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.text)

    def form(self, selector: str, button: str = "") -> dict[str, str]:
        """Return what a form sends as it stands, by one of its buttons."""
        node = self.tree.css_first(selector)
        assert node is not None, (self.url, self.status, selector, self.text[:2000])
        return {
            name: value
            for field in node.css("input, textarea, select")
            if (name := field.attributes.get("name"))
            and (value := _sent(field, button)) is not None
        }


class Person:
    """Somebody with a browser of their own, who writes in the forum by its own forms."""

    def __init__(self, gateway: Gateway, root: str) -> None:
        self.root = root
        self._gateway = gateway
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.proxies = {"http": gateway.url, "https": gateway.url}
        self._session.verify = str(gateway.bundle)
        self._session.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"

    def elsewhere(self) -> "Person":
        """Return the same with a browser that holds nothing."""
        return Person(self._gateway, self.root)

    def see(self, link: str) -> Shown:
        """Return the page at a link, which starts at the root of the forum."""
        return _shown(self._session.get(self.root + link, timeout=60))

    def send(
        self,
        link: str,
        form: Mapping[str, str],
        files: Sequence[tuple[str, tuple[str, bytes, str]]] = (),
    ) -> Shown:
        """Send a form; `files` are (field, (name, body, type))."""
        answer = self._session.post(
            self.root + link, data=dict(form), files=list(files) or None, timeout=120
        )
        return _shown(answer)

    def cookies(self) -> str:
        """Return what the browser holds, as a cookie file."""
        lines = (
            f"{one.domain}\t{str(one.domain.startswith('.')).upper()}\t{one.path}\t"
            f"{str(one.secure).upper()}\t{one.expires or 0}\t{one.name}\t{one.value}"
            for one in self._session.cookies
        )
        return "\n".join(["# Netscape HTTP Cookie File", *lines, ""])


def said(page: Shown, selector: str) -> str:
    """Return the words at the first place of a page."""
    node = page.tree.css_first(selector)
    return " ".join(node.text().split()) if node is not None else ""


def found(pattern: str, text: str) -> str:
    """Return what the first group of a pattern finds in a text, where it must be."""
    match = re.search(pattern, text)
    assert match is not None, (pattern, text[:3000])
    return match[1]


def _shown(answer: requests.Response) -> Shown:
    return Shown(answer.url, answer.status_code, answer.text)


def _sent(node: LexborNode, button: str) -> str | None:
    attributes = node.attributes
    match node.tag, attributes.get("type"):
        case "textarea", _:
            return node.text()
        case "select", _:
            chosen = node.css_first("option[selected]") or node.css_first("option")
            return (chosen.attributes.get("value") or "") if chosen is not None else None
        case _, "checkbox" | "radio":
            return (attributes.get("value") or "on") if "checked" in attributes else None
        case _, "submit" | "button" | "image":
            return (attributes.get("value") or "") if attributes.get("name") == button else None
        case _, "file":
            return None
        case _:
            return attributes.get("value") or ""


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
