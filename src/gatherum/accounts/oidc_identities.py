"""Which account somebody at an OpenID provider is: found by (issuer, subject), never by an address."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from gatherum.accounts.audit import Also, Audit, Event
from gatherum.accounts.directory import LONGEST_NAME, create
from gatherum.accounts.model import Account, Caller, Role, Visitor
from gatherum.accounts.secondfactor.changes import FactorChanges
from gatherum.accounts.tables import AccountRow, IdentityRow, PasskeyRow
from gatherum.db import Database, Tx
from gatherum.errors import Conflict, NotFound

OPENID: Final = "openid"  # in the audit, where factors have their names
NAMES: Final = 100  # ada, ada-2, ... ada-100


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A link between an account and somebody at a provider. `id` is for addresses."""

    id: str
    issuer: str
    subject: str
    created_at: float


class Identities:
    """The repository of identities. Invariant: one (issuer, subject) is one account, for good."""

    def __init__(
        self,
        database: Database,
        *,
        changes: FactorChanges,
        audit: Audit,
        now: Callable[[], float],
    ) -> None:
        self._db = database
        self._changes = changes
        self._audit = audit
        self._now = now

    async def find(self, issuer: str, subject: str) -> int | None:
        """Return the id of the account."""
        return await self._db.read(lambda tx: _find(tx, issuer, subject))

    async def has_password(self, account_id: int) -> bool:
        """Return whether the account can be opened without a provider, by a password."""
        query = sa.select(AccountRow.password).where(AccountRow.id == account_id)
        return await self._db.read(lambda tx: tx.scalar(query) is not None)

    async def list(self, account_id: int) -> tuple[Identity, ...]:
        """Return the identities of an account, the oldest first."""
        query = (
            sa.select(IdentityRow.issuer, IdentityRow.subject, IdentityRow.created_at)
            .where(IdentityRow.account_id == account_id)
            .order_by(IdentityRow.created_at, IdentityRow.issuer, IdentityRow.subject)
        )
        rows = await self._db.read(lambda tx: tx.execute(query).all())
        return tuple(
            Identity(
                id=_id_of(row.issuer, row.subject),
                issuer=row.issuer,
                subject=row.subject,
                created_at=row.created_at,
            )
            for row in rows
        )

    async def make_account(
        self, issuer: str, subject: str, name: str, role: Role, visitor: Visitor
    ) -> int:
        """Make an account for somebody who comes for the first time; return its id.

        If the name is taken, a number is put behind it. It has no password.
        """

        def tx(tx: Tx) -> int:
            found = _find(tx, issuer, subject)
            if found is not None:
                return found
            made = create(tx, _free(tx, name), role, password=None, now=self._now())
            tx.execute(self._row(issuer, subject, made.id))
            self._audit.entry(
                Event.ACCOUNT_ADDED, visitor, by=made, account=made.name, role=role, via=OPENID
            )(tx)
            return made.id

        try:
            return await self._changes.write(tx)
        except IntegrityError:  # somebody else came at the same moment: perhaps themselves
            return await self._changes.write(tx)

    async def link_found(
        self, issuer: str, subject: str, account: Account, visitor: Visitor
    ) -> None:
        """Link an account that was found by a verified address.

        Nothing happens if somebody else of this provider is linked to it: addresses are given to
        new people.
        """

        def tx(tx: Tx) -> None:
            held = sa.select(IdentityRow.subject).where(
                IdentityRow.issuer == issuer, IdentityRow.account_id == account.id
            )
            if tx.execute(held.limit(1)).first() is None:
                tx.execute(self._row(issuer, subject, account.id))
                self._entry(visitor, account, issuer)(tx)

        with suppress(IntegrityError):  # they came twice at the same moment
            await self._changes.write(tx)

    async def link(self, caller: Caller, visitor: Visitor, issuer: str, subject: str) -> None:
        """Link the caller's own account; `Conflict` if this identity is somebody else's."""
        taken = "This identity opens another account already."

        def tx(tx: Tx) -> None:
            found = _find(tx, issuer, subject)
            if found == caller.account.id:
                return
            if found is not None:
                raise Conflict(taken)
            tx.execute(self._row(issuer, subject, caller.account.id))
            self._changes.settle(
                tx, Event.FACTOR_ADDED, caller, visitor, factor=OPENID, called=issuer
            )

        try:
            await self._changes.write(tx)
        except IntegrityError as error:
            raise Conflict(taken) from error

    async def unlink(self, caller: Caller, visitor: Visitor, identity_id: str) -> None:
        """Remove a link; `Conflict` if nothing else would open the account, `NotFound`."""
        account_id = caller.account.id

        def tx(tx: Tx) -> None:
            mine = sa.select(IdentityRow.issuer, IdentityRow.subject)
            mine = mine.where(IdentityRow.account_id == account_id)
            rows = [
                row for row in tx.execute(mine) if _id_of(row.issuer, row.subject) == identity_id
            ]
            if not rows:
                raise NotFound("There is no such identity.")
            tx.execute(
                sa.delete(IdentityRow).where(
                    IdentityRow.issuer == rows[0].issuer, IdentityRow.subject == rows[0].subject
                )
            )
            if not _can_be_opened(tx, account_id):
                raise Conflict("Nothing else opens this account: choose a password first.")
            self._changes.settle(
                tx, Event.FACTOR_REMOVED, caller, visitor, factor=OPENID, called=rows[0].issuer
            )

        await self._changes.write(tx)

    def _row(self, issuer: str, subject: str, account_id: int) -> sa.Insert:
        return sa.insert(IdentityRow).values(
            issuer=issuer, subject=subject, account_id=account_id, created_at=self._now()
        )

    def _entry(self, visitor: Visitor, account: Account, issuer: str) -> Also:
        return self._audit.entry(
            Event.FACTOR_ADDED, visitor, by=account, factor=OPENID, called=issuer
        )


def _find(tx: Tx, issuer: str, subject: str) -> int | None:
    return tx.scalar(
        sa.select(IdentityRow.account_id).where(
            IdentityRow.issuer == issuer, IdentityRow.subject == subject
        )
    )


def _free(tx: Tx, name: str) -> str:
    """Return the name, or the first of name-2, name-3, ... that nobody has."""
    for number in range(1, NAMES + 1):
        tail = "" if number == 1 else f"-{number}"
        wanted = name[: LONGEST_NAME - len(tail)] + tail
        taken = sa.select(AccountRow.id).where(AccountRow.name_key == wanted.casefold())
        if tx.scalar(taken) is None:
            return wanted
    raise Conflict("This name is taken too often: an administrator must make the account.")


def _can_be_opened(tx: Tx, account_id: int) -> bool:
    ways = sa.union_all(
        sa.select(AccountRow.id).where(
            AccountRow.id == account_id, AccountRow.password.is_not(None)
        ),
        sa.select(PasskeyRow.account_id).where(PasskeyRow.account_id == account_id),
        sa.select(IdentityRow.account_id).where(IdentityRow.account_id == account_id),
    )
    return tx.execute(ways.limit(1)).first() is not None


def _id_of(issuer: str, subject: str) -> str:
    return hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()[:16]
