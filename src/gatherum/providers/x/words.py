"""What X says where it gives nothing out: mostly with status 200, in a few words of JSON."""

import re

from pydantic import BaseModel, JsonValue, ValidationError

from gatherum.errors import (
    Challenge,
    Gone,
    LoginRequired,
    SourceError,
    UnexpectedResponse,
    Withheld,
)
from gatherum.safety import foreign

NO_STATUS = 144  # "No status found with that ID.", in X's list of response codes
LOCKED = 326  # "To protect our users ..., this account is temporarily locked."
_SHOWN = re.compile(
    r'"entryId"\s*:\s*"(?!cursor-)'
)  # an entry of a list that is a post, or what somebody pays for


class Fault(BaseModel):
    code: int | None = None


class Answer(BaseModel):
    data: JsonValue = None
    errors: list[Fault] = []


def what_x_says(error: SourceError) -> SourceError | None:
    """Return what an engine's failure means by X's own last words, None if they say nothing of it.

    Gone is only what X says itself: an account or a post that it does not know. An account that it
    has suspended may come back.
    """
    try:
        answer = foreign.model(Answer, error.said)
    except ValidationError:
        return None
    codes = {fault.code for fault in answer.errors}
    if LOCKED in codes:
        return Challenge("X has locked this login until a person has been there.")
    if answer.data == {"tweetResult": {}} or (NO_STATUS in codes and not answer.data):
        return Gone("X says that this post does not exist.")
    if answer.data == {} and not codes and isinstance(error, UnexpectedResponse):
        # gallery-dl found no such user: it is no timeline that is empty like this.
        return Gone("X says that there is nobody of this name.")
    match answer.data:
        case {"user": {"result": {"__typename": "UserUnavailable"}}} | {
            "tweetResult": {"result": {"__typename": "TweetUnavailable"}}
        } if not isinstance(error, LoginRequired):
            return Withheld("X does not show this just now: the account may be suspended.")
        case _:
            return None


def says_nothing(said: str) -> bool:
    """Return whether an answer shows no posts: a list of cursors alone, or a stone where one was."""
    return '"TweetTombstone"' in said or ('"instructions"' in said and not _SHOWN.search(said))
