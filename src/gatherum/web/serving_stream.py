"""An answer that is made while it is sent, and let go of on every way out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gatherum.web.serving_thumbnails import until_gone


class StreamAnswer(Response):
    """Sends blocks as they are made, and no more of them once the client has gone.

    An error breaks the connection off: half an answer never looks like a whole one.
    """

    def __init__(self, blocks: AsyncGenerator[bytes], headers: dict[str, str]) -> None:
        self._blocks = blocks
        self.background = None
        self.status_code = 200
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - of ASGI
        """Send it."""
        gone = asyncio.ensure_future(until_gone(receive))
        try:
            async with aclosing(self._blocks) as blocks:
                await send(
                    {
                        "type": "http.response.start",
                        "status": self.status_code,
                        "headers": self.raw_headers,
                    }
                )
                async for block in blocks:
                    await send({"type": "http.response.body", "body": block, "more_body": True})
                    if gone.done():
                        return
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
