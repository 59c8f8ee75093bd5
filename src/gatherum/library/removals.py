"""Posts that their source has removed: what is here of them stays, and says since when they are gone."""

from collections.abc import Collection

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.library.sources import key_of
from gatherum.library.tables import PostRow, SourceRow
from gatherum.model import Post, Target


def find_missing(
    tx: Tx, subscription: int, shown: Collection[Post], since: float
) -> list[tuple[int, str]]:
    """Return the posts of a subscription, by number and link, that are not among the `shown`.

    Only those published after `since` count that are not known to be gone; newest first.
    """
    names = {key_of(post) for post in shown}
    rows = tx.execute(
        sa.select(PostRow.id, PostRow.url, PostRow.platform, PostRow.host, PostRow.remote_id)
        .join(SourceRow, SourceRow.post_id == PostRow.id)
        .where(
            SourceRow.subscription_id == subscription,
            PostRow.posted_at > since,
            PostRow.gone_since.is_(None),
        )
        .order_by(PostRow.posted_at.desc(), PostRow.id.desc())
    )
    return [
        (row.id, row.url) for row in rows if (row.platform, row.host, row.remote_id) not in names
    ]


def mark_removed(tx: Tx, posts: Collection[int], now: float) -> None:
    """Note that posts are gone at their source."""
    tx.execute(
        sa.update(PostRow)
        .where(PostRow.id.in_(posts), PostRow.gone_since.is_(None))
        .values(gone_since=now)
    )


def posts_at(tx: Tx, target: Target) -> list[tuple[int, str]]:
    """Return the posts, by number and link, that are called like a target, else those at its link."""
    posts = sa.select(PostRow.id, PostRow.url).where(
        PostRow.platform == target.platform, PostRow.host == target.host
    )
    found = tx.execute(posts.where(PostRow.remote_id == target.key)).all()
    found = found or tx.execute(posts.where(PostRow.url == target.url)).all()
    return [(row.id, row.url) for row in found]
