"""The way to what a search finds: along which index, or from which few media.

PostgreSQL knows how its rows are spread and is left alone. SQLite knows nothing of it, so it is told
here: conditions that an index answers are asked for a few rows first, and if one of them has no more,
these few are all that is looked at. Else the index of the order is gone along, which for the gallery
holds what most conditions ask.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.library.conditions import (
    EDITED,
    FAVOURITE,
    STORED,
    Condition,
    condition,
    parts_of,
)
from gatherum.library.tables import MediaRow, MediaTagRow, PostRow, SourceRow, TagRow
from gatherum.library.text import has_words
from gatherum.query.clauses import Clause, Is, Kept, Measure, OneOf, Words
from gatherum.query.search import STORED as STORED_ONLY
from gatherum.query.search import Query

FEW = 1000  # media: to look at each of them and put them in order takes some milliseconds


class Order(StrEnum):
    """How what is found is put in order."""

    NEWEST = "newest"  # by its place in the gallery
    OLDEST = "oldest"
    ADDED = "added"  # what came last first
    LARGEST = "largest"


INDEXES = {
    Order.NEWEST: "ix_media_gallery",
    Order.OLDEST: "ix_media_gallery",
    Order.ADDED: "ix_media_stored_at",
    Order.LARGEST: "ix_media_size",
}
BY_ONE = {
    "author": "ix_media_author_shown_at",
    "kind": "ix_media_kind_shown_at",
    "platform": "ix_media_platform_shown_at",
}


AMONG = "not indexed"  # the hint of a way that goes from a few media


@dataclass(frozen=True, slots=True)
class Way:
    """How to come to what is found. The same search, order and hint is the same way, but for `AMONG`.

    `words`: through what FTS5 finds, which is in the gallery's order.

    `hint` is for SQLite: the index to take, or none.
    """

    conditions: tuple[Condition, ...] = field(compare=False)
    hint: str = ""
    words: tuple[Words, ...] = ()


def way_to(tx: Tx, query: Query, order: Order) -> Way:
    """Return the way to what a search finds, in an order."""
    engine = tx.dialect.name
    parts = parts_of(query)
    words = tuple(part for part in parts if isinstance(part, Words))
    others = [part for part in parts if not isinstance(part, Words)]
    along = order in (Order.NEWEST, Order.OLDEST)
    if engine != "sqlite":
        return Way(tuple(condition(part, engine) for part in parts))
    if query.states == STORED_ONLY:
        if along and len(parts) == 1 and (index := _own_index(parts[0])):
            return Way((condition(parts[0], engine),), f"indexed by {index}")
        if len(parts) > 1 or not words:
            few = _few(tx, others)
            if few is not None:
                return _among(few, words, others)
    asked = tuple(condition(part, engine) for part in others)
    if words and along:
        return Way(asked, words=words)
    asked += tuple(condition(part, engine) for part in words)
    stored = query.states == STORED_ONLY
    return Way(asked, f"indexed by {INDEXES[order]}" if stored and not words else "")


def _own_index(part: Clause) -> str | None:
    """Return the index in which all media of a condition stand in the gallery's order."""
    match part:
        case OneOf(field, (_,)):
            return BY_ONE.get(field)
        case Kept("type", (value,)) if "/" in value:
            return "ix_media_mime_shown_at"
        case Is(("favourite",)):
            return "ix_media_favourite"
        case _:
            return None


def _few(tx: Tx, parts: Sequence[Clause]) -> tuple[Clause, list[int]] | None:
    """Return the condition that the fewest media meet, and these, if they are few."""
    fewest: tuple[Clause, list[int]] | None = None
    most = FEW
    for part in parts:
        asked = _ask(part)
        if asked is None:
            continue
        ids = list(tx.scalars(asked.limit(most + 1)))
        if len(ids) <= most:
            fewest, most = (part, ids), len(ids)
    return fewest


def _ask(part: Clause) -> sa.Select[int] | None:  # noqa: PLR0911 - one way for each condition
    """Return the query for all media that meet a condition, None where no index answers it."""
    match part:
        case OneOf("author" | "kind" | "platform" as field):
            hint = BY_ONE[field]
        case Measure("size"):
            hint = "ix_media_size"
        case Kept("type", values) if all("/" in value for value in values):
            hint = "ix_media_mime_shown_at"
        case Is(("favourite",)):
            return _stored().where(FAVOURITE).with_hint(MediaRow, "indexed by ix_media_favourite")
        case Is(("damaged",)):
            return _stored().where(condition(part, "sqlite"))
        case Is((one,)):
            marked = EDITED if one == "edited" else PostRow.gone_since.is_not(None)
            return _of_posts(sa.select(PostRow.id).where(marked))
        case Kept("source", values):
            met = SourceRow.subscription_id.in_([int(value) for value in values])
            return _of_posts(sa.select(SourceRow.post_id).where(met))
        case Kept("tag", values):
            keys = [value.casefold() for value in values]
            tagged = sa.select(MediaTagRow.media_id).join(TagRow, TagRow.id == MediaTagRow.tag_id)
            return tagged.where(TagRow.name_key.in_(keys))
        case _:
            return None
    return _stored().where(condition(part, "sqlite")).with_hint(MediaRow, f"indexed by {hint}")


def _stored() -> sa.Select[int]:
    return sa.select(MediaRow.id).where(STORED)


def _of_posts(posts: sa.Select[int]) -> sa.Select[int]:
    return (
        sa.select(MediaRow.id)
        .where(MediaRow.post_id.in_(posts))
        .with_hint(MediaRow, "indexed by ix_media_post_id")
    )


def _among(
    few: tuple[Clause, list[int]], words: tuple[Words, ...], others: Sequence[Clause]
) -> Way:
    part, ids = few
    listed = sa.func.json_each(json.dumps(ids)).table_valued("value")
    asked: list[Condition] = [MediaRow.id.in_(sa.select(listed.c.value))]
    asked += [condition(other, "sqlite") for other in others if other is not part]
    if words:
        asked.append(has_words(words))
    return Way(tuple(asked), AMONG)
