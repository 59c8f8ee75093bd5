"""Bearer tokens: one algorithm, one kind, one reader; and they die with their session."""

import base64
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from gatherum.accounts.authenticator import Credentials
from gatherum.accounts.model import Caller, Proof, Role, Scope
from gatherum.accounts.tokens import Tokens
from gatherum.errors import NotSignedIn
from gatherum.safety.vault import Vault
from tests.accounts.conftest import HERE, PASSWORD, House

KEY = bytes(32)
HEADER = {"alg": "HS256", "typ": "at+jwt"}


async def enter(house: House) -> Caller:
    await house.account()
    entered = await house.signing_in.by_password("ada", PASSWORD, HERE)
    return await house.caller(entered.token)


async def who(house: House, token: str) -> Caller:
    return await house.authenticator.identify(Credentials(bearer=token))


async def is_let_in(house: House, token: str) -> bool:
    try:
        await who(house, token)
    except NotSignedIn:
        return False
    return True


def claims_of(caller: Caller, now: float) -> dict[str, Any]:
    return {
        "iss": "gatherum",
        "aud": "gatherum:api",
        "sub": str(caller.account.id),
        "sid": caller.via,
        "jti": "x",
        "iat": int(now),
        "exp": int(now) + 600,
    }


def forge(claims: dict[str, Any], header: dict[str, Any] | None = None, key: bytes = KEY) -> str:
    header = {**HEADER, **(header or {})}
    return jwt.encode(header, claims, OctKey.import_key(key), algorithms=[header["alg"]])


async def test_a_token_is_its_session_without_sudo_mode(house: House) -> None:
    caller = await enter(house)

    token, until = house.tokens.make(caller.account.id, caller.via, scopes=None)

    found = await who(house, token)
    assert until == house.time + 600
    assert (found.proof, found.via, found.account) == (Proof.TOKEN, caller.via, caller.account)
    assert (found.scopes, found.sudo_until) == (caller.scopes, 0)
    assert await who(house, forge(claims_of(caller, house.time))) == found  # as the others below


async def test_a_token_may_be_narrower_than_its_account_and_is_never_wider(house: House) -> None:
    caller = await enter(house)
    await house.account("boss")
    scopes = {Scope.LIBRARY_READ, Scope.PURGE}
    token, _ = house.tokens.make(caller.account.id, caller.via, scopes=scopes)
    assert (await who(house, token)).scopes == scopes

    await house.accounts.change(caller.account.id, role=Role.VIEWER)

    assert (await who(house, token)).scopes == {Scope.LIBRARY_READ}


async def test_a_token_ends_after_ten_minutes_and_with_its_session(house: House) -> None:
    caller = await enter(house)
    token, _ = house.tokens.make(caller.account.id, caller.via, scopes=None)
    house.time += 599
    assert await who(house, token)
    house.time += 1
    with pytest.raises(NotSignedIn):
        await who(house, token)

    fresh, _ = house.tokens.make(caller.account.id, caller.via, scopes=None)
    assert await who(house, fresh)
    await house.sessions.revoke(caller.account.id, caller.via)
    with pytest.raises(NotSignedIn):
        await who(house, fresh)


async def test_what_we_forge_here_would_hold_if_its_key_were_ours(house: House) -> None:
    caller = await enter(house)

    token = _signed_by_hand(claims_of(caller, house.time), KEY)

    assert (await who(house, token)).via == caller.via


async def test_a_token_that_is_confused_about_anything_is_refused(house: House) -> None:
    caller = await enter(house)
    good = claims_of(caller, house.time)
    pending = await house.sessions.begin(caller.account.id, HERE, methods="password", full=False)
    waiting = await house.sessions.find(pending, full=False)
    other = await house.account("eve")
    assert waiting is not None
    rsa = RSAKey.generate_key(2048)
    public = rsa.as_pem(private=False)
    wrong = {
        "another key": forge(good, key=b"1" * 32),
        "the empty key": _signed_by_nothing(good, "HS256"),
        "no algorithm": _signed_by_nothing(good, "none"),
        "no algorithm, in capitals": _signed_by_nothing(good, "NONE"),
        "another hash": forge(good, {"alg": "HS512"}),
        "a key pair": jwt.encode({**HEADER, "alg": "RS256"}, good, rsa, algorithms=["RS256"]),
        "a public key as secret": _signed_by_hand(good, public),
        "another type": forge(good, {"typ": "JWT"}),
        "no type": jwt.encode({"alg": "HS256"}, good, OctKey.import_key(KEY)),
        "another issuer": forge({**good, "iss": "https://evil.example"}),
        "another audience": forge({**good, "aud": "somebody else"}),
        "expired": forge({**good, "exp": int(house.time)}),
        "from the future": forge({**good, "iat": int(house.time) + 60}),
        "not yet": forge({**good, "nbf": int(house.time) + 60}),
        "of another account": forge({**good, "sub": str(other.id)}),
        "of no account": forge({**good, "sub": "admin"}),
        "of no session": forge({**good, "sid": "0" * 16}),
        "of a session that waits": forge({**good, "sid": waiting.id}),
        "of an unknown scope": forge({**good, "scope": "everything"}),
        "of endless life": forge({**good, "exp": "never"}),
        "with its key inside": _signed_by_nothing(good, "HS256", jwk={"kty": "oct", "k": ""}),
        "critical": _signed_by_nothing(good, "HS256", crit=["exp"]),
        **{f"without {name}": forge(_without(good, name)) for name in good},
        "not an object": _dotted(HEADER, ["a list"]),
        "a cookie": pending,
        "long": "x" * 5000,
    }

    assert [kind for kind, token in wrong.items() if await is_let_in(house, token)] == []


@given(st.text(max_size=200) | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_no_text_at_all_is_more_than_refused(text: str) -> None:
    assert Tokens(KEY, lambda: 1.8e9).read(text) is None


def test_each_installation_signs_with_a_key_of_its_own() -> None:
    one, other = Vault({1: b"1" * 32}), Vault({1: b"2" * 32})

    assert one.derive("bearer tokens") == Vault({1: b"1" * 32}).derive("bearer tokens")
    assert one.derive("bearer tokens") != other.derive("bearer tokens")
    assert one.derive("bearer tokens") != one.derive("something else")
    assert one.derive("bearer tokens") != b"1" * 32


def _without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


def _signed_by_nothing(claims: dict[str, Any], algorithm: str, **header: object) -> str:
    return _dotted({**HEADER, "alg": algorithm, **header}, claims)


def _signed_by_hand(claims: dict[str, Any], key: bytes) -> str:
    text = _dotted(HEADER, claims)[:-1]
    made = hmac.digest(key, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def _dotted(*parts: object) -> str:
    coded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    return ".".join(part.rstrip("=") for part in coded) + "."
