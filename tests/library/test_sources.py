"""A search can ask what a subscription has brought: each sync notes the posts that it met."""

from collections.abc import AsyncGenerator

import sqlalchemy as sa

from gatherum.acquiring.acquisition import Acquisition
from gatherum.db import Database
from gatherum.errors import Gone
from gatherum.library.tables import PostRow, SourceRow
from gatherum.model import KEEP, Media, Page, Part, Post, Target, Wanted
from tests.suites.forgetting import ForgettingDisk
from tests.suites.line import Line

TARGET = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")


async def test_a_sync_notes_the_posts_that_it_met_and_a_link_does_not(database: Database) -> None:
    posts = [_post("plaza", f"p{number}") for number in range(5)] + [_post("other", "p1")]

    async def sync(subscription: int | None, found: list[Post], *, job: str) -> None:
        async def pages(_cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
            yield "plaza.native", Page(posts=tuple(found), cursor=None)

        plan = Acquisition(
            job_id=job,
            target=TARGET,
            pages=pages,
            select=lambda posts: [KEEP for _ in posts],
            fetch=_gone,
            path=lambda *_: "library/x",
            chosen=job,
            subscription=subscription,
        )
        await line.pipeline.run(plan)

    async with Line(database, ForgettingDisk()) as line:
        await sync(None, posts[:1], job="a")
        await sync(7, posts[1:4], job="b")
        await sync(7, posts[2:], job="c")
        await sync(8, [posts[0], posts[0]], job="d")

    query = (
        sa.select(SourceRow.subscription_id, PostRow.platform, PostRow.remote_id)
        .join(PostRow, PostRow.id == SourceRow.post_id)
        .order_by(SourceRow.subscription_id, PostRow.platform, PostRow.remote_id)
    )
    assert [tuple(row) for row in await database.read(lambda tx: tx.execute(query).all())] == [
        (7, "other", "p1"),
        (7, "plaza", "p1"),
        (7, "plaza", "p2"),
        (7, "plaza", "p3"),
        (7, "plaza", "p4"),
        (8, "plaza", "p0"),
    ]


def _post(platform: str, name: str) -> Post:
    media = Media(id=f"m-{name}", url="https://plaza.example/x.jpg")
    return Post(platform=platform, id=name, url="https://plaza.example/", media=(media,))


async def _gone(_: Wanted) -> Part:
    raise Gone("There is nothing.")
