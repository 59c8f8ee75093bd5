"""Record a page of posts: what is new becomes `wanted`, what is known is said to be known."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import floor, inf

import sqlalchemy as sa

from gatherum.db import Tx, insert_new
from gatherum.library.listings import UNLISTED, ListingState, ends_in_known, without_tail
from gatherum.library.sources import Key, by_site, key_of
from gatherum.library.tables import LedgerRow, MediaRow, PostRow, PostVersion
from gatherum.library.text import index_text
from gatherum.model import Decision, Media, Outcome, Post, Reason
from gatherum.query.clauses import author_key

CHUNK = 500  # ids a statement: far below SQLite's limit of bound values


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a page brought."""

    posts: int
    pending: int  # media that this job now waits for
    known: int  # media that the library has
    newest_known: bool  # behind this page nothing is new: see `listings.ends_in_known`


def record_page(
    tx: Tx,
    job_id: str,
    posts: Sequence[Post],
    decisions: Sequence[Decision],
    now: float,
    *,
    listing: ListingState = UNLISTED,
    from_top: bool = False,
    unmet: Collection[Key] = (),
) -> Recorded:
    """Write a page into the library and the job's ledger; running it twice changes nothing more.

    `from_top`: what was seen by `listing.known_until` was selected then, and only what is new is now;
    what stands at the end of the last page and is the back-fill's is left to it.
    `unmet` are known posts that are new to this listing all the same.
    """
    before = {
        site: {row.remote_id: row for row in _rows(tx, PostRow, *site, [post.id for post in group])}
        for site, group in by_site(posts).items()
    }
    seen = {
        id(post): inf if key_of(post) in unmet else row.seen_at
        for post in posts
        if (row := before[post.platform, post.host].get(post.id)) is not None
    }
    newest_known = ends_in_known(posts, seen, listing)
    if from_top and newest_known:
        posts = without_tail(posts, seen, listing)
        decisions = decisions[: sum(len(post.media) for post in posts)]
    fates = iter(decisions)
    fate = {id(media): next(fates) for post in posts for media in post.media}
    pending = known = 0
    for site, group in sorted(by_site(posts).items()):
        platform, host = site
        ids = _record_posts(tx, site, group, before[site], now)
        selected = {
            post.id
            for post in group
            if from_top and seen.get(id(post), inf) <= (listing.known_until or 0.0)
        }
        states = _record_media(
            tx,
            group,
            platform=platform,
            host=host,
            post_ids=ids,
            selected=selected,
            fate=fate,
            now=now,
        )
        outcomes = [outcome_of(row.state, row.reason) for row in states.values()]
        pending += sum(o is Outcome.PENDING for o, _ in outcomes)
        known += sum(o is Outcome.KNOWN for o, _ in outcomes)
        insert_new(
            tx,
            LedgerRow,
            [
                {
                    "job_id": job_id,
                    "media_id": row.id,
                    "outcome": outcome,
                    "reason": reason,
                    "settled_at": None if outcome is Outcome.PENDING else now,
                }
                for row, (outcome, reason) in zip(states.values(), outcomes, strict=True)
            ],
        )
    return Recorded(
        posts=len(posts),
        pending=pending,
        known=known,
        newest_known=newest_known,
    )


def remember(tx: Tx, posts: Sequence[Post]) -> dict[str, Post]:
    """Return those of some posts of one platform that are known, with the words that are known."""
    if not posts:
        return {}
    rows = _rows(tx, PostRow, posts[0].platform, posts[0].host, [post.id for post in posts])
    known = {row.remote_id: row for row in rows}
    return {
        post.id: replace(
            post,
            author=row.author,
            caption=row.caption,
            posted_at=None if row.posted_at is None else datetime.fromtimestamp(row.posted_at, UTC),
            links=tuple(row.links),
            brief=False,
        )
        for post in posts
        if (row := known.get(post.id)) is not None
    }


def _record_posts(
    tx: Tx,
    site: tuple[str, str],
    posts: Sequence[Post],
    before: Mapping[str, sa.Row[tuple[object, ...]]],
    now: float,
) -> dict[str, int]:
    """Insert posts of a site, or update those that stood there `before`; return their row ids."""
    platform, host = site
    fresh = {post.id: post for post in reversed(posts) if post.id not in before}
    insert_new(
        tx,
        PostRow,
        [
            {
                "platform": platform,
                "host": host,
                "remote_id": post.id,
                "url": post.url,
                "author": post.author,
                "caption": post.caption,
                "links": list(post.links),
                "posted_at": _seconds(post),
                "seen_at": now,
                "gone_since": now if post.removed else None,
                "versions": 1,
            }
            for _, post in sorted(fresh.items())
        ],
    )
    ids = {
        row.remote_id: row.id for row in _rows(tx, PostRow, platform, host, [p.id for p in posts])
    }
    for post in {post.id: post for post in reversed(posts)}.values():  # a pinned one comes twice
        if (row := before.get(post.id)) is not None:
            _update_post(tx, row, post, now)
    return ids


