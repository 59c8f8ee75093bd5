"""What is asked of an OpenID provider, how often, and what is done with a bad answer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from joserfc.jwk import ECKey

from gatherum.accounts.oidc_provider import DOWN_S, FRESH_S, KEPT_S, OidcProvider, Tokens
from gatherum.accounts.oidc_tokens import Person
from gatherum.errors import (
    Conflict,
    GatherumError,
    InvalidInput,
    NotSignedIn,
    Refused,
    TooLarge,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.safety.outgoing import Outgoing
from gatherum.safety.policy import Policy
from gatherum.settings import OidcSettings
from tests.testsites.oidc.impostor import Impostor

SETTINGS = OidcSettings(client_id="gatherum")


class Clock:
    def __init__(self, time: float) -> None:
        self.time = time

    def __call__(self) -> float:
        return self.time


@pytest.fixture
async def impostor() -> AsyncIterator[Impostor]:
    async with Impostor().running() as impostor:
        yield impostor


@pytest.fixture
def clock(impostor: Impostor) -> Clock:
    return Clock(impostor.time)


@pytest.fixture
def provider(clock: Clock) -> OidcProvider:
    return OidcProvider(Outgoing(Policy.from_names(("127.0.0.1",))), clock)


async def person(provider: OidcProvider, impostor: Impostor) -> Person:
    metadata = await provider.metadata(impostor.issuer)
    impostor.nonce = "nonce"
    tokens = Tokens(id_token=impostor.token(), access_token="access")
    return await provider.person(SETTINGS, metadata, tokens, nonce="nonce")


async def test_metadata_and_keys_are_asked_for_once_an_hour(
    provider: OidcProvider, impostor: Impostor, clock: Clock
) -> None:
    for _ in range(3):
        await person(provider, impostor)
    assert (impostor.asked["metadata"], impostor.asked["keys"]) == (1, 1)

    clock.time += KEPT_S
    impostor.time = clock.time
    await person(provider, impostor)

    assert (impostor.asked["metadata"], impostor.asked["keys"]) == (2, 2)


async def test_a_new_key_is_fetched_and_no_flood_of_them(
    provider: OidcProvider, impostor: Impostor, clock: Clock
) -> None:
    await person(provider, impostor)
    clock.time += FRESH_S
    impostor.key, impostor.kid = ECKey.generate_key("P-256", {"kid": "two"}), "two"
    impostor.published = [impostor.key]

    assert (await person(provider, impostor)).subject == "ada"
    assert impostor.asked["keys"] == 2

    impostor.key, impostor.kid = ECKey.generate_key("P-256", {"kid": "three"}), "three"
    for _ in range(3):
        with pytest.raises(NotSignedIn):
            await person(provider, impostor)
    assert impostor.asked["keys"] == 2


async def test_a_provider_that_is_down_is_not_asked_again_at_once(clock: Clock) -> None:
    provider = OidcProvider(Outgoing(Policy.from_names(("127.0.0.1",))), clock)
    async with Impostor().running() as impostor:
        impostor.status = 503
        for _ in range(3):
            with pytest.raises(Unavailable, match="cannot be reached") as caught:
                await provider.metadata(impostor.issuer)
        assert (impostor.asked["metadata"], caught.value.retry_after) == (1, DOWN_S)

        clock.time += DOWN_S
        impostor.status = 200

        assert (await provider.metadata(impostor.issuer)).issuer == impostor.issuer


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"status": 404}, UnexpectedResponse),
        ({"moved": "http://127.0.0.1:1/"}, UnexpectedResponse),
        ({"padding": 1_000_000}, TooLarge),
        ({"metadata": {"issuer": "https://id.example"}}, UnexpectedResponse),
        ({"metadata": {"token_endpoint": None}}, UnexpectedResponse),
        ({"metadata": {"token_endpoint": "http://id.example/token"}}, Conflict),
        ({"metadata": {"jwks_uri": "file:///etc/passwd"}}, Conflict),
        ({"metadata": {"authorization_endpoint": "javascript:alert(1)"}}, Conflict),
        ({"metadata": {"authorization_endpoint": "https://id.example/\r\nA: b"}}, InvalidInput),
        ({"metadata": {"authorization_endpoint": "https://id.example/\u20ac"}}, InvalidInput),
    ],
    ids=str,
)
async def test_a_provider_that_does_not_describe_itself_well_is_not_used(
    provider: OidcProvider, impostor: Impostor, change: dict[str, Any], error: type[GatherumError]
) -> None:
    for name, value in change.items():
        setattr(impostor, name, value)

    with pytest.raises(error):
        await provider.metadata(impostor.issuer)


@pytest.mark.parametrize("issuer", ["http://id.example", "file:///etc/passwd", "id.example", ""])
async def test_a_provider_is_asked_by_https_alone(provider: OidcProvider, issuer: str) -> None:
    with pytest.raises(Conflict):
        await provider.metadata(issuer)


async def test_a_provider_leads_us_to_no_private_address(
    provider: OidcProvider, impostor: Impostor
) -> None:
    private = impostor.issuer.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(Refused):
        await provider.metadata(private)
    impostor.metadata = {
        "jwks_uri": f"{private}/jwks",
        "token_endpoint": f"{private}/token",
        "userinfo_endpoint": f"{private}/userinfo",
    }
    metadata = await provider.metadata(impostor.issuer)

    with pytest.raises(Refused):
        await provider.exchange(
            SETTINGS, metadata, code="x", verifier="x", redirect_uri="https://x.example"
        )
    with pytest.raises(Refused):
        await person(provider, impostor)
    with pytest.raises(Refused):
        await provider.person(
            SETTINGS,
            metadata.model_copy(update={"jwks_uri": f"{impostor.issuer}/jwks"}),
            Tokens(id_token=impostor.token(), access_token="access"),
            nonce="nonce",
        )


@pytest.mark.parametrize(
    ("methods", "secret", "sent"),
    [
        (["client_secret_basic", "client_secret_post"], "a+b/c", (True, False, False)),
        (["client_secret_post"], "a+b/c", (False, True, True)),
        (None, "a+b/c", (True, False, False)),
        (["client_secret_basic"], "", (False, True, False)),
    ],
    ids=str,
)
async def test_the_secret_is_sent_as_the_provider_wants_it(
    provider: OidcProvider, impostor: Impostor, methods: object, secret: str, sent: object
) -> None:
    if methods is not None:
        impostor.metadata = {"token_endpoint_auth_methods_supported": methods}
    settings = OidcSettings.model_validate({"client_id": "gatherum", "client_secret": secret})
    metadata = await provider.metadata(impostor.issuer)

    await provider.exchange(
        settings, metadata, code="x", verifier="v", redirect_uri="https://x.example"
    )

    found = (
        impostor.authorization == "Basic Z2F0aGVydW06YSUyQmIlMkZj",
        impostor.form.get("client_id") == "gatherum",
        impostor.form.get("client_secret") == "a+b/c",
    )
    assert found == sent
    assert impostor.form["code_verifier"] == "v"
