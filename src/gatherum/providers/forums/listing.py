"""Any forum, newest first: a topic from its last page backwards, a section by its newest posts."""

from collections.abc import AsyncIterator

from pydantic import ValidationError

from gatherum.errors import InvalidInput, UnexpectedResponse
from gatherum.model import Page
from gatherum.providers.forums.board import Pages
from gatherum.providers.forums.walk import Board, Position, Walk

BAD_CURSOR = "This is no place that a listing of a forum could go on from."


async def list_topic(board: Board, topic: str, cursor: str | None) -> AsyncIterator[Page]:
    """Yield a topic's posts page by page, newest first."""
    if cursor is not None and not cursor.isdecimal():
        raise InvalidInput(BAD_CURSOR)
    sheet = await (board.last(topic) if cursor is None else board.page(topic, int(cursor)))
    while True:
        place = sheet.earlier
        yield Page(posts=sheet.posts, cursor=None if place is None else str(place))
        if place is None:
            return
        sheet = await board.page(topic, place)


async def list_post(board: Pages, post: str) -> AsyncIterator[Page]:
    """Yield one post; nothing if it holds no media."""
    sheet = await board.around(post)
    if int(post) not in sheet.numbers:
        raise UnexpectedResponse("This forum does not show the post where it should be.")
    yield Page(posts=tuple(one for one in sheet.posts if one.id == post), cursor=None)


async def list_section(board: Board, section: str, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the posts of a section's topics: page by page of a topic, that with the newest first.

    Nothing behind a page is newer than its newest post, so a listing may stop at what is known.
    """
    walk = Walk(board, section, _position(board, cursor))
    while (sheet := await walk.next_sheet()) is not None:
        yield Page(posts=sheet.posts, cursor=walk.position.model_dump_json())
    yield Page(posts=(), cursor=None)


def _position(board: Board, cursor: str | None) -> Position:
    if cursor is None:
        return Position(later=board.first)
    try:
        return Position.model_validate_json(cursor)
    except ValidationError as error:
        raise InvalidInput(BAD_CURSOR) from error
