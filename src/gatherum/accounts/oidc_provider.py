"""What we ask of an OpenID provider: its metadata, its keys, the tokens for a code, the claims."""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import structlog
from joserfc.jwk import KeySet
from pydantic import BaseModel, Field, ValidationError

from gatherum.accounts.oidc_tokens import NotBelieved, Person, UnknownKey, read_id_token, read_keys
from gatherum.errors import (
    Conflict,
    InvalidInput,
    NotSignedIn,
    SourceError,
    Unavailable,
    UnexpectedResponse,
    Unreadable,
)
from gatherum.ports import Json
from gatherum.safety import foreign
from gatherum.safety.outgoing import Answer, Outgoing
from gatherum.settings import OidcSettings, is_loopback

log = structlog.get_logger()

KEPT_S: Final = 3600.0
DOWN_S: Final = 15.0  # after a failure nobody waits for the next one
FRESH_S: Final = 60.0  # keys are not asked for again sooner, whatever a token says
AGAIN = "The sign-in provider's answer does not hold: begin again."


class Metadata(BaseModel):
    """What a provider says of itself (OpenID Connect Discovery)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    names_itself: bool = Field(
        default=False, validation_alias="authorization_response_iss_parameter_supported"
    )


class Tokens(BaseModel):
    """What a code is exchanged for."""

    id_token: str
    access_token: str = ""


class OidcProvider:
    """One provider at a time. What it says of itself is kept for an hour, that it is down for 15 s."""

    def __init__(self, outgoing: Outgoing, now: Callable[[], float]) -> None:
        self._outgoing = outgoing
        self._now = now
        self._metadata: dict[str, tuple[float, Metadata]] = {}
        self._keys: dict[str, tuple[float, KeySet]] = {}
        self._down: dict[str, tuple[float, SourceError]] = {}

    async def metadata(self, issuer: str) -> Metadata:
        """Return what an issuer says of itself; raises a `SourceError` if it cannot be had."""
        kept = self._metadata.get(issuer)
        if kept is not None and self._now() < kept[0] + KEPT_S:
            return kept[1]
        check_address(issuer)
        url = issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = await self._get(issuer, url)
        try:
            found = Metadata.model_validate(document)
        except ValidationError as error:
            raise UnexpectedResponse("The address is not that of an OpenID provider.") from error
        if found.issuer.rstrip("/") != issuer.rstrip("/"):
            raise UnexpectedResponse("The OpenID provider calls itself by another address.")
        for endpoint in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            check_address(endpoint)
        self._metadata = {issuer: (self._now(), found)}
        return found

    async def exchange(
        self,
        settings: OidcSettings,
        metadata: Metadata,
        *,
        code: str,
        verifier: str,
        redirect_uri: str,
    ) -> Tokens:
        """Return the tokens for a code; `NotSignedIn` if the provider does not accept it."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        secret = settings.client_secret.get_secret_value()
        methods = metadata.token_endpoint_auth_methods_supported
        if secret and ("client_secret_basic" in methods or "client_secret_post" not in methods):
            pair = f"{quote_plus(settings.client_id)}:{quote_plus(secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = settings.client_id
            if secret:
                form["client_secret"] = secret
        answer = await self._outgoing.post(metadata.token_endpoint, form=form, headers=headers)
        if 400 <= answer.status < 500:
            log.warning("oidc_code_refused", status=answer.status, error=_error_of(answer))
            raise NotSignedIn("The sign-in provider does not accept this: begin again.")
        try:
            return Tokens.model_validate(_document(answer))
        except ValidationError as error:
            raise UnexpectedResponse("The OpenID provider answers without an ID token.") from error

    async def person(
        self, settings: OidcSettings, metadata: Metadata, tokens: Tokens, *, nonce: str
    ) -> Person:
        """Return whom the tokens name; `NotSignedIn` if they do not hold."""
        try:
            try:
                person = self._read(
                    tokens, await self._keys_of(metadata, KEPT_S), settings, metadata, nonce
                )
            except UnknownKey:  # the provider has new ones
                person = self._read(
                    tokens, await self._keys_of(metadata, FRESH_S), settings, metadata, nonce
                )
        except NotBelieved as error:
            log.warning("oidc_token_refused", error=str(error))
            raise NotSignedIn(AGAIN) from error
        if metadata.userinfo_endpoint is None or not tokens.access_token:
            return person
        return Person(
            issuer=person.issuer,
            subject=person.subject,
            claims={**await self._more(metadata, tokens, person), **person.claims},
        )

    def _read(
        self, tokens: Tokens, keys: KeySet, settings: OidcSettings, metadata: Metadata, nonce: str
    ) -> Person:
        return read_id_token(
            tokens.id_token,
            keys,
            issuer=metadata.issuer,
            client_id=settings.client_id,
            nonce=nonce,
            now=self._now,
        )

    async def _more(self, metadata: Metadata, tokens: Tokens, person: Person) -> Mapping[str, Json]:
        """Return the claims that the provider tells elsewhere: many keep groups out of the token."""
        assert metadata.userinfo_endpoint is not None  # noqa: S101 - its caller has seen it
        check_address(metadata.userinfo_endpoint)
        headers = {"Authorization": f"Bearer {tokens.access_token}", "Accept": "application/json"}
        answer = await self._outgoing.get(metadata.userinfo_endpoint, headers=headers)
        told = _document(answer)
        if told.get("sub") != person.subject:
            log.warning("oidc_userinfo_refused")
            raise NotSignedIn(AGAIN)
        return told

    async def _keys_of(self, metadata: Metadata, most_s: float) -> KeySet:
        kept = self._keys.get(metadata.jwks_uri)
        if kept is not None and self._now() < kept[0] + most_s:
            return kept[1]
        keys = read_keys(await self._get(metadata.issuer, metadata.jwks_uri))
        self._keys = {metadata.jwks_uri: (self._now(), keys)}
        return keys

    async def _get(self, issuer: str, url: str) -> Mapping[str, Any]:
        until, fault = self._down.get(issuer, (0.0, None))
        if fault is not None and self._now() < until:
            raise _again(fault, until - self._now())
        try:
            return _document(await self._outgoing.get(url, headers={"Accept": "application/json"}))
        except SourceError as error:  # whatever it is, no stranger makes us ask again at once
            self._down = {issuer: (self._now() + DOWN_S, error)}
            raise _again(error, DOWN_S) from error


