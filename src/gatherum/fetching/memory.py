"""What was learned of links and hosts by asking them once."""

from types import MappingProxyType
from urllib.parse import urlsplit

import sqlalchemy as sa

from gatherum.db import Database, Tx, insert_new
from gatherum.fetching.tables import HostRow, LinkRow
from gatherum.model import Target
from gatherum.ports import Clock


class Memory:
    """Remembers what a probe found, so that nobody asks twice."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    async def find(self, url: str) -> Target | None:
        """Return what a normal link was found to be."""

        def tx(tx: Tx) -> Target | None:
            row = tx.execute(sa.select(LinkRow.__table__).where(LinkRow.url == url)).one_or_none()
            if row is None:
                return None
            return Target(
                platform=row.platform,
                host=row.host,
                feed=row.feed,
                key=row.key,
                url=row.target_url,
                values=MappingProxyType(row.values),
            )

        return await self._db.read(tx)

    async def find_platform(self, host: str) -> str | None:
        """Return the platform that a host was found to be."""
        return await self._db.read(
            lambda tx: tx.scalar(sa.select(HostRow.platform).where(HostRow.host == host))
        )

    async def keep(self, url: str, target: Target) -> None:
        """Remember what `url` was found to be, and of what software the host is to which it leads."""
        now, host = self._clock.now(), urlsplit(target.url).hostname or ""

        def tx(tx: Tx) -> None:
            insert_new(
                tx,
                LinkRow,
                [
                    {
                        "url": url,
                        "platform": target.platform,
                        "host": target.host,
                        "feed": target.feed,
                        "key": target.key,
                        "target_url": target.url,
                        "values": dict(target.values),
                        "seen_at": now,
                    }
                ],
            )
            if target.platform not in ("direct", "web", "feed"):
                insert_new(
                    tx, HostRow, [{"host": host, "platform": target.platform, "seen_at": now}]
                )

        await self._db.write(tx, durable=False)
