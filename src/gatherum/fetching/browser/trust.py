"""Whom a browser trusts besides those that it trusts by itself."""

import base64
import contextlib
import hashlib
import re
import warnings
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.utils import CryptographyDeprecationWarning

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def pins(bundle: Path) -> tuple[str, ...]:
    """Return the pins (SPKI, SHA-256) of the authorities in a bundle that are not public ones.

    A chain that holds a pinned certificate is not looked at any further, so a public authority must
    never be among them.
    """
    public = _pins(Path(certifi.where()))
    return tuple(sorted(_pins(bundle) - public))


def _pins(path: Path) -> set[str]:
    found = set()
    for pem in _PEM.findall(path.read_bytes()):
        # Some public ones are old, and not written as one would write them today.
        with warnings.catch_warnings(), contextlib.suppress(ValueError):
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            key = x509.load_pem_x509_certificate(pem).public_key()
            written = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            found.add(base64.b64encode(hashlib.sha256(written).digest()).decode())
    return found
