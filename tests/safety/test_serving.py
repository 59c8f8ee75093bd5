"""Listening: on a free port, or with a sentence; nothing that a client says of itself is believed."""

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gatherum.errors import Conflict
from gatherum.safety.serving import bound, listening


async def peer(request: Request) -> PlainTextResponse:
    assert request.client is not None
    return PlainTextResponse(request.client.host)


APPLICATION = Starlette(routes=[Route("/", peer)])


async def test_a_client_cannot_say_who_it_is() -> None:
    with bound("127.0.0.1", 0) as place:
        async with (
            listening(APPLICATION, on=place) as port,
            aiohttp.ClientSession(headers={"X-Forwarded-For": "10.9.8.7"}) as session,
            session.get(f"http://127.0.0.1:{port}/") as answer,
        ):
            assert await answer.text() == "127.0.0.1"
            assert "Server" not in answer.headers


def test_a_taken_port_is_told_in_a_sentence() -> None:
    with bound("127.0.0.1", 0) as place:
        port = place.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port} "), bound("127.0.0.1", port):
            pass


async def test_the_port_is_free_again_afterwards() -> None:
    with bound("127.0.0.1", 0) as place:
        async with listening(APPLICATION, on=place) as port:
            pass

    with bound("127.0.0.1", port) as place:
        async with listening(APPLICATION, on=place) as again:
            assert again == port
