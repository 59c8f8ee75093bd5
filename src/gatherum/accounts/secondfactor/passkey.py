"""Passkeys (WebAuthn): a key pair that a device holds, opened by a finger, a face or a PIN.

A passkey is a second factor, and both factors at once: it signs in without a name and a password,
since the device has asked for a proof of its own.
"""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
import structlog
import webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gatherum.accounts.handshakes import Handshakes
from gatherum.accounts.model import Caller, Visitor
from gatherum.accounts.relying import RelyingParty
from gatherum.accounts.secondfactor.changes import FactorChanges
from gatherum.accounts.tables import AccountRow, PasskeyRow
from gatherum.db import Database, Tx
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.ports import Json

log = structlog.get_logger()

NAME: Final = "Gatherum"
MOST: Final = 20
NEW: Final = "passkey-new"  # kinds of handshakes
USED: Final = "passkey"
# What the library lets through of an answer that is not what it should be.
UNREADABLE: Final = (
    *(WebAuthnException, InvalidSignature, UnsupportedAlgorithm, struct.error, ValueError),
    *(LookupError, TypeError, AttributeError, ArithmeticError, RecursionError),
)
REQUIRED: Final = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyInfo:
    """A passkey as its owner sees it."""

    id: str
    name: str
    created_at: float
    used_at: float | None


@dataclass(frozen=True, slots=True)
class _Held:
    account_id: int
    handle: bytes
    public_key: bytes
    sign_count: int


