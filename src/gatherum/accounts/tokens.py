"""Short-lived bearer tokens: JWTs for programs that sign in as a person and cannot keep a cookie."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from gatherum.accounts.model import Scope

LIFE_S: Final = 600
ALGORITHM: Final = "HS256"  # the only one: what a token says of its algorithm is not asked
TYPE: Final = "at+jwt"
ISSUER: Final = "gatherum"
AUDIENCE: Final = "gatherum:api"
LONGEST: Final = 4096
PURPOSE: Final = "bearer tokens"  # what the key is derived for


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says, and we have signed. The session is asked for at every use."""

    account_id: int
    session_id: str
    scopes: frozenset[Scope] | None  # None: all that the account may do
    expires_at: float


class Tokens:
    """Makes and reads tokens. One is bound to a session, and dies with it."""

    def __init__(self, key: bytes, now: Callable[[], float]) -> None:
        self._key = OctKey.import_key(key)
        self._now = now

    def make(
        self, account_id: int, session_id: str, *, scopes: Collection[Scope] | None
    ) -> tuple[str, float]:
        """Return a token for a session, and until when it holds."""
        now = int(self._now())
        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(account_id),
            "sid": session_id,
            "jti": f"{session_id}.{secrets.token_hex(8)}",
            "iat": now,
            "exp": now + LIFE_S,
        }
        if scopes is not None:
            claims["scope"] = " ".join(sorted(scopes))
        header = {"alg": ALGORITHM, "typ": TYPE}
        token = jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
        return token, float(now + LIFE_S)

    def read(self, text: str) -> Claims | None:
        """Return what a token of ours says; None if it is not ours, or is out of date."""
        if len(text) > LONGEST or not text.isascii():
            return None
        try:
            token = jwt.decode(text, self._key, algorithms=[ALGORITHM])
            self._rules().validate(token.claims)
            return _claims(token.claims) if token.header.get("typ") == TYPE else None
        except (JoseError, ValueError, KeyError, TypeError):
            return None

    def _rules(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=lambda: int(self._now()),
            leeway=0,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            sid={"essential": True},
            jti={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
        )


def _claims(claims: dict[str, object]) -> Claims:
    scope = claims.get("scope")
    return Claims(
        account_id=int(str(claims["sub"])),
        session_id=str(claims["sid"]),
        scopes=None if scope is None else frozenset(Scope(one) for one in str(scope).split()),
        expires_at=float(str(claims["exp"])),
    )