def _again(fault: SourceError, seconds: float) -> SourceError:
    """Return a fault of the provider as it is told to somebody who signs in."""
    if isinstance(fault, Unavailable):
        words = f"The sign-in provider cannot be reached. {fault}"
        return Unavailable(words, retry_after=seconds)
    return type(fault)(str(fault))


def check_address(url: str) -> None:
    """Raise `Conflict` unless an address of the provider may be used: https, or http on loopback."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise InvalidInput("The OpenID provider's address cannot be read.") from error
    # One is sent on as a header, where a line break, which the parser passes over, begins another.
    if not url.isascii() or not url.isprintable() or " " in url:
        raise InvalidInput("The OpenID provider's address cannot be read.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise Conflict("An OpenID provider must be reached by https.")


def _document(answer: Answer) -> Mapping[str, Any]:
    if answer.status >= 500:
        raise Unavailable(f"The OpenID provider has a fault of its own (HTTP {answer.status}).")
    if answer.status != 200:
        raise UnexpectedResponse(f"The OpenID provider answers with HTTP {answer.status}.")
    try:
        document = foreign.value(answer.body)
    except (ValueError, Unreadable) as error:
        raise UnexpectedResponse("The OpenID provider answers with something else.") from error
    if not isinstance(document, dict):
        raise UnexpectedResponse("The OpenID provider answers with something else.")
    return document


def _error_of(answer: Answer) -> str:
    """Return the provider's own short word for what is wrong, for the log."""
    try:
        told = foreign.value(answer.body)
    except (ValueError, Unreadable):
        return ""
    return str(told.get("error", ""))[:100] if isinstance(told, dict) else ""
