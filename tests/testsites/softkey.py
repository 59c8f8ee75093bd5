"""An authenticator in software: as much of CTAP and WebAuthn as to make a passkey and to sign."""

import base64
import hashlib
import json
import os
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
Json = dict[str, Any]


class SoftKey:
    """A device with one passkey. What an honest one would never do is asked for by name."""

    def __init__(self) -> None:
        self.id = os.urandom(16)
        self.count = 0
        self.handle: str | None = None
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: Json, origin: str, *, verified: bool = True, rp: str = "") -> Json:
        """Make the passkey: the answer to `navigator.credentials.create`."""
        point = self._key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        self.handle = options["user"]["id"]
        data = self._data(rp or options["rp"]["id"], ATTESTED | _flags(verified=verified))
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data + attested})
        client = _client("webauthn.create", options["challenge"], origin)
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(made)})

    def get(
        self,
        options: Json,
        origin: str,
        *,
        verified: bool = True,
        rp: str = "",
        count: int | None = None,
        challenge: str = "",
    ) -> Json:
        """Sign a challenge: the answer to `navigator.credentials.get`."""
        self.count = self.count + 1 if count is None else count
        data = self._data(rp or options["rpId"], _flags(verified=verified))
        client = _client("webauthn.get", challenge or options["challenge"], origin)
        signed = data + hashlib.sha256(client).digest()
        return self._answer(
            {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(self._key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": self.handle,
            }
        )

    def _data(self, rp: str, flags: int) -> bytes:
        return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _answer(self, response: Json) -> Json:
        name = text(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}


def text(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _flags(*, verified: bool) -> int:
    return PRESENT | (VERIFIED if verified else 0)


def _client(kind: str, challenge: str, origin: str) -> bytes:
    told = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
    return json.dumps(told).encode()
