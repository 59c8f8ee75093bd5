"""A worker as a process of its own: `python -m tests.upkeep.processing_worker DATA DATABASE MOST`.

After MOST files it does no more, and waits to be killed.
"""

import asyncio
import itertools
import sys
from pathlib import Path

from gatherum.app import open_app, run_worker
from gatherum.log import configure
from gatherum.processing import processor
from gatherum.processing.processor import Processor
from gatherum.processing.studio import Subject
from gatherum.processing.trouble import Trouble
from gatherum.settings import BootSettings


def stop_after(most: int) -> None:
    begun, process = itertools.count(), Processor.process

    async def at_most(self: Processor, subject: Subject, *, previews: bool) -> Trouble | None:
        if next(begun) >= most:
            await asyncio.Event().wait()
        return await process(self, subject, previews=previews)

    Processor.process = at_most  # type: ignore[method-assign]


async def main(data: Path, url: str) -> None:
    processor.NICENESS = 0  # type: ignore[misc]  # of a test that waits for it
    configure(level="error", form="console")
    settings = BootSettings(data_dir=data, database_url=url, _env_file=None)
    async with open_app(settings) as app, run_worker(app, heartbeat_s=0.3, ttl_s=5):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    stop_after(int(sys.argv[3]))
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
