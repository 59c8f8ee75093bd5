"""What a client costs that only fetches: `python -m benchmarks.bare LIST FOLDER CONNECTIONS`.

It writes what comes and checks nothing. With FOLDER `-` it throws the bytes away: that is what the
server can give.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import uvloop


async def main() -> None:
    """Fetch the list with some workers."""
    urls = iter(Path(sys.argv[1]).read_text().split())  # noqa: ASYNC240 - before anything else runs
    folder = None if sys.argv[2] == "-" else Path(sys.argv[2])
    count = int(sys.argv[3])
    connector = aiohttp.TCPConnector(limit=count)
    async with aiohttp.ClientSession(connector=connector, read_bufsize=1 << 18) as session:
        await asyncio.gather(*(_work(session, urls, folder) for _ in range(count)))


async def _work(session: aiohttp.ClientSession, urls: Iterator[str], folder: Path | None) -> None:
    for url in urls:
        async with session.get(url) as answer:
            if folder is None:
                async for _ in answer.content.iter_any():
                    pass
                continue
            with (folder / url.rpartition("/")[2]).open("wb") as file:
                async for piece in answer.content.iter_any():
                    file.write(piece)


if __name__ == "__main__":
    uvloop.run(main())
