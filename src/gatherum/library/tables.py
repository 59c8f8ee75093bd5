"""Posts, media and files, as rows; reliability of the library stands in docs/library.md.

Triggers keep `day_bucket` and `media_count`, and write an event for each change that is seen; they
stand in the migration.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from gatherum.db import Base, BigId

# Compared letter by letter, so that all that begins alike stands together.
Plain = Text().with_variant(Text(collation="C"), "postgresql")


def _of_stored(name: str, *columns: str, which: str = "state = 'stored'") -> Index:
    return Index(name, *columns, sqlite_where=text(which), postgresql_where=text(which))


class PostRow(Base):
    """What an author published. UNIQUE (platform, host, remote_id): once, whoever found it."""

    __tablename__ = "post"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str]
    host: Mapped[str]
    remote_id: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    caption: Mapped[str] = mapped_column(Text)
    links: Mapped[list[str]] = mapped_column(JSON)
    posted_at: Mapped[float | None]
    seen_at: Mapped[float]
    gone_since: Mapped[float | None]
    versions: Mapped[int]

    __table_args__ = (
        UniqueConstraint("platform", "host", "remote_id"),
        Index("ix_post_platform", "platform", "id"),
        Index(
            "ix_post_gone",
            "id",
            sqlite_where=text("gone_since is not null"),
            postgresql_where=text("gone_since is not null"),
        ),
        Index(
            "ix_post_edited",
            "id",
            sqlite_where=text("versions > 1"),
            postgresql_where=text("versions > 1"),
        ),
    )


class PostVersion(Base):
    """How a post read before a later edit at the source."""

    __tablename__ = "post_version"
    post_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("post.id", ondelete="cascade"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    caption: Mapped[str] = mapped_column(Text)
    media: Mapped[list[str]] = mapped_column(JSON)  # the media ids, in the order of then
    until: Mapped[float]


class FileRow(Base):
    """The bytes, stored once by content. Every stored row has its file, every file its row.

    staged -> stored -> trashing -> trashed -> (restoring -> stored | purging -> row deleted).
    """

    __tablename__ = "file"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    mime: Mapped[str]
    kind: Mapped[str]
    part: Mapped[str] = mapped_column(Text)  # the staging name that it was adopted from
    path: Mapped[str] = mapped_column(Text, unique=True)  # relative to the root: library/...
    trash: Mapped[str | None] = mapped_column(Text, unique=True)  # relative to the root: .trash/...
    stored_at: Mapped[float | None]
    trashed_at: Mapped[float | None]
    checked_at: Mapped[float | None]
    damage: Mapped[str | None]  # missing | damaged, as the last check found it
    thumbhash: Mapped[bytes | None] = mapped_column(LargeBinary)  # a picture in some 25 bytes
    # The version of the looking into it that has been done; 0: none.
    processed: Mapped[int] = mapped_column(server_default=text("0"))
    # The version of the scrub sheet and the preview that were made of it beforehand; 0: none.
    previewed: Mapped[int] = mapped_column(server_default=text("0"))

    __table_args__ = (
        CheckConstraint(
            "state in ('staged','stored','trashing','trashed','restoring','purging')", name="state"
        ),
        CheckConstraint(
            "state not in ('trashing','trashed','restoring','purging') or trash is not null",
            name="trash",
        ),
        Index(
            "ix_file_damaged",
            "id",
            sqlite_where=text("damage is not null"),
            postgresql_where=text("damage is not null"),
        ),
        Index(
            "ix_file_open",
            "state",
            sqlite_where=text("state in ('staged','trashing','restoring','purging')"),
            postgresql_where=text("state in ('staged','trashing','restoring','purging')"),
        ),
        Index("ix_file_state_id", "state", "id"),
        Index("ix_file_state_processed", "state", "processed", "id"),
        Index(
            "ix_file_previewed",
            *("state", "previewed", "id"),
            sqlite_where=text("kind = 'video'"),
            postgresql_where=text("kind = 'video'"),
        ),
        Index("ix_file_checked_at", "checked_at", "id"),
        Index(
            "ix_file_damage",
            "damage",
            sqlite_where=text("damage is not null"),
            postgresql_where=text("damage is not null"),
        ),
    )


class FactsRow(Base):
    """What was learned of a file by looking into it, or why nothing could be."""

    __tablename__ = "facts"
    file_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("file.id", ondelete="cascade"), primary_key=True
    )
    width: Mapped[int | None]
    height: Mapped[int | None]
    duration: Mapped[float | None]
    frames: Mapped[int | None]
    frame_rate: Mapped[float | None]
    container: Mapped[str | None]
    video_codec: Mapped[str | None]
    audio_codec: Mapped[str | None]
    taken: Mapped[str | None]  # ISO 8601, without a zone unless the file tells it
    orientation: Mapped[int | None]
    camera: Mapped[str | None] = mapped_column(Text)
    trouble: Mapped[str | None]  # why it cannot be shown
    tries: Mapped[int] = mapped_column(server_default=text("0"))  # that have failed

    __table_args__ = (
        Index(
            "ix_facts_trouble",
            "file_id",
            sqlite_where=text("trouble is not null"),
            postgresql_where=text("trouble is not null"),
        ),
    )


class MediaRow(Base):
    """One file that a post offers. UNIQUE (platform, host, remote_id); a state changes by compare-and-set.

    wanted -> fetching -> staged -> stored; fetching -> wanted (later) | failed | skipped;
    stored -> trashed (a tombstone; hides this provenance) -> stored (restored) | wanted (allowed again).
    """

    __tablename__ = "media"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    post_id: Mapped[int] = mapped_column(BigId, ForeignKey("post.id"), index=True)
    platform: Mapped[str]
    host: Mapped[str]
    remote_id: Mapped[str] = mapped_column(Text)
    position: Mapped[int]  # in the post, from 1
    kind: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]  # one of model.Reason
    detail: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    transport: Mapped[str]
    recipe: Mapped[dict[str, object]] = mapped_column(JSON)  # headers, mirrors, ...: how to fetch
    filename: Mapped[str | None] = mapped_column(Text)
    expected_size: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    duration: Mapped[float | None]
    attempt: Mapped[int]
    not_before: Mapped[float]
    owner: Mapped[str | None]
    lease_until: Mapped[float | None]
    etag: Mapped[str | None] = mapped_column(Text)
    part_ok: Mapped[int] = mapped_column(
        BigInteger
    )  # bytes of the part that are surely on the disk
    file_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("file.id"), index=True)
    posted_at: Mapped[float | None]
    created_at: Mapped[float]
    stored_at: Mapped[float | None]
    trashed_at: Mapped[float | None]  # when it was trashed, if it is
    # Copies of what other rows say, so that a search reads one table.
    author_key: Mapped[str] = mapped_column(Text, server_default=text("''"))  # case-folded, no @
    mime: Mapped[str | None] = mapped_column(Plain)  # of the stored file, as `size`
    size: Mapped[int | None] = mapped_column(BigInteger)
    # What a person says of it.
    edited_date: Mapped[float | None]
    description: Mapped[str | None] = mapped_column(Text)
    favourite: Mapped[bool] = mapped_column(server_default=false())
    version: Mapped[int] = mapped_column(server_default=text("1"))  # of what people may change
    # Its place in the gallery: the edited date, else when it was posted, else when it was met.
    shown_at: Mapped[float] = mapped_column(server_default=text("0"))

    __table_args__ = (
        UniqueConstraint("platform", "host", "remote_id"),
        CheckConstraint(
            "state in ('wanted','fetching','staged','stored','failed','skipped','trashed')",
            name="state",
        ),
        CheckConstraint("state not in ('staged','stored') or file_id is not null", name="file"),
        CheckConstraint("state <> 'fetching' or owner is not null", name="owner"),
        Index(
            "ix_media_open",
            "state",
            "not_before",
            sqlite_where=text("state in ('wanted','fetching','staged')"),
            postgresql_where=text("state in ('wanted','fetching','staged')"),
        ),
        Index("ix_media_state_shown_at", "state", "shown_at", "id"),
        Index(
            "ix_media_trashed_at",
            "trashed_at",
            "id",
            sqlite_where=text("state = 'trashed'"),
            postgresql_where=text("state = 'trashed'"),
        ),
        # What is asked of the stored alone costs nothing until a media is stored. The first one holds
        # all that the gallery shows of a tile, and most of what searches ask.
        _of_stored(
            "ix_media_gallery",
            *("shown_at", "id", "kind", "width", "height", "duration"),
            *("favourite", "post_id", "file_id", "size", "platform"),
        ),
        _of_stored("ix_media_platform_shown_at", "platform", "shown_at", "id"),
        _of_stored("ix_media_author_shown_at", "author_key", "shown_at", "id"),
        _of_stored("ix_media_kind_shown_at", "kind", "shown_at", "id"),
        _of_stored("ix_media_mime_shown_at", "mime", "shown_at", "id"),
        _of_stored("ix_media_size", "size", "id"),
        _of_stored("ix_media_stored_at", "stored_at", "id"),
        _of_stored("ix_media_favourite", "shown_at", "id", which="favourite and state = 'stored'"),
    )


class LedgerRow(Base):
    """What became of a media in a job. Pending rows are the job's work; a restart goes on with them."""

    __tablename__ = "ledger"
    job_id: Mapped[str] = mapped_column(primary_key=True)
    media_id: Mapped[int] = mapped_column(BigId, ForeignKey("media.id"), primary_key=True)
    outcome: Mapped[str]  # one of model.Outcome
    reason: Mapped[str | None]
    settled_at: Mapped[float | None]  # readers follow by it

    __table_args__ = (
        Index(
            "ix_ledger_pending",
            "media_id",
            sqlite_where=text("outcome = 'pending'"),
            postgresql_where=text("outcome = 'pending'"),
        ),
        Index(
            "ix_ledger_job_pending",
            "job_id",
            sqlite_where=text("outcome = 'pending'"),
            postgresql_where=text("outcome = 'pending'"),
        ),
        Index("ix_ledger_settled_at", "job_id", "settled_at"),
        Index(
            "ix_ledger_outcome",
            "settled_at",
            "outcome",
            "reason",
            sqlite_where=text("outcome <> 'pending'"),
            postgresql_where=text("outcome <> 'pending'"),
        ),
    )


