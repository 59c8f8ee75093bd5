"""A program whose loop stands still for a while: `python -m tests.watchdog_process HOW SECONDS`.

HOW is `sleep` (others run meanwhile), `regex` (nothing else can) or `thread` (a thread works, the
loop turns). The watchdog ends it after four seconds.
"""

import asyncio
import re
import sys
import time

from gatherum.log import configure
from gatherum.watchdog import Watchdog

END_S, HELD_S = 4.0, 1.0


async def main(how: str, seconds: float) -> None:
    configure(level="info", form="console")
    watchdog = Watchdog(end_s=END_S, held_s=HELD_S)
    with watchdog.watching():
        await asyncio.sleep(1)
        sys.stdout.write("begin\n")
        sys.stdout.flush()
        match how:
            case "sleep":
                _stand_still(seconds)
            case "regex":
                re.match(r"(?:a+)+b", "a" * 60)  # for years
            case "thread":
                await asyncio.to_thread(_work, seconds)
        await asyncio.sleep(2)
        sys.stdout.write(f"end, told {watchdog.recent():.0f}\n")


def _stand_still(seconds: float) -> None:
    time.sleep(seconds)


def _work(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(10_000))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
