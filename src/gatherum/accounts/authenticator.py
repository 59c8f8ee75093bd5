"""Who sends a request: the cookie of a browser, an API key, or a bearer token, each in its place."""

from dataclasses import dataclass

from gatherum.accounts.model import SCOPES, Caller, Proof
from gatherum.accounts.sessions import Session, Sessions
from gatherum.errors import NotSignedIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a request brings along to say who sends it. Nothing of it comes from a URL."""

    cookie: str | None = None
    bearer: str | None = None
    key: str | None = None


class Authenticator:
    """Turns credentials into a caller."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def identify(self, credentials: Credentials) -> Caller:
        """Return the caller; raises `NotSignedIn`. What is wrong with a credential is not said."""
        if credentials.cookie is not None:
            session = await self._sessions.find(credentials.cookie)
            if session is not None:
                return caller_of(session)
        raise NotSignedIn("Sign in first.")


def caller_of(session: Session) -> Caller:
    """Return the caller that a session stands for."""
    return Caller(
        account=session.account,
        scopes=SCOPES[session.account.role],
        proof=Proof.SESSION,
        via=session.id,
        sudo_until=session.sudo_until,
    )
