"""ID tokens that lie."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from gatherum.accounts.oidc import check_after
from gatherum.accounts.oidc_tokens import NotBelieved, Person, UnknownKey, read_id_token, read_keys
from gatherum.errors import InvalidInput
from tests.testsites.oidc.impostor import Impostor

ISSUER, CLIENT, NONCE, SECRET = "https://id.example", "gatherum", "n" * 43, "s" * 64
NOW = 1_800_000_000.0
LATER, BEFORE = NOW + 61, NOW - 61
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
LIES: dict[str, dict[str, Any]] = {
    "no signature": {"alg": "none"},
    "a key of nobody": {"key": ECKey.generate_key("P-256")},
    "another algorithm": {"key": RSA, "alg": "RS256"},
    "a secret in place of a key": {"key": OctKey.import_key(SECRET), "alg": "HS256"},
    "for another party": {"claims": {"aud": "another"}},
    "for nobody": {"claims": {"aud": None}},
    "for several, and no word for whom": {"claims": {"aud": [CLIENT, "another"]}},
    "for several, given to another": {"claims": {"aud": [CLIENT, "b"], "azp": "b"}},
    "for us, given to another": {"claims": {"azp": "another"}},
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "several nonces": {"claims": {"nonce": [NONCE, "another"]}},
    "another issuer": {"claims": {"iss": "https://id.example.org"}},
    "the issuer with a slash": {"claims": {"iss": f"{ISSUER}/"}},
    "several issuers": {"claims": {"iss": [ISSUER]}},
    "no issuer": {"claims": {"iss": None}},
    "it has ended": {"claims": {"exp": BEFORE}},
    "it does not end": {"claims": {"exp": None}},
    "its end is no time": {"claims": {"exp": "never"}},
    "its end is no number": {"claims": {"exp": float("nan")}},
    "from the future": {"claims": {"iat": LATER}},
    "from no time": {"claims": {"iat": None}},
    "not yet": {"claims": {"nbf": LATER}},
    "nobody": {"claims": {"sub": None}},
    "an empty subject": {"claims": {"sub": ""}},
    "a number as subject": {"claims": {"sub": 7}},
    "an endless subject": {"claims": {"sub": "x" * 256}},
}


@pytest.fixture
def impostor() -> Impostor:
    impostor = Impostor()
    impostor.issuer, impostor.nonce, impostor.time = ISSUER, NONCE, NOW
    return impostor


def read(impostor: Impostor, token: str = "") -> Person:
    published = [key.as_dict(private=False) for key in impostor.published]
    return read_id_token(
        token or impostor.token(),
        read_keys({"keys": published}),
        issuer=ISSUER,
        client_id=CLIENT,
        nonce=NONCE,
        now=lambda: NOW,
    )


def test_an_honest_token_names_somebody(impostor: Impostor) -> None:
    impostor.claims = {"groups": ["ops"]}

    person = read(impostor)

    assert (person.issuer, person.subject, person.claims["groups"]) == (ISSUER, "ada", ["ops"])


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "another"], "azp": CLIENT},
        {"exp": NOW - 59},
        {"iat": NOW + 59},
        {"sub": "x" * 255},
    ],
    ids=str,
)
def test_what_is_unusual_and_allowed_is_believed(impostor: Impostor, claims: Any) -> None:
    impostor.claims = claims

    assert read(impostor).issuer == ISSUER


@pytest.mark.parametrize("lie", LIES, ids=lambda name: name.replace(" ", "-"))
def test_a_token_that_does_not_hold_names_nobody(impostor: Impostor, lie: str) -> None:
    for name, value in LIES[lie].items():
        setattr(impostor, name, value)

    with pytest.raises(NotBelieved):
        read(impostor)


def test_a_key_that_is_not_known_may_be_a_new_one(impostor: Impostor) -> None:
    impostor.key, impostor.kid = ECKey.generate_key("P-256"), "two"

    with pytest.raises(UnknownKey):
        read(impostor)


def test_a_token_without_a_key_id_is_read_where_there_is_one_key(impostor: Impostor) -> None:
    impostor.kid = None
    assert read(impostor).subject == "ada"

    impostor.published = [impostor.key, RSA]

    with pytest.raises(NotBelieved):
        read(impostor)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "{}", "\ud800", "e30.e30.", "x" * 10_000]
)
def test_what_is_no_token_names_nobody(impostor: Impostor, token: str) -> None:
    with pytest.raises(NotBelieved):
        read(impostor, token or " ")


def test_keys_that_cannot_check_a_signature_are_left_out(impostor: Impostor) -> None:
    good = impostor.key.as_dict(private=False)
    shared = OctKey.import_key(SECRET).as_dict(private=True)

    keys = read_keys({"keys": [7, {}, {"kty": "strange"}, {"kty": "EC"}, shared, good]})

    assert [key.kid for key in keys] == ["one"]
    assert list(read_keys({"keys": "none"})) == []


@pytest.mark.parametrize("path", ["/", "/library?kind=image#top", "/a//b", "/%2F%2Fevil"])
def test_a_page_of_ours_may_come_next(path: str) -> None:
    assert check_after(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *(
            "//evil",
            "///evil",
            "/\\evil",
            "\\\\evil",
            "https://evil",
            "evil",
            "/a\\b",
            "javascript:x",
        ),
        *(
            "/\t/evil",
            "/\n/evil",
            "/ /evil",
            " /evil",
            "/ö",
            "/\r\nSet-Cookie: a=b",
            "/" + "x" * 500,
        ),
    ],
)
def test_no_other_page_comes_next(path: str) -> None:
    with pytest.raises(InvalidInput):
        check_after(path)
