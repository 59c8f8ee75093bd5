"""Direct links to files: nothing is asked, the link says it all."""

import re
from collections.abc import AsyncIterator

from gatherum.model import Media, MediaKind, Page, Post, Target, Transport
from gatherum.ports import Client
from gatherum.providers import Needs, provider
from gatherum.providers.urls import KINDS, host_of, kind_of, name_of, transport_of

_EXTENSIONS = "|".join(map(re.escape, KINDS))


@provider(
    platform="direct",
    feed="file",
    # A colon stands in the names of wiki pages about files ("File:Cat.jpg"), not of files.
    pattern=rf"https?://(?P<host>[^/?#]+)/(?:[^?#]*/)?[^/?#:]*\.(?i:{_EXTENSIONS})(?:\?.*)?",
    example="https://files.example/holiday/beach.jpg",
    needs=Needs(),
    key="{url}",
    order=800,
)
async def file(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield the one file that the link is; its media id is the link in its normal form."""
    kind = kind_of(target.url) or MediaKind(target.values.get("kind", MediaKind.UNKNOWN))
    transport = Transport(target.values.get("transport") or transport_of(target.url))
    yield Page(posts=(_post(target.url, kind, transport),), cursor=None)


def _post(url: str, kind: MediaKind, transport: Transport) -> Post:
    media = Media(id=url, url=url, kind=kind, transport=transport, filename=name_of(url) or None)
    return Post(platform="direct", host=host_of(url), id=url, url=url, media=(media,))
