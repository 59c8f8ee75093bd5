"""A network that answers only what was recorded: `ports.Client` over a fixture's exchanges."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from gatherum.errors import Gone, LoginRequired, UnexpectedResponse
from gatherum.ports import (
    BrowserPage,
    BrowserRequest,
    Document,
    EngineLine,
    EngineRequest,
    M,
    Probe,
)

DATA = Path(__file__).parent / "data"
ANY = "*"  # in a fixture: what is asked with the moment of asking, which never comes again


class Exchange(BaseModel):
    """One request and its answer; a JSON answer's body is kept as JSON, a text as its lines."""

    url: str
    params: dict[str, str] = {}
    status: int = 200
    content_type: str = "application/json"
    body: Any

    @property
    def text(self) -> str:
        return "\n".join(self.body)

    def answers(self, url: str, params: Mapping[str, str]) -> bool:
        same = (self.url, self.params.keys()) == (url, params.keys())
        return same and all(said in {ANY, params[name]} for name, said in self.params.items())


class Expected(BaseModel):
    """What a fixture says of one post."""

    id: str
    url: str
    author: str = ""
    posted_at: str | None = None
    media: list[str] = []
    links: list[str] = []
    pinned: bool = False
    removed: bool = False


class Fixture(BaseModel):
    """A recorded listing of one feed."""

    url: str
    exchanges: list[Exchange]
    posts: list[Expected]


def read_fixture(platform: str, feed: str) -> Fixture:
    path = DATA / f"{platform}.{feed}.json"
    return Fixture.model_validate_json(path.read_text())


class ReplayClient:
    """Answers each request that was recorded; any other one fails the test."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        self._exchanges = exchanges
        self.asked: list[str] = []

    async def get(
        self,
        url: str,
        model: type[M],
        *,
        params: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,  # noqa: ARG002
        accept: Collection[int] = (),
    ) -> M:
        sent = {name: value for name, value in (params or {}).items() if value is not None}
        found = self._find(url, sent)
        if found.status != 200 and found.status not in accept:
            raise _refusal(found.status)
        try:
            return model.model_validate(found.body)
        except ValidationError as error:
            raise UnexpectedResponse("The answer does not fit.") from error

    async def text(self, url: str, *, headers: Mapping[str, str] | None = None) -> Document:  # noqa: ARG002
        found = self._find(url, {})
        if found.status != 200:
            raise _refusal(found.status)
        return Document(url=url, text=found.text, content_type=found.content_type)

    def browse(self, request: BrowserRequest) -> AbstractAsyncContextManager[BrowserPage]:
        raise AssertionError(request)

    async def probe(self, url: str) -> Probe:
        found = self._find(url, {})
        return Probe(
            url=url,
            status=found.status,
            content_type=found.content_type,
            head=found.text.encode()[: 256 << 10],
        )

    def extract(self, request: EngineRequest) -> AsyncIterator[EngineLine]:
        raise AssertionError(f"No engine was recorded for {request.url}.")

    def _find(self, url: str, params: dict[str, str]) -> Exchange:
        self.asked.append(url)
        for exchange in self._exchanges:
            if exchange.answers(url, params):
                return exchange
        raise AssertionError(f"{url} with {params} was not recorded.")


def _refusal(status: int) -> Gone | LoginRequired:
    return Gone("Not there.") if status == 404 else LoginRequired("Not for visitors.")
