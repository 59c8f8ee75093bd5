"""What is followed, as rows. When it is due stands in the schedule table of the jobs."""

from sqlalchemy import JSON, ForeignKey, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gatherum.db import Base, BigId


class SubscriptionRow(Base):
    """A target on a platform with options and a schedule ('subscription:<id>')."""

    __tablename__ = "subscription"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str]
    host: Mapped[str]
    feed: Mapped[str]
    key: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    filter: Mapped[str] = mapped_column(Text)  # the text form of the filter grammar
    limit: Mapped[int | None]  # posts a back-fill goes back at most
    options: Mapped[dict[str, object]] = mapped_column(JSON)
    created_at: Mapped[float]
    synced_at: Mapped[float | None]  # the last sync that ended well
    checked_at: Mapped[float | None]  # the last sync, however it ended
    reason: Mapped[str | None]  # why it did not end well: one of model.Reason
    detail: Mapped[str | None] = mapped_column(Text)
    backfill_done: Mapped[bool]
    version: Mapped[int] = mapped_column(server_default=text("1"))  # of what people may change

    # A number is never used twice: what it has brought names it when it is removed.
    __table_args__ = (
        UniqueConstraint("platform", "host", "feed", "key"),
        {"sqlite_autoincrement": True},
    )


class HookRow(Base):
    """The secret of a subscription's webhook, sealed."""

    __tablename__ = "hook"
    subscription_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("subscription.id", ondelete="cascade"), primary_key=True
    )
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[float]
    called_at: Mapped[float | None]


class HookDeliveryRow(Base):
    """A call of a webhook that was taken, so that the same one is not taken twice."""

    __tablename__ = "hook_delivery"
    subscription_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("subscription.id", ondelete="cascade"), primary_key=True
    )
    delivery: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[float] = mapped_column(index=True)
