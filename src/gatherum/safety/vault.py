"""Secrets at rest: sealed with AES-256-GCM, each bound to the very place where it is kept."""

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gatherum.errors import InvalidInput, StorageError

log = structlog.get_logger()

KEY_SIZE: Final = 32
_NONCE_SIZE: Final = 12
_FIRST: Final = 1  # the version of a key that stands alone


class Unsealable(StorageError):
    """A sealed secret that this vault cannot open."""


class Vault:
    """Seals text. What is sealed for one place (`table:row:column`) opens at no other.

    Sealed bytes begin with the version of their key, so that old ones open after a new key came.
    """

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        if not keys or any(len(key) != KEY_SIZE for key in keys.values()):
            raise InvalidInput(f"A key is {KEY_SIZE} bytes long.")
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}
        self._newest = max(keys)
        self._root = keys[self._newest]

    @classmethod
    def from_file(cls, path: Path) -> "Vault":
        """Open the vault of a key file; it is made, with a new key, if there is none."""
        if not path.exists():
            _make_key_file(path)
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(fd, encoding="ascii", errors="replace") as file:
            if os.fstat(fd).st_mode & 0o077:
                os.fchmod(fd, 0o600)
                log.warning("the key file could be read by others: its mode is now 0600")
            lines = [line.split() for line in file]
        try:
            return cls({int(version): bytes.fromhex(key) for version, key in lines})
        except (ValueError, InvalidInput) as error:
            raise InvalidInput("The key file is damaged: put it back from a backup.") from error

    @classmethod
    def from_secret(cls, secret: bytes) -> "Vault":
        """Open the vault of a key that was handed in: 32 bytes, raw, in hex or in base64."""
        return cls({_FIRST: _decode(secret)})

    def derive(self, purpose: str) -> bytes:
        """Return a key of 32 bytes for one purpose; it changes when a new key comes."""
        made = HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=purpose.encode())
        return made.derive(self._root)

    def seal(self, text: str, where: str) -> bytes:
        """Return `text` sealed for one place."""
        head = bytes([self._newest])
        nonce = secrets.token_bytes(_NONCE_SIZE)
        cipher = self._ciphers[self._newest]
        return head + nonce + cipher.encrypt(nonce, text.encode(), head + where.encode())

    def open(self, sealed: bytes, where: str) -> str:
        """Return the text that was sealed for this place; `Unsealable` if anything was changed."""
        head, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE_SIZE], sealed[1 + _NONCE_SIZE :]
        cipher = self._ciphers.get(head[0]) if head else None
        if cipher is None:
            raise Unsealable("The secret was sealed with a key that is not here.")
        try:
            return cipher.decrypt(nonce, rest, head + where.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unsealable(
                "The secret cannot be opened: it was changed, moved, or sealed with another key."
            ) from error


def _decode(secret: bytes) -> bytes:
    if len(secret) == KEY_SIZE:
        return secret
    text = secret.strip()
    for decode in (binascii.unhexlify, lambda data: base64.b64decode(data, validate=True)):
        with suppress(ValueError):
            key = decode(text)
            if len(key) == KEY_SIZE:
                return key
    raise InvalidInput("The key must be 32 bytes: raw, in hexadecimal or in base64.")


def _make_key_file(path: Path) -> None:
    """Write a new key beside its place, and link it there: never half a key, never over another."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="ascii") as file:
        file.write(f"{_FIRST} {secrets.token_hex(KEY_SIZE)}\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # another process was first: its key is the one
        os.link(draft, path)
    draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
