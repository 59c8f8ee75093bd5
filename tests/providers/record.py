"""Record a provider's fixture: `make record URL=https://...`.

It asks as a visitor, so no cookie or token can get into a fixture; what an answer itself holds (names,
texts) is yours to look through before you commit it.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gatherum.db import Database
from gatherum.db.migrate import migrate
from gatherum.errors import GatherumError, Gone, InvalidInput, UnexpectedResponse
from gatherum.fetching.budget import Budget
from gatherum.fetching.http import Http, Meter, Scope
from gatherum.model import Target
from gatherum.ports import (
    BrowserPage,
    BrowserRequest,
    Client,
    Document,
    EngineLine,
    EngineRequest,
    M,
    Probe,
)
from gatherum.providers import Provider, find_targets, get_chain, normalise
from gatherum.providers.recognise import recognise
from gatherum.safety.policy import Policy
from gatherum.settings import BootSettings, read_environment
from tests.providers.replay import DATA, Exchange, Fixture
from tests.providers.test_providers import expected

PAGES = 3
HEAD = 256 << 10


class RecordingClient:
    """Asks the real network, once for each address, and keeps what it said."""

    def __init__(self, http: Http, platform: str) -> None:
        self._http = http
        self._scope = Scope(platform=platform)
        self._meter = Meter()
        self.exchanges: list[Exchange] = []

    async def get(
        self,
        url: str,
        model: type[M],
        *,
        params: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> M:
        sent = {name: value for name, value in (params or {}).items() if value is not None}
        status, body, _ = await self._ask(
            url, sent, {"Accept": "application/json", **(headers or {})}
        )
        try:
            self._keep(url, sent, status, "application/json", json.loads(body))
        except ValueError as error:
            raise UnexpectedResponse(f"{url} answered no JSON.") from error
        if status != 200 and status not in accept:
            raise Gone(f"{url} answered HTTP {status}.")
        try:
            return model.model_validate_json(body)
        except ValidationError as error:
            raise UnexpectedResponse(f"{url} does not fit: {error}") from error

    async def text(self, url: str, *, headers: Mapping[str, str] | None = None) -> Document:
        status, body, kind = await self._ask(url, {}, dict(headers or {}))
        self._keep(url, {}, status, kind, body.splitlines())
        if status != 200:
            raise Gone(f"{url} answered HTTP {status}.")
        return Document(url=url, text=body, content_type=kind)

    def browse(self, request: BrowserRequest) -> AbstractAsyncContextManager[BrowserPage]:
        raise AssertionError(request)

    async def probe(self, url: str) -> Probe:
        status, body, kind = await self._ask(url, {}, {})
        self._keep(url, {}, status, kind, body.splitlines())
        return Probe(url=url, status=status, content_type=kind, head=body.encode()[:HEAD])

    def extract(self, request: EngineRequest) -> AsyncIterator[EngineLine]:
        raise InvalidInput(f"{request.url} is listed by an engine: that has no fixture.")

    async def _ask(
        self, url: str, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, str, str]:
        async with self._http.open(
            url, scope=self._scope, meter=self._meter, headers=headers, params=params
        ) as answer:
            kind = answer.headers.get("Content-Type", "")
            return answer.status, await answer.text(errors="replace"), kind

    def _keep(self, url: str, params: dict[str, str], status: int, kind: str, body: Any) -> None:
        if not any((seen.url, seen.params) == (url, params) for seen in self.exchanges):
            self.exchanges.append(
                Exchange(url=url, params=params, status=status, content_type=kind, body=body)
            )


async def record(url: str, settings: BootSettings) -> tuple[str, Fixture]:
    """Return the name and the fixture of what is behind a link."""
    with tempfile.TemporaryDirectory() as folder:
        place = f"sqlite:///{folder}/budget.db"
        await asyncio.to_thread(migrate, place, backup_dir=None)
        database, clock = Database(place), _Clock()
        http = Http(
            policy=Policy.from_names(settings.network_allow),
            budget=Budget(database, clock, lambda: 1.0),
            clock=clock,
            proxy=settings.network_proxy,
            ca_bundle=settings.network_ca_bundle,
            connections=1,
            per_host=1,
            stall_s=30,
        )
        try:
            client = RecordingClient(http, "record")
            provider, target = await _provider(url, client)
            return f"{provider.platform}.{provider.feed}", await _listing(
                url, provider, target, client
            )
        finally:
            await http.close()
            database.close()


async def _provider(url: str, client: Client) -> tuple[Provider, Target]:
    steps = find_targets(url) or get_chain(await recognise(normalise(url), client))
    return steps[0]


async def _listing(
    url: str, provider: Provider, target: Target, client: RecordingClient
) -> Fixture:
    posts, pages = [], 0
    async for page in provider.listing(target, client, None):
        posts += [expected(post) for post in page.posts]
        pages += 1
        if pages > PAGES:
            raise InvalidInput(f"This has more than {PAGES} pages. Record something smaller.")
    return Fixture(url=url, exchanges=client.exchanges, posts=posts)


class _Clock:
    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def main(url: str, folder: Path = DATA) -> int:
    """Write the fixture beside the others; return the exit code."""
    try:
        name, fixture = asyncio.run(record(url, read_environment()))
    except GatherumError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    path = folder / f"{name}.json"
    told = fixture.model_dump(mode="json", exclude_defaults=True)
    path.write_text(f"{json.dumps(told, indent=1, ensure_ascii=False)}\n")
    sys.stdout.write(f"{path.name}: {len(fixture.posts)} posts. Please look through it.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
