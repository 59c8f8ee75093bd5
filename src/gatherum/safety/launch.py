"""Shut this process in, then become another program: `python -I -S launch.py RULES PROGRAM ARGS...`.

It runs before anything else in a child, so it imports nothing but the standard library, and
nothing of ours. What it was told to apply and cannot, it dies of.
"""

import ctypes
import json
import os
import platform
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Iterable
from typing import Final, TypedDict

_libc = ctypes.CDLL(None, use_errno=True)

# -- Landlock: what files and ports the process may use. The numbers are the kernel's.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE, _READ, _READ_DIR, _TRUNCATE, _IOCTL = 1, 2, 4, 8, 0x4000, 0x8000
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_FILE, _REFER = 0x10, 0x20, 0x80, 0x100, 0x2000
_MAKE_SOCKET: Final = 0x200
_ALL_FILES: Final = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}  # by version
_ON_FILES: Final = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL
_READABLE: Final = _EXECUTE | _READ | _READ_DIR
# No links, devices, sockets or programs can be made where it may write.
_CHANGES: Final = _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_FILE | _REFER
_WRITABLE: Final = _WRITE | _READ | _READ_DIR | _TRUNCATE | _CHANGES
_DEVICES: Final = {"/dev/null": _WRITE | _READ | _TRUNCATE | _IOCTL, "/dev/zero": _READ}
_BIND, _CONNECT = 1, 2
_SCOPES: Final = 3  # no abstract sockets and no signals of the world outside

# -- seccomp: what Landlock leaves open.
_ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NUMBERS: Final = {
    "x86_64": {"socket": 41, "sendto": 44, "sendmsg": 46, "sendmmsg": 307, "setpgid": 109}
    | {"setsid": 112, "connect": 42, "chdir": 80, "fchdir": 81, "chroot": 161, "symlink": 88}
    | {"symlinkat": 266},
    "aarch64": {"socket": 198, "sendto": 206, "sendmsg": 211, "sendmmsg": 269, "setpgid": 154}
    | {"setsid": 157, "connect": 203, "chdir": 49, "fchdir": 50, "chroot": 51, "symlinkat": 36},
}
_IO_URING_SETUP: Final = 425
_EPERM, _EACCES, _ENOSYS = 1, 13, 38
_LOAD, _AND, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_FAST_OPEN: Final = 0x20000000  # a send that connects, behind Landlock's back
Step = tuple[int, int, int, int]


class Rules(TypedDict):
    """What the parent asks for."""

    parent: int
    folder: str  # to start in
    read: list[str]
    names: list[str]  # folders whose names may be listed
    write: list[str]
    port: int | None  # the one port of TCP that may be connected to
    limits: dict[str, int]  # by the names of the resource module
    landlock: bool
    seccomp: bool
    sockets: bool  # it may make UNIX sockets that nobody but itself can have a use for


def main(rules: Rules, command: list[str]) -> None:
    """Apply the rules to this process and become `command`."""
    if sys.platform == "linux":
        _prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: not to outlive the parent
        if os.getppid() != rules["parent"]:
            sys.exit("The parent has gone.")
        _watch_group()
        _drop_capabilities()
    for name, value in rules["limits"].items():
        kind: int = getattr(resource, name)
        most = resource.getrlimit(kind)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)  # noqa: PLW2901
        resource.setrlimit(kind, (value, value))
    os.chdir(rules["folder"])
    if rules["landlock"] or rules["seccomp"]:
        _prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
    if rules["landlock"]:
        _apply_landlock(rules)
    if rules["seccomp"]:
        _apply_seccomp(sockets=rules["sockets"])
    os.execv(command[0], command)  # noqa: S606 (it is the purpose, and no shell is in it)


def landlock_version() -> int:
    """Return the kernel's version of Landlock, 0 if it has none."""
    if sys.platform != "linux":
        return 0
    version: int = _libc.syscall(_CREATE_RULESET, None, 0, 1)
    return max(0, version)


def has_seccomp() -> bool:
    """Return whether system calls can be filtered here."""
    known = sys.platform == "linux" and platform.machine() in _ARCHITECTURES
    return known and bool(_libc.prctl(21, 0, 0, 0, 0) >= 0)  # PR_GET_SECCOMP


def _watch_group() -> None:
    """Leave a process behind that kills the whole group as soon as this one ends.

    Else what the program has started would go on when we, or the program, are killed.
    """
    program = os.getpid()
    if os.fork():
        return
    os.closerange(0, 1024)
    # The signal of a parent's death would not do: Landlock stops it, as it comes from inside.
    try:
        watched = os.pidfd_open(program)
        if os.getppid() == program:
            select.select([watched], [], [])
    except OSError:
        while os.getppid() == program:
            time.sleep(0.5)
    os.killpg(0, signal.SIGKILL)


def _drop_capabilities() -> None:
    """Let root be a user like any other after the next exec; others have nothing to drop."""
    for capability in range(64):
        if _libc.prctl(24, capability, 0, 0, 0) != 0:  # PR_CAPBSET_DROP
            return


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        _raise()


