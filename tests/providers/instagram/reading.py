"""What the tests of Instagram share: the site as they want it, and how its posts are asked for."""

from gatherum.model import Page, Post
from gatherum.providers import find_chain
from tests.testsites.client import SiteClient
from tests.testsites.instagram import SESSION
from tests.testsites.instagram_ids import item_pk, post_pk, shortcode
from tests.testsites.instagram_world import Instagram
from tests.testsites.world import Entry, World

PINNED = 1_000_050
LAST_OF_A_PAGE = 1_000_190  # with a sound that gallery-dl counts and does not say
PIECES = frozenset({2_000_010, 2_000_020})  # a video, and a post with one among its pictures
COOKIES = f"# Netscape HTTP Cookie File\n.instagram.com\tTRUE\t/\tTRUE\t1999999999\tsessionid\t{SESSION}\n"


def made(world: World) -> Instagram:
    """Return the site of a world: Ann's 30 posts and her stories, and Ben who shows her, too."""
    return Instagram(
        world=world,
        pinned=frozenset({PINNED}),
        private=frozenset({"ben"}),
        tagged={"ann": "ben"},
        saved="ann",
        music=frozenset({LAST_OF_A_PAGE}),
        dash=PIECES,
        shares={"BAshare": f"/reel/{code(world.people['ann'][1])}/"},
    )


async def listed(
    url: str, client: SiteClient, *, way: str = "gallerydl", cursor: str | None = None
) -> list[Page]:
    """Return what one way brings behind a link."""
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == f"instagram.{way}"]
    return [page async for page in provider.listing(target, client, cursor)]


def posts_of(pages: list[Page]) -> list[Post]:
    """Return the posts of some pages."""
    return [post for page in pages for post in page.posts]


def ids(posts: list[Post]) -> list[tuple[str, list[str]]]:
    """Return the numbers of posts, and of what they hold."""
    return [(post.id, [media.id for media in post.media]) for post in posts]


def expected(entries: tuple[Entry, ...]) -> list[tuple[str, list[str]]]:
    """Return the numbers that the site gives to these entries."""
    return [(post_pk(one), [item_pk(one, item) for item in one.items]) for one in entries]


def story_ids(world: World) -> list[str]:
    """Return the numbers of Ann's stories, the newest first."""
    entries = world.people["ann.story"]
    return [item_pk(entry, item) for entry in entries for item in reversed(entry.items)]


def code(entry: Entry) -> str:
    """Return what stands in the link of a post."""
    return shortcode(post_pk(entry))
