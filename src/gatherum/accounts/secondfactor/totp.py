"""Codes of an authenticator app (RFC 6238): six digits, a new one every 30 seconds."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pyotp
import segno
import sqlalchemy as sa

from gatherum.accounts.model import Account, Caller, Visitor
from gatherum.accounts.secondfactor.changes import FactorChanges
from gatherum.accounts.tables import TotpRow
from gatherum.db import Database, Tx
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.ports import Json
from gatherum.safety.vault import Vault

STEP_S: Final = 30
WINDOW: Final = (0, -1, 1)  # steps around the present one: clocks differ, people type slowly
ISSUER: Final = "Gatherum"
WHERE: Final = "totp:{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A secret on its way into an app. It counts when a code of it has come back."""

    secret: str  # base32, to be typed
    uri: str  # otpauth://, to be opened
    qr: str  # the same as a picture: SVG in a data URL


class Totp:
    """The authenticator app of an account. Invariant: the step of accepted codes only moves on."""

    name: Final = "totp"

    def __init__(
        self,
        database: Database,
        *,
        vault: Vault,
        changes: FactorChanges,
        now: Callable[[], float],
    ) -> None:
        self._db = database
        self._vault = vault
        self._changes = changes
        self._now = now

    async def enrolled(self, account_id: int) -> bool:
        """Return whether the account has an app that has proven itself."""
        query = sa.select(TotpRow.account_id).where(
            TotpRow.account_id == account_id, TotpRow.confirmed.is_(True)
        )
        return await self._db.read(lambda tx: tx.scalar(query) is not None)

    async def begin(self, account_id: int, session_id: str) -> Mapping[str, Json]:  # noqa: ARG002
        """Return {}: the app needs nothing from us."""
        return {}

    async def finish(self, account_id: int, session_id: str, answer: Mapping[str, Json]) -> bool:  # noqa: ARG002
        """Return whether the answer's `code` is right and newer than all that were used."""
        match answer:
            case {"code": str(code)}:
                return await self._db.write(
                    lambda tx: self._use(tx, account_id, code, confirmed=True)
                )
        return False

    async def enrol(self, account: Account) -> Enrolment:
        """Begin anew with another secret; `Conflict` if there is an app that counts already."""
        secret = pyotp.random_base32()
        row = {
            "secret": self._vault.seal(secret, WHERE.format(account.id)),
            "confirmed": False,
            "last_step": 0,
            "created_at": self._now(),
        }

        def tx(tx: Tx) -> None:
            mine = TotpRow.account_id == account.id
            tx.execute(sa.delete(TotpRow).where(mine, TotpRow.confirmed.is_(False)))
            if tx.scalar(sa.select(TotpRow.account_id).where(mine)) is not None:
                raise Conflict("There is an authenticator app already: remove it first.")
            tx.execute(sa.insert(TotpRow).values(account_id=account.id, **row))

        await self._db.write(tx)
        uri = pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name=ISSUER)
        picture = segno.make_qr(uri).svg_data_uri(scale=4, border=2, light="white")
        return Enrolment(secret=secret, uri=uri, qr=picture)

    async def confirm(self, caller: Caller, visitor: Visitor, code: str) -> tuple[str, ...]:
        """Let the app count from now on; `InvalidInput` if the code is not one of its.

        Returns recovery codes if the account had none yet.
        """

        def tx(tx: Tx) -> tuple[str, ...]:
            if not self._use(tx, caller.account.id, code, confirmed=False):
                raise InvalidInput("This code is not right: take the one that the app shows now.")
            return self._changes.added(tx, caller, visitor, factor=self.name)

        return await self._changes.write(tx)

    async def remove(self, caller: Caller, visitor: Visitor) -> None:
        """Ask for no codes any more; `NotFound` if none were asked for."""

        def tx(tx: Tx) -> None:
            mine = sa.delete(TotpRow).where(TotpRow.account_id == caller.account.id)
            if tx.execute(mine).rowcount == 0:
                raise NotFound("There is no authenticator app.")
            self._changes.removed(tx, caller, visitor, factor=self.name)

        await self._changes.write(tx)

    def _use(self, tx: Tx, account_id: int, code: str, *, confirmed: bool) -> bool:
        """Use a code up: one statement compares and moves the step, so of two tries one is right."""
        mine = (TotpRow.account_id == account_id, TotpRow.confirmed.is_(confirmed))
        sealed = tx.scalar(sa.select(TotpRow.secret).where(*mine))
        if sealed is None:
            return False
        step = self._step_of(self._vault.open(sealed, WHERE.format(account_id)), code)
        if step is None:
            return False
        # The secret is compared too: another enrolment may have begun since it was read.
        used = sa.update(TotpRow).where(*mine, TotpRow.secret == sealed, TotpRow.last_step < step)
        return tx.execute(used.values(last_step=step, confirmed=True)).rowcount == 1

    def _step_of(self, secret: str, code: str) -> int | None:
        """Return the step that a code belongs to; None if it is of none that counts now."""
        given = "".join(code.split()).encode(errors="replace")
        present = int(self._now()) // STEP_S
        app = pyotp.TOTP(secret, interval=STEP_S)
        fits = [
            present + offset
            for offset in WINDOW
            if hmac.compare_digest(app.generate_otp(present + offset).encode(), given)
        ]
        return fits[0] if fits else None
