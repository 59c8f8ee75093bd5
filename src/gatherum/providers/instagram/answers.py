"""Why Instagram shows nothing: what its refusals say, and whether there is such a person at all."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import BaseModel, ValidationError

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from gatherum.model import Target
from gatherum.ports import Client
from gatherum.providers.instagram.posts import ROOT
from gatherum.safety import foreign

A_FEW_MINUTES: Final = 600.0  # seconds
SOME_HOURS: Final = 10_800.0  # seconds
# What it says of one post, whatever else was asked for with it.
_NO_POST: Final = re.compile(
    r"media not found or unavailable|invalid media_id(?: [\d_]+)?"
    r"|(?:sorry, )?this (?:photo|video|post|media|reel|story) has been deleted\.?"
)
_OF_ONE_POST: Final = ("post", "share")  # feeds

Ask = Callable[[Target, Client, SourceError], Awaitable[SourceError]]


class Refusal(BaseModel):
    message: str = ""
    require_login: bool = False


class WebInfo(BaseModel):
    items: list[object] = []


class PostData(BaseModel):
    xdt_api__v1__media__shortcode__web_info: WebInfo | None


class PostAnswer(BaseModel):
    """What Instagram answers when asked for one post."""

    data: PostData

    @property
    def is_empty(self) -> bool:
        """Return whether it shows no post."""
        info = self.data.xdt_api__v1__media__shortcode__web_info
        return info is None or not info.items


async def explain(  # what a listing knows when it fails
    error: SourceError,
    target: Target,
    client: Client,
    ask: Ask,
    *,
    found: bool,
    visitors: bool = False,
) -> SourceError:
    """Return what an engine's failure means: by Instagram's words, else by what `ask` finds out.

    `ask` is left alone once something was found, and where the engine's word is enough. That one post
    is missing makes nothing gone but itself. For `visitors` see `reread`.
    """
    failure = reread(error, visitors=visitors)
    if isinstance(failure, Gone) and (found or target.feed not in _OF_ONE_POST):
        failure = error
    if failure is error and not found and isinstance(error, Gone | UnexpectedResponse):
        return await ask(target, client, error)
    return failure


def reread(failure: SourceError, *, visitors: bool = False) -> SourceError:
    """Return the failure that Instagram's own words name, the given one if it said nothing of it.

    It says them in JSON with HTTP 400, 401, 403 or 404, whatever the reason. It asks to wait for a few
    minutes (401, and that a login is required) whoever asked too often; and also each visitor who
    wants what visitors never get. So where a way shows something to `visitors`, it means what it says.
    """
    try:
        refusal = foreign.model(Refusal, failure.said)
    except ValidationError:
        return failure
    words = refusal.message.lower()
    match words:
        case "checkpoint_required" | "challenge_required":
            said: SourceError = Challenge(
                "Instagram wants to see the owner of this login in a browser first."
            )
        case "feedback_required":
            said = RateLimited("Instagram bids us to try later.", retry_after=SOME_HOURS)
        case _ if _NO_POST.fullmatch(words):
            said = Gone("Instagram says that there is no such post, or that it is not available.")
        case "not authorized to view user":
            said = LoginRequired("Instagram shows this only to those who follow its author.")
        case _ if words.startswith("please wait a few minutes") and (
            visitors or failure.logged_in or not refusal.require_login
        ):
            said = RateLimited("Instagram asks us to wait.", retry_after=A_FEW_MINUTES)
        case _ if words == "login_required" or refusal.require_login:
            said = LoginRequired("Instagram shows this only to somebody who is logged in.")
        case _:
            said = failure
    return said


async def trust(target: Target, client: Client, failure: SourceError) -> SourceError:  # noqa: ARG001
    """Return the failure: only what was asked for can have been missing."""
    return failure


async def doubt(target: Target, client: Client, failure: SourceError) -> SourceError:  # noqa: ARG001
    """Return the failure; something on the way may have been missing, which makes nothing gone."""
    if isinstance(failure, Gone):
        return UnexpectedResponse("Instagram answers in a form that is not known here.")
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


async def ask_post(target: Target, client: Client, failure: SourceError) -> SourceError:
    """Return why one post is not shown: `Gone` only if Instagram has no such page.

    An answer without the post says no more than that whoever asked does not see it.
    """
    try:
        if not foreign.model(PostAnswer, failure.said).is_empty:
            return failure
    except ValidationError:
        return failure
    try:
        await client.text(f"{ROOT}/p/{target['code']}/")
    except Gone:
        return Gone("Instagram knows no post of this link.")
    if failure.logged_in:
        return Unavailable("Instagram does not show this post to this login just now.")
    return LoginRequired("Instagram does not show this post to visitors.")
