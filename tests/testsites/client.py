"""What a provider may ask of the network, before a world of test sites: engines and plain requests."""

import ssl
from collections.abc import Collection, Mapping

import aiohttp

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.fetching.workers.engine import EnginePool
from gatherum.ports import Document, M
from tests.testsites.engines import EngineClient
from tests.testsites.gateway import Gateway


class SiteClient(EngineClient):
    """Engines through the egress proxy, plain requests through the gateway; nobody waits.

    What an answer means is said as the program's own client says it.
    """

    def __init__(self, pool: EnginePool, gateway: Gateway) -> None:
        super().__init__(pool)
        self._gateway = gateway
        self._trust = ssl.create_default_context(cafile=str(gateway.bundle))

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
        _, _, body = await self._asked(url, sent, headers, accept)
        try:
            return model.model_validate_json(body)
        except ValueError as error:
            raise UnexpectedResponse("The answer does not fit.") from error

    async def text(self, url: str, *, headers: Mapping[str, str] | None = None) -> Document:
        final, kind, body = await self._asked(url, {}, headers, ())
        return Document(url=final, text=body.decode(), content_type=kind)

    async def _asked(
        self,
        url: str,
        params: Mapping[str, str],
        headers: Mapping[str, str] | None,
        accept: Collection[int],
    ) -> tuple[str, str, bytes]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(
                url, params=params, headers=headers, proxy=self._gateway.url, ssl=self._trust
            ) as answer,
        ):
            body = await answer.read()
            if answer.status != 200 and answer.status not in accept:
                raise _refusal(answer, body)
            return str(answer.url), answer.headers.get("Content-Type", ""), body


def _refusal(answer: aiohttp.ClientResponse, body: bytes) -> SourceError:
    match answer.status:
        case 429:
            return RateLimited("Slow down.", retry_after=float(answer.headers["Retry-After"]))
        case 403 if b"Just a moment" in body:
            return Challenge("It wants to see a person.")
        case 401 | 403:
            return LoginRequired("It wants a login.")
        case 404 | 410:
            return Gone("It is not there.")
        case status if status >= 500:
            return Unavailable(str(status))
        case status:
            return UnexpectedResponse(str(status))
