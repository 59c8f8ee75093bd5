"""A site that has changed is told as that, or the next way goes on: never success with nothing.

Every provider of the registry is shown a site that has been made anew, so a new one cannot be forgotten;
those that were recorded also what was recorded with other names, without its items, and cut in half.
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError
from selectolax.lexbor import LexborHTMLParser, LexborNode

from gatherum.errors import SourceError, Unavailable, UnexpectedResponse
from gatherum.model import Post, Reason, Target
from gatherum.ports import (
    BrowserPage,
    BrowserRequest,
    Captured,
    Client,
    Document,
    EngineLine,
    EngineNothing,
    EngineRequest,
    Json,
    M,
    Probe,
)
from gatherum.providers import Provider, all_providers, find_targets, normalise
from gatherum.providers.breakers import Breakers
from gatherum.providers.chain import Chain
from gatherum.providers.recognise import recognise
from tests.providers.replay import Exchange, ReplayClient, read_fixture
from tests.providers.test_providers import NATIVE, changed

EVERY = [one for one in all_providers() if one.platform != "direct"]  # that asks nothing
EACH = pytest.mark.parametrize("provider", EVERY, ids=[f"{one.name}.{one.feed}" for one in EVERY])
PAGE = '<html><body class="anew"><main><h1>All is new here</h1><p>24 posts</p></main></body></html>'
DATA = '{"data_anew": {"entries_anew": [{"name_anew": "1"}], "count_anew": 24}}'
# Whoever wrote a page of the web may have changed it, and what brings videos alone has found none; a
# short link must lead somewhere first.
OTHERWISE = {
    ("web.native", "page"): Reason.UNSUPPORTED,
    ("instagram.ytdlp", "post"): Reason.UNSUPPORTED,
    ("instagram.ytdlp", "stories"): Reason.UNSUPPORTED,
    ("instagram.ytdlp", "highlight"): Reason.UNSUPPORTED,
    ("instagram.instaloader", "share"): Reason.LOGIN_REQUIRED,
}
# What the links of hosts name that must be asked first.
NAMES = {
    "root": "https://forum.example/",
    "server": "https://server.example",
    "id": "12",
    "path": "pictures/5",
    "user": "ada",
    "tag": "fog",
    "name": "pictures",
}


class Clock:
    def now(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


class MadeAnew:
    """A site that answers everything, in a form that nobody knows; engines find nothing on it."""

    async def get(
        self,
        url: str,  # noqa: ARG002
        model: type[M],
        *,
        params: Mapping[str, str | None] | None = None,  # noqa: ARG002
        headers: Mapping[str, str] | None = None,  # noqa: ARG002
        accept: Collection[int] = (),  # noqa: ARG002
    ) -> M:
        try:
            return model.model_validate_json(DATA)
        except ValidationError as error:
            raise UnexpectedResponse("The answer does not fit.") from error

    async def text(self, url: str, *, headers: Mapping[str, str] | None = None) -> Document:  # noqa: ARG002
        return Document(url=url, text=PAGE, content_type="text/html")

    async def probe(self, url: str) -> Probe:
        return Probe(url=url, status=200, content_type="text/html", head=PAGE.encode())

    async def extract(self, request: EngineRequest) -> AsyncIterator[EngineLine]:  # noqa: ARG002
        yield EngineNothing(said=DATA)

    @asynccontextmanager
    async def browse(self, request: BrowserRequest) -> AsyncIterator[BrowserPage]:  # noqa: ARG002
        yield PageMadeAnew()


class PageMadeAnew:
    """Such a site in a browser."""

    async def open(self, url: str) -> Document:
        return Document(url=url, text=PAGE, content_type="text/html")

    async def content(self) -> Document:
        return Document(url="https://anew.example/", text=PAGE, content_type="text/html")

    async def fill(self, selector: str, text: str) -> None:
        raise UnexpectedResponse(f"There is no {selector} for {text}.")

    async def click(self, selector: str) -> None:
        raise UnexpectedResponse(f"There is no {selector}.")

    async def sees(self, selector: str, *, within: float = 15.0) -> bool:  # noqa: ARG002
        return False

    async def scroll(self) -> None:
        return

    async def take(self, *, within: float = 30.0) -> Captured | None:  # noqa: ARG002
        return Captured(url="https://anew.example/api", method="GET", status=200, text=DATA)


def target_of(provider: Provider) -> Target:
    """Return what a provider's example is, as the provider itself reads it."""
    link = normalise(provider.example)
    claims = [one for _, one in find_targets(link) if one.feed == provider.feed]
    target = provider.find(link) or next(iter(claims), None)
    if target is None:
        host = urlsplit(link).netloc
        target = Target(
            platform=provider.platform, feed=provider.feed, key="12", url=link, host=host
        )
    return replace(target, values=MappingProxyType({**NAMES, **target.values}))


