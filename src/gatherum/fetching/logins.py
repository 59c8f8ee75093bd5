"""Logins: credentials for platforms, their cookies sealed."""

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import NotFound
from gatherum.fetching.cookies import Jar, parse_cookies
from gatherum.fetching.tables import LoginRow
from gatherum.ports import Clock
from gatherum.safety.vault import Vault

WHERE = "login:{}:cookies"


class Logins:
    """The repository of logins. Cookies leave it only as a `Jar`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._db = database
        self._vault = vault
        self._clock = clock

    async def keep(self, platform: str, name: str, cookies: str) -> int:
        """Store the cookies of a login under its name, replacing older ones; return its id.

        `cookies` is a cookies.txt or a JSON export; `InvalidInput` says what is wrong with it.
        """
        jar = parse_cookies(cookies)
        text = jar.netscape() or ""

        def tx(tx: Tx) -> int:
            same = (LoginRow.platform == platform, LoginRow.name == name)
            found = tx.scalar(sa.select(LoginRow.id).where(*same))
            if found is None:
                values = {"platform": platform, "name": name, "created_at": self._clock.now()}
                new = sa.insert(LoginRow).values(cookies=b"", version=0, **values)
                found = tx.execute(new.returning(LoginRow.id)).scalar_one()
            tx.execute(
                sa.update(LoginRow)
                .where(LoginRow.id == found)
                .values(cookies=self._seal(found, text), version=LoginRow.version + 1)
            )
            return found

        return await self._db.write(tx)

    async def jar(self, login_id: int) -> Jar:
        """Return the cookies of a login."""

        def tx(tx: Tx) -> bytes:
            sealed = tx.scalar(sa.select(LoginRow.cookies).where(LoginRow.id == login_id))
            if sealed is None:
                raise NotFound("This login was removed.")
            return sealed

        sealed = await self._db.read(tx)
        return parse_cookies(self._vault.open(sealed, WHERE.format(login_id)))

    def _seal(self, login_id: int, text: str) -> bytes:
        return self._vault.seal(text, WHERE.format(login_id))
