# SPDX-License-Identifier: GPL-2.0-only
"""gallery-dl behind a pipe. The only file that imports it, always run as a process of its own."""

# mypy: allow-untyped-calls, disable-error-code="method-assign"

import datetime as dt
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping

from gallery_dl import config, exception, extractor, formatter, job, output, util
from gallery_dl.extractor import common

from gatherum.fetching.workers.gate import Gate, Stopped

OPTIONS = frozenset(
    {
        *("order-posts", "reblogs", "replies", "include", "videos", "text-posts"),
        *("retries-api", "retweets", "text-tweets"),
    }
)
# Platforms that have providers of their own, and what takes every link to a file.
NO_SITES = frozenset({"mastodon", "xenforo", "directlink"})
HEADERS = ("User-Agent", "Referer", "Origin")
KEPT: tuple[tuple[str, str, str, Callable[[], object]], ...] = (
    # What extractors keep on their classes, where it would outlive the job and its login.
    ("tiktok", "TiktokExtractor", "rehydration_data_cache", dict),
    ("twitter", "TwitterAPI", "client_transaction", lambda: None),
)
DEPTH = 4  # extractors that hand over to extractors: a user to albums to pictures


class StreamJob(job.Job):
    """Says what the extractor finds as it finds it; its errors reach the caller with their type."""

    def __init__(self, gate: Gate, url: object, parent: "StreamJob | None" = None) -> None:
        super().__init__(url, parent)
        self._gate = gate
        self.depth: int = parent.depth + 1 if parent else 0
        self.visited: set[str] = parent.visited if parent else set()
        self._said: dict[str, object] = {}
        self._posts = 0

    def stream(self) -> None:
        """Run to the end, or to the first error."""
        self._init()
        self._gate.before_request = self.say_cursor
        try:
            self.dispatch(self.extractor)
        except exception.StopExtraction:
            return
        finally:
            if self._posts or self.depth == 0 == len(self.visited):
                self.extractor.cookies_store()  # what was given anew, for the next job

    @property
    def hidden(self) -> bool:
        """Return whether somebody showed nothing whose posts are private: to the extractor, an end."""
        user = getattr(self.extractor, "_user", None)
        if self._posts or not isinstance(user, dict) or not user.get("is_private"):
            return False
        friendship = user.get("friendship_status")
        following = isinstance(friendship, dict) and friendship.get("following")
        oneself = str(user.get("id")) in {
            one.value for one in self.extractor.cookies if one.name == "ds_user_id"
        }
        return not following and not oneself

    def say_cursor(self) -> None:
        """Tell where the extractor could go on from: asked before each further request."""
        if self._posts:
            # Only the outermost extractor can be started in the middle.
            cursor = getattr(self.extractor, "_cursor", None) if self.depth == 0 else None
            self._gate.emit("cursor", value=str(cursor or ""))

    def handle_directory(self, kwdict: dict[str, object]) -> None:
        """A post begins."""
        self._posts += 1
        self._said = dict(kwdict)
        self._gate.emit("post", meta=self._public(kwdict))

    def handle_url(self, url: str, kwdict: dict[str, object]) -> None:
        """A file of the post."""
        fresh = {name: value for name, value in kwdict.items() if self._said.get(name) is not value}
        own = kwdict.get("_http_headers")
        headers = {**self.extractor.session.headers, **(own if isinstance(own, dict) else {})}
        fallback = kwdict.get("_fallback")
        mirrors = list(fallback) if isinstance(fallback, list | tuple) else []
        self._gate.emit(
            "file",
            url=url,
            meta=self._public(fresh) | {"archive_key": self._key(kwdict)},
            headers={name: headers[name] for name in HEADERS if isinstance(headers.get(name), str)},
            mirrors=mirrors,
        )

    def handle_queue(self, url: str, kwdict: dict[str, object]) -> None:
        """Another link: the site's own is followed, a foreign one is a link of the post."""
        known = kwdict.get("_extractor")
        child = self._child(url, known if isinstance(known, type) else None)
        if child is None or self.depth >= DEPTH:
            self._gate.emit("link", url=url)
        elif child.url not in self.visited:
            self.visited.add(child.url)
            StreamJob(self._gate, child, self).stream()
            self._gate.before_request = self.say_cursor

    def _child(self, url: str, known: type[common.Extractor] | None) -> common.Extractor | None:
        if known is None:
            found = extractor.find(url)
            own = found is not None and found.category == self.extractor.category
            return found if own or not self._posts else None
        found = known.from_url(url)
        if found is None and self.extractor.basecategory:
            # On a host that gallery-dl does not know, its own child links lack the prefix.
            found = known.from_url(f"{self.extractor.basecategory}:{url}")
        return found  # type: ignore[no-any-return]

    def _public(self, kwdict: Mapping[str, object]) -> dict[str, object]:
        public: dict[str, object] = util.filter_dict(kwdict)
        return public | {
            "basecategory": self.extractor.basecategory or self.extractor.category,
            "root": self.extractor.root,
        }

    def _key(self, kwdict: dict[str, object]) -> str:
        fields = formatter.parse(self.extractor.archive_fmt, None, util.identity)
        return str(fields.format_map(kwdict))


