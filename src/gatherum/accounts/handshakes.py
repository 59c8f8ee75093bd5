"""Steps that leave us and must come back: a challenge that is signed, a visit to a log-in page."""

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa

from gatherum.accounts.sessions import hash_token
from gatherum.accounts.tables import HandshakeRow
from gatherum.db import Database, Tx
from gatherum.safety.vault import Vault

LIFE_S: Final = 300.0


class Handshakes:
    """The repository of handshakes. Each serves once, for the browser that began it, for a while.

    `browser` is the id of a session, or a random value in a cookie where there is none yet.
    """

    def __init__(self, database: Database, vault: Vault, now: Callable[[], float]) -> None:
        self._db = database
        self._vault = vault
        self._now = now

    async def begin(
        self, kind: str, browser: str, content: Mapping[str, str], *, life_s: float = LIFE_S
    ) -> str:
        """Keep `content`, sealed, until the handshake comes back; return its state: 256 random bits."""
        state, now = secrets.token_urlsafe(32), self._now()
        key = hash_token(state)
        row = {
            "state_hash": key,
            "kind": kind,
            "browser_hash": hash_token(browser),
            "sealed": self._vault.seal(json.dumps(dict(content)), f"handshake:{key}"),
            "expires_at": now + life_s,
        }

        def tx(tx: Tx) -> None:
            tx.execute(sa.delete(HandshakeRow).where(HandshakeRow.expires_at <= now))
            tx.execute(sa.insert(HandshakeRow).values(row))

        await self._db.write(tx)
        return state

    async def take(self, kind: str, browser: str, state: str) -> Mapping[str, str] | None:
        """Return what was kept, once; None if there is no such handshake of this browser."""
        if not state.isascii():
            return None
        key = hash_token(state)
        taken = (
            sa.delete(HandshakeRow)
            .where(
                HandshakeRow.state_hash == key,
                HandshakeRow.kind == kind,
                HandshakeRow.browser_hash == hash_token(browser),
                HandshakeRow.expires_at > self._now(),
            )
            .returning(HandshakeRow.sealed)
        )
        sealed = await self._db.write(lambda tx: tx.scalar(taken))
        if sealed is None:
            return None
        content: dict[str, str] = json.loads(self._vault.open(sealed, f"handshake:{key}"))
        return content
