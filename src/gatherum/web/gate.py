"""The gate before every route: who asks, may they, have they just proven it, not too often."""

from collections.abc import Callable

from fastapi import Request

from gatherum.accounts.authenticator import Authenticator, Credentials
from gatherum.accounts.model import Caller, Proof
from gatherum.errors import Forbidden, NotSignedIn, SudoRequired
from gatherum.web.limits import Rate


class Gate:
    """Checks the rules of routes. Everything is refused that no rule allows."""

    def __init__(
        self, authenticator: Authenticator, *, cookie: str, now: Callable[[], float]
    ) -> None:
        self._authenticator = authenticator
        self._cookie = cookie
        self._now = now

    async def check(self, request: Request, *, scope: str | None, rate: Rate, sudo: bool) -> None:
        """Let a request through, with its caller in `request.state.caller`, or raise why not."""
        caller = await self._identify(request, needed=scope is not None)
        request.state.caller = caller
        if scope is None or caller is None:
            return
        if scope not in caller.scopes:
            raise Forbidden("Your account, or this key, may not do this.")
        if sudo:
            check_sudo(caller, now=self._now())

    async def _identify(self, request: Request, *, needed: bool) -> Caller | None:
        credentials = self.credentials(request)
        try:
            return await self._authenticator.identify(credentials)
        except NotSignedIn:
            if needed:
                raise
            return None

    def credentials(self, request: Request) -> Credentials:
        """Return what a request brings along; nothing of its URL counts."""
        bearer = request.headers.get("authorization", "")
        return Credentials(
            cookie=request.cookies.get(self._cookie),
            bearer=bearer[7:].strip() if bearer[:7].lower() == "bearer " else None,
            key=request.headers.get("x-api-key"),
        )


def check_sudo(caller: Caller, *, now: float) -> None:
    """Raise why a caller may not do what needs a fresh proof of who they are."""
    if caller.proof is not Proof.SESSION:
        raise Forbidden("A person must do this, signed in with a browser.")
    if caller.sudo_until <= now:
        raise SudoRequired("Prove again who you are: this is a step that matters.")
