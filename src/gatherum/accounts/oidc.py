"""Signing in at an OpenID provider: authorization code, PKCE, state, nonce, and whose account it is."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

import structlog

from gatherum.accounts.audit import Audit, Event
from gatherum.accounts.directory import LONGEST_NAME, Accounts
from gatherum.accounts.handshakes import Handshakes
from gatherum.accounts.model import Caller, Role, Visitor
from gatherum.accounts.oidc_identities import Identities
from gatherum.accounts.oidc_provider import Metadata, OidcProvider
from gatherum.accounts.oidc_tokens import LEEWAY_S, Person
from gatherum.accounts.relying import RelyingParty
from gatherum.accounts.sessions import SUDO_S
from gatherum.db.preferences import Preferences
from gatherum.errors import Conflict, Forbidden, InvalidInput, NotSignedIn
from gatherum.ports import Json
from gatherum.settings import OidcSettings

log = structlog.get_logger()

KIND: Final = "oidc"  # of handshake
CALLBACK: Final = "/api/v1/session/oidc/callback"
STRANGE: Final = "This sign-in was not begun in this browser, or it took too long: begin again."


class Purpose(StrEnum):
    """What somebody goes to the provider for."""

    SIGN_IN = "sign-in"
    LINK = "link"  # one's own account, from the session that asks
    SUDO = "sudo"  # to prove again who one is, in the session that asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What the provider has sent the browser back with."""

    state: str
    code: str = ""
    issuer: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Whose account it is, what they came for, and which page of ours comes next.

    `fresh`: the provider has asked for a proof just now, instead of remembering an older one.
    """

    account_id: int
    purpose: Purpose
    after: str
    fresh: bool


class OpenId:
    """Sends people to the provider, and judges what they come back with."""

    def __init__(
        self,
        *,
        provider: OidcProvider,
        handshakes: Handshakes,
        identities: Identities,
        accounts: Accounts,
        audit: Audit,
        site: RelyingParty,
        preferences: Preferences,
        now: Callable[[], float],
    ) -> None:
        self._now = now
        self._provider = provider
        self._handshakes = handshakes
        self._identities = identities
        self._accounts = accounts
        self._audit = audit
        self._site = site
        self._preferences = preferences

    async def label(self) -> str | None:
        """Return what the button on the sign-in page says; None if it is not offered."""
        settings = await self._preferences.get(OidcSettings)
        return settings.label if settings.enabled else None

    async def begin(self, browser: str, after: str) -> str:
        """Return the provider's address that the browser goes to; it comes back to `after`."""
        return await self._begin(browser, after, Purpose.SIGN_IN, session="")

    async def begin_for(self, caller: Caller, browser: str, after: str, purpose: Purpose) -> str:
        """`begin`, for somebody who is signed in already: to link, or to prove it again."""
        return await self._begin(browser, after, purpose, session=caller.via)

    async def _begin(self, browser: str, after: str, purpose: Purpose, *, session: str) -> str:
        after = check_after(after)
        settings = await self._settings()
        metadata = await self._provider.metadata(settings.issuer)
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        content = {
            "issuer": metadata.issuer,
            "nonce": nonce,
            "verifier": verifier,
            "after": after,
            "purpose": purpose,
            "session": session,
            "begun": str(self._now()),
        }
        challenge = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": self._site.url + CALLBACK,
            "scope": " ".join(dict.fromkeys(["openid", *settings.scopes.split()])),
            "state": await self._handshakes.begin(KIND, browser, content),
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if purpose is Purpose.SUDO:
            query |= {"prompt": "login", "max_age": "0"}
        address = metadata.authorization_endpoint
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    async def finish(
        self, browser: str | None, callback: Callback, visitor: Visitor, caller: Caller | None
    ) -> Arrival:
        """Return whose account it is; raises `NotSignedIn` for what does not hold.

        Raises `Forbidden` if the provider, or the person there, said no.

        `caller` is who is signed in already, for those who came from there.
        """
        try:
            return await self._judge(await self._take(browser, callback), callback, visitor, caller)
        except (NotSignedIn, Forbidden):
            await self._audit.record(Event.SIGN_IN_FAILED, visitor, by=caller or "", method=KIND)
            raise

    async def _judge(
        self,
        content: Mapping[str, str],
        callback: Callback,
        visitor: Visitor,
        caller: Caller | None,
    ) -> Arrival:
        settings = await self._settings()
        metadata = await self._provider.metadata(settings.issuer)
        _check_issuer(metadata, content, callback)
        if callback.error or not callback.code:
            log.info("oidc_refused", error=callback.error[:100])
            raise Forbidden("The sign-in provider has not let you in.")
        tokens = await self._provider.exchange(
            settings,
            metadata,
            code=callback.code,
            verifier=content["verifier"],
            redirect_uri=self._site.url + CALLBACK,
        )
        person = await self._provider.person(settings, metadata, tokens, nonce=content["nonce"])
        purpose = Purpose(content["purpose"])
        if purpose is Purpose.SIGN_IN:
            found = await self._account_of(settings, person, visitor)
        elif caller is None or caller.via != content["session"]:
            raise NotSignedIn(STRANGE)
        elif purpose is Purpose.LINK:
            await self._identities.link(caller, visitor, person.issuer, person.subject)
            found = caller.account.id
        else:
            await self._check_again(person, caller, begun=float(content["begun"]))
            found = caller.account.id
        return Arrival(
            account_id=found,
            purpose=purpose,
            after=content["after"],
            fresh=_proven_at(person) > self._now() - SUDO_S,
        )

    async def _take(self, browser: str | None, callback: Callback) -> Mapping[str, str]:
        content = None
        if browser is not None:
            content = await self._handshakes.take(KIND, browser, callback.state)
        if content is None:
            raise NotSignedIn(STRANGE)
        return content

    async def _settings(self) -> OidcSettings:
        settings = await self._preferences.get(OidcSettings)
        if not (settings.enabled and settings.issuer and settings.client_id):
            raise Conflict("Signing in with OpenID is not set up here.")
        return settings

    async def _check_again(self, person: Person, caller: Caller, *, begun: float) -> None:
        """Raise unless the caller themselves has given the provider a proof since they were asked."""
        found = await self._identities.find(person.issuer, person.subject)
        if found != caller.account.id or _proven_at(person) < begun - LEEWAY_S:
            raise NotSignedIn("The provider has not asked you again, or it was somebody else.")

    async def _account_of(self, settings: OidcSettings, person: Person, visitor: Visitor) -> int:
        """Return the account of somebody: the linked one, one with their verified address, a new one."""
        issuer, subject = person.issuer, person.subject
        found = await self._identities.find(issuer, subject)
        if found is None and settings.link_by_email:
            found = await self._link_by_email(person, visitor)
        if found is None:
            if not settings.make_accounts:
                log.info("oidc_no_account", issuer=issuer, subject=subject)
                raise NotSignedIn("There is no account here for you: ask an administrator.")
            role = role_of(settings, person.claims) or Role(settings.default_role)
            name = _name_of(person)
            return await self._identities.make_account(issuer, subject, name, role, visitor)
        await self._follow_groups(settings, person, found, visitor)
        return found

    async def _link_by_email(self, person: Person, visitor: Visitor) -> int | None:
        match person.claims:
            case {"email": str(email), "email_verified": True}:
                account = await self._accounts.find(email.strip())
            case _:
                return None
        if account is None or account.disabled:
            return None
        await self._identities.link_found(person.issuer, person.subject, account, visitor)
        return await self._identities.find(person.issuer, person.subject)

    async def _follow_groups(
        self, settings: OidcSettings, person: Person, account_id: int, visitor: Visitor
    ) -> None:
        """Give an account that lives at the provider the role that its groups say now."""
        if not (settings.admin_groups.strip() or settings.editor_groups.strip()):
            return
        account = await self._accounts.get(account_id)
        role = role_of(settings, person.claims) or Role(settings.default_role)
        if account.role is role or await self._identities.has_password(account_id):
            return
        try:
            await self._accounts.change(account_id, role=role)
        except Conflict:
            log.warning("oidc_role_kept", account=account_id, reason="the last administrator")
            return
        await self._audit.record(
            Event.ACCOUNT_CHANGED, visitor, by=account, account=account.name, role=role, via=KIND
        )


