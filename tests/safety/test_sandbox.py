"""Attacks from inside a child: on files, on the network, on its own death."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from gatherum.safety import sandbox
from gatherum.safety.sandbox import (
    Finished,
    Limits,
    kill,
    python_command,
    run_tool,
    sandbox_status,
    start_worker,
)

confined = pytest.mark.skipif(not sandbox_status().ok, reason=sandbox_status().detail)


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    (tmp_path / "outside").write_text("secret")
    staging = tmp_path / "staging"
    staging.mkdir()
    return staging


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """Two listening ports: the proxy's, and another."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as two:
        yield one.getsockname()[1], two.getsockname()[1]


async def run(code: str, *arguments: object, staging: Path, port: int | None = None) -> Finished:
    argv = [sys.executable, "-I", "-c", code, *map(str, arguments)]
    return await run_tool(argv, timeout_s=20, writable=[staging], proxy_port=port)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def dies(pid: int) -> bool:
    for _ in range(500):
        if not is_alive(pid):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_a_tool_says_what_it_says_and_how_it_ended(staging: Path) -> None:
    code = "import sys; print(input()); print('e', file=sys.stderr); sys.exit(3)"

    done = await run_tool(
        [sys.executable, "-c", code], timeout_s=20, writable=[staging], stdin=b"hello\n"
    )

    assert done == Finished(code=3, out=b"hello\n", err=b"e\n", cut=False)


async def test_only_the_beginning_of_endless_output_is_kept() -> None:
    code = "print('x' * 5_000_000)"

    done = await run_tool([sys.executable, "-c", code], timeout_s=20, output_limit=1000)

    assert (done.code, done.out, done.cut) == (0, b"x" * 1000, True)


async def test_a_child_knows_nothing_of_our_environment(
    staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHERUM_SECRET", "secret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")

    done = await run_tool(["env"], timeout_s=20, env={"A": "b"}, writable=[staging])

    names = {line.partition(b"=")[0].decode() for line in done.out.splitlines()}
    assert names == {"PATH", "HOME", "TMPDIR", "LANG", "PYTHONDONTWRITEBYTECODE", "A"}


async def test_arguments_are_never_read_by_a_shell(staging: Path) -> None:
    argument = "$(id) `id` ; id\n--exec=id"

    done = await run("import sys; print(sys.argv[1], end='')", argument, staging=staging)

    assert done.out.decode() == argument


async def test_a_program_that_is_not_installed_is_told() -> None:
    with pytest.raises(FileNotFoundError):
        await run_tool(["no-such-program"], timeout_s=20)


@confined
async def test_a_child_works_with_our_python_in_its_staging_folder(staging: Path) -> None:
    code = """
import aiohttp, ssl, tempfile, pathlib, gatherum.model, subprocess, sys
ssl.create_default_context()
pathlib.Path("a").mkdir(); pathlib.Path("a/b.part").write_text("x")
pathlib.Path("a/b.part").rename("c"); tempfile.mkdtemp()
print(subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout)
print(open("/dev/null", "w").write("x"), len(open("/dev/urandom", "rb").read(3)))
"""
    done = await run(code, staging=staging)

    assert (done.code, done.err) == (0, b"")
    assert (staging / "c").read_text() == "x"


@confined
@pytest.mark.parametrize(
    "code",
    [
        "open(sys.argv[1])",
        "open(sys.argv[1], 'a')",
        "os.listdir(os.path.dirname(sys.argv[1]))",
        "os.unlink(sys.argv[1])",
        "os.rename(sys.argv[1], 'mine')",
        "os.link(sys.argv[1], 'mine')",
        "os.truncate(sys.argv[1], 0)",
        "os.symlink(sys.argv[1], 'link')",
        "os.mkfifo('fifo')",
        "open(sys.argv[1] + '.new', 'w')",
        "open('/etc/shadow')",
        "open(f'/proc/{os.getppid()}/environ')",
        "os.listdir('/proc')",
        "shutil.copy('/bin/true', 'x'), os.chmod('x', 0o700), subprocess.run(['./x'])",
    ],
)
async def test_a_child_neither_reads_nor_writes_outside(staging: Path, code: str) -> None:
    outside = staging.parent / "outside"
    before = "import os, shutil, subprocess, sys; "

    done = await run(before + code, outside, staging=staging)

    assert done.code == 1
    assert b"PermissionError" in done.err or b"cross-device" in done.err
    assert outside.read_text() == "secret"
    assert {path.name for path in staging.parent.iterdir()} == {"outside", "staging"}


@confined
async def test_a_child_connects_to_the_proxy_alone(staging: Path, ports: tuple[int, int]) -> None:
    code = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])))"
    proxy, other = ports

    assert (await run(code, proxy, staging=staging, port=proxy)).code == 0
    assert b"PermissionError" in (await run(code, other, staging=staging, port=proxy)).err
    assert b"PermissionError" in (await run(code, proxy, staging=staging)).err


