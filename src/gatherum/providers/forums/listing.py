"""Any forum, newest first: a topic from its last page backwards, a section by its newest posts."""

from collections.abc import AsyncIterator, Callable

from pydantic import ValidationError

from gatherum.errors import Gone, InvalidInput, UnexpectedResponse, Withheld
from gatherum.model import Page, Post, Target
from gatherum.ports import Client, Listing
from gatherum.providers import Needs, provider
from gatherum.providers.forums.board import FoundTopics, Pages
from gatherum.providers.forums.sheets import ResultSheet, TopicSheet
from gatherum.providers.forums.walk import Board, Position, Walk
from gatherum.providers.forums.words import Words, words_of

NEVER = r"(?!)"  # a link does not show that a host is a forum: the caller has asked it
BAD_CURSOR = "This is no place that a listing of a forum could go on from."


def add_forum(platform: str, feed: str, listing: Listing, example: str) -> None:
    """Add a feed of a forum software, which lives on any host."""
    provider(platform=platform, feed=feed, pattern=NEVER, example=example, needs=Needs(probe=True))(
        listing
    )


def topics(board_of: Callable[[Client, Target], Board]) -> Listing:
    """Return the listing of a topic's posts."""

    async def topic(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        async for page in list_topic(board_of(client, target), target["id"], cursor):
            yield page

    return topic


def sections(board_of: Callable[[Client, Target], Board]) -> Listing:
    """Return the listing of the posts of a section's topics."""

    async def section(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        board = board_of(client, target)
        async for page in list_section(board, target["id"], cursor, words_of(target.values)):
            yield page

    return section


async def list_topic(board: Board, topic: str, cursor: str | None) -> AsyncIterator[Page]:
    """Yield a topic's posts page by page, newest first."""
    if cursor is not None and not cursor.isdecimal():
        raise InvalidInput(BAD_CURSOR)
    sheet = await (board.last(topic) if cursor is None else board.page(topic, int(cursor)))
    while True:
        place = sheet.earlier
        cursor = None if place is None else str(place)
        yield Page(posts=sheet.posts, cursor=cursor, by_date=True, empty=not sheet.posts)
        if place is None:
            return
        sheet = await board.page(topic, place)


async def list_post(board: Pages, post: str) -> AsyncIterator[Page]:
    """Yield one post; nothing if it holds no media."""
    sheet = await board.around(post)
    if int(post) not in sheet.numbers:
        raise UnexpectedResponse("This forum does not show the post where it should be.")
    posts = tuple(one for one in sheet.posts if one.id == post)
    yield Page(posts=posts, cursor=None, empty=not posts)


async def list_search(board: Pages, asked: str, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the posts that a search has found, page by page; of topics that it found, all.

    Topics are gone through as those of a section are, so that nothing behind a page is newer.
    """
    if cursor is not None and not cursor.isdecimal():
        async for page in list_section(FoundTopics(board), asked, cursor, Words()):
            yield page
        return
    place: int | None = board.first if cursor is None else int(cursor)
    while place is not None:
        results = await board.results(asked, place)
        if not board.starts and any(one.feed != "post" for one in results.found):
            begin = Position(later=place).model_dump_json()
            async for page in list_section(FoundTopics(board), asked, begin, Words()):
                yield page
            return
        posts = await _found(board, results)
        place = results.later
        cursor = None if place is None else str(place)
        yield Page(posts=tuple(posts), cursor=cursor, empty=not posts)


async def _found(board: Pages, results: ResultSheet) -> list[Post]:
    """Return the posts of a page of results; a topic among them stands for its first post."""
    posts: list[Post] = []
    sheets: list[TopicSheet] = []  # several results may stand on one page of a topic
    for feed, name, told in results.found:
        number = int(told) if feed == "post" else None
        sheet = next((one for one in sheets if number in one.numbers), None)
        if sheet is None:
            try:
                sheet = await (board.around(name) if number else board.page(name, board.first))
            except (Gone, Withheld):
                continue  # it was taken away since it was found
            sheets.append(sheet)
        posts += [post for post in sheet.posts if int(post.id) == (number or sheet.numbers[-1])]
    return posts


async def list_section(
    board: Board, section: str, cursor: str | None, words: Words
) -> AsyncIterator[Page]:
    """Yield the posts of a section's topics: page by page of a topic, that with the newest first.

    Nothing behind a page is newer than its newest post, so a listing may stop at what is known. One
    by words ends where no topic has fitted for long, at a place from which it can go on.
    """
    walk = Walk(board, section, _position(board, cursor), words)
    while (sheet := await walk.next_sheet()) is not None:
        cursor = walk.position.model_dump_json()
        empty = not sheet.posts
        yield Page(posts=sheet.posts, cursor=cursor, by_date=True, overlaps=True, empty=empty)
    cursor = walk.position.model_dump_json() if walk.tired else None
    yield Page(posts=(), cursor=cursor, empty=True)


def _position(board: Board, cursor: str | None) -> Position:
    if cursor is None:
        return Position(later=board.first)
    try:
        return Position.model_validate_json(cursor)
    except ValidationError as error:
        raise InvalidInput(BAD_CURSOR) from error
