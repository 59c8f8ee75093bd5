"""The accounts of this installation: who there is, and in which role."""

import secrets
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from gatherum.accounts.audit import Also
from gatherum.accounts.model import Account, Role
from gatherum.accounts.recent import Recent
from gatherum.accounts.tables import (
    AccountRow,
    DuoRow,
    PasskeyRow,
    RecoveryCodeRow,
    SessionRow,
    TotpRow,
)
from gatherum.db import Database, Tx
from gatherum.errors import Conflict, InvalidInput, NotFound, Stale

COLUMNS = (
    AccountRow.id,
    AccountRow.name,
    AccountRow.role,
    AccountRow.disabled,
    AccountRow.created_at,
    AccountRow.signed_in_at,
    AccountRow.version,
)
NAMES = tuple(column.key for column in COLUMNS)
LONGEST_NAME = 64


class Accounts:
    """The repository of accounts. Invariant: there is always an administrator who is not disabled."""

    def __init__(self, database: Database, now: Callable[[], float], recent: Recent) -> None:
        self._db = database
        self._now = now
        self._recent = recent

    async def create(
        self, name: str, role: Role, *, password: str | None, also: Also | None = None
    ) -> Account:
        """Make an account; `password` is a hash. Raises `Conflict` if the name is taken."""

        def tx(tx: Tx) -> Account:
            made = create(tx, name, role, password=password, now=self._now())
            if also is not None:
                also(tx)
            return made

        return await self._db.write(tx)

    async def get(self, account_id: int) -> Account:
        """Return an account; raises `NotFound`."""
        return await self._db.read(lambda tx: get(tx, account_id))

    async def find(self, name: str) -> Account | None:
        """Return the account of a name; upper and lower case are the same."""
        found = await self.find_with_password(name)
        return None if found is None else found[0]

    async def find_with_password(self, name: str) -> tuple[Account, str | None] | None:
        """Return the account of a name, and its password's hash: for signing in alone."""
        query = sa.select(*COLUMNS, AccountRow.password).where(
            AccountRow.name_key == name.strip().casefold()
        )
        if not name.isprintable():
            return None  # PostgreSQL would not take a NUL
        row = await self._db.read(lambda tx: tx.execute(query).one_or_none())
        return None if row is None else (account_of(row), row.password)

    async def password_of(self, account_id: int) -> str | None:
        """Return the hash of an account's password; None if it has none."""
        query = sa.select(AccountRow.password).where(AccountRow.id == account_id)
        return await self._db.read(lambda tx: tx.scalar(query))

    async def rehash(self, account_id: int, password: str, *, was: str) -> None:
        """Keep another hash of the same password; `Conflict` if it is not `was` any more."""
        await self._db.write(lambda tx: _swap(tx, account_id, password, was))

    async def set_password(
        self, account_id: int, password: str, *, was: str | None, also: Also, keep: str = ""
    ) -> None:
        """Give an account another password (a hash); its sessions end, but the one with the id `keep`.

        `Conflict` if the hash that is there is not `was` any more.
        """

        def tx(tx: Tx) -> None:
            _swap(tx, account_id, password, was)
            others = (SessionRow.account_id == account_id, SessionRow.id != keep)
            tx.execute(sa.delete(SessionRow).where(*others))
            also(tx)

        await self._db.write(tx)
        self._recent.drop()

    async def list(self) -> tuple[Account, ...]:
        """Return all accounts, by name."""
        query = sa.select(*COLUMNS).order_by(AccountRow.name_key)
        rows = await self._db.read(lambda tx: tx.execute(query).all())
        return tuple(account_of(row) for row in rows)

    async def count(self) -> int:
        """Return how many accounts there are."""
        query = sa.select(sa.func.count()).select_from(AccountRow)
        return await self._db.read(lambda tx: tx.execute(query).scalar_one())

    async def change(
        self,
        account_id: int,
        *,
        role: Role | None = None,
        disabled: bool | None = None,
        name: str | None = None,
        version: int | None = None,
        also: Also | None = None,
    ) -> Account:
        """Change an account; `Conflict` if no administrator would be left.

        The sessions of one that is disabled end, and do not come back with it.
        """

        def tx(tx: Tx) -> Account:
            before = get(tx, account_id)
            if version is not None and before.version != version:
                raise Stale("This account has changed meanwhile: look at it again.")
            values: dict[str, object] = {"version": before.version + 1}
            if name is not None:
                values |= {"name": check_name(name), "name_key": name.strip().casefold()}
                taken = sa.select(AccountRow.id).where(
                    AccountRow.name_key == values["name_key"], AccountRow.id != account_id
                )
                if tx.scalar(taken) is not None:
                    raise Conflict("This name is taken.")
            if role is not None:
                values["role"] = role
            if disabled is not None:
                values["disabled"] = disabled
            if disabled:
                tx.execute(sa.delete(SessionRow).where(SessionRow.account_id == account_id))
            tx.execute(sa.update(AccountRow).where(AccountRow.id == account_id).values(values))
            _keep_an_administrator(tx)
            if also is not None:
                also(tx)
            return get(tx, account_id)

        try:
            changed = await self._db.write(tx)
        except IntegrityError as error:  # somebody took the name in this very moment
            raise Conflict("This name is taken.") from error
        self._recent.drop()
        return changed

    async def reset_factors(self, account_id: int, *, also: Also | None = None) -> None:
        """Take all second factors from an account, and end its sessions."""

        def tx(tx: Tx) -> None:
            get(tx, account_id)
            for table in (TotpRow, PasskeyRow, DuoRow, RecoveryCodeRow, SessionRow):
                tx.execute(sa.delete(table).where(table.account_id == account_id))
            if also is not None:
                also(tx)

        await self._db.write(tx)
        self._recent.drop()

    async def remove(self, account_id: int, *, also: Also | None = None) -> None:
        """Remove an account with its sessions, keys and factors; what it did stays in the audit."""

        def tx(tx: Tx) -> None:
            get(tx, account_id)
            tx.execute(sa.delete(AccountRow).where(AccountRow.id == account_id))
            _keep_an_administrator(tx)
            if also is not None:
                also(tx)

        await self._db.write(tx)
        self._recent.drop()


