"""Tokens that let somebody in who has no password yet: at the first run, and by an administrator."""

import secrets
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from gatherum.accounts import directory
from gatherum.accounts.audit import Also
from gatherum.accounts.model import Account, Role
from gatherum.accounts.recent import Recent
from gatherum.accounts.sessions import hash_token
from gatherum.accounts.tables import AccountRow, InvitationRow, SessionRow
from gatherum.db import Database, Tx
from gatherum.errors import Conflict, NotSignedIn

LIFE_S: Final = 86_400.0
SETUP, RESET = "setup", "reset"


class Invitations:
    """The repository of such tokens: 256 bits, a day, once; only their SHA-256 is kept.

    Invariant: a set-up token works only while there is no account.
    """

    def __init__(self, database: Database, now: Callable[[], float], recent: Recent) -> None:
        self._db = database
        self._now = now
        self._recent = recent

    async def offer_setup(self) -> str | None:
        """Return a new set-up token, which voids those before; None if there is an account."""
        token = secrets.token_urlsafe(32)

        def tx(tx: Tx) -> str | None:
            tx.execute(sa.delete(InvitationRow).where(InvitationRow.kind == SETUP))
            if _has_accounts(tx):
                return None
            self._insert(tx, token, SETUP, Role.ADMIN, None)
            return token

        return await self._db.write(tx)

    async def needs_setup(self) -> bool:
        """Return whether there is no account yet."""
        return not await self._db.read(_has_accounts)

    async def set_up(
        self, token: str, name: str, *, password: str, also: Callable[[Account], Also]
    ) -> Account:
        """Make the first administrator; `password` is a hash. Of several at once one succeeds."""

        def tx(tx: Tx) -> Account:
            self._take(tx, token, SETUP)
            # Another process may have offered one too: whoever is first voids them all.
            tx.execute(sa.delete(InvitationRow).where(InvitationRow.kind == SETUP))
            if _has_accounts(tx):
                raise Conflict("This installation is set up already.")
            made = directory.create(tx, name, Role.ADMIN, password=password, now=self._now())
            also(made)(tx)
            return made

        return await self._db.write(tx)

    async def offer_reset(self, account_id: int, *, also: Also | None = None) -> tuple[str, float]:
        """Return a token with which an account gets a new password, and until when it holds.

        Those before are void.
        """
        token = secrets.token_urlsafe(32)

        def tx(tx: Tx) -> float:
            account = directory.get(tx, account_id)
            tx.execute(sa.delete(InvitationRow).where(InvitationRow.account_id == account_id))
            until = self._insert(tx, token, RESET, account.role, account_id)
            if also is not None:
                also(tx)
            return until

        return token, await self._db.write(tx)

    async def find_reset(self, token: str) -> Account:
        """Return whose password a token may change; `NotSignedIn` if none."""

        def tx(tx: Tx) -> Account:
            account_id = tx.scalar(
                sa.select(InvitationRow.account_id).where(*self._which(token, RESET))
            )
            if account_id is None:
                raise _void()
            return directory.get(tx, account_id)

        return await self._db.read(tx)

    async def is_setup(self, token: str) -> bool:
        """Return whether this is the set-up token."""
        query = sa.select(InvitationRow.hash).where(*self._which(token, SETUP))
        return await self._db.read(lambda tx: tx.scalar(query)) is not None

    async def reset(self, token: str, *, password: str, also: Callable[[Account], Also]) -> Account:
        """Give the account a new password (a hash) and end its sessions. Its factors stay."""

        def tx(tx: Tx) -> Account:
            account_id = self._take(tx, token, RESET)
            if account_id is None:
                raise _void()
            account = directory.get(tx, account_id)
            mine = sa.update(AccountRow).where(AccountRow.id == account_id)
            tx.execute(mine.values(password=password))
            tx.execute(sa.delete(SessionRow).where(SessionRow.account_id == account_id))
            also(account)(tx)
            return account

        account = await self._db.write(tx)
        self._recent.drop()
        return account

    def _insert(self, tx: Tx, token: str, kind: str, role: Role, account_id: int | None) -> float:
        now = self._now()
        tx.execute(
            sa.insert(InvitationRow).values(
                hash=hash_token(token),
                kind=kind,
                role=role,
                account_id=account_id,
                created_at=now,
                expires_at=now + LIFE_S,
            )
        )
        return now + LIFE_S

    def _take(self, tx: Tx, token: str, kind: str) -> int | None:
        """Use a token up; `NotSignedIn` if there is none such."""
        taken = sa.delete(InvitationRow).where(*self._which(token, kind))
        row = tx.execute(taken.returning(InvitationRow.account_id)).one_or_none()
        if row is None:
            raise _void()
        account_id: int | None = row.account_id
        return account_id

    def _which(self, token: str, kind: str) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            InvitationRow.hash == hash_token(token),
            InvitationRow.kind == kind,
            InvitationRow.expires_at > self._now(),
        )


def _has_accounts(tx: Tx) -> bool:
    return tx.execute(sa.select(AccountRow.id).limit(1)).first() is not None


def _void() -> NotSignedIn:
    return NotSignedIn("This token does not hold, or not any more.")
