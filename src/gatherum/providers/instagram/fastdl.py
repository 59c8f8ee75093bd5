"""Instagram through FastDL, a site of strangers that shows public profiles. In a browser, with a consent.

Its page signs what it asks of its interface, with a key that changes every few weeks; so the page is used
as somebody would use it, and what the interface answers it is read. What FastDL does not show proves
nothing.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeVar
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from gatherum.errors import Challenge, LoginRequired, Unavailable, UnexpectedResponse
from gatherum.model import Page, Post, Target
from gatherum.ports import BrowserPage, BrowserRequest, Captured, Client, Listing
from gatherum.providers import add_way
from gatherum.providers.instagram.fastdl_answers import (
    Converted,
    Listed,
    Refusal,
    Stories,
    UserInfo,
    converted_post,
    listed_post,
    story_of,
)
from gatherum.providers.instagram.posts import ROOT as INSTAGRAM
from gatherum.providers.instagram.viewers import IN_A_BROWSER
from gatherum.safety import foreign

ROOT: Final = "https://fastdl.app"
FIELD, BUTTON = "#search-form-input", "button.search-form__button"
REQUEST: Final = BrowserRequest(
    profile="instagram.fastdl",
    hosts=("fastdl.app", "challenges.cloudflare.com"),
    capture=(r"https://api-wh\.fastdl\.app/api/",),
)
ANSWER_S: Final = 40.0
MORE_S: Final = 8.0  # until the page has noticed that it was scrolled to its end
TRIES: Final = 3
AGE: Final = " older than "  # within a cursor, before the seconds of the last post that was shown

T = TypeVar("T")
USER_INFO: Final = TypeAdapter(UserInfo)
LISTED: Final = TypeAdapter(Listed)
STORIES: Final = TypeAdapter(Stories)
CONVERTED: Final[TypeAdapter[list[Converted] | Converted]] = TypeAdapter(
    list[Converted] | Converted
)


async def user(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield the posts of a profile, a dozen a page.

    The page cannot be told where to go on: it is led to that place, and what comes before is dropped.
    New posts move the places, so a cursor also tells how old the last post was before it.
    """
    place, _, last = (cursor or "").partition(AGE)
    came_by = False  # the last post that was shown before
    async with client.browse(REQUEST) as page:
        await _search(page, "/en", f"{INSTAGRAM}/{target['user']}/")
        _check(_read(await _answer(page, "/userInfo"), USER_INFO))
        part = _read(await _answer(page, "/posts"), LISTED).result
        while True:
            posts = tuple(listed_post(edge.node) for edge in part.edges)
            behind = part.page_info.behind
            came_by = came_by or any(_is_of(post, last) for post in posts)
            if place and (older := _older(posts, last)):
                posts, place = older, ""
            if not place:
                cursor = behind and _cursor(behind, posts)
                yield Page(posts=posts, cursor=cursor, by_date=True, empty=not posts)
            elif place == behind:
                place = ""
            if behind is None:
                break
            part = _read(await _more(page), LISTED).result
            if part.page_info.behind == behind:
                raise UnexpectedResponse("FastDL shows the same part again and again.")
    if place and came_by:
        yield Page(posts=(), cursor=None, by_date=True)  # what was older is gone
    elif place:
        raise UnexpectedResponse("FastDL does not come by the place where the listing goes on.")


def _is_of(post: Post, moment: str) -> bool:
    return bool(moment and post.posted_at and post.posted_at.timestamp() == float(moment))


def _older(posts: Sequence[Post], last: str) -> tuple[Post, ...]:
    """Return the posts that are older than the last one that was shown, if its age is known."""
    return tuple(
        post
        for post in posts
        if last and not post.pinned and post.posted_at and post.posted_at.timestamp() < float(last)
    )


def _cursor(behind: str, posts: Sequence[Post]) -> str:
    ages = [post.posted_at.timestamp() for post in posts if post.posted_at and not post.pinned]
    return f"{behind}{AGE}{ages[-1]}" if ages else behind


