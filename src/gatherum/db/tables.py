"""What every part leans on, as rows: settings, events, cached answers and alarms."""

from sqlalchemy import JSON, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from gatherum.db.schema import Base, BigId


class SettingRow(Base):
    """One section's difference to its defaults."""

    __tablename__ = "setting"
    section: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[dict[str, object]] = mapped_column(JSON)
    version: Mapped[int]


class EventRow(Base):
    """Something has changed: which thing, not how. Triggers write it in the change's transaction.

    Readers follow in the order of (xid, id). On PostgreSQL `xid` is the transaction's number, and
    only what lies below every transaction still open may be read, since numbers of rows are handed
    out before they are committed. On SQLite, with its one writer, `xid` is 0.
    """

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    xid: Mapped[int] = mapped_column(BigId)
    at: Mapped[float]
    kind: Mapped[str]  # job | media | subscription | setting | lane | decision | alarm | access
    ref: Mapped[str] = mapped_column(Text)  # the id of the thing

    __table_args__ = (Index("ix_event_xid_id", "xid", "id"), Index("ix_event_at", "at"))


class CacheRow(Base):
    """An answer that is dear to work out, shared by all processes until it expires."""

    __tablename__ = "cache"
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[object] = mapped_column(JSON)
    made_at: Mapped[float]
    expires_at: Mapped[float] = mapped_column(index=True)


class AlarmRow(Base):
    """Something about the installation needs a person: the disk, the database, a backup."""

    __tablename__ = "alarm"
    name: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[float]
    seen_at: Mapped[float]
    message: Mapped[str] = mapped_column(Text)
