# SPDX-License-Identifier: MIT
"""The child's side of the pipe: JSON lines, and a gate in front of every request of an extractor.

Before a request the child says which host it wants and waits for the parent's word; after it, it
tells what was answered. It imports nothing of ours, so that any engine may live in its process.
"""

import datetime as dt
import email.utils
import functools
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import requests

LOGIN_PATHS = ("login", "signin", "sign-in", "sign_in", "register", "authwall")
CHALLENGE_PATHS = ("challenge", "checkpoint")
SHORT = 4096  # bytes: an answer that says in few words what is wrong


class Stopped(BaseException):
    """Leave the extractor at once: no `except Exception` of its own may hold it."""


class Gate:
    """Owns the pipe to the parent; everything else that prints goes to standard error."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
        os.dup2(2, 1)
        self._lock = threading.RLock()
        self._stopped = False
        self._withheld: set[str] = set()  # addresses that a server failed to answer, and never did
        self.before_request: Callable[[], None] = lambda: None

    @property
    def broken_off(self) -> bool:
        """Return whether something that the job asked for was not given, and not later either.

        Only failures of a server count (5xx, no answer): what is missing there is no answer to the
        question. An extractor may go on without a word; what it found then is not the whole.
        """
        return bool(self._withheld)

    def orders(self) -> Iterator[dict[str, object]]:
        """Yield what the parent wants, until it hangs up."""
        self.emit("ready")
        while line := sys.stdin.readline():
            order = json.loads(line)
            if isinstance(order, dict) and "op" in order:  # a late word to a finished job is none
                self._stopped = False
                self._withheld.clear()
                yield order

    def emit(self, event: str, **fields: object) -> None:
        """Say one thing to the parent."""
        with self._lock:
            self._out.write(json.dumps({"ev": event, **fields}, default=_plain) + "\n")

    def ask(self, url: str) -> None:
        """Wait until the parent lets a request to this address go; `Stopped` if it does not."""
        with self._lock:
            if self._stopped:
                raise Stopped
            self.before_request()
            self.emit("want", host=_host(url))
            answer = json.loads(sys.stdin.readline() or "{}")
            if answer.get("go") is not True:
                self._stopped = True
                raise Stopped

    def told(self, url: str, status: int, headers: Mapping[str, str], said: str = "") -> None:
        """Tell the parent what a request got; 429 ends the job, so that nobody hammers on.

        `said` is the body, where it is short JSON: some sites say with status 200 what is wrong.
        """
        (self._withheld.add if status >= 500 else self._withheld.discard)(url)
        lower = {name.lower(): value for name, value in headers.items()}
        location = urlsplit(lower.get("location", "")).path.lower() if 300 <= status < 400 else ""
        parts = location.split("/")
        self.emit(
            "answer",
            host=_host(url),
            status=status,
            retry_after=_retry_after(lower),
            challenge=lower.get("cf-mitigated") == "challenge"
            or any(part in CHALLENGE_PATHS for part in parts),
            login=any(part in LOGIN_PATHS for part in parts),
            said=said,
        )
        if status == 429:
            self._stopped = True
            raise Stopped

    def failed(self, url: str) -> None:
        """Tell the parent that a request got no answer at all."""
        self._withheld.add(url)
        self.emit("answer", host=_host(url), status=0)

    def pause(self, seconds: float) -> None:
        """Stand in for an extractor's own long waits: the parent decides about time, not the site."""
        if seconds > 5:
            self.emit("answer", host="", status=429, retry_after=seconds)
            self._stopped = True
            raise Stopped

    def guard_requests(self) -> None:
        """Put the gate before every request of the `requests` library, each redirect included."""
        send = requests.adapters.HTTPAdapter.send

        @functools.wraps(send)
        def gated(
            adapter: requests.adapters.HTTPAdapter,
            request: requests.PreparedRequest,
            *args: object,
            **options: object,
        ) -> requests.Response:
            url = str(request.url)
            self.ask(url)
            try:
                response = send(adapter, request, *args, **options)  # type: ignore[arg-type]
            except Exception:
                self.failed(url)
                raise
            said = ""
            try:
                # Who asked reads a body that is not streamed at once, too.
                said = "" if options.get("stream", True) else _said(response)
            finally:
                self.told(url, response.status_code, response.headers, said)
            return response

        requests.adapters.HTTPAdapter.send = gated  # type: ignore[assignment,method-assign]

    def guard_urllib(self) -> None:
        """Put the gate before every request of the standard library, each redirect included."""
        do_open = urllib.request.AbstractHTTPHandler.do_open

        @functools.wraps(do_open)
        def gated(
            handler: urllib.request.AbstractHTTPHandler,
            connection: object,
            request: urllib.request.Request,
            **options: object,
        ) -> object:
            self.ask(request.full_url)
            try:
                response = do_open(handler, connection, request, **options)  # type: ignore[arg-type]
            except OSError:
                self.failed(request.full_url)
                raise
            self.told(request.full_url, response.status or 0, dict(response.headers))
            return response

        urllib.request.AbstractHTTPHandler.do_open = gated  # type: ignore[assignment,method-assign]


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _said(response: requests.Response) -> str:
    if "json" not in response.headers.get("content-type", ""):
        return ""
    return response.content.decode(errors="replace") if len(response.content) <= SHORT else ""


def _retry_after(headers: Mapping[str, str]) -> float | None:
    names = ("retry-after", "x-ratelimit-reset", "x-rate-limit-reset")
    value = next((headers[name] for name in names if headers.get(name)), "")
    if value.isdigit():
        number = float(value)
        return max(0.0, number - time.time()) if number > 1e9 else number
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        pass
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, moment.timestamp() - time.time())


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        # Extractors speak of UTC without saying so.
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return aware.isoformat()
    if isinstance(value, set | tuple | frozenset):
        return list(value)
    return str(value)
