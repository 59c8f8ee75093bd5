"""A worker as a process of its own, to be killed: `python -m tests.upkeep.processing_worker DATA`."""

import asyncio
import sys
from pathlib import Path

from gatherum.app import open_app, run_worker
from gatherum.log import configure
from gatherum.processing import processor
from gatherum.settings import BootSettings


async def main(data: Path, url: str) -> None:
    processor.NICENESS = 0  # type: ignore[misc]  # of a test that waits for it
    configure(level="error", form="console")
    settings = BootSettings(data_dir=data, database_url=url, _env_file=None)
    async with open_app(settings) as app, run_worker(app, heartbeat_s=0.3, ttl_s=1.5):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