def _syscall(number: int, *arguments: int | bytes) -> int:
    result: int = _libc.syscall(number, *arguments)
    if result < 0:
        _raise()
    return result


def _raise() -> None:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number))


def _apply_landlock(rules: Rules) -> None:
    version = landlock_version()
    files = _ALL_FILES[min(version, 5)]
    ports = _BIND | _CONNECT if version >= 4 else 0
    scopes = _SCOPES if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _syscall(_CREATE_RULESET, struct.pack("QQQ", files, ports, scopes)[:size], size, 0)
    grants = [(path, _READABLE) for path in rules["read"]]
    grants += [(path, _READ_DIR) for path in rules["names"]]
    changes = _WRITABLE | _MAKE_SOCKET if rules["sockets"] else _WRITABLE
    grants += [(path, changes) for path in rules["write"]]
    for path, access in (*grants, *_DEVICES.items()):
        try:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            if path in rules["write"]:
                raise
            continue  # not every system has every folder
        allowed = access & files if os.path.isdir(path) else access & files & _ON_FILES  # noqa: PTH112
        if allowed:
            _syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", allowed, fd), 0)
        os.close(fd)
    if ports and rules["port"] is not None:
        _syscall(_ADD_RULE, ruleset, 2, struct.pack("QQ", _CONNECT, rules["port"]), 0)
    _syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _apply_seccomp(*, sockets: bool) -> None:
    steps = _filter(platform.machine(), sockets=sockets)
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    if _libc.prctl(22, 2, head, 0, 0) != 0:  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        _raise()


def _filter(machine: str, *, sockets: bool = False) -> Iterable[Step]:
    """Yield a filter: TCP sockets alone, and no way out of the process group we can kill."""
    numbers = _NUMBERS[machine]
    deny = (_RETURN, 0, 0, _FAIL | _EACCES)
    allow = (_RETURN, 0, 0, _ALLOW)
    yield from ((_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _ARCHITECTURES[machine]), deny)
    yield from ((_LOAD, 0, 0, 0), (_AT_LEAST, 0, 1, 0x40000000), deny)  # x32's own numbers
    tcp_only = [
        *((_LOAD, 0, 0, 16), (_EQUAL, 1, 0, 2), (_EQUAL, 0, 6, 10)),  # AF_INET, AF_INET6
        *((_LOAD, 0, 0, 24), (_AND, 0, 0, 0xF), (_EQUAL, 0, 3, 1)),  # SOCK_STREAM
        *((_LOAD, 0, 0, 32), (_EQUAL, 2, 0, 0), (_EQUAL, 1, 0, 6)),  # no MPTCP, no SMC
        *(deny, allow),
    ]
    if sockets:
        yield from _unconnected(numbers)
    yield from _on(numbers["socket"], tcp_only)
    for name, flags in (("sendto", 40), ("sendmsg", 32), ("sendmmsg", 40)):
        fast_open = [(_LOAD, 0, 0, flags), (_ANY_BIT, 0, 1, _FAST_OPEN), deny, allow]
        yield from _on(numbers[name], fast_open)
    for name in ("setpgid", "setsid"):
        yield from _on(numbers[name], [(_RETURN, 0, 0, _FAIL | _EPERM)])
    # It makes sockets, too, and no filter sees them. Programs fall back without it.
    yield from _on(_IO_URING_SETUP, [(_RETURN, 0, 0, _FAIL | _ENOSYS)])
    yield allow


def _unconnected(numbers: dict[str, int]) -> Iterable[Step]:
    """Yield steps that let UNIX sockets be made, and connect nothing but IPv4.

    A filter cannot see whom a socket is connected to, but how long the name is: that of IPv4 takes
    16 bytes, which leave 14 for the path of somebody else's socket. Nothing shortens one: no link, no
    other folder to start from, no other root.
    """
    deny = (_RETURN, 0, 0, _FAIL | _EACCES)
    allow = (_RETURN, 0, 0, _ALLOW)
    stream = [(_LOAD, 0, 0, 24), (_AND, 0, 0, 0xF), (_EQUAL, 0, 1, 1), allow]
    local = [(_LOAD, 0, 0, 16), (_EQUAL, 0, len(stream), 1), *stream, (_LOAD, 0, 0, 0)]
    yield from _on(numbers["socket"], local)
    yield from _on(numbers["connect"], [(_LOAD, 0, 0, 32), (_EQUAL, 1, 0, 16), deny, allow])
    for name in ("chdir", "fchdir", "chroot"):
        yield from _on(numbers[name], [deny])
    for name in ("symlink", "symlinkat"):
        if name in numbers:  # it seems to have been made: Chromium locks its profile by one
            yield from _on(numbers[name], [(_RETURN, 0, 0, _FAIL)])


def _on(number: int, steps: list[Step]) -> Iterable[Step]:
    yield (_EQUAL, 0, len(steps), number)
    yield from steps


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
