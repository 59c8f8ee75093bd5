"""ID tokens: what must hold before a single word of one is believed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey, import_key

from gatherum.ports import Json

# Asymmetric ones only: a secret that both sides know would let a leak of ours sign people in.
ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
LEEWAY_S: Final = 60
LONGEST: Final = 255  # of a subject, by the specification


class NotBelieved(Exception):
    """A token that does not hold; the text says why, for the log alone."""


class UnknownKey(NotBelieved):
    """A token that was signed with a key which was not among the provider's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom a provider has let in: known by `(issuer, subject)`, and by nothing else."""

    issuer: str
    subject: str
    claims: Mapping[str, Json]


def read_keys(document: Mapping[str, Any]) -> KeySet:
    """Return the keys of a provider that can check a signature; what is no such key is left out."""
    keys: list[RSAKey | ECKey | OKPKey] = []
    told = document.get("keys")
    for each in told if isinstance(told, list) else ():
        try:
            key = import_key(each)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey):
            keys.append(key)
    return KeySet([*keys])


def read_id_token(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    now: Callable[[], float],
) -> Person:
    """Return whom an ID token names. Raises `NotBelieved`, `UnknownKey` where newer keys may help."""
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            now=int(now()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except InvalidKeyIdError as error:
        raise UnknownKey(str(error)) from error
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotBelieved(str(error)) from error
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    party = claims.get("azp")
    if (len(audiences) > 1 and party is None) or party not in (None, client_id):
        raise NotBelieved("The token was made for another party.")
    # A list of nonces would have matched above, as a list of audiences may.
    if claims["nonce"] != nonce or claims["iss"] != issuer or len(claims["sub"]) > LONGEST:
        raise NotBelieved("The token's claims are not of the form they must have.")
    return Person(issuer=issuer, subject=claims["sub"], claims=claims)