class ListingRow(Base):
    """How far a target was listed: where a back-fill goes on, and whether it has met the end once."""

    __tablename__ = "listing"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str]
    host: Mapped[str]
    feed: Mapped[str]
    key: Mapped[str] = mapped_column(Text)
    filter: Mapped[str] = mapped_column(Text)  # each has a way of its own; '' takes everything
    provider: Mapped[str | None]  # whose cursor this is
    cursor: Mapped[str | None] = mapped_column(Text)
    listed: Mapped[int]  # posts seen on the way to the end
    complete_at: Mapped[float | None]
    known_until: Mapped[float | None]  # posts seen later than that stop no listing
    top_at: Mapped[float | None]  # but those published before; for listings by date
    bottom_at: Mapped[float | None]  # those published before are still to come; likewise
    job_id: Mapped[str | None]  # whose ledger holds what may be left to fetch

    __table_args__ = (UniqueConstraint("platform", "host", "feed", "key", "filter"),)


class SourceRow(Base):
    """Which subscription has met a post."""

    __tablename__ = "source"
    subscription_id: Mapped[int] = mapped_column(
        BigId, primary_key=True
    )  # may be followed no longer
    post_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("post.id", ondelete="cascade"), primary_key=True, index=True
    )


class TagRow(Base):
    """A word that people put on media."""

    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Plain, unique=True)  # case-folded