def configure(order: Mapping[str, object]) -> None:
    """Forget the last job, its login above all, and set what this one may use."""
    config.clear()
    common.CACHE_MEMORY.clear()
    common.CACHE_COOKIES.clear()
    for module, owner, name, nothing in KEPT:
        known = getattr(sys.modules.get(f"gallery_dl.extractor.{module}"), owner, None)
        if known is not None:
            setattr(known, name, nothing())
    config.set(("cache",), "file", None)
    config.set(("extractor",), "proxy-env", False)
    config.set(("extractor",), "input", False)
    config.set(("extractor",), "sleep-request", 0)
    config.set(("extractor",), "retries", 0)
    config.set(("extractor",), "cookies-update", True)
    if order.get("user_agent"):
        config.set(("extractor",), "user-agent", order["user_agent"])
    for option, name in (("proxy", "proxy"), ("verify", "ca_bundle"), ("cookies", "cookies")):
        if order.get(name):
            config.set(("extractor",), option, order[name])
    if order.get("cursor"):
        config.set(("extractor",), "cursor", order["cursor"])
    options = order.get("options")
    for name, value in (options if isinstance(options, dict) else {}).items():
        if name in OPTIONS:
            config.set(("extractor",), name, value)


def extract(gate: Gate, url: str) -> None:
    """Do one job, and say how it ended."""
    try:
        found = StreamJob(gate, url)
        found.stream()
    except Stopped:
        gate.emit("done", stopped=True)
    except Exception as error:  # noqa: BLE001  # an extractor may raise anything: the parent judges
        gate.emit("failed", kind=_kind(error), message=f"{type(error).__name__}: {error}"[:500])
    else:
        if gate.broken_off:  # some extractors overlook it, and call what they have the whole
            gate.emit("failed", kind="aborted", message="A page was not given.")
        elif found.hidden:
            gate.emit("failed", kind="login", message="These posts are private.")
        else:
            gate.emit("done")


def _kind(error: Exception) -> str:  # noqa: PLR0911  # a table
    match error:
        case exception.AuthorizationError() | exception.AuthenticationError():
            return "login"
        case exception.NotFoundError():
            return "missing"
        case exception.NoExtractorError():
            return "unsupported"
        case exception.ChallengeError():
            return "challenge"
        case exception.HttpError():
            return "http"
        case exception.AbortExtraction():
            return "aborted"
        case _:
            return "unexpected"


def supported(url: str) -> str | None:
    """Return the site that an extractor is made for; software of many hosts is none, nor a bare file."""
    found = extractor.find(url)
    own = found is not None and {found.basecategory, found.category}.isdisjoint(NO_SITES)
    return found.category if own else None


def _left(until: object) -> float:
    moment = until.timestamp() if isinstance(until, dt.datetime) else float(str(until))
    return moment - time.time()


def main() -> None:
    """Serve orders until the parent hangs up."""
    os.umask(0o077)  # it writes cookies, and nothing else
    gate = Gate()
    output.initialize_logging(logging.ERROR)
    gate.guard_requests()
    common.Extractor.sleep = lambda _self, _seconds, _reason: None
    common.Extractor.wait = lambda _self, seconds=None, until=None, **_: gate.pause(
        float(seconds) if seconds else _left(until)
    )
    config.set(("cache",), "file", None)
    for order in gate.orders():
        url = str(order["url"])
        if order["op"] == "supports":
            gate.emit("key", value=supported(url))
        else:
            configure(order)
            extract(gate, url)


if __name__ == "__main__":
    main()
