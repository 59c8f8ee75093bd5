"""Sessions: an opaque token in a cookie of the browser, its SHA-256 in the database."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.accounts.directory import COLUMNS, account_of
from gatherum.accounts.model import Account, Visitor
from gatherum.accounts.tables import AccountRow, SessionRow
from gatherum.db import Database, Tx
from gatherum.errors import NotFound

IDLE_S = 7 * 86_400.0
ABSOLUTE_S = 30 * 86_400.0
PENDING_S = 300.0
SUDO_S = 600.0
SEEN_S = 60.0  # how exactly `seen_at` is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as it stands. `id` is for people and logs; it opens nothing."""

    id: str
    account: Account
    full: bool  # else it waits for a second factor
    methods: str
    created_at: float
    seen_at: float
    sudo_until: float
    address: str
    agent: str


class Sessions:
    """The repository of sessions. A token leaves it once, when its session begins."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], float],
        *,
        idle_s: float = IDLE_S,
        absolute_s: float = ABSOLUTE_S,
    ) -> None:
        self._db = database
        self._now = now
        self._idle_s = idle_s
        self._absolute_s = absolute_s

    async def begin(
        self,
        account_id: int,
        visitor: Visitor,
        *,
        methods: str,
        full: bool,
        replaces: str | None = None,
    ) -> str:
        """Begin a session and return its token: always a new one. A full one is in sudo mode.

        `replaces`: the token that the browser came with; it ends here, so that nobody can fix it.
        """
        token, now = secrets.token_urlsafe(32), self._now()

        def tx(tx: Tx) -> None:
            if replaces is not None:
                tx.execute(sa.delete(SessionRow).where(SessionRow.hash == hash_token(replaces)))
            tx.execute(
                sa.insert(SessionRow).values(
                    hash=hash_token(token),
                    id=secrets.token_hex(8),
                    account_id=account_id,
                    state="full" if full else "pending",
                    methods=methods,
                    created_at=now,
                    seen_at=now,
                    sudo_until=now + SUDO_S if full else 0.0,
                    address=visitor.address,
                    agent=visitor.agent,
                )
            )
            if full:
                tx.execute(
                    sa.update(AccountRow)
                    .where(AccountRow.id == account_id)
                    .values(signed_in_at=now)
                )

        await self._db.write(tx)
        return token

    async def find(self, token: str, *, full: bool = True) -> Session | None:
        """Return the live session of a token; None if it has ended, or its account is disabled."""
        now = self._now()
        query = (
            sa.select(SessionRow.__table__, *(c.label(f"owner_{c.key}") for c in COLUMNS))
            .join(AccountRow, AccountRow.id == SessionRow.account_id)
            .where(SessionRow.hash == hash_token(token))
        )
        row = await self._db.read(lambda tx: tx.execute(query).one_or_none())
        if row is None or row.owner_disabled or (row.state == "full") is not full:
            return None
        idle, absolute = (self._idle_s, self._absolute_s) if full else (PENDING_S, PENDING_S)
        if row.created_at + absolute <= now or row.seen_at + idle <= now:
            await self._end(SessionRow.hash == row.hash)
            return None
        if full and row.seen_at + SEEN_S <= now:
            seen = sa.update(SessionRow).where(SessionRow.hash == row.hash).values(seen_at=now)
            await self._db.write(lambda tx: tx.execute(seen), durable=False)
        return _session(row)

    async def list(self, account_id: int) -> tuple[Session, ...]:
        """Return an account's full sessions, the one seen last first."""
        now = self._now()
        query = (
            sa.select(SessionRow.__table__, *(c.label(f"owner_{c.key}") for c in COLUMNS))
            .join(AccountRow, AccountRow.id == SessionRow.account_id)
            .where(
                SessionRow.account_id == account_id,
                SessionRow.state == "full",
                SessionRow.created_at > now - self._absolute_s,
                SessionRow.seen_at > now - self._idle_s,
            )
            .order_by(SessionRow.seen_at.desc(), SessionRow.id)
        )
        rows = await self._db.read(lambda tx: tx.execute(query).all())
        return tuple(_session(row) for row in rows)

    async def end(self, token: str) -> None:
        """End the session of a token."""
        await self._end(SessionRow.hash == hash_token(token))

    async def revoke(self, account_id: int, session_id: str) -> None:
        """End one session of an account; `NotFound` if it has none of this id."""
        mine = (SessionRow.account_id == account_id, SessionRow.id == session_id)
        if await self._end(*mine) == 0:
            raise NotFound("There is no such session.")

    async def revoke_others(self, account_id: int, *, keep: str = "") -> int:
        """End all sessions of an account but the one with the id `keep`; return how many."""
        return await self._end(SessionRow.account_id == account_id, SessionRow.id != keep)

    async def enter_sudo(self, session_id: str) -> float:
        """Let a session do what needs a fresh proof, for ten minutes; return until when."""
        until = self._now() + SUDO_S
        change = sa.update(SessionRow).where(SessionRow.id == session_id).values(sudo_until=until)
        await self._db.write(lambda tx: tx.execute(change))
        return until

    async def prune(self) -> int:
        """Forget what has ended by itself; return how many."""
        now = self._now()
        return await self._end(
            sa.or_(
                SessionRow.created_at <= now - self._absolute_s,
                SessionRow.seen_at <= now - self._idle_s,
                sa.and_(SessionRow.state == "pending", SessionRow.created_at <= now - PENDING_S),
            )
        )

    async def _end(self, *which: sa.ColumnElement[bool]) -> int:
        delete = sa.delete(SessionRow).where(*which)
        return await self._db.write(lambda tx: tx.execute(delete).rowcount)


def hash_token(token: str) -> str:
    """Return what is kept of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _session(row: sa.Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.id,
        account=account_of(row, prefix="owner_"),
        full=row.state == "full",
        methods=row.methods,
        created_at=row.created_at,
        seen_at=row.seen_at,
        sudo_until=row.sudo_until,
        address=row.address,
        agent=row.agent,
    )
