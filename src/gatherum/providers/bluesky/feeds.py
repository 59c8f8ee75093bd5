"""The feeds of Bluesky and the ways to them.

What an author uploaded lies on a server of the author's own choice, which the directory of identities
names; the pictures that the site shows are made smaller.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from pydantic import BaseModel, Field, RootModel

from gatherum.errors import Gone, SourceError, UnexpectedResponse
from gatherum.model import Page, Post, Target
from gatherum.ports import Client
from gatherum.providers import Needs, add_way, provider
from gatherum.providers.bluesky.posts import ROOT, Author, Record, blobs_of, post_of, read_post
from gatherum.providers.engines.readers import listing_by

API = "https://public.api.bsky.app/xrpc"
KEEPER = "https://bsky.social"  # who keeps the files of an author that the directory does not know
SITE = r"https?://(?:(?:www\.)?(?:c|[fv]x)?bs[ky]y[ex]?\.app|main\.bsky\.dev)"
EMBED = r"https?://embed\.bsky\.app/embed"  # what other pages show a post in
USER = SITE + r"/profile/(?P<user>[^/?#]+)"


class View(BaseModel):
    uri: str
    author: Author
    record: Record


class Item(BaseModel):
    post: View


class Feed(BaseModel):
    feed: list[Item]
    cursor: str | None = None


class Views(BaseModel):
    posts: list[View]


class Refusal(BaseModel):
    error: str
    message: str = ""


class FeedAnswer(RootModel[Feed | Refusal]):
    pass


class Resolved(BaseModel):
    did: str


class ResolvedAnswer(RootModel[Resolved | Refusal]):
    pass


class Service(BaseModel):
    type: str = ""
    endpoint: str = Field(alias="serviceEndpoint", default="")


class Identity(BaseModel):
    service: list[Service] = []


class Keepers:
    """Where the files of authors lie, each asked for once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, str] = {}

    async def of(self, did: str) -> str:
        """Return the root of the server that keeps what an author uploaded."""
        if did not in self._known:
            self._known[did] = await self._asked(did)
        return self._known[did]

    async def _asked(self, did: str) -> str:
        host = did.removeprefix("did:web:")
        url = (
            f"https://plc.directory/{did}"
            if host == did
            else f"https://{host}/.well-known/did.json"
        )
        try:
            services = (await self._client.get(url, Identity)).service
        except SourceError:
            return KEEPER
        kind = "AtprotoPersonalDataServer"
        return next((one.endpoint.rstrip("/") for one in services if one.type == kind), KEEPER)


