"""Connections whose other end may fall silent, and a way to cut them all."""

import os
import socket
import threading
import weakref
from contextlib import suppress


class Lines:
    """Open connections by what stands for them. Any thread may call.

    Invariant: what is held is a descriptor of our own, so that a cut never reaches a connection that
    was opened later under the same number.
    """

    def __init__(self) -> None:
        self._held: dict[int, socket.socket] = {}
        self._lock = threading.RLock()  # what is collected lets go in whatever thread it happens

    def add(self, connection: object, descriptor: int) -> None:
        """Hold a connection until `drop`, or until nobody knows it any more."""
        number, held = id(connection), socket.socket(fileno=os.dup(descriptor))
        with self._lock:
            self._held[number] = held
        weakref.finalize(connection, _let_go, self._held, self._lock, number, held).atexit = False

    def drop(self, connection: object) -> None:
        """Let go of a connection that is being closed."""
        with self._lock:
            held = self._held.pop(id(connection), None)
        if held is not None:
            held.close()

    def cut(self) -> None:
        """End all of them: whoever waits for an answer on one gets an error at once."""
        with self._lock:
            for held in tuple(self._held.values()):
                with suppress(OSError):  # its other end has closed it already
                    held.shutdown(socket.SHUT_RDWR)


def _let_go(
    all_held: dict[int, socket.socket], lock: "threading.RLock", number: int, held: socket.socket
) -> None:
    with lock:
        if all_held.get(number) is held:  # its number may be another one's by now
            del all_held[number]
    held.close()
