"""API keys: what programs prove themselves with. `gth_<id>_<secret><checksum>`, told once."""

import hmac
import secrets
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from gatherum.accounts.audit import Also
from gatherum.accounts.directory import COLUMNS, account_of
from gatherum.accounts.model import SCOPES, Account, Role, Scope
from gatherum.accounts.recent import Recent
from gatherum.accounts.sessions import hash_token
from gatherum.accounts.tables import AccountRow, ApiKeyRow
from gatherum.db import Database, Tx
from gatherum.errors import Conflict, Forbidden, InvalidInput, NotFound

PREFIX: Final = "gth_"
CHECKSUM: Final = (
    8  # characters: a scanner of secrets knows ours by it, and a slip of the pen shows
)
USED_S: Final = 60.0  # how exactly `used_at` is kept
MOST: Final = 100  # keys of one account
LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is listed. Its `id` is part of the key, and opens nothing."""

    id: str
    account_id: int
    name: str
    scopes: frozenset[Scope]  # as they were given; the role may allow less by now
    created_at: float
    expires_at: float | None
    used_at: float | None


class ApiKeys:
    """The repository of keys. Invariant: a key never does what its account may not do just now."""

    def __init__(self, database: Database, now: Callable[[], float], recent: Recent) -> None:
        self._db = database
        self._now = now
        self._recent = recent

    async def create(
        self,
        account: Account,
        *,
        name: str,
        scopes: Collection[Scope],
        expires_at: float | None,
        also: Callable[[ApiKey], Also],
    ) -> tuple[ApiKey, str]:
        """Make a key and return it with its text, which is kept nowhere.

        `Forbidden` for scopes that the account does not have.
        """
        now, number = self._now(), secrets.token_hex(6)
        _check(account.role, name=name, scopes=scopes, expires_at=expires_at, now=now)
        text = with_checksum(f"{PREFIX}{number}_{secrets.token_hex(32)}")
        key = ApiKey(
            id=number,
            account_id=account.id,
            name=name.strip(),
            scopes=frozenset(scopes),
            created_at=now,
            expires_at=expires_at,
            used_at=None,
        )

        def tx(tx: Tx) -> None:
            held = sa.select(sa.func.count()).where(ApiKeyRow.account_id == account.id)
            if tx.execute(held).scalar_one() >= MOST:
                raise Conflict(f"An account has at most {MOST} keys: remove one first.")
            tx.execute(
                sa.insert(ApiKeyRow).values(
                    id=key.id,
                    hash=hash_token(text),
                    account_id=account.id,
                    name=key.name,
                    scopes=sorted(key.scopes),
                    created_at=now,
                    expires_at=expires_at,
                    used_at=None,
                )
            )
            also(key)(tx)

        await self._db.write(tx)
        return key, text

    async def find(self, text: str) -> tuple[Account, ApiKey] | None:
        """Return whose key this is, and what it may do as things stand; None if it is no good."""
        number = _number(text)
        if number is None:
            return None
        query = (
            sa.select(
                ApiKeyRow.__table__, *(column.label(f"owner_{column.key}") for column in COLUMNS)
            )
            .join(AccountRow, AccountRow.id == ApiKeyRow.account_id)
            .where(ApiKeyRow.id == number)
        )
        row = await self._db.read(lambda tx: tx.execute(query).one_or_none())
        if row is None or not hmac.compare_digest(row.hash, hash_token(text)):
            return None
        now, key = self._now(), _key(row)
        account = account_of(row, prefix="owner_")
        if account.disabled or (key.expires_at is not None and key.expires_at <= now):
            return None
        if key.used_at is None or key.used_at + USED_S <= now:
            used = sa.update(ApiKeyRow).where(ApiKeyRow.id == key.id).values(used_at=now)
            await self._db.write(lambda tx: tx.execute(used), durable=False)
        return account, key

    async def list(self, account_id: int) -> tuple[ApiKey, ...]:
        """Return an account's keys, the newest first; those that have expired, too."""
        query = (
            sa.select(ApiKeyRow.__table__)
            .where(ApiKeyRow.account_id == account_id)
            .order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id)
        )
        rows = await self._db.read(lambda tx: tx.execute(query).all())
        return tuple(_key(row) for row in rows)

    async def revoke(self, account_id: int, key_id: str, *, also: Also) -> None:
        """Remove a key of an account; `NotFound` if it has none of this id."""

        def tx(tx: Tx) -> None:
            mine = (ApiKeyRow.account_id == account_id, ApiKeyRow.id == key_id)
            if tx.execute(sa.delete(ApiKeyRow).where(*mine)).rowcount == 0:
                raise NotFound("There is no such key.")
            also(tx)

        await self._db.write(tx)
        self._recent.drop()


def with_checksum(body: str) -> str:
    """Return the text of a key: its body, and what shows that nothing of it is missing."""
    return f"{body}{zlib.crc32(body.encode()):08x}"


def _number(text: str) -> str | None:
    """Return the id in a key's text; None if the text is not one of ours, or not whole."""
    if not text.isascii() or with_checksum(text[:-CHECKSUM]) != text:
        return None
    parts = text.split("_")
    return parts[1] if len(parts) == 3 and text.startswith(PREFIX) else None


def _check(
    role: Role, *, name: str, scopes: Collection[Scope], expires_at: float | None, now: float
) -> None:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"A key's name has 1 to {LONGEST_NAME} printable characters.")
    if not scopes:
        raise InvalidInput("A key without any scope is good for nothing: name what it may do.")
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("The key would have expired already.")
    if wider := set(scopes) - SCOPES[role]:
        raise Forbidden(f"Your account may not do this itself: {', '.join(sorted(wider))}.")


def _key(row: sa.Row[tuple[object, ...]]) -> ApiKey:
    known = {scope.value for scope in Scope}  # another version may know others
    return ApiKey(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        scopes=frozenset(Scope(scope) for scope in row.scopes if scope in known),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