async def listed(
    provider: Provider, target: Target, client: Client
) -> tuple[list[Post], SourceError | None]:
    """Return what a way alone lists, and the failure that it ends with."""
    found: list[Post] = []
    try:
        async for page in Chain(Breakers(Clock())).pages_by(provider, target, client):
            found += page.posts
    except SourceError as error:
        return found, error
    return found, None


@EACH
async def test_a_site_that_was_made_anew_is_no_empty_one(provider: Provider) -> None:
    posts, failure = await listed(provider, target_of(provider), MadeAnew())

    assert posts == []
    assert failure is not None
    assert failure.reason in {Reason.SITE_CHANGED, OTHERWISE.get((provider.name, provider.feed))}


async def test_each_exception_is_one_of_a_provider() -> None:
    assert OTHERWISE.keys() <= {(one.name, one.feed) for one in EVERY}


def renamed(exchange: Exchange) -> Exchange:
    """Every name is another one: of classes, of tags where they carry the meaning, of keys."""
    if exchange.content_type == "application/json":
        return exchange.model_copy(update={"body": changed(exchange.body)})
    text = re.sub(r'\b(class|id|name|property|itemprop|rel)="', r'\1="new-', exchange.text)
    text = re.sub(r'"(\w+)":', r'"new_\1":', text)
    if "xml" in exchange.content_type:
        text = re.sub(r"<(/?)(?=\w)", r"<\1new-", text)
    return exchange.model_copy(update={"body": [text]})


def emptied(exchange: Exchange) -> Exchange:
    """Nothing is left in any list, nor of what stood there several times side by side."""
    if exchange.content_type == "application/json":
        return exchange.model_copy(update={"body": without_items(exchange.body)})
    tree = LexborHTMLParser(exchange.text)
    for script in tree.css("script"):
        try:
            data = json.loads(script.text())
        except ValueError:
            continue
        text = exchange.text.replace(script.text(), json.dumps(without_items(data)))
        return exchange.model_copy(update={"body": [text]})
    for node in tree.css("*"):
        kinds: dict[tuple[str | None, str | None], list[LexborNode]] = {}
        for child in node.iter():
            kinds.setdefault((child.tag, child.attributes.get("class")), []).append(child)
        for alike in kinds.values():
            for child in alike if len(alike) > 1 else ():
                child.decompose()
    return exchange.model_copy(update={"body": [tree.html or ""]})


def without_items(data: Json) -> Json:
    match data:
        case dict():
            return {name: without_items(value) for name, value in data.items()}
        case list():
            return []
        case _:
            return data


def halved(exchange: Exchange) -> Exchange:
    """The answer breaks off in the middle."""
    json_ = exchange.content_type == "application/json"
    text = json.dumps(exchange.body) if json_ else exchange.text
    half = text[: len(text) // 2]
    return exchange.model_copy(update={"body": half if json_ else [half]})


class Replay(ReplayClient):
    """What was recorded; a changed page leads to others, of which nothing is known."""

    def _find(self, url: str, params: dict[str, str]) -> Exchange:
        try:
            return super()._find(url, params)
        except AssertionError:
            raise Unavailable("This was not recorded.") from None


@pytest.mark.parametrize("change", [renamed, emptied, halved])
@pytest.mark.parametrize("provider", NATIVE, ids=[f"{one.platform}.{one.feed}" for one in NATIVE])
async def test_a_recorded_site_that_has_changed_is_no_empty_one(
    provider: Provider, change: Callable[[Exchange], Exchange]
) -> None:
    fixture = read_fixture(provider.platform, provider.feed)
    if not fixture.exchanges:
        assert provider.platform == "direct"
        return
    target = provider.find(normalise(fixture.url)) or await recognise(
        fixture.url, ReplayClient(fixture.exchanges)
    )
    client = Replay([change(exchange) for exchange in fixture.exchanges])

    posts, failure = await listed(provider, target, client)

    # An empty list of a known form, and posts that all lack their pictures, are the truth.
    assert posts or failure is not None or change is emptied
    if change is renamed and provider.platform != "web":
        assert (posts, failure and failure.reason) == ([], Reason.SITE_CHANGED)
