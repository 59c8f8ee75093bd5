"""What we ask of Duo: Duo's own client, run in a thread, under the policy, and with an end."""

import asyncio
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from duo_universal import client as duo  # type: ignore[import-untyped]  # it has no types

from gatherum.errors import Conflict, Refused
from gatherum.safety.outgoing import DEADLINE_S, PRIVATE, Outgoing
from gatherum.settings import DuoSettings

log = structlog.get_logger()
T = TypeVar("T")

PINS: Final = Path(duo.DEFAULT_CA_CERT_PATH)  # the only authorities that sign for Duo
HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?", re.IGNORECASE | re.ASCII)
# Duo's secrets have 40 characters, and Duo signs by them with HS512; that is not ours to choose.
warnings.filterwarnings("ignore", "The HMAC key is 40 bytes long")
FAULT: Final = 50_000  # Duo's codes from here on are faults of its own


class DuoDown(Exception):
    """Duo does not answer, or has a fault of its own."""


class DuoDenied(Exception):
    """Duo answers, and not with yes."""


class DuoClient:
    """Speaks to the application at Duo that the settings name."""

    def __init__(self, settings: DuoSettings, outgoing: Outgoing, *, return_to: str) -> None:
        """`Conflict` if the settings cannot be those of an application at Duo."""
        if not settings.enabled or not HOST.fullmatch(settings.api_host):
            raise Conflict("Duo is not set up here.")
        self._settings = settings
        self._outgoing = outgoing
        self._return_to = return_to
        self._client()

    def prompt(self, username: str, *, state: str, nonce: str) -> str:
        """Return the address of Duo's page for somebody."""
        url: str = self._client().create_auth_url(username, state, nonce)
        return url

    async def check(self) -> None:
        """Raise `DuoDown` unless Duo answers; `Conflict` if it does not know us."""
        try:
            await self._ask(lambda client: client.health_check())
        except DuoDenied as error:
            raise Conflict("Duo does not accept our client id and secret.") from error

    async def exchange(self, code: str, *, username: str, nonce: str) -> bool:
        """Return whether a code is Duo's yes to this person, and to the prompt with this nonce."""
        try:
            told = await self._ask(
                lambda client: client.exchange_authorization_code_for_2fa_result(
                    code, username, nonce
                )
            )
        except DuoDenied as error:
            log.info("duo_denied", error=str(error))
            return False
        match told:
            case {"auth_result": {"result": "allow"}}:
                return True
        return False

    async def _ask(self, call: Callable[[Any], T]) -> T:
        async with self._outgoing.way_out("duo", authorities=PINS) as way:
            client = self._client(proxy=way.proxy, authorities=way.authorities)
            try:
                async with asyncio.timeout(DEADLINE_S):
                    return await asyncio.to_thread(call, client)
            except TimeoutError as error:  # what the thread waits for is cut off behind us
                raise DuoDown from error
            except (duo.DuoException, ValueError) as error:
                if way.refused():
                    raise Refused(PRIVATE) from error
                raise _judged(error) from error

    def _client(self, *, proxy: str | None = None, authorities: Path = PINS) -> Any:
        try:
            return duo.Client(
                self._settings.client_id,
                self._settings.client_secret.get_secret_value(),
                self._settings.api_host,
                self._return_to,
                duo_certs=str(authorities),
                http_proxy=proxy,
            )
        except duo.DuoException as error:
            raise Conflict("Duo is not set up here: its client id or secret is none.") from error


def _judged(error: Exception) -> Exception:
    """Return what an error of Duo's client means: it wraps everything, some of it twice."""
    cause: object = error
    while isinstance(cause, duo.DuoException) and cause.args:
        cause = cause.args[0]
    match cause:
        case {"code": int(code)} if code < FAULT:
            return DuoDenied(str(cause))
        case {"error": _}:
            return DuoDenied(str(cause))
        case dict() | OSError() | ValueError() | TypeError() | LookupError():
            return DuoDown(str(cause))  # no connection, or an answer that says nothing
    return DuoDenied(str(cause))  # a token, a name or a nonce that does not hold