class MediaTagRow(Base):
    """A tag on a media."""

    __tablename__ = "media_tag"
    media_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("media.id", ondelete="cascade"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(BigId, ForeignKey("tag.id"), primary_key=True, index=True)


class DayBucketRow(Base):
    """How many stored media belong to a day of the gallery (UTC), and how wide they are in all."""

    __tablename__ = "day_bucket"
    day: Mapped[int] = mapped_column(primary_key=True)  # days since 1970
    count: Mapped[int]
    width: Mapped[float]  # the sum of width/height; 1 where it is not known


class MediaCountRow(Base):
    """How many media there are of a platform, kind and state; `open` is all that is on its way."""

    __tablename__ = "media_count"
    platform: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int] = mapped_column(BigInteger)


class StoredDayRow(Base):
    """How many media were stored on a day (UTC), and their bytes: the growth of the library."""

    __tablename__ = "stored_day"
    day: Mapped[int] = mapped_column(primary_key=True)  # days since 1970
    count: Mapped[int]
    bytes: Mapped[int] = mapped_column(BigInteger)


class ReasonCountRow(Base):
    """How many media failed or were skipped for a reason."""

    __tablename__ = "reason_count"
    reason: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class SavedSearchRow(Base):
    """A search that somebody keeps."""

    __tablename__ = "saved_search"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("account.id", ondelete="cascade"), index=True
    )
    name: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    created_at: Mapped[float]
    version: Mapped[int]
