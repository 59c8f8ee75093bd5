"""The lists of tags and sounds as TikTok's own page asks for them, in a browser: it signs its requests.

The page is opened and scrolled as somebody would; what its lists answer it is read.
"""

from collections.abc import AsyncIterator
from typing import Final

from pydantic import ValidationError

from gatherum.errors import Challenge, LoginRequired, Unavailable, UnexpectedResponse
from gatherum.model import Page, Target
from gatherum.ports import BrowserPage, BrowserRequest, Captured, Client, Listing
from gatherum.providers.tiktok.lists import UNKNOWN, Answer, listed_post
from gatherum.safety import foreign

HOSTS: Final = ("tiktok.com", "ttwstatic.com")  # the page, and where its scripts are
CAPTCHA: Final = "#captcha-verify-container-main-page, .captcha_verify_container"
FIRST_S, MORE_S, TRIES = 20.0, 6.0, 3


def scrolled(kind: str) -> Listing:
    """Return a listing of what the page of a tag or a sound shows, as it is scrolled.

    It cannot be told where to go on: it is led to that place, and what comes before is dropped.
    """
    request = BrowserRequest(
        profile="tiktok.browser",
        hosts=HOSTS,
        capture=(rf"https://www\.tiktok\.com/api/{kind}/item_list/",),
    )

    async def listed(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        start, place = int(cursor or 0), 0
        async with client.browse(request) as page:
            await page.open(target.url)
            found = await page.take(within=FIRST_S) or await _more(page)
            while True:
                answer = _read(found)
                if not answer.items and not place:
                    raise UnexpectedResponse(UNKNOWN)
                before, place = place, answer.cursor or 0
                onward = answer.more and place > before
                if place > start or not onward:
                    posts = tuple(listed_post(item) for item in answer.items)
                    yield Page(posts=posts, cursor=str(place) if onward else None)
                if not onward:
                    return
                found = await _more(page)

    return listed


async def _more(page: BrowserPage) -> Captured:
    """Scroll to the end until the list answers again."""
    for _ in range(TRIES):
        await page.scroll()
        if (found := await page.take(within=MORE_S)) is not None:
            return found
    if await page.sees(CAPTCHA, within=0.1):
        raise Challenge("TikTok wants to see a person.")
    raise UnexpectedResponse("TikTok's page does not ask for its list.")


def _read(found: Captured) -> Answer:
    if found.status in (401, 403):
        raise LoginRequired("TikTok shows this only to somebody who is logged in.")
    try:
        answer = foreign.model(Answer, found.text)
    except ValidationError as error:
        raise UnexpectedResponse(UNKNOWN) from error
    if answer.status:
        raise Unavailable(f"TikTok does not show this here and now (status {answer.status}).")
    return answer
