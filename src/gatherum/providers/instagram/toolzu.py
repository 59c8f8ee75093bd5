"""Instagram through Toolzu, a site of strangers: the files of one post, and nothing else of it.

In a browser, with a consent. Its form has a check for persons that a plain browser may pass by itself;
where it does not, it is a challenge. It tells neither words nor author, and its list of a profile needs an
account and does not say which files are of one post: so it is the last way, to single posts alone.
"""

from collections.abc import AsyncIterator
from typing import Final

from selectolax.lexbor import LexborNode

from gatherum.errors import Challenge, Unavailable, UnexpectedResponse
from gatherum.model import Media, MediaKind, Page, Target
from gatherum.ports import BrowserPage, BrowserRequest, Client
from gatherum.providers import add_way
from gatherum.providers.instagram.ids import moment_of, pk_of
from gatherum.providers.instagram.posts import ROOT as INSTAGRAM
from gatherum.providers.instagram.posts import make_post
from gatherum.providers.instagram.viewers import IN_A_BROWSER, is_of_cdn, number_in, original_of
from gatherum.safety import foreign

TOOL: Final = "https://toolzu.com/downloader/instagram/photo/"
COOKIES: Final = "button:has-text('Got it')"
FIELD: Final = "#instagramdownloaderform-search"
BUTTON: Final = "#downloader-form button[type=submit]"
CHECK: Final = "input[name*=turnstile]"
PASSED: Final = f"{CHECK}[value]:not([value=''])"
REQUEST: Final = BrowserRequest(
    profile="instagram.toolzu",
    hosts=("toolzu.com", "challenges.cloudflare.com"),
    capture=(r"https://toolzu\.com/downloader/instagram/photo/?$",),
)
CHECK_S: Final = 40.0  # what a plain browser needs for the check, where it passes
ANSWER_S: Final = 40.0
TRIES: Final = 3


async def post(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one post: its number, its time, which is in it, and its files."""
    code = target["code"]
    pk = pk_of(code)
    async with client.browse(REQUEST) as page:
        await page.open(TOOL)
        if await page.sees(COOKIES, within=1.0):
            await page.click(COOKIES)
        await page.fill(FIELD, f"{INSTAGRAM}/p/{code}/")
        text = await _submitted(page)
    tree = await foreign.apart(foreign.html, text)
    cards = tree.css(".download-card")
    if not cards:
        raise Unavailable("Toolzu finds nothing here, which proves nothing.")
    files = [_media(card, pk, place, len(cards)) for place, card in enumerate(cards, start=1)]
    yield Page(posts=(make_post(pk, files, author="", posted_at=moment_of(pk)),), cursor=None)


async def _submitted(page: BrowserPage) -> str:
    """Send the form, wait for its check where it has one, and return what it is answered."""
    for _ in range(TRIES):
        await page.click(BUTTON)
        answer = await page.take(within=ANSWER_S)
        while answer is not None and answer.method != "POST":  # the page itself has this address
            answer = await page.take(within=ANSWER_S)
        if answer is None:
            raise Unavailable("Toolzu does not answer just now.")
        if answer.status == 200:
            return answer.text
        if not await page.sees(CHECK, within=1.0):
            raise UnexpectedResponse(f"Toolzu's page was answered with HTTP {answer.status}.")
        if not await page.sees(PASSED, within=CHECK_S):
            break
    raise Challenge("Toolzu wants to see a person first.")


def _media(card: LexborNode, pk: str, place: int, count: int) -> Media:
    link = card.css_first("a[download][href]")
    shown = (link and link.attributes.get("href")) or ""
    address = original_of(shown, "url")
    if not is_of_cdn(address):
        raise UnexpectedResponse("Toolzu shows this post in an unknown form.")
    cover = card.css_first("img[src]")
    picture = original_of((cover and cover.attributes.get("src")) or "", "url")
    number = number_in(address) or number_in(picture) or f"{pk}_{place}"
    is_video = card.css_first(".fa-play-circle") is not None
    return Media(
        id=number if count > 1 else pk,
        url=address,
        kind=MediaKind.VIDEO if is_video else MediaKind.IMAGE,
        mirrors=() if address == shown else (shown,),
    )


add_way(
    post,
    platform="instagram",
    feed="post",
    via="toolzu",
    example=f"{INSTAGRAM}/p/DPlabcdEFGH/",
    order=500,
    needs=IN_A_BROWSER,
    direct=False,
    site="toolzu.com",
)
