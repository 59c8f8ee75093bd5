"""Duo's Universal Prompt: the person proves it on Duo's own page and comes back with a code."""

import secrets
from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa
import structlog

from gatherum.accounts.handshakes import Handshakes
from gatherum.accounts.model import Caller, Visitor
from gatherum.accounts.relying import RelyingParty
from gatherum.accounts.secondfactor.changes import FactorChanges
from gatherum.accounts.secondfactor.duo_client import DuoClient, DuoDown
from gatherum.accounts.tables import DuoRow
from gatherum.db import Database, Tx
from gatherum.db.preferences import Preferences
from gatherum.errors import InvalidInput, NotFound, Unavailable
from gatherum.ports import Json
from gatherum.safety.outgoing import Outgoing
from gatherum.settings import DuoSettings

log = structlog.get_logger()

RETURN: Final = "/sign-in/duo"  # the page that a person comes back to; it posts what it was given
USED: Final = "duo"  # kinds of handshakes
NEW: Final = "duo-new"
LONGEST_NAME: Final = 128


class Duo:
    """Duo as a second factor. Without an answer from Duo nobody gets in, unless a setting says so."""

    name: Final = "duo"

    def __init__(
        self,
        database: Database,
        *,
        handshakes: Handshakes,
        site: RelyingParty,
        changes: FactorChanges,
        outgoing: Outgoing,
        preferences: Preferences,
        now: Callable[[], float],
    ) -> None:
        self._db = database
        self._handshakes = handshakes
        self._site = site
        self._changes = changes
        self._outgoing = outgoing
        self._preferences = preferences
        self._now = now

    async def enrolled(self, account_id: int) -> bool:
        """Return whether the account uses Duo, and Duo is offered at all."""
        if await self._username(account_id) is None:
            return False
        return (await self._preferences.get(DuoSettings)).enabled

    async def begin(self, account_id: int, session_id: str) -> Mapping[str, Json]:
        """Return the `url` of the prompt, bound to the session; `Unavailable` while Duo is down.

        If Duo may be left out while it is down: `skipped`, and the `state` to answer with.
        """
        username = await self._username(account_id)
        if username is None:
            raise NotFound("This account does not use Duo.")
        settings, client = await self._client()
        try:
            return await self._prompt(client, USED, session_id, username)
        except DuoDown as error:
            if not settings.allow_when_down:
                raise _unavailable() from error
        state = await self._handshakes.begin(USED, session_id, {"down": "yes"})
        return {"skipped": True, "state": state}

    async def finish(self, account_id: int, session_id: str, answer: Mapping[str, Json]) -> bool:
        """Return whether the answer's `code` and `state` are Duo's yes to this very session."""
        match answer:
            case {"state": str(state), **rest}:
                content = await self._handshakes.take(USED, session_id, state)
            case _:
                return False
        if content is None:
            return False
        if "down" in content:
            return await self._may_skip(account_id)
        return await self._exchange(content, rest.get("code"))

    async def begin_adding(self, caller: Caller, username: str) -> Mapping[str, Json]:
        """Return the `url` of the prompt for somebody who wants to use Duo from now on."""
        username = username.strip() or caller.account.name
        if len(username) > LONGEST_NAME or not username.isprintable():
            raise InvalidInput(f"A name at Duo has 1 to {LONGEST_NAME} printable characters.")
        _, client = await self._client()
        try:
            return await self._prompt(client, NEW, caller.via, username)
        except DuoDown as error:
            raise _unavailable() from error

    async def add(
        self, caller: Caller, visitor: Visitor, *, state: str, code: str
    ) -> tuple[str, ...]:
        """Use Duo from now on, under the name that was proven; `InvalidInput` if none was.

        Returns recovery codes if the account had none yet.
        """
        content = await self._handshakes.take(NEW, caller.via, state)
        if content is None or not await self._exchange(content, code):
            raise InvalidInput("Duo did not say yes: begin again.")
        row = {"username": content["username"], "created_at": self._now()}

        def tx(tx: Tx) -> tuple[str, ...]:
            mine = DuoRow.account_id == caller.account.id
            tx.execute(sa.delete(DuoRow).where(mine))
            tx.execute(sa.insert(DuoRow).values(account_id=caller.account.id, **row))
            return self._changes.added(
                tx, caller, visitor, factor=self.name, called=content["username"]
            )

        return await self._changes.write(tx)

    async def remove(self, caller: Caller, visitor: Visitor) -> None:
        """Use Duo no longer; `NotFound` if it was not used."""

        def tx(tx: Tx) -> None:
            mine = sa.delete(DuoRow).where(DuoRow.account_id == caller.account.id)
            if tx.execute(mine).rowcount == 0:
                raise NotFound("This account does not use Duo.")
            self._changes.removed(tx, caller, visitor, factor=self.name)

        await self._changes.write(tx)

    async def username(self, account_id: int) -> str | None:
        """Return the account's name at Duo; None if it does not use it."""
        return await self._username(account_id)

    async def _username(self, account_id: int) -> str | None:
        query = sa.select(DuoRow.username).where(DuoRow.account_id == account_id)
        return await self._db.read(lambda tx: tx.scalar(query))

    async def _client(self) -> tuple[DuoSettings, DuoClient]:
        settings = await self._preferences.get(DuoSettings)
        return settings, DuoClient(settings, self._outgoing, return_to=self._site.url + RETURN)

    async def _prompt(
        self, client: DuoClient, kind: str, session_id: str, username: str
    ) -> Mapping[str, Json]:
        await client.check()
        nonce = secrets.token_urlsafe(32)
        content = {"username": username, "nonce": nonce}
        state = await self._handshakes.begin(kind, session_id, content)
        return {"url": client.prompt(username, state=state, nonce=nonce)}

    async def _exchange(self, content: Mapping[str, str], code: object) -> bool:
        if not isinstance(code, str):
            return False
        _, client = await self._client()
        try:
            return await client.exchange(code, username=content["username"], nonce=content["nonce"])
        except DuoDown as error:
            raise _unavailable() from error

    async def _may_skip(self, account_id: int) -> bool:
        """Return whether Duo is still down, and may be left out."""
        settings, client = await self._client()
        if not settings.allow_when_down:
            return False
        try:
            await client.check()
        except DuoDown:
            log.warning("duo_skipped", account=account_id)
            return True
        return False


def _unavailable() -> Unavailable:
    return Unavailable("Duo does not answer. Use another factor, or try again in a while.")