def create(tx: Tx, name: str, role: Role, *, password: str | None, now: float) -> Account:
    """`Accounts.create` in the caller's transaction."""
    name = check_name(name)
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    new = make(AccountRow).values(
        name=name,
        name_key=name.casefold(),
        password=password,
        role=role,
        disabled=False,
        handle=secrets.token_bytes(32),
        created_at=now,
        signed_in_at=None,
        version=1,
    )
    new = new.on_conflict_do_nothing(index_elements=[AccountRow.name_key])
    made = tx.scalar(new.returning(AccountRow.id))
    if made is None:
        raise Conflict("This name is taken.")
    return get(tx, made)


def get(tx: Tx, account_id: int) -> Account:
    """`Accounts.get` in the caller's transaction."""
    row = tx.execute(sa.select(*COLUMNS).where(AccountRow.id == account_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such account.")
    return account_of(row)


def account_of(row: object, *, prefix: str = "") -> Account:
    """Return a row with the `COLUMNS` (their names behind `prefix`) as a value."""
    told = {name: getattr(row, prefix + name) for name in NAMES}
    return Account(**{**told, "role": Role(told["role"])})


def check_name(name: str) -> str:
    """Return a name without blanks around it; `InvalidInput` if it is none."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"A name has 1 to {LONGEST_NAME} printable characters.")
    return name


def _swap(tx: Tx, account_id: int, password: str, was: str | None) -> None:
    mine = (AccountRow.id == account_id, AccountRow.password.is_not_distinct_from(was))
    if tx.execute(sa.update(AccountRow).where(*mine).values(password=password)).rowcount != 1:
        raise Conflict("The password has just been changed elsewhere.")


def _keep_an_administrator(tx: Tx) -> None:
    left = sa.select(AccountRow.id).where(
        AccountRow.role == Role.ADMIN, AccountRow.disabled.is_(False)
    )
    if tx.execute(left.with_for_update().limit(1)).first() is None:
        raise Conflict("This is the last administrator: make another one first.")
