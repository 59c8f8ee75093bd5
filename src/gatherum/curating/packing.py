"""A ZIP as it is written: block by block, without compression and without a way back.

In memory are one block, and the name of each file. Pictures and videos are compressed as they are.
"""

import json
import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from gatherum.errors import OutsideLibrary
from gatherum.ports import Fs

MANIFEST: Final = "manifest.jsonl"
BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A media and its file. `line` is what the manifest tells of it, `at` the time that the file gets."""

    file: int
    size: int
    name: str
    paths: tuple[str, ...]
    at: float
    line: dict[str, object]


class Packing:
    """A ZIP that is being written. Its calls block, and each gives the bytes that it has made."""

    def __init__(self, fs: Fs) -> None:
        self._fs = fs
        self._out = _Out()
        self._zip = ZipFile(self._out, "w", ZIP_STORED)
        self._taken = {MANIFEST}
        self._packed: dict[int, tuple[str | None, str | None]] = {}  # name and flaw of each file
        self._manifest: IO[bytes] | None = None

    def add(self, member: Member) -> Generator[bytes]:
        """Pack a file, block by block, unless it is packed already."""
        if member.file in self._packed:
            return
        fd = self._open(member)
        if fd is None:
            self._packed[member.file] = None, "missing"
            return
        name = self._name(member.name)
        self._packed[member.file] = name, "damaged"  # until all of it is there
        entry = ZipInfo(name, datetime.fromtimestamp(member.at, UTC).timetuple()[:6])
        entry.external_attr = 0o644 << 16
        entry.file_size = member.size
        at = 0
        try:
            with self._zip.open(entry, "w") as packed:
                while block := self._read(fd, min(BLOCK, member.size - at), at):
                    packed.write(block)
                    at += len(block)
                    yield self._out.take()
        finally:
            self._fs.close(fd)
        if at == member.size:
            self._packed[member.file] = name, None
        yield self._out.take()

    def note(self, members: Sequence[Member]) -> bytes:
        """Write the lines of media into the manifest; all files have been packed before."""
        if self._manifest is None:
            entry = ZipInfo(MANIFEST, datetime.now(UTC).timetuple()[:6])
            entry.external_attr = 0o644 << 16
            self._manifest = self._zip.open(entry, "w")
        for one in members:
            if one.file in self._packed:
                name, flaw = self._packed[one.file]
                line = {**one.line, "name": name, "flaw": flaw}
                self._manifest.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        return self._out.take()

    def end(self) -> bytes:
        """Write what closes a ZIP."""
        self.close()
        return self._out.take()

    def close(self) -> None:
        """End it, whole or broken off."""
        if self._manifest is not None:
            self._manifest.close()
        self._zip.close()

    def _open(self, member: Member) -> int | None:
        """Return the descriptor of a file, None if it is not there as it is known."""
        for path in member.paths:
            try:
                fd = self._fs.open_read(path)
            except (OSError, OutsideLibrary):
                continue
            if os.fstat(fd).st_size == member.size:
                return fd
            self._fs.close(fd)
        return None

    def _read(self, fd: int, size: int, at: int) -> bytes:
        try:
            return self._fs.read_at(fd, size, at) if size else b""
        except OSError:
            return b""  # it ends here, and the manifest tells

    def _name(self, name: str) -> str:
        """Return a name that no other file of the archive has, whatever the system makes of case."""
        stem, dot, extension = name.rpartition(".")
        if not stem:
            stem, dot, extension = name, "", ""
        free, number = name, 1
        while free.casefold() in self._taken:
            number += 1
            free = f"{stem}_{number}{dot}{extension}"
        self._taken.add(free.casefold())
        return free


class _Out:
    """Where a ZIP writes, without a way back: what is written is taken away block by block."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take bytes in."""
        self._blocks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def close(self) -> None:
        """Do nothing: what is written can still be taken."""

    def take(self) -> bytes:
        """Return what was written since."""
        taken = b"".join(self._blocks)
        self._blocks.clear()
        return taken
