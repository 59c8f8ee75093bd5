"""The real engines, shut in as in the program, before a world of test sites."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from gatherum.fetching.workers.engine import COMMANDS, EnginePool
from gatherum.ports import (
    BrowserPage,
    BrowserRequest,
    Document,
    EngineLine,
    EngineRequest,
    M,
    Probe,
)
from gatherum.safety.egress import Egress
from gatherum.safety.policy import Policy
from tests.testsites.gateway import Gateway


@contextlib.asynccontextmanager
async def engine_pool(
    gateway: Gateway,
    scratch: Path,
    *,
    commands: Mapping[str, Sequence[str]] = COMMANDS,
    size: int = 1,
    patience: float = 60.0,
    idle: float = 300.0,
    max_jobs: int = 200,
) -> AsyncIterator[EnginePool]:
    """Give a pool whose only way out is the egress proxy, and behind it the gateway."""
    async with (
        Egress(Policy(), upstream=gateway.url) as egress,
        EnginePool(
            scratch,
            egress=egress,
            ca_bundle=gateway.bundle,
            commands=commands,
            size=size,
            patience=patience,
            idle=idle,
            max_jobs=max_jobs,
        ) as pool,
    ):
        yield pool


@dataclass
class EngineClient:
    """The part of `ports.Client` that engine providers use, with its books open."""

    pool: EnginePool
    cookies: str | None = None
    permits: Counter[str] = field(default_factory=Counter)
    answers: list[tuple[str, int, float | None]] = field(default_factory=list)

    async def permit(self, host: str) -> None:
        self.permits[host] += 1

    async def answered(self, host: str, status: int, retry_after: float | None) -> None:
        self.answers.append((host, status, retry_after))

    def extract(self, request: EngineRequest) -> AsyncIterator[EngineLine]:
        return self.pool.extract(
            request, cookies=self.cookies, permit=self.permit, answered=self.answered
        )

    async def get(
        self,
        url: str,
        model: type[M],
        *,
        params: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> M:
        raise AssertionError(url, model, params, headers, accept)

    async def text(self, url: str, *, headers: Mapping[str, str] | None = None) -> Document:
        raise AssertionError(url, headers)

    def browse(self, request: BrowserRequest) -> AbstractAsyncContextManager[BrowserPage]:
        raise AssertionError(request)

    async def probe(self, url: str) -> Probe:
        raise AssertionError(url)
