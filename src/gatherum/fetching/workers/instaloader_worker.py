# SPDX-License-Identifier: MIT
"""instaloader behind a pipe: what Instagram tells it, posts as they stand, in a process of its own.

It is used for its ways to Instagram alone: which page or query shows what, with which tokens. A post is
said as Instagram describes it, without what nobody reads. Lists can be gone on with behind any post.
"""

# mypy: allow-untyped-calls, disable-error-code="method-assign,assignment"

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import requests
from instaloader import (
    Instaloader,
    NodeIterator,
    Post,
    Profile,
    RateController,
    TopSearchResults,
    exceptions,
)

from gatherum.fetching.workers.gate import Gate, Stopped
from gatherum.fetching.workers.instaloader_words import (
    Place,
    code_of,
    cookies_of,
    kept,
)

HOSTS = frozenset({"instagram.com", "www.instagram.com"})
PINS = 3  # posts that a profile may show above all others
CODE = 11  # characters; what follows in a private author's links is no part of it
BLIND = 3  # posts in a row that are not shown: then nothing is any more, to us
WALLED = (  # what comes of a page that visitors do not see, or not as it should be
    exceptions.AbortDownloadException,
    exceptions.ConnectionException,
    exceptions.ProfileNotExistsException,
)

Info = Mapping[str, object]
LISTS: Mapping[str, Callable[[Profile], NodeIterator[Post]]] = {
    "reels": Profile.get_reels,
    "tagged": Profile.get_tagged_posts,
    "saved": Profile.get_saved_posts,
}


class Patient(RateController):
    """Waits for nothing: the gate in front of each request does."""

    def wait_before_query(self, query_type: str) -> None:
        """Go on."""


class Connection(requests.adapters.HTTPAdapter):
    """Stays open for one job: instaloader makes a session for each query, and closes it again."""

    def close(self) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Close what is open."""
        super().close()


class Session:
    """One job: nothing of it outlives it, its login above all."""

    def __init__(self, gate: Gate, order: Info) -> None:
        self._gate = gate
        self._cursor = str(order.get("cursor") or "")
        self._said = 0
        self._loader = Instaloader(
            sleep=False,
            quiet=True,
            max_connection_attempts=1,
            request_timeout=30,
            rate_controller=Patient,
        )
        self._context = self._loader.context
        if cookies := cookies_of(order.get("cookies")):
            # Its own name matters only where its own things are asked for: see `_profile`.
            self._context.load_session(cookies["ds_user_id"] or "somebody", cookies)

    def extract(self, parts: list[str]) -> bool:
        """Say all that a path of Instagram leads to; return whether it is one that we know."""
        match parts:
            case ["p", code]:
                self._say("post", _whole(self._post(code)))
            case ["stories", "highlights", number]:
                self._say_reel("highlight", f"highlight:{number}")
            case ["stories", name]:
                self._say_reel("story", str(self._profile(name).userid))
            case [name, "highlights"]:
                profile = self._profile(name)
                for tray in list(self._loader.get_highlights(profile)):
                    self._say_reel("highlight", f"highlight:{tray.unique_id}")
            case [name, "avatar"]:
                self._say_portrait(self._profile(name))
            case [name, ("reels" | "tagged" | "saved") as feed]:
                profile = self._profile(name)
                self._list(feed, lambda: LISTS[feed](profile))
            case [name]:
                self._list("user", self._profile(name).get_posts)
            case _:
                return False
        return True

    def _profile(self, name: str) -> Profile:
        profile = self._find(name)
        if self._context.is_logged_in and str(profile.userid) == self._context.user_id:
            self._context.username = profile.username
        return profile

    def _find(self, name: str) -> Profile:
        """Return a person by the page that visitors see, else as a login finds people."""
        try:
            return Profile.from_username(self._context, name)  # type: ignore[no-any-return]
        except WALLED:
            if not self._context.is_logged_in:
                raise
            for one in TopSearchResults(self._context, name).get_profiles():
                if one.username == name.lower():
                    return one
            raise

    def _post(self, code: str) -> Post:
        return Post(self._context, {"shortcode": code[:CODE]})

    def _list(self, feed: str, make: Callable[[], NodeIterator[Post]]) -> None:
        """Say the posts of a list, page by page, from behind the cursor."""
        place = Place.parse(self._cursor)
        with _unasked() if place.after else contextlib.nullcontext():
            posts = make()
        # What a profile shows to its own kind is whole, everything else a stub.
        whole = feed == "user" and self._context.is_logged_in
        page = posts._query(place.after) if place.after else posts._data  # noqa: SLF001
        missed = 0
        while True:
            codes = [code_of(edge["node"]) for edge in page["edges"]]
            ahead = set() if place.after else _out_of_order(codes)
            end = str(page["page_info"].get("end_cursor") or "")
            first = codes.index(place.last) + 1 if place.last in codes else 0
            for index in range(first, len(codes)):
                code = codes[index]
                try:
                    node = page["edges"][index]["node"]
                    item = node if whole else _whole(self._post(code))
                except exceptions.BadResponseException:
                    missed += 1
                    if missed >= BLIND:
                        raise
                else:
                    missed = 0
                    self._say(feed, item, ahead=code in ahead)
                place = Place(place.after, code) if index + 1 < len(codes) else Place(end)
                self._gate.before_request = self._speaker(place)
            if page["page_info"].get("has_next_page") is not True:
                break
            if not end or not codes:
                raise exceptions.AbortDownloadException("There is more, and it is not given.")
            page = posts._query(end)  # noqa: SLF001
            place = Place(end)
        if missed and not self._said and not self._cursor:
            raise exceptions.BadResponseException("None of the posts was shown.")

    def _speaker(self, place: Place) -> Callable[[], None]:
        """Return what tells, before a further request, where the list could be gone on with."""
        value = str(place)

        def say() -> None:
            if self._said:
                self._gate.emit("cursor", value=value)

        return say

    def _say_reel(self, kind: str, number: str) -> None:
        """Say the items of somebody's story, or of a highlight, the newest first."""
        if not self._context.is_logged_in:
            raise exceptions.LoginRequiredException("Stories are for who is logged in.")
        path = f"api/v1/feed/reels_media/?reel_ids={number}"
        reel = self._context.get_iphone_json(path, {})["reels"].get(number)
        for item in reversed(reel["items"] if reel else []):
            self._say(kind, {**item, "user": reel["user"]})
        self._gate.before_request = lambda: self._gate.emit("cursor", value="")

    def _say_portrait(self, profile: Profile) -> None:
        if not self._context.is_logged_in:
            raise exceptions.LoginRequiredException("Visitors are not told its number.")
        profile._obtain_metadata()  # noqa: SLF001
        known = profile._node  # noqa: SLF001
        picture = known["hd_profile_pic_url_info"]
        number = str(known.get("profile_pic_id") or "").partition("_")[0]
        self._say(
            "avatar",
            {
                "pk": number or picture["url"].partition("?")[0].rpartition("/")[2],
                "user": {"username": profile.username},
                "image_versions2": {"candidates": [picture]},
            },
        )

    def _say(self, kind: str, item: object, *, ahead: bool = False) -> None:
        self._said += 1
        meta = {"count": 0, "kind": kind, "item": kept(item), "ahead": ahead}
        self._gate.emit("post", meta=meta)


