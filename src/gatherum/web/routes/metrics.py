"""Metrics, for Prometheus: on loopback without a key, else with a scope."""

from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request, Response

from gatherum.accounts.model import Caller, Scope
from gatherum.errors import Forbidden, NotSignedIn
from gatherum.web.limits import Rate
from gatherum.web.routing import OPEN, AppDep, Routes

routes = Routes("Metrics", prefix="")
TYPE = "text/plain; version=0.0.4; charset=utf-8"


def check_reader(request: Request) -> None:
    """Let in whoever asks from this very machine, not through a proxy, or has the scope.

    A proxy on this machine need not say that it is one; but then it hands on our public name.
    """
    caller: Caller | None = request.state.caller
    if caller is not None and caller.may(Scope.METRICS_READ):
        return
    forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "via"))
    if not forwarded and request.client and _is_here(request.client.host):
        name = request.url.hostname or ""
        if name == "localhost" or _is_here(name):
            return
    if caller is None:
        raise NotSignedIn("Sign in, or send a key.")
    raise Forbidden("Your account, or this key, may not do this.")


@routes.add(
    "GET",
    "/metrics",
    scope=OPEN,
    rate=Rate.READ,
    errors=(NotSignedIn, Forbidden),
    model=None,
    described={
        200: {
            "description": "The text format of Prometheus.",
            "content": {TYPE: {"schema": {"type": "string"}}},
        }
    },
)
async def get_metrics(
    request: Request, app: AppDep, _reader: Annotated[None, Depends(check_reader)]
) -> Response:
    """Tell the numbers of this process and of the installation."""
    state = request.app.state
    told = await state.meters.read(app, streams=state.live.count)
    return Response(told, media_type=TYPE)


def _is_here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
