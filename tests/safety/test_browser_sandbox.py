"""Attacks from inside a child that may make UNIX sockets, as Chromium must."""

import json
import os
import socket
import sys
import tempfile
from pathlib import Path

import pytest

from gatherum.safety.sandbox import kill, sandbox_status, start_worker

pytestmark = pytest.mark.skipif(not sandbox_status().ok, reason=sandbox_status().detail)

ATTACKS = """
import json, os, socket, sys

foreign, port, other, parent = sys.argv[1], *map(int, sys.argv[2:])

def listens():
    own = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    own.bind("own")
    own.listen()

def connects(family, kind, address):
    with socket.socket(family, kind) as sock:
        sock.connect(address)

def links():
    os.symlink(foreign, "short")
    return os.path.lexists("short")

def environ():
    with open(f"/proc/{parent}/environ") as file:
        file.read()

attacks = {
    "listen": listens,
    "foreign": lambda: connects(socket.AF_UNIX, socket.SOCK_STREAM, foreign),
    "datagram": lambda: connects(socket.AF_UNIX, socket.SOCK_DGRAM, foreign),
    "link": links,
    "chdir": lambda: os.chdir(os.path.dirname(foreign)),
    "fchdir": lambda: os.fchdir(os.open(".", os.O_RDONLY)),
    "chroot": lambda: os.chroot("."),
    "proxy": lambda: connects(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port)),
    "port": lambda: connects(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", other)),
    "udp": lambda: connects(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", other)),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "environ": environ,
    "session": os.setsid,
}
said = {}
for name, attack in attacks.items():
    try:
        said[name] = str(attack())
    except OSError as error:
        said[name] = type(error).__name__
print(json.dumps(said))
"""


async def attacked(folder: Path, foreign: str, *ports: int, sockets: bool) -> dict[str, str]:
    worker = await start_worker(
        [sys.executable, "-I", "-c", ATTACKS, foreign, *map(str, ports), str(os.getpid())],
        readable=(Path("/proc"),),
        writable=(folder,),
        proxy_port=ports[0],
        sockets=sockets,
    )
    try:
        out, _ = await worker.communicate()
    finally:
        await kill(worker)
    said: dict[str, str] = json.loads(out)
    return said


async def test_sockets_can_be_made_and_lead_nowhere(tmp_path: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as near,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as foreign,
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        address = f"{near}/foreign"
        foreign.bind(address)
        foreign.listen()
        ports = one.getsockname()[1], two.getsockname()[1]

        with_sockets = await attacked(tmp_path, address, *ports, sockets=True)
        without = await attacked(tmp_path, address, *ports, sockets=False)

    kept_out = dict.fromkeys(with_sockets, "PermissionError")
    assert with_sockets == kept_out | {"listen": "None", "link": "False", "proxy": "None"}
    assert without["listen"] == without["foreign"] == "PermissionError"
    assert list(tmp_path.glob("short")) == []
