"""The child that draws: `python -m gatherum.processing.drawing.worker DESCRIPTOR`.

It is shut in before it starts, reads only the open file that it is handed, and writes to its
standard output alone. Whatever a hostile file makes of it ends with it.
"""

import json
import os
import sys
from typing import BinaryIO, Final

import pyvips

from gatherum.processing.drawing import pictures
from gatherum.processing.drawing.seen import Made, NotSeenError, Seen, SheetSeen
from gatherum.processing.frames import READY, Head, Matter, Order, Status, Task
from gatherum.safety.handing import Taker

NICENESS: Final = 5  # answers to people come first


def main(descriptor: int, niceness: int) -> None:
    """Do what is asked with what is handed over, until nothing more comes."""
    os.nice(niceness)
    pyvips.cache_set_max(0)
    pyvips.block_untrusted_set(True)
    pyvips.operation_block_set("VipsForeignLoadSvg", False)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between
    taker = Taker(descriptor)
    _say(out, READY)
    while taken := taker.take():
        word, fd = taken
        try:
            answer = _perform(fd, Order.unpack(word))
        finally:
            os.close(fd)
        _say(out, *answer)


def _say(out: BinaryIO, *parts: bytes) -> None:
    out.writelines(parts)
    out.flush()


def _perform(fd: int, order: Order) -> list[bytes]:
    try:
        made = _made(fd, order)
    except NotSeenError as error:
        return _answer(error.status, error.seen, [])
    except pyvips.Error:
        return _answer(Status.BROKEN, None, [])
    return _answer(Status.DRAWN, made.seen, made.pieces)


def _made(fd: int, order: Order) -> Made:
    if order.matter is Matter.IMAGE:
        return pictures.draw(fd, order.sizes, facts=order.facts)
    # A tenth of a second that a library of pictures need not pay.
    from gatherum.processing.drawing import clip, poster, scrub, videos  # noqa: PLC0415

    with videos.opened(fd) as video:
        match order.task:
            case Task.SCRUB:
                return scrub.draw(video)
            case Task.PREVIEW:
                return clip.encode(video)
            case Task.THUMBNAILS:
                return poster.draw(video, order.sizes, facts=order.facts)


def _answer(status: Status, seen: Seen | SheetSeen | None, pieces: list[bytes]) -> list[bytes]:
    said = json.dumps(seen.told(), ensure_ascii=False).encode() if seen else b""
    return [Head(status, len(said), tuple(map(len, pieces))).pack(), said, *pieces]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else NICENESS)
