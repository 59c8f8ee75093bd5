"""Which subscription has met which posts."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from gatherum.db import Tx, insert_new
from gatherum.library.tables import PostRow, SourceRow
from gatherum.model import Post

CHUNK = 500
Key = tuple[str, str, str]  # platform, host, and the platform's id


def key_of(post: Post) -> Key:
    """Return what names a post everywhere."""
    return post.platform, post.host, post.id


def by_site(posts: Iterable[Post]) -> dict[tuple[str, str], list[Post]]:
    """Return posts by their platform and host."""
    found: dict[tuple[str, str], list[Post]] = {}
    for post in posts:
        found.setdefault((post.platform, post.host), []).append(post)
    return found


def record_source(tx: Tx, subscription: int, posts: Sequence[Post]) -> None:
    """Note that a subscription has met posts that are recorded; what is noted already stays so."""
    for (platform, host), group in sorted(by_site(posts).items()):
        names = sorted({post.id for post in group})
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


def unmet(tx: Tx, subscription: int | None, posts: Sequence[Post], *, by_date: bool) -> set[Key]:
    """Return which posts of the library are new to a subscription all the same.

    In a list by date those that only other subscriptions have met; in any other one all that this one
    has not met, since such a post says nothing of what stands behind it.
    """
    if subscription is None:
        return set()
    met = sa.func.count(SourceRow.subscription_id)
    met_here = sa.func.sum(sa.case((SourceRow.subscription_id == subscription, 1), else_=0))
    found: set[Key] = set()
    for (platform, host), group in by_site(posts).items():
        names = [post.id for post in group]
        for start in range(0, len(names), CHUNK):
            theirs = (
                sa.select(PostRow.remote_id)
                .outerjoin(SourceRow, SourceRow.post_id == PostRow.id)
                .where(
                    PostRow.platform == platform,
                    PostRow.host == host,
                    PostRow.remote_id.in_(names[start : start + CHUNK]),
                )
                .group_by(PostRow.remote_id)
                .having(met_here == 0, met >= int(by_date))
            )
            found |= {(platform, host, name) for name in tx.scalars(theirs)}
    return found
