"""Answers that are dear to work out, kept for a while: in memory, or shared by all processes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import cast

import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.dialects import postgresql

from gatherum.db.database import Database, Tx
from gatherum.db.tables import CacheRow

LARGEST = 500  # answers kept in memory; the one that expires first goes
SHARE = 0.01  # of the time may go into making an answer that is to be as fresh as that allows
SHORTEST_S = 1.0


class Cache:
    """Keeps answers by key until they expire or are forgotten.

    On SQLite, with its one process, they lie in memory. On PostgreSQL they are rows, so that what
    one process forgets is forgotten by all. One maker at a time works at a key in a process; the
    others wait for its answer.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._db = database
        self._now = now
        self._held: dict[str, tuple[float, JsonValue]] = {}
        self._makers: dict[str, asyncio.Lock] = {}

    async def get_or_make(
        self,
        key: str,
        ttl_s: float,
        make: Callable[[], Awaitable[JsonValue]],
        *,
        fresh: bool = False,
    ) -> JsonValue:
        """Return the answer of a key, made now if there is none that still holds.

        It holds for `ttl_s`; a `fresh` one only for as long as it was dear: a hundred times what it took.
        """
        found = await self._find(key)
        if found is not None:
            return found[0]
        lock = self._makers.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                found = await self._find(key)  # another one may have made it meanwhile
                if found is not None:
                    return found[0]
                begun = time.perf_counter()
                made = await make()
                dear = max(SHORTEST_S, (time.perf_counter() - begun) / SHARE)
                await self._keep(key, made, min(ttl_s, dear) if fresh else ttl_s)
                return made
        finally:
            if not lock.locked():
                self._makers.pop(key, None)

    async def forget(self, prefix: str) -> None:
        """Drop the answers whose key begins with `prefix`: what they are about has changed."""
        for key in [key for key in self._held if key.startswith(prefix)]:
            del self._held[key]
        if not self._db.is_sqlite:
            gone = sa.delete(CacheRow).where(CacheRow.key.startswith(prefix, autoescape=True))
            await self._db.write(lambda tx: tx.execute(gone), durable=False)

    async def prune(self) -> None:
        """Drop what has expired."""
        now = self._now()
        self._held = {key: kept for key, kept in self._held.items() if kept[0] > now}
        gone = sa.delete(CacheRow).where(CacheRow.expires_at <= now)
        await self._db.write(lambda tx: tx.execute(gone), durable=False)

    async def _find(self, key: str) -> tuple[JsonValue] | None:
        if self._db.is_sqlite:
            kept = self._held.get(key)
            return None if kept is None or kept[0] <= self._now() else (kept[1],)
        query = sa.select(CacheRow.value).where(
            CacheRow.key == key, CacheRow.expires_at > self._now()
        )
        row = await self._db.read(lambda tx: tx.execute(query).one_or_none())
        return None if row is None else (cast(JsonValue, row[0]),)

    async def _keep(self, key: str, value: JsonValue, ttl_s: float) -> None:
        now = self._now()
        if self._db.is_sqlite:
            while len(self._held) >= LARGEST:
                del self._held[min(self._held, key=lambda one: self._held[one][0])]
            self._held[key] = (now + ttl_s, value)
            return
        values = {"value": value, "made_at": now, "expires_at": now + ttl_s}

        def tx(tx: Tx) -> None:
            new = postgresql.insert(CacheRow).values(key=key, **values)
            tx.execute(new.on_conflict_do_update(index_elements=["key"], set_=values))

        await self._db.write(tx, durable=False)