@provider(
    platform="bluesky",
    feed="user",
    pattern=USER + r"(?:/(?:media|posts|video))?",
    example="https://bsky.app/profile/gatherum.bsky.social",
    needs=Needs(),
    canonical=ROOT + "/profile/{user}",
    ignore_case=True,
)
async def user(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what somebody published with media, newest first; not what they spread of others."""
    did = await _did(client, target["user"])
    params = {"actor": did, "filter": "posts_with_media"}
    async for page in _pages(client, "app.bsky.feed.getAuthorFeed", params, cursor, only=did):
        yield replace(page, by_date=True)


@provider(
    platform="bluesky",
    feed="feed",
    pattern=USER + r"/feed/(?P<name>[^/?#]+)",
    example="https://bsky.app/profile/gatherum.bsky.social/feed/pictures",
    needs=Needs(),
    canonical=ROOT + "/profile/{user}/feed/{name}",
)
async def feed(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what a feed of somebody's making shows, in its order."""
    uri = f"at://{await _did(client, target['user'])}/app.bsky.feed.generator/{target['name']}"
    async for page in _pages(client, "app.bsky.feed.getFeed", {"feed": uri}, cursor):
        yield page


@provider(
    platform="bluesky",
    feed="list",
    pattern=USER + r"/lists/(?P<name>[^/?#]+)",
    example="https://bsky.app/profile/gatherum.bsky.social/lists/3kabc",
    needs=Needs(),
    canonical=ROOT + "/profile/{user}/lists/{name}",
)
async def people(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what the people on a list published, newest first."""
    uri = f"at://{await _did(client, target['user'])}/app.bsky.graph.list/{target['name']}"
    async for page in _pages(client, "app.bsky.feed.getListFeed", {"list": uri}, cursor):
        yield page


@provider(
    platform="bluesky",
    feed="post",
    pattern=rf"(?:{SITE}/profile|{EMBED})/(?P<user>[^/?#]+)/(?:app\.bsky\.feed\.)?post/(?P<id>[^/?#]+)",
    example="https://bsky.app/profile/gatherum.bsky.social/post/3kabc",
    needs=Needs(),
    canonical=ROOT + "/profile/{user}/post/{id}",
)
async def post(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one post."""
    uri = f"at://{await _did(client, target['user'])}/app.bsky.feed.post/{target['id']}"
    found = await client.get(f"{API}/app.bsky.feed.getPosts", Views, params={"uris": uri})
    if not found.posts:
        raise Gone("Bluesky knows no such post (any more).")
    keepers = Keepers(client)
    yield Page(posts=(await _post(found.posts[0], keepers),), cursor=None)


async def _did(client: Client, actor: str) -> str:
    """Return the lasting name of an account."""
    if actor.startswith("did:"):
        return actor
    url = f"{API}/com.atproto.identity.resolveHandle"
    answer = (await client.get(url, ResolvedAnswer, params={"handle": actor}, accept=(400,))).root
    if isinstance(answer, Refusal):
        raise _refused(answer)
    return answer.did


async def _pages(
    client: Client, method: str, params: Mapping[str, str], cursor: str | None, *, only: str = ""
) -> AsyncIterator[Page]:
    """Yield a feed; with `only` nothing but what that author wrote."""
    keepers = Keepers(client)
    while True:
        query = {**params, "limit": "100", "cursor": cursor}
        answer = (await client.get(f"{API}/{method}", FeedAnswer, params=query, accept=(400,))).root
        if isinstance(answer, Refusal):
            raise _refused(answer)
        before, cursor = cursor, answer.cursor
        if cursor is not None and cursor == before:
            raise UnexpectedResponse("Bluesky shows the same page again and again.")
        shown = (item.post for item in answer.feed if only in ("", item.post.author.did))
        posts = tuple([await _post(view, keepers) for view in shown])
        yield Page(posts=posts, cursor=cursor, empty=not posts)
        if cursor is None:
            return


def _refused(refusal: Refusal) -> Gone | UnexpectedResponse:
    lost = ("not found", "unable to resolve", "could not find", "suspended", "deactivated")
    if refusal.error in {"AccountTakedown", "AccountDeactivated", "NotFound"} or any(
        words in refusal.message.lower() for words in lost
    ):
        return Gone("Bluesky knows nothing at this link (any more).")
    return UnexpectedResponse(f"Bluesky refuses to answer: {refusal.error}.")


async def _post(view: View, keepers: Keepers) -> Post:
    keeper = await keepers.of(view.author.did) if blobs_of(view.record) else KEEPER
    address = f"{keeper}/xrpc/com.atproto.sync.getBlob?did={view.author.did}&cid="
    return read_post(view.uri, view.author, view.record, address)


for _feed, _form in {
    "user": "/profile/{user}/media",
    "feed": "/profile/{user}/feed/{name}",
    "list": "/profile/{user}/lists/{name}",
    "post": "/profile/{user}/post/{id}",
}.items():
    add_way(
        listing_by("gallerydl", post_of, ROOT + _form, by_date=_feed == "user"),
        platform="bluesky",
        feed=_feed,
        via="gallerydl",
        example=ROOT + _form.format(user="gatherum.bsky.social", name="pictures", id="3kabc"),
        order=200,
    )
