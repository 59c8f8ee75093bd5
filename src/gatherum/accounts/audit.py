"""The audit: what was done that matters for safety, by whom and from where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import sqlalchemy as sa
import structlog

from gatherum.accounts.model import Account, Caller, Visitor
from gatherum.accounts.tables import AuditRow
from gatherum.db import Database, Tx
from gatherum.errors import InvalidInput
from gatherum.ports import Json

log = structlog.get_logger()

Also = Callable[[Tx], None]  # what else a transaction does
CONSOLE = Visitor(address="console")


class Event(StrEnum):
    """What is written down."""

    SIGNED_IN = "sign_in.ok"
    SIGN_IN_BEGUN = "sign_in.begun"  # a second factor is due
    SIGN_IN_FAILED = "sign_in.failed"
    SIGNED_OUT = "sign_out"
    FACTOR_OK = "factor.ok"
    FACTOR_FAILED = "factor.failed"
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    FACTOR_RENAMED = "factor.renamed"
    SUDO = "sudo.ok"
    SUDO_FAILED = "sudo.failed"
    SESSION_ENDED = "session.ended"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105
    PASSWORD_RESET = "password.reset"  # noqa: S105 - by a token
    RESET_OFFERED = "password.reset_offered"
    SETUP = "setup"
    ACCOUNT_ADDED = "account.added"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_REMOVED = "account.removed"
    KEY_ADDED = "key.added"
    KEY_REMOVED = "key.removed"
    TOKEN_MADE = "token.made"  # noqa: S105
    SETTINGS_CHANGED = "settings.changed"
    LOGIN_CHANGED = "login.changed"  # the credentials for a platform
    LOGIN_TESTED = "login.tested"
    DENIED = "denied"
    EXPORTED = "exported"
    IMPORTED = "imported"
    PURGED = "purged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit. `account_id` may be of an account that is gone; `name` is from then."""

    id: int
    at: float
    event: str
    account_id: int | None
    name: str
    address: str
    session: str
    detail: Mapping[str, object]


class Audit:
    """Writes down and lists. Nothing is ever changed; what is old goes by its age alone."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._db = database
        self._now = now

    def entry(
        self,
        event: Event,
        visitor: Visitor,
        *,
        by: Caller | Account | str = "",
        session: str = "",
        **detail: Json,
    ) -> Also:
        """Return what writes an entry down within the transaction of the deed itself.

        `by` is who does it: a caller, an account, or the name that somebody gave.
        """
        account = by.account if isinstance(by, Caller) else by
        values = {
            "at": self._now(),
            "event": event,
            "account_id": account.id if isinstance(account, Account) else None,
            "name": account.name if isinstance(account, Account) else account[:64],
            "address": visitor.address,
            "session": by.via if isinstance(by, Caller) else session,
            "detail": detail,
        }

        def write(tx: Tx) -> None:
            tx.execute(sa.insert(AuditRow).values(values))
            # Not the name that somebody gave: it may be a password in the wrong field.
            log.info(
                "audit",
                what=event,
                account=values["account_id"],
                name=account.name if isinstance(account, Account) else None,
                address=visitor.address,
            )

        return write

    async def record(
        self,
        event: Event,
        visitor: Visitor,
        *,
        by: Caller | Account | str = "",
        session: str = "",
        **detail: Json,
    ) -> None:
        """Write an entry down by itself."""
        await self._db.write(self.entry(event, visitor, by=by, session=session, **detail))

    def settings_change(
        self, section: str, visitor: Visitor, *, by: Caller | str
    ) -> Callable[[Tx, Mapping[str, object], Mapping[str, object]], None]:
        """Return what writes down, in the transaction of the change, how settings were and are."""

        def write(tx: Tx, before: Mapping[str, object], after: Mapping[str, object]) -> None:
            entry = self.entry(
                Event.SETTINGS_CHANGED,
                visitor,
                by=by,
                section=section,
                before=cast(Json, dict(before)),  # they come from a model, as JSON
                after=cast(Json, dict(after)),
            )
            entry(tx)

        return write

    async def list(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        event: str | None = None,
        account_id: int | None = None,
    ) -> tuple[tuple[Entry, ...], str | None]:
        """Return entries, newest first, and the cursor behind them; `event` may be a beginning."""
        query = sa.select(AuditRow.__table__).order_by(AuditRow.id.desc()).limit(limit + 1)
        if cursor is not None:
            query = query.where(AuditRow.id < _number(cursor))
        if event is not None:
            query = query.where(AuditRow.event.startswith(event, autoescape=True))
        if account_id is not None:
            query = query.where(AuditRow.account_id == account_id)
        rows = await self._db.read(lambda tx: tx.execute(query).all())
        entries = tuple(Entry(**row._mapping) for row in rows[:limit])  # noqa: SLF001 - its name
        return entries, str(entries[-1].id) if len(rows) > limit else None


def _number(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise InvalidInput("This cursor is none of ours: begin without one.")
    return int(cursor)