class Passkeys:
    """The passkeys of accounts. A challenge serves once; a counter that does not move is a copy."""

    name: Final = "passkey"

    def __init__(
        self,
        database: Database,
        *,
        handshakes: Handshakes,
        site: RelyingParty,
        changes: FactorChanges,
        now: Callable[[], float],
    ) -> None:
        self._db = database
        self._handshakes = handshakes
        self._site = site
        self._changes = changes
        self._now = now

    async def enrolled(self, account_id: int) -> bool:
        """Return whether the account has a passkey."""
        return bool(await self.list(account_id))

    async def begin(self, account_id: int, session_id: str) -> Mapping[str, Json]:
        """Return the `options` for `navigator.credentials.get`, for the account's passkeys."""
        known = [_descriptor(one.id) for one in await self.list(account_id)]
        return {"options": await self._options(session_id, known)}

    async def finish(self, account_id: int, session_id: str, answer: Mapping[str, Json]) -> bool:
        """Return whether the answer's `credential` was signed by one of the account's passkeys."""
        match answer:
            case {"credential": dict(credential)}:
                return await self._verify(session_id, credential, owner=account_id) is not None
        return False

    async def begin_sign_in(self, browser: str) -> Mapping[str, Json]:
        """Return the `options` for whoever holds a passkey, bound to a browser by its cookie."""
        return {"options": await self._options(browser, [])}

    async def finish_sign_in(self, browser: str, credential: Mapping[str, Json]) -> int | None:
        """Return the id of the account whose passkey has signed; None if none has."""
        return await self._verify(browser, dict(credential), owner=None)

    async def begin_adding(self, caller: Caller) -> Mapping[str, Json]:
        """Return the `options` for `navigator.credentials.create`, bound to the caller's session."""
        account = caller.account
        handle = sa.select(AccountRow.handle).where(AccountRow.id == account.id)
        user_id = await self._db.read(lambda tx: tx.execute(handle).scalar_one())
        known = [_descriptor(one.id) for one in await self.list(account.id)]
        if len(known) >= MOST:
            raise Conflict(f"There are {MOST} passkeys already: remove one first.")
        state = await self._handshakes.begin(NEW, caller.via, {})
        options = webauthn.generate_registration_options(
            rp_id=self._site.host,
            rp_name=NAME,
            user_name=account.name,
            user_id=user_id,
            challenge=base64url_to_bytes(state),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
            ),
            exclude_credentials=known,
        )
        return {"options": json.loads(webauthn.options_to_json(options))}

    async def add(
        self, caller: Caller, visitor: Visitor, name: str, credential: Mapping[str, Json]
    ) -> tuple[PasskeyInfo, tuple[str, ...]]:
        """Keep a new passkey; return it, and recovery codes if the account had none yet.

        `InvalidInput` if it does not answer the challenge that this session was given last.
        """
        unfit = "This passkey cannot be used here: try to add it again."
        challenge = await self._challenge(NEW, caller.via, credential)
        if challenge is None:
            raise InvalidInput(unfit)
        try:
            made = webauthn.verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self._site.host,
                expected_origin=self._site.origin,
                require_user_verification=True,
            )
        except UNREADABLE as error:
            log.info("passkey_refused", error=str(error))
            raise InvalidInput(unfit) from error
        passkey = PasskeyInfo(
            id=bytes_to_base64url(made.credential_id),
            name=name.strip() or "Passkey",
            created_at=self._now(),
            used_at=None,
        )

        def tx(tx: Tx) -> tuple[str, ...]:
            taken = sa.select(PasskeyRow.id).where(PasskeyRow.id == passkey.id)
            if tx.scalar(taken) is not None:
                raise Conflict("This passkey is known already.")
            tx.execute(
                sa.insert(PasskeyRow).values(
                    id=passkey.id,
                    account_id=caller.account.id,
                    public_key=made.credential_public_key,
                    sign_count=made.sign_count,
                    name=passkey.name,
                    created_at=passkey.created_at,
                    used_at=None,
                )
            )
            return self._changes.added(tx, caller, visitor, factor=self.name, called=passkey.name)

        return passkey, await self._changes.write(tx)

    async def list(self, account_id: int) -> tuple[PasskeyInfo, ...]:
        """Return an account's passkeys, the oldest first."""
        query = (
            sa.select(PasskeyRow.id, PasskeyRow.name, PasskeyRow.created_at, PasskeyRow.used_at)
            .where(PasskeyRow.account_id == account_id)
            .order_by(PasskeyRow.created_at, PasskeyRow.id)
        )
        rows = await self._db.read(lambda tx: tx.execute(query).all())
        return tuple(
            PasskeyInfo(id=row.id, name=row.name, created_at=row.created_at, used_at=row.used_at)
            for row in rows
        )

    async def rename(
        self, caller: Caller, visitor: Visitor, passkey_id: str, name: str
    ) -> PasskeyInfo:
        """Call a passkey by another name; `NotFound` if the caller has none of this id."""
        if not name.strip():
            raise InvalidInput("A passkey needs a name.")

        def tx(tx: Tx) -> None:
            mine = (PasskeyRow.account_id == caller.account.id, PasskeyRow.id == passkey_id)
            before = tx.scalar(sa.select(PasskeyRow.name).where(*mine).with_for_update())
            if before is None:
                raise NotFound("There is no such passkey.")
            tx.execute(sa.update(PasskeyRow).where(*mine).values(name=name.strip()))
            self._changes.renamed(
                tx, caller, visitor, factor=self.name, before=before, called=name.strip()
            )

        await self._db.write(tx)
        return next(one for one in await self.list(caller.account.id) if one.id == passkey_id)

    async def remove(self, caller: Caller, visitor: Visitor, passkey_id: str) -> None:
        """Accept a passkey no longer; `NotFound` if the caller has none of this id."""

        def tx(tx: Tx) -> None:
            mine = (PasskeyRow.account_id == caller.account.id, PasskeyRow.id == passkey_id)
            name = tx.scalar(sa.delete(PasskeyRow).where(*mine).returning(PasskeyRow.name))
            if name is None:
                raise NotFound("There is no such passkey.")
            self._changes.removed(tx, caller, visitor, factor=self.name, called=name)

        await self._changes.write(tx)

    async def _options(self, browser: str, known: Sequence[PublicKeyCredentialDescriptor]) -> Json:
        state = await self._handshakes.begin(USED, browser, {})
        options = webauthn.generate_authentication_options(
            rp_id=self._site.host,
            challenge=base64url_to_bytes(state),
            allow_credentials=[*known],
            user_verification=REQUIRED,
        )
        told: Json = json.loads(webauthn.options_to_json(options))
        return told

    async def _challenge(
        self, kind: str, browser: str, credential: Mapping[str, Json]
    ) -> bytes | None:
        """Use up the challenge that a credential answers; None if it was not given to this browser."""
        match credential:
            case {"response": {"clientDataJSON": str(text)}}:
                try:
                    challenge = parse_client_data_json(base64url_to_bytes(text)).challenge
                except UNREADABLE:
                    return None
                state = bytes_to_base64url(challenge)
                taken = await self._handshakes.take(kind, browser, state)
                return None if taken is None else challenge
        return None

    async def _verify(
        self, browser: str, credential: dict[str, Any], *, owner: int | None
    ) -> int | None:
        """Return whose passkey has signed a challenge of this browser; None if none has."""
        challenge = await self._challenge(USED, browser, credential)
        passkey_id = credential.get("id")
        if challenge is None or not isinstance(passkey_id, str):
            return None
        if not passkey_id.isascii() or not passkey_id.isprintable():  # no database takes it
            return None
        held = await self._find(passkey_id)
        if held is None or owner not in (None, held.account_id):
            return None
        if not _names_owner(credential, held, required=owner is None):
            return None
        try:
            proof = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._site.host,
                expected_origin=self._site.origin,
                credential_public_key=held.public_key,
                credential_current_sign_count=held.sign_count,
                require_user_verification=True,
            )
        except UNREADABLE as error:
            log.info("passkey_refused", account=held.account_id, error=str(error))
            return None
        # Compared once more: of two answers with one count, one comes from a copy of the key.
        unmoved = PasskeyRow.sign_count == held.sign_count
        used = (
            sa.update(PasskeyRow)
            .where(PasskeyRow.id == passkey_id, unmoved)
            .values(sign_count=proof.new_sign_count, used_at=self._now())
        )
        moved = await self._db.write(lambda tx: tx.execute(used).rowcount == 1)
        return held.account_id if moved else None

    async def _find(self, passkey_id: str) -> _Held | None:
        query = (
            sa.select(
                PasskeyRow.account_id,
                AccountRow.handle,
                PasskeyRow.public_key,
                PasskeyRow.sign_count,
            )
            .join(AccountRow, AccountRow.id == PasskeyRow.account_id)
            .where(PasskeyRow.id == passkey_id)
        )
        row = await self._db.read(lambda tx: tx.execute(query).one_or_none())
        return None if row is None else _Held(*row)


def _descriptor(passkey_id: str) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey_id))


def _names_owner(credential: Mapping[str, Any], held: _Held, *, required: bool) -> bool:
    """Return whether the account that the device names is the passkey's.

    Who signs in without a name must be named by the device; otherwise it may say nothing.
    """
    match credential:
        case {"response": {"userHandle": str(handle)}}:
            return handle.rstrip("=") == bytes_to_base64url(held.handle)
    return not required