@contextlib.contextmanager
def _unasked() -> Iterator[None]:
    """Let a list be made that does not ask for its first page: it will go on behind another one."""
    ask = NodeIterator._query  # noqa: SLF001
    NodeIterator._query = lambda _self, _after=None: {"edges": []}  # noqa: SLF001
    try:
        yield
    finally:
        NodeIterator._query = ask  # noqa: SLF001


def _whole(post: Post) -> object:
    """Return a post as Instagram describes it; `BadResponseException` if it does not show it."""
    with contextlib.suppress(exceptions.PostChangedException):  # it has its secret in its code
        post._obtain_metadata()  # noqa: SLF001
    return post._full_metadata_dict  # noqa: SLF001


def _out_of_order(codes: list[str]) -> set[str]:
    """Return those at the head of a list that are older than one behind them: they are pinned.

    Shortcodes are numbers that count the time.
    """
    ages = [Post.shortcode_to_mediaid(code[:CODE]) for code in codes]
    return {
        code
        for index, code in enumerate(codes[:PINS])
        if max(ages[index:], default=0) > ages[index]
    }


def perform(gate: Gate, order: Info) -> None:
    """Do one job, and say how it ended."""
    address = urlsplit(str(order["url"]))
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        os.environ[name] = str(order.get("proxy") or "")
    gate.before_request = lambda: None
    connection = Connection()
    requests.Session.get_adapter = lambda _self, url: connection  # noqa: ARG005  # called by name
    try:
        parts = [part for part in address.path.split("/") if part]
        known = address.hostname in HOSTS and Session(gate, order).extract(parts)
    except Stopped:
        gate.emit("done", stopped=True)
    except Exception as error:  # noqa: BLE001  # an extractor may raise anything: the parent judges
        gate.emit("failed", kind=_kind(error), message=f"{type(error).__name__}: {error}"[:500])
    else:
        if known:
            gate.emit("done")
        else:
            gate.emit("failed", kind="unsupported", message="")
    finally:
        connection.end()


def _kind(error: Exception) -> str:
    match error:
        case exceptions.LoginRequiredException() | exceptions.PrivateProfileNotFollowedException():
            return "login"
        case exceptions.ProfileNotExistsException() | exceptions.QueryReturnedNotFoundException():
            return "missing"
        case exceptions.ConnectionException() | exceptions.QueryReturnedBadRequestException():
            return "http"
        case exceptions.AbortDownloadException():
            return "aborted"
        case _:
            return "unexpected"


def main() -> None:
    """Serve orders until the parent hangs up."""
    gate = Gate()
    gate.guard_requests()
    for order in gate.orders():
        if order["op"] == "supports":
            own = urlsplit(str(order["url"])).hostname in HOSTS
            gate.emit("key", value="instagram" if own else None)
        else:
            perform(gate, order)


if __name__ == "__main__":
    main()
