"""Webhooks in: another program starts a sync, with a secret of the subscription's own."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Header, Path, Request

from gatherum.accounts.model import Proof, Scope
from gatherum.errors import Conflict, NotFound, NotSignedIn, SudoRequired, TooMuch
from gatherum.moments import Moment, iso, moment
from gatherum.subscriptions.hooks import Call
from gatherum.web.following import Number
from gatherum.web.gate import check_sudo
from gatherum.web.limits import Rate
from gatherum.web.routing import OPEN, AppDep, CallerDep, Routes

routes = Routes("Webhooks", prefix="")
LARGEST: Final = 64 * 1024
CURL: Final = """body='{{}}'; at=$(date +%s)
signature=$(printf '%s.%s' "$at" "$body" | openssl dgst -sha256 -hmac '{secret}' -r | cut -d' ' -f1)
curl -X POST {url} -H 'Content-Type: application/json' -d "$body" \\
  -H "X-Gatherum-Timestamp: $at" -H "X-Gatherum-Signature: sha256=$signature"
"""
Signed = Annotated[str, Header(max_length=200)]


@dataclass(frozen=True, slots=True)
class Started:
    """The job that a call has started."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HookView:
    """A webhook: that there is one, and when it was called. Times are seconds since 1970, UTC."""

    url: str
    created_at: Moment
    called_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHook:
    """A webhook and its secret, which is never told again; `curl` is a call of it for a shell."""

    url: str
    secret: str
    curl: str


@routes.add(
    "POST",
    "/hooks/{subscription}",
    scope=OPEN,
    rate=Rate.HOOK,
    errors=(NotSignedIn, Conflict, TooMuch),
    status=202,
)
async def call_hook(
    subscription: Annotated[int, Path(ge=1, le=2**53)],
    *,
    app: AppDep,
    request: Request,
    x_gatherum_timestamp: Signed = "",
    x_gatherum_signature: Signed = "",
    x_gatherum_delivery: Signed = "",
) -> Started:
    """Check a subscription now. What is signed is the timestamp, a dot and the body."""
    call = Call(
        timestamp=x_gatherum_timestamp,
        signature=x_gatherum_signature,
        delivery=x_gatherum_delivery,
        body=await _body(request),
    )
    return Started(await app.hooks.take(subscription, call))


@routes.add(
    "GET",
    "/api/v1/subscriptions/{number}/hook",
    scope=Scope.FOLLOWING_READ,
    rate=Rate.READ,
    errors=(NotFound,),
)
async def get_hook(number: Number, app: AppDep, request: Request) -> HookView:
    """Say whether a subscription has a webhook, and when it was called."""
    hook = await app.hooks.get(number)
    return HookView(
        url=_url(request, number), created_at=moment(hook.created_at), called_at=iso(hook.called_at)
    )


@routes.add(
    "POST",
    "/api/v1/subscriptions/{number}/hook",
    scope=Scope.FOLLOWING_WRITE,
    rate=Rate.SECRET,
    errors=(NotFound, SudoRequired),
    status=201,
)
async def make_hook(number: Number, app: AppDep, caller: CallerDep, request: Request) -> NewHook:
    """Make a webhook, or give it a new secret: the old one counts no more.

    A person must have proven just now who they are, as for all that makes a secret.
    """
    if caller.proof is Proof.SESSION:  # a key was given the scope by somebody in sudo mode
        check_sudo(caller, now=app.clock.now())
    secret = await app.hooks.make(number)
    url = _url(request, number)
    return NewHook(url=url, secret=secret, curl=CURL.format(secret=secret, url=url))


@routes.add(
    "DELETE",
    "/api/v1/subscriptions/{number}/hook",
    scope=Scope.FOLLOWING_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound,),
    status=204,
)
async def remove_hook(number: Number, app: AppDep) -> None:
    """Take a webhook away."""
    await app.hooks.remove(number)


def _url(request: Request, number: int) -> str:
    return f"{request.app.state.site.url}/hooks/{number}"


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise TooMuch("The body of a call holds 64 KiB at most.")
    return bytes(body)
