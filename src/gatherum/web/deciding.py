"""The forms of what people do to many things at once, and of how the API answers it."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Response
from pydantic import Field, model_validator

from gatherum.accounts.model import Caller, Role, Scope
from gatherum.curating.decisions import DecisionView
from gatherum.errors import Forbidden, NotFound
from gatherum.moments import Moment, moment
from gatherum.web.routing import Body

MOST = 100_000
NEEDED = {
    "media": Scope.LIBRARY_WRITE,
    "subscription": Scope.FOLLOWING_WRITE,
    "setting": Scope.SETTINGS_WRITE,
}
Ids = Annotated[
    tuple[Annotated[int, Field(ge=1, le=2**62)], ...],
    Field(min_length=1, max_length=MOST, description="Our own numbers."),
]
SEARCH = "A search: all that it finds now. Without `state:` that is what is stored."


class Which(Body):
    """Which media: by number, or all that a search finds."""

    ids: Ids | None = None
    query: Annotated[str, Field(max_length=2000, description=SEARCH)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Which":
        if (self.ids is None) == (self.query is None):
            raise ValueError("say which, either by ids or by query")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Something that somebody did. When it has ended, `done`, `same` and `left` make `total`."""

    id: int
    at: Moment
    kind: str  # media.edit, media.trash, subscription.pause, ...
    title: str
    state: str  # working | done | stopped
    total: int
    done: int  # changed
    same: int  # was so already
    left: int  # could not be changed, was changed by somebody else, or was not come to
    job: str | None
    undo_of: int | None
    undone_by: int | None
    can_undo: bool  # by who asks, now
    by: str | None


def decision_of(view: DecisionView, caller: Caller) -> Decision:
    """Return a decision as a caller sees it."""
    return replace(as_it_stands(view), can_undo=view.can_undo and may_change(view, caller))


def as_it_stands(view: DecisionView) -> Decision:
    """Return a decision whoever sees it: `can_undo` is whether anybody may."""
    return Decision(
        id=view.id,
        at=moment(view.at),
        kind=view.kind,
        title=view.title,
        state=view.state,
        total=view.total,
        done=view.done,
        same=view.same,
        left=view.left,
        job=view.job,
        undo_of=view.undo_of,
        undone_by=view.undone_by,
        can_undo=view.can_undo,
        by=view.by,
    )


def answer(view: DecisionView, caller: Caller, response: Response) -> Decision:
    """Answer with a decision: 202 while a job is at it."""
    if view.state == "working":
        response.status_code = 202
    return decision_of(view, caller)


def may_see(view: DecisionView, caller: Caller) -> bool:
    """Return whether a decision is the caller's to see: their own, and for an administrator any."""
    return caller.account.role is Role.ADMIN or view.author == caller.account.id


def may_change(view: DecisionView, caller: Caller) -> bool:
    """Return whether a caller may undo a decision: it needs the scope that doing it needs."""
    needed = NEEDED[view.kind.partition(".")[0]]
    return may_see(view, caller) and caller.may(needed)


def check_may_change(view: DecisionView, caller: Caller) -> None:
    """Raise why a caller may not undo a decision; that of somebody else is as if it were not there."""
    if not may_see(view, caller):
        raise NotFound("There is no such decision.")
    if not may_change(view, caller):
        raise Forbidden("Your account, or this key, may not do this.")
