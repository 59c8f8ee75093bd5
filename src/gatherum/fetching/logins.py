"""Logins: credentials for platforms, their cookies sealed."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import Conflict, InvalidInput, NotFound, Stale
from gatherum.fetching.cookies import Jar, ends_at, parse_cookies
from gatherum.fetching.standings import resume
from gatherum.fetching.tables import LoginRow
from gatherum.ports import Clock
from gatherum.safety.vault import Unsealable, Vault

WHERE = "login:{}:cookies"
Also = Callable[[Tx], object]  # what else a transaction does


def nothing(_tx: Tx) -> None:
    """Do nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A login as it may be shown: where its cookies count and how long, never what they say."""

    id: int
    platform: str  # '' stands for any
    name: str
    created_at: float
    version: int
    sites: tuple[str, ...]
    expires_at: float | None  # when its cookies do, by `ends_at`; None: they do not tell
    readable: bool  # false if it was sealed with a key that is not here
    user_agent: str = ""  # of the browser that its cookies are from
    signed_in_as: str = ""  # whose it is at its platform, where somebody signed in to it by us


class Logins:
    """The repository of logins. Cookies leave it only as a `Jar`.

    A change that names the version it was meant for raises `Stale` if there is another by now.
    """

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._db = database
        self._vault = vault
        self._clock = clock

    async def keep(self, platform: str, name: str, cookies: str) -> int:
        """Store the cookies of a login under its name, replacing older ones; return its id.

        `cookies` is a cookies.txt or a JSON export; `InvalidInput` says what is wrong with it.
        """
        text = _text(cookies)

        def write(tx: Tx) -> int:
            found = _find(tx, platform, name)
            if found is None:
                return self._insert(tx, platform, name, text)
            self._reseal(tx, found, text)
            return found

        return await self._db.write(write)

    async def add(
        self,
        platform: str,
        name: str,
        cookies: str,
        *,
        user_agent: str = "",
        signed_in_as: str = "",
        also: Also = nothing,
    ) -> Login:
        """Store a new login; `Conflict` if the platform has one of this name."""
        text = _text(cookies)

        def write(tx: Tx) -> int:
            if _find(tx, platform, name) is not None:
                raise Conflict("There is a login of this name already.")
            also(tx)
            made = self._insert(tx, platform, name, text)
            told = {"user_agent": user_agent, "signed_in_as": signed_in_as}
            tx.execute(sa.update(LoginRow).where(LoginRow.id == made).values(**told))
            return made

        return await self.get(await self._db.write(write))

    async def list(self) -> tuple[Login, ...]:
        """Return all logins, by platform and name."""
        query = sa.select(LoginRow.__table__).order_by(LoginRow.platform, LoginRow.name)
        rows = await self._db.read(lambda tx: tx.execute(query).mappings().all())
        return tuple(self._view(row) for row in rows)

    async def get(self, login_id: int) -> Login:
        """Return a login; raises `NotFound`."""
        return self._view(await self._db.read(lambda tx: _row(tx, login_id)))

    async def jar(self, login_id: int) -> Jar:
        """Return the cookies of a login."""
        row = await self._db.read(lambda tx: _row(tx, login_id))
        return self._open(row)

    async def rename(
        self, login_id: int, name: str, *, version: int | None = None, also: Also = nothing
    ) -> Login:
        """Give a login another name."""

        def write(tx: Tx) -> None:
            row = _row(tx, login_id, version)
            if _find(tx, row["platform"], name) not in (None, login_id):
                raise Conflict("There is a login of this name already.")
            also(tx)
            _update(tx, login_id, name=name)

        await self._db.write(write)
        return await self.get(login_id)

    async def renew(
        self,
        login_id: int,
        cookies: str,
        *,
        user_agent: str | None = None,
        version: int | None = None,
        also: Also = nothing,
    ) -> Login:
        """Replace the cookies of a login, and what their browser calls itself where that is told."""
        text = _text(cookies)
        told = {} if user_agent is None else {"user_agent": user_agent}

        def write(tx: Tx) -> None:
            _row(tx, login_id, version)
            also(tx)
            self._reseal(tx, login_id, text, **told)

        await self._db.write(write)
        return await self.get(login_id)

    async def rotate(self, login_id: int, jar: Jar, *, version: int) -> int | None:
        """Keep the cookies that the platform has given anew; return the version that they make.

        None if the login has been changed since `version`: what a person has brought counts.
        """
        text = jar.netscape() or ""

        def write(tx: Tx) -> int | None:
            found = tx.scalar(
                sa.select(LoginRow.version).where(LoginRow.id == login_id).with_for_update()
            )
            if found != version or not text:
                return None
            _update(tx, login_id, cookies=self._vault.seal(text, WHERE.format(login_id)))
            return version + 1

        return await self._db.write(write)

    async def remove(
        self, login_id: int, *, version: int | None = None, also: Also = nothing
    ) -> None:
        """Forget a login and its cookies."""

        def write(tx: Tx) -> None:
            _row(tx, login_id, version)
            also(tx)
            tx.execute(sa.delete(LoginRow).where(LoginRow.id == login_id))

        await self._db.write(write)

    def _insert(self, tx: Tx, platform: str, name: str, text: str) -> int:
        if not name.strip():
            raise InvalidInput("A login needs a name.")
        values = {"platform": platform, "name": name, "created_at": self._clock.now()}
        new = sa.insert(LoginRow).values(cookies=b"", version=0, **values)
        made: int = tx.execute(new.returning(LoginRow.id)).scalar_one()
        self._reseal(tx, made, text)  # it is sealed for its number, which is known only now
        return made

    def _reseal(self, tx: Tx, login_id: int, text: str, **values: str) -> None:
        _update(tx, login_id, cookies=self._vault.seal(text, WHERE.format(login_id)), **values)
        resume(tx, login_id)

    def _open(self, row: sa.RowMapping) -> Jar:
        return parse_cookies(self._vault.open(row["cookies"], WHERE.format(row["id"])))

    def _view(self, row: sa.RowMapping) -> Login:
        try:
            jar, readable = self._open(row), True
        except (Unsealable, InvalidInput):  # what cannot be read must not hide the others
            jar, readable = Jar(), False
        return Login(
            id=row["id"],
            platform=row["platform"],
            name=row["name"],
            created_at=row["created_at"],
            version=row["version"],
            sites=tuple(sorted({cookie.domain for cookie in jar.cookies})),
            expires_at=ends_at(jar, row["platform"]),
            readable=readable,
            user_agent=row["user_agent"],
            signed_in_as=row["signed_in_as"],
        )


def _text(cookies: str) -> str:
    return parse_cookies(cookies).netscape() or ""


def _find(tx: Tx, platform: str, name: str) -> int | None:
    return tx.scalar(
        sa.select(LoginRow.id).where(LoginRow.platform == platform, LoginRow.name == name)
    )


def _row(tx: Tx, login_id: int, version: int | None = None) -> sa.RowMapping:
    row = (
        tx.execute(sa.select(LoginRow.__table__).where(LoginRow.id == login_id)).mappings().first()
    )
    if row is None:
        raise NotFound("There is no such login.")
    if version is not None and row["version"] != version:
        raise Stale("This login has been changed meanwhile.")
    return row


def _update(tx: Tx, login_id: int, **values: object) -> None:
    changed = sa.update(LoginRow).where(LoginRow.id == login_id)
    tx.execute(changed.values(version=LoginRow.version + 1, **values))
