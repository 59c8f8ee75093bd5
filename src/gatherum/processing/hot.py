"""What was asked for last, in memory, up to a number of bytes."""

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")


class Hot(Generic[K]):
    """Bytes by key; when there is no more room, what was not asked for the longest time goes."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._held = 0
        self._entries: OrderedDict[K, bytes] = OrderedDict()

    @property
    def held(self) -> int:
        """The bytes that are held."""
        return self._held

    def find(self, key: K) -> bytes | None:
        """Return the bytes of a key."""
        data = self._entries.get(key)
        if data is not None:
            self._entries.move_to_end(key)
        return data

    def keep(self, key: K, data: bytes) -> None:
        """Hold bytes under a key, unless they would take more than a tenth of the room."""
        self.forget(key)
        if len(data) > self._room // 10:
            return
        self._entries[key] = data
        self._held += len(data)
        while self._held > self._room:
            self._held -= len(self._entries.popitem(last=False)[1])

    def forget(self, key: K) -> None:
        """Let go of a key."""
        data = self._entries.pop(key, None)
        if data is not None:
            self._held -= len(data)