async def stories(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield what somebody shows as stories just now, the newest first."""
    name = target["user"]
    async with client.browse(REQUEST) as page:
        await _search(page, "/story-saver", f"{INSTAGRAM}/stories/{name}/")
        shown = _read(await _answer(page, "/stories"), STORIES).result
    newest = sorted(shown, key=lambda item: item.taken_at or 0.0, reverse=True)
    posts = tuple(story_of(item, name) for item in newest)
    yield Page(posts=posts, cursor=None, empty=not posts)


async def story(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one item of a story."""
    name, pk = target["user"], target["pk"]
    async with client.browse(REQUEST) as page:
        await _search(page, "/story-saver", f"{INSTAGRAM}/stories/{name}/{pk}/")
        shown = _read(await _answer(page, "/story"), STORIES).result
    posts = (story_of(item, name) for item in shown)
    found = tuple(post for post in posts if post.id == pk)
    if not found:
        raise Unavailable("FastDL does not show this story.")
    yield Page(posts=found, cursor=None)


async def post(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one post."""
    code = target["code"]
    async with client.browse(REQUEST) as page:
        await _search(page, "/en", f"{INSTAGRAM}/p/{code}/")
        found = _read(await _answer(page, "/convert"), CONVERTED)
    files = found if isinstance(found, list) else [found]
    if not files:
        raise UnexpectedResponse("FastDL shows this post in an unknown form.")
    yield Page(posts=(converted_post(code, files),), cursor=None)


async def _search(page: BrowserPage, path: str, link: str) -> None:
    await page.open(ROOT + path)
    await page.fill(FIELD, link)
    await page.click(BUTTON)


async def _answer(page: BrowserPage, end: str, *, within: float = ANSWER_S) -> Captured:
    """Return what the interface answers under a path with this end; what it refuses, raises."""
    found = await _find(page, end, within=within)
    if found is None:
        raise Unavailable("FastDL's page does not get an answer just now.")
    return found


async def _find(page: BrowserPage, end: str, *, within: float) -> Captured | None:
    while (found := await page.take(within=within)) is not None:
        _raise_refusal(found)
        if urlsplit(found.url).path.endswith(end):
            return found
    return None


async def _more(page: BrowserPage) -> Captured:
    for _ in range(TRIES):
        await page.scroll()
        if (found := await _find(page, "/posts", within=MORE_S)) is not None:
            return found
    raise Unavailable("FastDL's page does not show more, though there is more.")


def _raise_refusal(answer: Captured) -> None:
    try:
        refusal = foreign.model(Refusal, answer.text)
    except ValidationError:
        refusal = Refusal()  # a list, or a page: whoever reads it will say so
    if refusal.code == "CAPTCHA_REQUIRED":
        raise Challenge("FastDL wants to see a person first.")
    if not refusal.success and answer.status == 200:
        raise Unavailable("FastDL finds nothing here, which proves nothing.")
    if answer.status != 200:
        raise UnexpectedResponse(f"FastDL's page was answered with HTTP {answer.status}.")


def _read(answer: Captured, model: TypeAdapter[T]) -> T:
    try:
        return foreign.adapted(model, answer.text)
    except ValidationError as error:
        raise UnexpectedResponse("FastDL answers in a form we do not know.") from error


def _check(info: UserInfo) -> None:
    if not info.result:
        raise Unavailable("FastDL knows nobody of this name, which proves nothing.")
    if info.result[0].user.is_private:
        raise LoginRequired("Only those whom this person lets follow see these posts.")


_WAYS: tuple[tuple[str, Listing, str, int], ...] = (
    ("user", user, "/gatherum_demo/", 400),
    ("post", post, "/p/DPlabcdEFGH/", 400),
    # Of stories it shows more than ImgInn does, so it comes first.
    ("stories", stories, "/stories/gatherum_demo/", 250),
    ("story", story, "/stories/gatherum_demo/3741400000000000000/", 250),
)
for _feed, _listing, _path, _order in _WAYS:
    add_way(
        _listing,
        platform="instagram",
        feed=_feed,
        via="fastdl",
        example=INSTAGRAM + _path,
        order=_order,
        needs=IN_A_BROWSER,
        direct=False,
        site="fastdl.app",
    )
