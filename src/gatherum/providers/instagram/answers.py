"""Why Instagram shows nothing: what its refusals say, and whether there is such a person at all."""

from typing import Final

from pydantic import BaseModel, ValidationError

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    UnexpectedResponse,
)
from gatherum.model import Target
from gatherum.ports import Client
from gatherum.providers.instagram.posts import ROOT

A_FEW_MINUTES: Final = 600.0  # seconds


class Refusal(BaseModel):
    message: str = ""
    require_login: bool = False


def reread(failure: SourceError) -> SourceError:
    """Return the failure that Instagram's own words name, the given one if it said nothing of it.

    It says them in JSON with HTTP 400, 401, 403 or 404, whatever the reason.
    """
    try:
        refusal = Refusal.model_validate_json(failure.said)
    except ValidationError:
        return failure
    words = refusal.message.lower()
    match words:
        case "checkpoint_required" | "challenge_required":
            return Challenge("Instagram wants to see the owner of this login in a browser first.")
        case "media not found or unavailable":
            return Gone("Instagram says that this post is not found, or not available.")
        case _ if words == "login_required" or refusal.require_login:
            return LoginRequired("Instagram shows this only to somebody who is logged in.")
        case _ if words.startswith("please wait a few minutes"):
            return RateLimited("Instagram asks us to wait.", retry_after=A_FEW_MINUTES)
        case _:
            return failure


async def trust(target: Target, client: Client, failure: SourceError) -> SourceError:  # noqa: ARG001
    """Return the failure: only what was asked for can have been missing."""
    return failure


async def doubt(target: Target, client: Client, failure: SourceError) -> SourceError:  # noqa: ARG001
    """Return the failure; something on the way may have been missing, which makes nothing gone."""
    if isinstance(failure, Gone):
        return UnexpectedResponse("Instagram answers in a form that gallery-dl does not know.")
    return failure


async def ask_profile(target: Target, client: Client, failure: SourceError) -> SourceError:
    """Return what the page of a target's user says: `Gone` only if Instagram has no such page.

    Its error page with HTTP 200 proves nothing: it is shown to visitors that it does not trust.
    """
    try:
        await client.text(f"{ROOT}/{target['user']}/")
    except Gone:
        return Gone("Instagram knows nobody of this name.")
    return await doubt(target, client, failure)