def check_after(path: str) -> str:
    """Return a path of ours that a browser may be sent to; `InvalidInput` for anything else."""
    path = path or "/"
    # To a browser, // and /\ begin the name of another host, and it drops tabs and newlines.
    if not path.startswith("/") or path[1:2] in ("/", "\\") or "\\" in path or len(path) > 500:
        raise InvalidInput("After signing in, one can only go on to a page of this site.")
    if not path.isascii() or not path.isprintable() or " " in path:
        raise InvalidInput("After signing in, one can only go on to a page of this site.")
    return path


def role_of(settings: OidcSettings, claims: Mapping[str, Json]) -> Role | None:
    """Return the role that somebody's groups give them; None if no group of theirs says."""
    told = claims.get(settings.role_claim)
    given = told if isinstance(told, list) else [told]
    groups = {name for name in given if isinstance(name, str)}
    for role, names in ((Role.ADMIN, settings.admin_groups), (Role.EDITOR, settings.editor_groups)):
        if groups & {name.strip() for name in names.split(",") if name.strip()}:
            return role
    return None


def _check_issuer(metadata: Metadata, content: Mapping[str, str], callback: Callback) -> None:
    """Raise unless the answer comes from the provider that was asked (RFC 9207: no mix-up)."""
    named = callback.issuer or (None if metadata.names_itself else metadata.issuer)
    if content["issuer"] != metadata.issuer or named != metadata.issuer:
        log.warning("oidc_mixed_up")
        raise NotSignedIn("This answer comes from another sign-in provider: begin again.")


def _proven_at(person: Person) -> float:
    """Return when the provider has last asked for a proof; 0 if it does not say."""
    told = person.claims.get("auth_time")
    return float(told) if isinstance(told, int) and not isinstance(told, bool) else 0.0


def _name_of(person: Person) -> str:
    for claim in ("preferred_username", "email", "name", "nickname"):
        told = person.claims.get(claim)
        if isinstance(told, str):
            name = "".join(c for c in told if c.isprintable()).strip()[:LONGEST_NAME].strip()
            if name:
                return name
    return f"openid-{hashlib.sha256(person.subject.encode()).hexdigest()[:12]}"
