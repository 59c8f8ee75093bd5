"""A listing that goes on at the same cursor with the next login, when one is turned away."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from gatherum.acquiring.turns import Login, Turn
from gatherum.errors import SourceError
from gatherum.model import Page, Target
from gatherum.providers.chain import Position, is_of_login

Step = tuple[str, Page]  # who listed it, and what
# Lists with a login from a position, knowing whether another login is at hand.
Steps = Callable[[Login, Position | None, bool], AsyncGenerator[Step, None]]


@dataclass(slots=True)
class _Place:
    """How far a listing is: behind which page it goes on, and what it has shown since then."""

    position: Position | None
    shown: set[str] = field(default_factory=set)

    def pass_by(self, provider: str, page: Page) -> None:
        if page.cursor:
            self.position = Position(provider=provider, cursor=page.cursor)
            self.shown.clear()
        else:  # nowhere to go on from: then from the last cursor, without what was shown
            self.shown |= {post.id for post in page.posts}


async def list_in_turn(
    turn: Turn, target: Target, steps: Steps, start: Position | None
) -> AsyncGenerator[Step]:
    """Yield what `steps` list, with one login after the other as long as one is fit."""
    await turn.leave_parked(target)
    place, handing = _Place(start), True
    while True:
        login, begun = turn.login, False
        spare = handing and await turn.has_spare(target)
        try:
            async with aclosing(_listed(place, steps, login, spare=spare)) as listed:
                async for step in listed:
                    if not begun:
                        begun = True
                        await turn.worked(login)
                    yield step
                    await turn.keep_cookies()
        except SourceError as error:
            if not is_of_login(error):
                raise
            if not await turn.hand_over(login, error, begun=begun, target=target):
                if not spare:
                    raise
                handing = False  # the spare one has gone: the other ways are tried after all
        else:
            return


async def _listed(
    place: _Place, steps: Steps, login: Login, *, spare: bool
) -> AsyncGenerator[Step]:
    before = frozenset(place.shown)
    async with aclosing(steps(login, place.position, spare)) as listed:
        async for provider, page in listed:
            fresh = tuple(post for post in page.posts if post.id not in before)
            yield provider, page if len(fresh) == len(page.posts) else replace(page, posts=fresh)
            place.pass_by(provider, page)
