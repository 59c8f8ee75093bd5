"""The gate before every route: who asks, may they, have they just proven it, not too often."""

from collections.abc import Callable

from fastapi import Request

from gatherum.accounts.audit import Event
from gatherum.accounts.authenticator import Authenticator, Credentials
from gatherum.accounts.model import Caller, Proof, Visitor
from gatherum.app import App
from gatherum.errors import Forbidden, NotSignedIn, StorageError, SudoRequired
from gatherum.web.enrolment import check_enrolled
from gatherum.web.limits import Limits, Rate
from gatherum.web.queries import check_address, check_query


class Gate:
    """Checks the rules of routes. Everything is refused that no rule allows."""

    def __init__(
        self,
        authenticator: Authenticator,
        *,
        cookie: str,
        now: Callable[[], float],
        limits: Limits | None = None,
    ) -> None:
        self._authenticator = authenticator
        self._cookie = cookie
        self._now = now
        self.limits = limits or Limits(now)

    async def check(self, request: Request, *, scope: str | None, rate: Rate, sudo: bool) -> None:
        """Let a request through, with its caller in `request.state.caller`, or raise why not."""
        caller = await self._identify(request, needed=scope is not None, rate=rate)
        request.state.caller = caller
        # A gallery loads hundreds: the log is for the rest.
        request.state.quiet = rate is Rate.FILES
        check_address(request)
        check_query(request)
        if scope is None or caller is None:
            return
        check_enrolled(caller, request.method, request.scope["route"].path)
        if scope not in caller.scopes:
            await _write_down(request, caller, scope)
            raise Forbidden("Your account, or this key, may not do this.")
        if sudo:
            check_sudo(caller, now=self._now())

    def check_anonymous(self, request: Request, *, rate: Rate) -> None:
        """Let a request through without asking who sends it, or raise why not."""
        address = request.client.host if request.client else ""
        self.limits.count(rate, _route(request), account=None, address=address)
        request.state.quiet = rate is Rate.FILES
        check_address(request)
        check_query(request)

    async def _identify(self, request: Request, *, needed: bool, rate: Rate) -> Caller | None:
        address = request.client.host if request.client else ""
        try:
            caller = await self._authenticator.identify(self.credentials(request))
        except (NotSignedIn, StorageError):
            self.limits.count(rate, _route(request), account=None, address=address)
            if needed:
                raise
            return None
        self.limits.count(rate, _route(request), account=caller.account.id, address=address)
        return caller

    def credentials(self, request: Request) -> Credentials:
        """Return what a request brings along; nothing of its URL counts."""
        bearers = [
            each[7:].strip()
            for each in request.headers.getlist("authorization")
            if each[:7].lower() == "bearer "
        ]
        keys = request.headers.getlist("x-api-key")
        if len(bearers) > 1 or len(keys) > 1:
            raise NotSignedIn("Send one key, or one token.")
        return Credentials(
            cookie=request.cookies.get(self._cookie),
            bearer=next(iter(bearers), None),
            key=next(iter(keys), None),
        )


def _route(request: Request) -> str:
    return f"{request.method} {request.scope['route'].path}"


async def _write_down(request: Request, caller: Caller, scope: str) -> None:
    """Let the audit know who wanted what they may not."""
    app: App = request.app.state.app
    visitor = Visitor(address=request.client.host if request.client else "")
    await app.people.audit.record(
        Event.DENIED, visitor, by=caller, route=_route(request), scope=scope
    )


def check_sudo(caller: Caller, *, now: float) -> None:
    """Raise why a caller may not do what needs a fresh proof of who they are."""
    if caller.proof is not Proof.SESSION:
        raise Forbidden("A person must do this, signed in with a browser.")
    if caller.sudo_until <= now:
        raise SudoRequired("Prove again who you are: this is a step that matters.")
