"""A descriptor goes to a child that can open nothing: this file, and no other."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from gatherum.safety.handing import Hand
from gatherum.safety.sandbox import kill, sandbox_status, start_worker

CHILD = """
import os, sys
from gatherum.safety.handing import Taker
taker = Taker(int(sys.argv[1]))
while taken := taker.take():
    word, fd = taken
    print(word.decode(), os.read(fd, 100).decode(), flush=True)
    for path in (f"/proc/self/fd/{fd}", os.readlink(f"/proc/self/fd/{fd}")):
        try:
            os.close(os.open(path, os.O_RDONLY))
            print("opened", flush=True)
        except OSError as error:
            print(error.strerror, flush=True)
    try:
        os.write(fd, b"x")
    except OSError as error:
        print(error.strerror, flush=True)
    os.close(fd)
print("end", flush=True)
"""


@pytest.mark.skipif(not sandbox_status().ok, reason=sandbox_status().detail)
async def test_a_child_reads_what_it_is_handed_and_opens_nothing_by_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hello")
    hand = Hand()
    process = await start_worker(
        [sys.executable, "-I", "-c", CHILD, str(hand.theirs)], pass_fds=[hand.theirs], quiet=True
    )
    hand.let_go()
    assert process.stdout is not None
    fd = os.open(tmp_path / "secret", os.O_RDONLY)

    hand.give(fd, b"word")
    os.close(fd)
    told = [(await process.stdout.readline()).decode().strip() for _ in range(4)]
    hand.close()
    end = await process.stdout.readline()
    await kill(process)

    assert told == ["word hello", "Permission denied", "Permission denied", "Bad file descriptor"]
    assert end == b"end\n"


async def test_nobody_takes_it_when_the_child_has_gone(tmp_path: Path) -> None:
    hand = Hand()
    process = await start_worker(["/bin/true"], pass_fds=[hand.theirs], quiet=True)
    hand.let_go()
    await process.wait()
    await kill(process)
    await asyncio.sleep(0)

    with (tmp_path / "file").open("w") as file, pytest.raises(OSError, match="pipe"):
        hand.give(file.fileno(), b"word")
    hand.close()
