"""The accounts of this installation: who there is, and in which role."""

import secrets
from collections.abc import Callable

import sqlalchemy as sa

from gatherum.accounts.model import Account, Role
from gatherum.accounts.tables import AccountRow
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

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._db = database
        self._now = now

    async def create(self, name: str, role: Role, *, password: str | None) -> Account:
        """Make an account; `password` is a hash. Raises `Conflict` if the name is taken."""
        return await self._db.write(
            lambda tx: create(tx, name, role, password=password, now=self._now())
        )

    async def get(self, account_id: int) -> Account:
        """Return an account; raises `NotFound`."""
        return await self._db.read(lambda tx: get(tx, account_id))

    async def find(self, name: str) -> Account | None:
        """Return the account of a name; upper and lower case are the same."""
        query = sa.select(*COLUMNS).where(AccountRow.name_key == name.casefold())
        row = await self._db.read(lambda tx: tx.execute(query).one_or_none())
        return None if row is None else account_of(row)

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
    ) -> Account:
        """Change an account; `Conflict` if no administrator would be left."""

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
            tx.execute(sa.update(AccountRow).where(AccountRow.id == account_id).values(values))
            _keep_an_administrator(tx)
            return get(tx, account_id)

        return await self._db.write(tx)

    async def remove(self, account_id: int) -> None:
        """Remove an account with its sessions, keys and factors; what it did stays in the audit."""

        def tx(tx: Tx) -> None:
            get(tx, account_id)
            tx.execute(sa.delete(AccountRow).where(AccountRow.id == account_id))
            _keep_an_administrator(tx)

        await self._db.write(tx)


def create(tx: Tx, name: str, role: Role, *, password: str | None, now: float) -> Account:
    """`Accounts.create` in the caller's transaction."""
    name = check_name(name)
    taken = sa.select(AccountRow.id).where(AccountRow.name_key == name.casefold())
    if tx.scalar(taken) is not None:
        raise Conflict("This name is taken.")
    new = sa.insert(AccountRow).values(
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
    return get(tx, tx.execute(new.returning(AccountRow.id)).scalar_one())


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


def _keep_an_administrator(tx: Tx) -> None:
    left = sa.select(AccountRow.id).where(
        AccountRow.role == Role.ADMIN, AccountRow.disabled.is_(False)
    )
    if tx.execute(left.with_for_update().limit(1)).first() is None:
        raise Conflict("This is the last administrator: make another one first.")
