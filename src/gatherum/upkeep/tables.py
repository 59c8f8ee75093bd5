"""How the ways to platforms have done, as rows: by the hour, as they stand, and for the canaries."""

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from gatherum.db import Base


class ProviderHourRow(Base):
    """The tries of one provider and feed that ended in one hour (since 1970)."""

    __tablename__ = "provider_hour"
    hour: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    feed: Mapped[str] = mapped_column(primary_key=True)
    delivered: Mapped[int]
    failed: Mapped[int]  # by what may be the provider's own fault
    declined: Mapped[int]  # by what says nothing of it: a login is needed, it is gone
    posts: Mapped[int]


class ProviderRow(Base):
    """How one provider, feed and host stands."""

    __tablename__ = "provider"
    name: Mapped[str] = mapped_column(primary_key=True)
    feed: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[float]
    delivered_at: Mapped[float | None]
    failed_at: Mapped[float | None]
    reason: Mapped[str | None]  # of the last failure
    detail: Mapped[str | None] = mapped_column(Text)
    resting_until: Mapped[float | None]  # its circuit is open: nothing is tried before

    __table_args__ = (Index("ix_provider_seen_at", "seen_at"),)


class CanaryRow(Base):
    """What came of listing one page of a canary by one of its ways, the last time."""

    __tablename__ = "canary"
    url: Mapped[str] = mapped_column(Text, primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    platform: Mapped[str]
    at: Mapped[float]
    seconds: Mapped[float]
    requests: Mapped[int]
    posts: Mapped[int]
    media: Mapped[int]
    skipped: Mapped[str]  # why it was not asked: 'consent', 'login', 'turn'; else ''
    reason: Mapped[str | None]  # why it failed
    detail: Mapped[str | None] = mapped_column(Text)
