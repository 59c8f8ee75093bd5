"""Sessions: an opaque token in a cookie of the browser, its SHA-256 in the database."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.accounts.audit import Also
from gatherum.accounts.directory import COLUMNS, account_of
from gatherum.accounts.model import Account, Visitor
from gatherum.accounts.recent import Recent
from gatherum.accounts.tables import AccountRow, SessionRow
from gatherum.db import Database, Tx
from gatherum.errors import NotFound, NotSignedIn
from gatherum.settings import SecuritySettings

DAY_S = 86_400.0
PENDING_S = 300.0
SUDO_S = 600.0
SEEN_S = 60.0  # how exactly `seen_at` is kept
Rules = Callable[[], Awaitable[SecuritySettings]]


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
    """The repository of sessions. A token leaves it once: when its session begins, or is renewed."""

    def __init__(
        self, database: Database, now: Callable[[], float], *, rules: Rules, recent: Recent
    ) -> None:
        self._db = database
        self._now = now
        self._rules = rules
        self._recent = recent

    async def begin(
        self,
        account_id: int,
        visitor: Visitor,
        *,
        methods: str,
        full: bool,
        replaces: str | None = None,
        password: str | None = None,
        fresh: bool = True,
        also: Also | None = None,
    ) -> str:
        """Begin a session and return its token: always a new one.

        A full one is in sudo mode, if the proof is `fresh`: given just now.

        `replaces`: the token that the browser came with; it ends here, so that nobody can fix it.
        `password`: the hash that was checked; `NotSignedIn` if it is not the account's any more.
        """
        token, now = secrets.token_urlsafe(32), self._now()

        def tx(tx: Tx) -> None:
            if replaces is not None:
                tx.execute(sa.delete(SessionRow).where(SessionRow.hash == hash_token(replaces)))
            _check_open(tx, account_id, password)
            _insert(
                tx, token, account_id, visitor, methods=methods, full=full, fresh=fresh, now=now
            )
            if also is not None:
                also(tx)

        await self._db.write(tx)
        self._recent.drop()
        return token

    async def complete(
        self, pending: str, visitor: Visitor, *, methods: str, also: Also | None = None
    ) -> str:
        """Turn a session that waits for a second factor into a full one; return its new token.

        Of several at once one succeeds; `NotSignedIn` for the others.
        """
        token, now = secrets.token_urlsafe(32), self._now()

        def tx(tx: Tx) -> None:
            taken = (
                sa.delete(SessionRow)
                .where(
                    SessionRow.hash == hash_token(pending),
                    SessionRow.state == "pending",
                    SessionRow.created_at > now - PENDING_S,
                )
                .returning(SessionRow.account_id)
            )
            account_id = tx.execute(taken).scalar_one_or_none()
            if account_id is None:
                raise NotSignedIn("This took too long: begin again.")
            _check_open(tx, account_id, None)
            _insert(tx, token, account_id, visitor, methods=methods, full=True, now=now)
            if also is not None:
                also(tx)

        await self._db.write(tx)
        self._recent.drop()
        return token

    async def renew(self, session_id: str, *, sudo: bool, also: Also | None = None) -> str:
        """Give a full session another token, and sudo mode for ten minutes; the old one is void."""
        token, now = secrets.token_urlsafe(32), self._now()
        values: dict[str, object] = {"hash": hash_token(token)}
        if sudo:
            values["sudo_until"] = now + SUDO_S

        def tx(tx: Tx) -> None:
            mine = (SessionRow.id == session_id, SessionRow.state == "full")
            if tx.execute(sa.update(SessionRow).where(*mine).values(values)).rowcount != 1:
                raise NotSignedIn("Sign in first.")
            if also is not None:
                also(tx)

        await self._db.write(tx)
        self._recent.drop()
        return token

    async def find(self, token: str, *, full: bool = True) -> Session | None:
        """Return the live session of a token; None if it has ended, or its account is disabled."""
        return await self._find(SessionRow.hash == hash_token(token), full=full)

    async def find_by_id(self, session_id: str) -> Session | None:
        """Return the live full session with an id: for tokens that were made from it."""
        return await self._find(SessionRow.id == session_id, full=True)

    async def _find(self, which: sa.ColumnElement[bool], *, full: bool) -> Session | None:
        now = self._now()
        query = _QUERY.where(which)
        row = await self._db.read(lambda tx: tx.execute(query).one_or_none())
        if row is None or row.owner_disabled or (row.state == "full") is not full:
            return None
        idle, absolute = await self._lives() if full else (PENDING_S, PENDING_S)
        if row.created_at + absolute <= now or row.seen_at + idle <= now:
            await self._end(SessionRow.hash == row.hash)
            return None
        if full and row.seen_at + SEEN_S <= now:
            seen = sa.update(SessionRow).where(SessionRow.hash == row.hash).values(seen_at=now)
            await self._db.write(lambda tx: tx.execute(seen), durable=False)
        return _session(row)

    async def _lives(self) -> tuple[float, float]:
        """Return the seconds that a session lives idle, and in any case."""
        rules = await self._rules()
        return rules.session_idle_days * DAY_S, rules.session_days * DAY_S

    async def list(self, account_id: int) -> tuple[Session, ...]:
        """Return an account's full sessions, the one seen last first."""
        now, (idle, absolute) = self._now(), await self._lives()
        query = _QUERY.where(
            SessionRow.account_id == account_id,
            SessionRow.state == "full",
            SessionRow.created_at > now - absolute,
            SessionRow.seen_at > now - idle,
        ).order_by(SessionRow.seen_at.desc(), SessionRow.id)
        rows = await self._db.read(lambda tx: tx.execute(query).all())
        return tuple(_session(row) for row in rows)

    async def end(self, token: str) -> None:
        """End the session of a token."""
        await self._end(SessionRow.hash == hash_token(token))

    async def revoke(self, account_id: int, session_id: str, *, also: Also | None = None) -> None:
        """End one session of an account; `NotFound` if it has none of this id."""
        mine = (SessionRow.account_id == account_id, SessionRow.id == session_id)
        if await self._end(*mine, also=also) == 0:
            raise NotFound("There is no such session.")

    async def revoke_others(
        self, account_id: int, *, keep: str = "", also: Also | None = None
    ) -> int:
        """End all sessions of an account but the one with the id `keep`; return how many."""
        mine = (SessionRow.account_id == account_id, SessionRow.id != keep)
        return await self._end(*mine, also=also)

    async def _end(self, *which: sa.ColumnElement[bool], also: Also | None = None) -> int:
        def tx(tx: Tx) -> int:
            ended = tx.execute(sa.delete(SessionRow).where(*which)).rowcount
            if ended and also is not None:
                also(tx)
            return ended

        ended = await self._db.write(tx)
        self._recent.drop()
        return ended


