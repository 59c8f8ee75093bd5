"""What every change of factors brings with it, in the very transaction that changes them."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from gatherum.accounts.audit import Audit, Event
from gatherum.accounts.model import Caller, Visitor
from gatherum.accounts.recent import Recent
from gatherum.accounts.secondfactor.codes import count_codes, make_codes
from gatherum.accounts.tables import DuoRow, PasskeyRow, RecoveryCodeRow, SessionRow, TotpRow
from gatherum.db import Database, Tx

R = TypeVar("R")


class FactorChanges:
    """Settles a change: the other sessions of the account end, and the audit says why."""

    def __init__(self, database: Database, *, audit: Audit, recent: Recent) -> None:
        self._db = database
        self._audit = audit
        self._recent = recent

    async def write(self, fn: Callable[[Tx], R]) -> R:
        """Run `fn`, which settles what it changes, in a transaction; nobody is remembered after it."""
        result = await self._db.write(fn)
        self._recent.drop()
        return result

    def settle(
        self,
        tx: Tx,
        event: Event,
        caller: Caller,
        visitor: Visitor,
        *,
        factor: str,
        called: str = "",
    ) -> None:
        """End the caller's other sessions, and write the change down."""
        others = (SessionRow.account_id == caller.account.id, SessionRow.id != caller.via)
        ended = tx.execute(sa.delete(SessionRow).where(*others)).rowcount
        self._audit.entry(
            event, visitor, by=caller, factor=factor, called=called, sessions_ended=ended
        )(tx)

    def added(
        self, tx: Tx, caller: Caller, visitor: Visitor, *, factor: str, called: str = ""
    ) -> tuple[str, ...]:
        """Settle a new factor; return the first recovery codes, for an account that had none."""
        self.settle(tx, Event.FACTOR_ADDED, caller, visitor, factor=factor, called=called)
        return () if count_codes(tx, caller.account.id) else make_codes(tx, caller.account.id)

    def removed(
        self, tx: Tx, caller: Caller, visitor: Visitor, *, factor: str, called: str = ""
    ) -> None:
        """Settle that a factor is gone; with the last one the recovery codes go too."""
        self.settle(tx, Event.FACTOR_REMOVED, caller, visitor, factor=factor, called=called)
        if not has_factor(tx, caller.account.id):
            codes = RecoveryCodeRow.account_id == caller.account.id
            tx.execute(sa.delete(RecoveryCodeRow).where(codes))

    def renamed(
        self, tx: Tx, caller: Caller, visitor: Visitor, *, factor: str, before: str, called: str
    ) -> None:
        """Write down that a factor is called otherwise: nobody can do more or less by that."""
        event = Event.FACTOR_RENAMED
        self._audit.entry(event, visitor, by=caller, factor=factor, before=before, called=called)(
            tx
        )


def has_factor(tx: Tx, account_id: int) -> bool:
    """Return whether an account has a factor that recovery codes could stand in for."""
    confirmed = sa.select(TotpRow.account_id).where(
        TotpRow.account_id == account_id, TotpRow.confirmed.is_(True)
    )
    passkey = sa.select(PasskeyRow.account_id).where(PasskeyRow.account_id == account_id)
    duo = sa.select(DuoRow.account_id).where(DuoRow.account_id == account_id)
    return tx.execute(sa.union_all(confirmed, passkey, duo).limit(1)).first() is not None