def _update_post(tx: Tx, row: sa.Row[tuple[object, ...]], post: Post, now: float) -> None:
    if post.removed:
        if row.gone_since is None:
            tx.execute(sa.update(PostRow).where(PostRow.id == row.id).values(gone_since=now))
        return  # what a platform shows in place of a removed post is no new version of it
    values: dict[str, object] = {}
    if row.gone_since is not None:
        values["gone_since"] = None
    if post.caption != row.caption:
        media = list(
            tx.scalars(
                sa.select(MediaRow.remote_id)
                .where(MediaRow.post_id == row.id)
                .order_by(MediaRow.position, MediaRow.id)
            )
        )
        tx.execute(
            sa.insert(PostVersion).values(
                post_id=row.id, number=row.versions, caption=row.caption, media=media, until=now
            )
        )
        values |= {"caption": post.caption, "versions": row.versions + 1}
    if fresh := [link for link in post.links if link not in row.links]:
        values["links"] = [*row.links, *fresh]  # not every way tells all of them
    if row.posted_at is None and post.posted_at is not None:
        values["posted_at"] = _seconds(post)
        seconds = post.posted_at.timestamp()
        dated = {"posted_at": seconds, "shown_at": _whole(seconds)}
        theirs = sa.and_(MediaRow.post_id == row.id, MediaRow.edited_date.is_(None))
        tx.execute(sa.update(MediaRow).where(theirs).values(dated))
    if values:
        tx.execute(sa.update(PostRow).where(PostRow.id == row.id).values(**values))
    if values.keys() & {"caption", "posted_at"}:
        index_text(tx, list(tx.scalars(sa.select(MediaRow.id).where(MediaRow.post_id == row.id))))


def _record_media(
    tx: Tx,
    posts: Sequence[Post],
    *,
    platform: str,
    host: str,
    post_ids: Mapping[str, int],
    selected: set[str],
    fate: Mapping[int, Decision],
    now: float,
) -> dict[str, sa.Row[tuple[object, ...]]]:
    """Insert new media, refresh those that wait; return the rows by remote id."""
    offered: dict[str, tuple[Post, int, Media]] = {}
    for post in posts:
        for position, media in enumerate(post.media, 1):
            offered.setdefault(media.id, (post, position, media))
    before = {row.remote_id: row for row in _rows(tx, MediaRow, platform, host, list(offered))}
    insert_new(
        tx,
        MediaRow,
        [
            {
                "post_id": post_ids[post.id],
                "platform": platform,
                "host": host,
                "remote_id": media.id,
                "position": position,
                "state": "wanted" if fate[id(media)].reason is None else "skipped",
                "reason": fate[id(media)].reason,
                "detail": fate[id(media)].detail,
                "attempt": 0,
                "not_before": 0.0,
                "part_ok": 0,
                "posted_at": _seconds(post),
                "created_at": now,
                "author_key": author_key(post.author),
                "shown_at": _whole(now if post.posted_at is None else post.posted_at.timestamp()),
                **_recipe(media),
            }
            for post, position, media in reversed(list(offered.values()))
            if media.id not in before
        ],
    )
    for remote_id, row in before.items():
        post, _, media = offered[remote_id]
        _refresh(tx, row, media, fate[id(media)], selected=post.id in selected)
    rows = {row.remote_id: row for row in _rows(tx, MediaRow, platform, host, list(offered))}
    index_text(tx, [row.id for name, row in rows.items() if name not in before])
    return rows


def _refresh(
    tx: Tx,
    row: sa.Row[tuple[object, ...]],
    media: Media,
    decision: Decision,
    *,
    selected: bool,
) -> None:
    """Give a media that was met again its newest address; want it again where that makes sense.

    `selected`: this filter has had its say, maybe on the file itself: to fetch that anew at every
    meeting would only lead to the same.
    """
    wanted_again = decision.reason is None and (
        (row.state == "failed" and (row.reason != Reason.GONE or row.url != media.url))
        or (row.state == "skipped" and row.reason == Reason.FILTERED and not selected)
    )
    if wanted_again:
        values = {
            "state": "wanted",
            "reason": None,
            "detail": None,
            "attempt": 0,
            "not_before": 0.0,
        }
        tx.execute(
            sa.update(MediaRow)
            .where(MediaRow.id == row.id, MediaRow.state == row.state)
            .values(**values, **_recipe(media))
        )
    elif row.state == "wanted" and row.url != media.url:
        tx.execute(
            sa.update(MediaRow)
            .where(MediaRow.id == row.id, MediaRow.state == "wanted")
            .values(not_before=0.0, **_recipe(media))
        )


def _recipe(media: Media) -> dict[str, object]:
    return {
        "kind": media.kind,
        "url": media.url,
        "transport": media.transport,
        "recipe": {"headers": dict(media.headers), "mirrors": list(media.mirrors)},
        "filename": media.filename,
        "expected_size": media.size,
        "width": media.width,
        "height": media.height,
        "duration": media.duration,
    }


def outcome_of(state: str, reason: str | None) -> tuple[Outcome, Reason | None]:
    """Return what a media's state means for a job that meets it."""
    match state:
        case "stored":
            return Outcome.KNOWN, Reason.KNOWN
        case "trashed":
            return Outcome.SKIPPED, Reason.DELETED
        case "skipped":
            return Outcome.SKIPPED, Reason(reason or Reason.FILTERED)
        case "failed":
            return Outcome.FAILED, Reason(reason or Reason.UNAVAILABLE)
        case _:
            return Outcome.PENDING, None


def _rows(
    tx: Tx,
    table: type[PostRow] | type[MediaRow],
    platform: str,
    host: str,
    remote_ids: Sequence[str],
) -> Iterable[sa.Row[tuple[object, ...]]]:
    for start in range(0, len(remote_ids), CHUNK):
        yield from tx.execute(
            sa.select(table.__table__).where(
                table.platform == platform,
                table.host == host,
                table.remote_id.in_(remote_ids[start : start + CHUNK]),
            )
        )


def _whole(seconds: float) -> float:
    """Return a place in the gallery, which is a whole second."""
    return float(floor(seconds))


def _seconds(post: Post) -> float | None:
    return None if post.posted_at is None else post.posted_at.timestamp()
