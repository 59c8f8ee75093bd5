"""Who may do what here: accounts, and all that proves who somebody is."""

from dataclasses import dataclass
from functools import partial

from gatherum.accounts.admission import Admission
from gatherum.accounts.audit import Audit
from gatherum.accounts.authenticator import Authenticator
from gatherum.accounts.directory import Accounts
from gatherum.accounts.handshakes import Handshakes
from gatherum.accounts.invitations import Invitations
from gatherum.accounts.keys import ApiKeys
from gatherum.accounts.oidc import OpenId
from gatherum.accounts.oidc_identities import Identities
from gatherum.accounts.oidc_provider import OidcProvider
from gatherum.accounts.passwords import Passwords
from gatherum.accounts.recent import Recent
from gatherum.accounts.relying import RelyingParty
from gatherum.accounts.secondfactor import Factors
from gatherum.accounts.secondfactor.changes import FactorChanges
from gatherum.accounts.secondfactor.duo import Duo
from gatherum.accounts.secondfactor.passkey import Passkeys
from gatherum.accounts.secondfactor.recovery import RecoveryCodes
from gatherum.accounts.secondfactor.totp import Totp
from gatherum.accounts.sessions import Sessions
from gatherum.accounts.signing_in import SigningIn
from gatherum.accounts.throttle import Throttle
from gatherum.accounts.tokens import PURPOSE as BEARER_TOKENS
from gatherum.accounts.tokens import Tokens
from gatherum.app.core import App
from gatherum.safety.outgoing import Outgoing
from gatherum.safety.policy import Policy
from gatherum.settings import (
    SecuritySettings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """What tells who somebody is, and what they may do."""

    accounts: Accounts
    sessions: Sessions
    recent: Recent
    api_keys: ApiKeys
    tokens: Tokens
    passwords: Passwords
    throttle: Throttle
    audit: Audit
    invitations: Invitations
    admission: Admission
    relying: RelyingParty
    totp: Totp
    passkeys: Passkeys
    duo: Duo
    recovery_codes: RecoveryCodes
    factors: Factors
    identities: Identities
    openid: OpenId
    signing_in: SigningIn
    authenticator: Authenticator


def make_people(app: App) -> People:
    """Build it all over an opened program."""
    rules = partial(app.preferences.get, SecuritySettings)
    recent = Recent(app.clock.now)
    accounts = Accounts(app.database, app.clock.now, recent)
    sessions = Sessions(app.database, app.clock.now, rules=rules, recent=recent)
    api_keys = ApiKeys(app.database, app.clock.now, recent)
    tokens = Tokens(app.vault.derive(BEARER_TOKENS), app.clock.now)
    passwords = Passwords()
    throttle = Throttle(app.database, app.clock.now)
    audit = Audit(app.database, app.clock.now)
    invitations = Invitations(app.database, app.clock.now, recent)
    relying = RelyingParty()
    handshakes = Handshakes(app.database, app.vault, app.clock.now)
    outgoing = Outgoing(
        Policy.from_names(app.settings.network_allow),
        proxy=app.settings.network_proxy,
        ca_bundle=app.settings.network_ca_bundle,
    )
    changes = FactorChanges(app.database, audit=audit, recent=recent)
    totp = Totp(app.database, vault=app.vault, changes=changes, now=app.clock.now)
    passkeys = Passkeys(
        app.database, handshakes=handshakes, site=relying, changes=changes, now=app.clock.now
    )
    duo = Duo(
        app.database,
        handshakes=handshakes,
        site=relying,
        changes=changes,
        outgoing=outgoing,
        preferences=app.preferences,
        now=app.clock.now,
    )
    recovery_codes = RecoveryCodes(app.database, changes=changes)
    identities = Identities(app.database, changes=changes, audit=audit, now=app.clock.now)
    factors: Factors = {one.name: one for one in (totp, passkeys, duo, recovery_codes)}
    return People(
        accounts=accounts,
        sessions=sessions,
        recent=recent,
        api_keys=api_keys,
        tokens=tokens,
        passwords=passwords,
        throttle=throttle,
        audit=audit,
        invitations=invitations,
        admission=Admission(
            accounts=accounts,
            invitations=invitations,
            passwords=passwords,
            audit=audit,
        ),
        relying=relying,
        totp=totp,
        passkeys=passkeys,
        duo=duo,
        recovery_codes=recovery_codes,
        factors=factors,
        identities=identities,
        openid=OpenId(
            provider=OidcProvider(outgoing, app.clock.now),
            handshakes=handshakes,
            identities=identities,
            accounts=accounts,
            audit=audit,
            site=relying,
            preferences=app.preferences,
            now=app.clock.now,
        ),
        signing_in=SigningIn(
            accounts=accounts,
            sessions=sessions,
            passwords=passwords,
            throttle=throttle,
            audit=audit,
            factors=factors,
            sleep=app.clock.sleep,
        ),
        authenticator=Authenticator(
            sessions,
            keys=api_keys,
            tokens=tokens,
            factors=factors,
            rules=rules,
            recent=recent,
            now=app.clock.now,
        ),
    )