def hash_token(token: str) -> str:
    """Return what is kept of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


_QUERY = sa.select(SessionRow.__table__, *(c.label(f"owner_{c.key}") for c in COLUMNS)).join(
    AccountRow, AccountRow.id == SessionRow.account_id
)


def _check_open(tx: Tx, account_id: int, password: str | None) -> None:
    query = sa.select(AccountRow.disabled, AccountRow.password).where(AccountRow.id == account_id)
    row = tx.execute(query.with_for_update()).one_or_none()
    if row is None or row.disabled or (password is not None and row.password != password):
        raise NotSignedIn("The name or the password is wrong.")


def _insert(
    tx: Tx,
    token: str,
    account_id: int,
    visitor: Visitor,
    *,
    methods: str,
    full: bool,
    now: float,
    fresh: bool = True,
) -> None:
    tx.execute(
        sa.insert(SessionRow).values(
            hash=hash_token(token),
            id=secrets.token_hex(8),
            account_id=account_id,
            state="full" if full else "pending",
            methods=methods,
            created_at=now,
            seen_at=now,
            sudo_until=now + SUDO_S if full and fresh else 0.0,
            address=visitor.address,
            agent=visitor.agent,
        )
    )
    if full:
        signed_in = sa.update(AccountRow).where(AccountRow.id == account_id)
        tx.execute(signed_in.values(signed_in_at=now))


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
