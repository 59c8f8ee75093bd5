"""The child that draws, as we hold it: handed one file at a time, believed in nothing."""

import asyncio
import struct
from asyncio import IncompleteReadError
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from gatherum.processing.facts import LONGEST, Facts, ScrubMap
from gatherum.processing.frames import HEAD_SIZE, READY, Head, Order, Status, Task
from gatherum.safety.handing import Hand
from gatherum.safety.sandbox import Limits, kill, python_command, start_worker

COMMAND: Final = python_command("gatherum.processing.drawing.worker")
# Memory: of 8K HEVC in 10 bits a decoder holds so many frames that a fresh child needs 1,312 MB of
# addresses; a progressive JPEG of 250 megapixels needs 844. CPU: who has used it up is replaced, and
# loses nothing by it.
LIMITS: Final = Limits(memory=1536 << 20, cpu_s=1800, file_size=0, open_files=64)
LARGEST: Final = 4 << 20  # bytes of a piece
_START_S: Final = 30.0


class NotDrawnError(Exception):
    """The child is well, and says that there is nothing to be shown; `facts` it learned anyway."""

    def __init__(self, status: Status, facts: Facts) -> None:
        super().__init__(status.name)
        self.status = status
        self.facts = facts


class ChildBrokenError(Exception):
    """The child died, or said what is no answer: it is of no more use."""


class TooLongError(ChildBrokenError):
    """The child is still at it."""


class NoChildError(Exception):
    """No child could be started, whatever the file is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The pieces in the order that was asked for, and what was said of the file."""

    pieces: tuple[bytes, ...]
    facts: Facts
    scrub: ScrubMap | None = None  # where the frames are, of a scrub sheet


class Child:
    """One process. After any error but `NotDrawnError` it is to be killed."""

    def __init__(self, process: asyncio.subprocess.Process, hand: Hand) -> None:
        self.files = 0
        self._process = process
        self._hand = hand

    @classmethod
    async def start(cls, command: Sequence[str] = COMMAND, *, niceness: int = 5) -> "Child":
        """Start a child and wait until it is ready. The nicer it is, the more others go first."""
        hand = Hand()
        try:
            process = await start_worker(
                (*command, str(hand.theirs), str(niceness)),
                env={"VIPS_CONCURRENCY": "1"},
                limits=LIMITS,
                pass_fds=[hand.theirs],
                quiet=True,
                limit=LARGEST,
            )
        except OSError as error:
            hand.close()
            raise NoChildError from error
        except BaseException:
            hand.close()
            raise
        hand.let_go()
        child = cls(process, hand)
        try:
            await child._begin()
        except BaseException:
            await child.kill()
            raise
        return child

    @property
    def alive(self) -> bool:
        """Whether the process runs, as far as has been noticed."""
        return self._process.returncode is None

    async def draw(self, fd: int, order: Order, *, patience: float) -> Drawn:
        """Draw what is asked of an open file, which stays the caller's, in `patience` seconds."""
        self.files += 1
        try:
            async with asyncio.timeout(patience):
                self._hand.give(fd, order.pack())
                return await self._answer(order)
        except TimeoutError as error:
            raise TooLongError from error
        except OSError as error:  # nobody takes the descriptor
            raise ChildBrokenError from error

    async def kill(self) -> None:
        """End the process."""
        self._hand.close()
        await kill(self._process)
        # asyncio closes the pipes only when somebody has read them to the end.
        transport = getattr(self._process, "_transport", None)
        if isinstance(transport, asyncio.SubprocessTransport):
            transport.close()

    async def _begin(self) -> None:
        try:
            async with asyncio.timeout(_START_S):
                ready = await self._read(len(READY))
        except (TimeoutError, ChildBrokenError) as error:
            raise NoChildError from error
        if ready != READY:
            raise NoChildError

    async def _answer(self, order: Order) -> Drawn:
        head = Head.unpack(await self._read(HEAD_SIZE), order.pieces)
        if head.facts > LONGEST or max(head.lengths, default=0) > LARGEST:
            raise ChildBrokenError
        try:
            status = Status(head.status)
            said = await self._read(head.facts) or b"{}"
            if status is not Status.DRAWN:
                raise NotDrawnError(status, Facts.model_validate_json(said))
            pieces = tuple([await self._read(length) for length in head.lengths])
            is_whole = is_mp4 if order.task is Task.PREVIEW else is_webp
            if not all(map(is_whole, pieces)):
                raise ChildBrokenError
            if order.task is Task.SCRUB:
                scrub = ScrubMap.model_validate_json(said)
                return Drawn(pieces=pieces, facts=Facts(), scrub=scrub)
            return Drawn(pieces=pieces, facts=Facts.model_validate_json(said))
        except (ValueError, ValidationError) as error:
            raise ChildBrokenError from error

    async def _read(self, count: int) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  # it was started with a pipe
        try:
            return await self._process.stdout.readexactly(count)
        except IncompleteReadError as error:
            raise ChildBrokenError from error


def is_webp(data: bytes) -> bool:
    """Return whether these are the bytes of a whole WebP file, by its own account."""
    whole = len(data) > 12 and data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return whole and struct.unpack_from("<I", data, 4)[0] + 8 == len(data)


def is_mp4(data: bytes) -> bool:
    """Return whether these are the bytes of a whole MP4 file, by its own account."""
    at, names = 0, set[bytes]()
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        names.add(data[at + 4 : at + 8])
        if size < 8:
            return False
        at += size
    return at == len(data) and {b"ftyp", b"moov", b"mdat"} <= names