@confined
@pytest.mark.parametrize(
    "code",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",  # DNS carries secrets out
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX)",  # of the database, of the container engine
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)",  # MPTCP
        "socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', int(sys.argv[1])))",
        "socket.socket().sendmsg([b'x'], [], 0x20000000, ('127.0.0.1', int(sys.argv[1])))",
        "socket.create_server(('127.0.0.1', 8999))",
        "os.kill(os.getppid(), 0)",
        "subprocess.run(['true'], start_new_session=True)",  # out of reach of a kill
        "subprocess.run(['true'], process_group=0)",
        "os.chroot('.')",  # what root alone may do
    ],
)
async def test_a_child_has_no_other_way_out(
    staging: Path, ports: tuple[int, int], code: str
) -> None:
    done = await run(
        f"import os, socket, subprocess, sys; {code}", ports[1], staging=staging, port=ports[0]
    )

    assert done.code == 1
    assert b"PermissionError" in done.err


async def test_a_child_that_wants_too_much_memory_gets_none(staging: Path) -> None:
    done = await run_tool(
        [sys.executable, "-c", "x = bytearray(1 << 30)"],
        timeout_s=20,
        limits=Limits(memory=512 << 20),
        writable=[staging],
    )

    assert b"MemoryError" in done.err


async def test_a_child_that_writes_too_much_is_stopped(staging: Path) -> None:
    done = await run_tool(
        [sys.executable, "-c", "open('big', 'wb').write(bytes(2_000_000))"],
        timeout_s=20,
        limits=Limits(file_size=1_000_000),
        writable=[staging],
    )

    assert done.code != 0
    assert (staging / "big").stat().st_size <= 1_000_000


FAMILY = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(inner.pid, flush=True)
time.sleep(60)
"""


async def test_a_tool_that_takes_too_long_is_gone_with_its_children(staging: Path) -> None:
    code = FAMILY.replace("print(", "open('pid', 'w').write(str(inner.pid)); print(")
    start = time.monotonic()

    with pytest.raises(TimeoutError):
        await run_tool([sys.executable, "-c", code], timeout_s=5, writable=[staging])

    assert time.monotonic() - start < 5 + 2
    assert await dies(int((staging / "pid").read_text()))


async def test_a_cancelled_tool_is_gone_within_two_seconds(staging: Path) -> None:
    code = FAMILY.replace("print(", "open('pid', 'w').write(str(inner.pid)); print(")
    task = asyncio.create_task(
        run_tool([sys.executable, "-c", code], timeout_s=60, writable=[staging])
    )
    async with asyncio.timeout(20):
        while not (staging / "pid").exists() or not (staging / "pid").read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    start = time.monotonic()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert time.monotonic() - start < 2
    assert await dies(int((staging / "pid").read_text()))


async def test_a_worker_speaks_in_lines_until_it_is_killed(staging: Path) -> None:
    code = "import sys\nfor line in sys.stdin: print(line.upper(), end='', flush=True)"
    worker = await start_worker([sys.executable, "-c", code], writable=[staging], quiet=True)
    assert worker.stdin is not None
    assert worker.stdout is not None

    worker.stdin.write(b"hello\n")
    assert await worker.stdout.readline() == b"HELLO\n"
    worker.stdin.write(b"again\n")
    assert await worker.stdout.readline() == b"AGAIN\n"
    await kill(worker)

    assert worker.returncode == -signal.SIGKILL
    assert not is_alive(worker.pid)
    await kill(worker)  # twice does no harm


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a death")
async def test_when_a_worker_dies_what_it_started_dies_too(staging: Path) -> None:
    worker = await start_worker([sys.executable, "-c", FAMILY], writable=[staging], quiet=True)
    assert worker.stdout is not None
    inner = int(await worker.stdout.readline())

    os.kill(worker.pid, signal.SIGKILL)

    assert await dies(inner)
    await kill(worker)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a death")
async def test_when_we_are_killed_no_child_goes_on(staging: Path) -> None:
    parent = f"""
import asyncio, sys
from pathlib import Path
from gatherum.safety.sandbox import start_worker
async def main():
    argv = [sys.executable, "-c", {FAMILY!r}]
    worker = await start_worker(argv, writable=[Path(sys.argv[1])], quiet=True)
    print(worker.pid, int(await worker.stdout.readline()), flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    command = [sys.executable, "-c", parent, str(staging)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as ours:  # noqa: ASYNC220, S603
        assert ours.stdout is not None
        pids = [int(pid) for pid in ours.stdout.readline().split()]
        ours.kill()

    assert len(pids) == 2
    for pid in pids:
        assert await dies(pid)


async def test_our_own_modules_run_as_programs(staging: Path) -> None:
    done = await run_tool(python_command("gatherum.safety.names"), timeout_s=20, writable=[staging])

    assert (done.code, done.err) == (0, b"")


async def test_without_landlock_tools_still_run_with_one_clear_warning(
    staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHERUM_TEST_NO_LANDLOCK", "1")
    sandbox._warn_once.cache_clear()

    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            done = await run(
                "import sys; print(open(sys.argv[1]).read())",
                staging.parent / "outside",
                staging=staging,
            )
            assert done.out == b"secret\n"

    assert [line["log_level"] for line in logs] == ["warning"]
    assert not sandbox_status().ok
