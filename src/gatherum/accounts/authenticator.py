"""Who sends a request: the cookie of a browser, an API key, or a bearer token, each in its place."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy.exc import SQLAlchemyError

from gatherum.accounts.keys import PREFIX, ApiKeys
from gatherum.accounts.model import SCOPES, Caller, Proof
from gatherum.accounts.recent import Recent
from gatherum.accounts.secondfactor import Factors
from gatherum.accounts.sessions import Rules, Session, Sessions
from gatherum.accounts.signing_in import due_factors
from gatherum.accounts.tokens import Tokens
from gatherum.errors import NotSignedIn, StorageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a request brings along to say who sends it. Nothing of it comes from a URL."""

    cookie: str | None = None
    bearer: str | None = None
    key: str | None = None


class Authenticator:
    """Turns credentials into a caller. What it cannot ask the database, it does not let in."""

    def __init__(
        self,
        sessions: Sessions,
        *,
        keys: ApiKeys,
        tokens: Tokens,
        factors: Factors,
        rules: Rules,
        recent: Recent,
        now: Callable[[], float],
    ) -> None:
        self._sessions = sessions
        self._keys = keys
        self._tokens = tokens
        self._factors = factors
        self._rules = rules
        self._recent = recent
        self._now = now

    async def identify(self, credentials: Credentials) -> Caller:
        """Return the caller; raises `NotSignedIn`. What is wrong with a credential is not said."""
        proof, text = _only(credentials)
        generation, at = self._recent.generation, self._now()
        known = f"{proof}:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"
        if (caller := self._recent.find(known)) is not None:
            return caller
        try:
            caller = await self._find(proof, text)
            if caller is None:
                raise NotSignedIn("Sign in first.")
            caller = replace(caller, must_enrol=await self._must_enrol(caller))
        except SQLAlchemyError as error:
            raise StorageError("The database does not answer: nobody can be let in.") from error
        self._recent.keep(known, caller, generation=generation, at=at)
        return caller

    def forget(self) -> None:
        """Ask the database anew for everybody: another process has changed an account."""
        self._recent.drop()

    async def _find(self, proof: Proof, text: str) -> Caller | None:
        match proof:
            case Proof.SESSION:
                session = await self._sessions.find(text)
                return None if session is None else caller_of(session)
            case Proof.KEY:
                return await self._by_key(text)
            case Proof.TOKEN:
                return await self._by_token(text)

    async def _by_key(self, text: str) -> Caller | None:
        found = await self._keys.find(text)
        if found is None:
            return None
        account, key = found
        return Caller(
            account=account,
            scopes=SCOPES[account.role] & key.scopes,
            proof=Proof.KEY,
            via=key.id,
            until=key.expires_at,
        )

    async def _by_token(self, text: str) -> Caller | None:
        claims = self._tokens.read(text)
        session = claims and await self._sessions.find_by_id(claims.session_id)
        if not claims or not session or session.account.id != claims.account_id:
            return None
        scopes = SCOPES[session.account.role]
        return Caller(
            account=session.account,
            scopes=scopes if claims.scopes is None else scopes & claims.scopes,
            proof=Proof.TOKEN,
            via=session.id,
            until=claims.expires_at,
        )

    async def _must_enrol(self, caller: Caller) -> bool:
        if not (await self._rules()).require_second_factor:
            return False
        return not await due_factors(self._factors, caller.account.id)


def caller_of(session: Session) -> Caller:
    """Return the caller that a session stands for."""
    return Caller(
        account=session.account,
        scopes=SCOPES[session.account.role],
        proof=Proof.SESSION,
        via=session.id,
        sudo_until=session.sudo_until,
    )


def _only(credentials: Credentials) -> tuple[Proof, str]:
    """Return the one credential of a request; two that differ are none."""
    given = {text for text in (credentials.bearer, credentials.key) if text}
    if credentials.cookie:
        if given:
            raise NotSignedIn("Say in one way who you are: by a cookie, or by a header.")
        return Proof.SESSION, credentials.cookie
    if len(given) != 1:
        raise NotSignedIn("Sign in first." if not given else "Send one key, or one token.")
    text = given.pop()
    return Proof.KEY if text.startswith(PREFIX) else Proof.TOKEN, text
