"""Hand open descriptors to a child that can open nothing itself."""

import socket
from typing import Final

_LONGEST: Final = 4096


class Hand:
    """A pair of sockets: one end stays with us, the other goes with a child that we start.

    What is handed over is one open file with a word about it, and no way to any other.
    """

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)

    @property
    def theirs(self) -> int:
        """The descriptor that the child is started with."""
        return self._theirs.fileno()

    def let_go(self) -> None:
        """Close our copy of the child's end, once the child has it."""
        self._theirs.close()

    def give(self, fd: int, word: bytes) -> None:
        """Hand over a descriptor, which stays ours to close; `OSError` if nobody takes it.

        `word` is not empty and short; the next one is given when this one has been answered.
        """
        socket.send_fds(self._ours, [word], [fd])

    def close(self) -> None:
        """Let the child know that nothing more will come."""
        self._ours.close()
        self._theirs.close()


class Taker:
    """The child's end."""

    def __init__(self, fd: int) -> None:
        self._socket = socket.socket(fileno=fd)

    def take(self) -> tuple[bytes, int] | None:
        """Wait for a word and its descriptor, which is now the caller's to close; None at the end."""
        word, fds, _, _ = socket.recv_fds(self._socket, _LONGEST, 1)
        return (word, fds[0]) if word and fds else None
