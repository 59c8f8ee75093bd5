"""What a browser remembers between two jobs (cookies, local storage), sealed."""

import sqlalchemy as sa

from gatherum.db import Database, Tx, insert_new
from gatherum.fetching.tables import BrowserProfileRow, LoginRow
from gatherum.ports import Clock
from gatherum.safety.vault import Unsealable, Vault

WHERE = "browser_profile:{}:sealed"


class Profiles:
    """The repository of what browsers remember: one text a profile, forgotten with its login."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._db = database
        self._vault = vault
        self._clock = clock

    async def find(self, key: str) -> str | None:
        """Return what a profile remembers; None if that is nothing, or sealed with another key."""
        query = sa.select(BrowserProfileRow.sealed).where(BrowserProfileRow.key == key)
        sealed = await self._db.read(lambda tx: tx.scalar(query))
        try:
            return None if sealed is None else self._vault.open(sealed, WHERE.format(key))
        except Unsealable:
            return None

    async def keep(self, key: str, text: str, *, login: int | None = None) -> None:
        """Remember this for a profile, instead of what was; nothing if its login has gone meanwhile."""
        values = {
            "sealed": self._vault.seal(text, WHERE.format(key)),
            "saved_at": self._clock.now(),
        }

        def write(tx: Tx) -> None:
            if login is not None and not tx.scalar(_login(login)):
                return
            insert_new(tx, BrowserProfileRow, [{"key": key, "login": login, **values}])
            mine = BrowserProfileRow.key == key
            tx.execute(sa.update(BrowserProfileRow).where(mine).values(**values))

        await self._db.write(write)


def _login(login_id: int) -> sa.Select[int]:
    return sa.select(LoginRow.id).where(LoginRow.id == login_id)
