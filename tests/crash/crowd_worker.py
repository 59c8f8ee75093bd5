"""One of several workers over one library: `python -m tests.crash.crowd_worker TTL` until SIGTERM.

The environment says where the database and the library are. Its death is noticed after TTL seconds.
"""

import asyncio
import signal
import sys

from gatherum.app import open_app, run_worker
from gatherum.log import configure
from gatherum.settings import read_environment


async def main() -> None:
    stop, ttl_s = asyncio.Event(), float(sys.argv[1])
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with (
        open_app(read_environment()) as app,
        run_worker(app, heartbeat_s=ttl_s / 5, ttl_s=ttl_s) as worker,
    ):
        sys.stdout.write(f"ready {worker.id}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    configure(level="warning", form="console")
    asyncio.run(main())
