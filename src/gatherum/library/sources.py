"""Which subscription has met which posts."""

from collections.abc import Sequence

import sqlalchemy as sa

from gatherum.db import Tx, insert_new
from gatherum.library.tables import PostRow, SourceRow
from gatherum.model import Post

CHUNK = 500


def record_source(tx: Tx, subscription: int, posts: Sequence[Post]) -> None:
    """Note that a subscription has met posts that are recorded; what is noted already stays so."""
    by_key: dict[tuple[str, str], set[str]] = {}
    for post in posts:
        by_key.setdefault((post.platform, post.host), set()).add(post.id)
    for (platform, host), found in sorted(by_key.items()):
        names = sorted(found)
        for start in range(0, len(names), CHUNK):
            theirs = sa.select(PostRow.id).where(
                PostRow.platform == platform,
                PostRow.host == host,
                PostRow.remote_id.in_(names[start : start + CHUNK]),
            )
            met = [
                {"subscription_id": subscription, "post_id": number}
                for number in tx.scalars(theirs.order_by(PostRow.id))
            ]
            insert_new(tx, SourceRow, met)
