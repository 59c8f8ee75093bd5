"""Budgets, logins and what is known of hosts: shared by all workers through the database."""

from sqlalchemy import JSON, ForeignKey, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from gatherum.db import Base, BigId


class BudgetRow(Base):
    """The request budget of one platform (or host), login and proxy."""

    __tablename__ = "budget"
    key: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[float]  # when the next request may go out
    blocked_until: Mapped[float]  # Retry-After, or an open breaker
    failures: Mapped[int]  # in a row; counts towards the breaker
    probing_until: Mapped[float]  # one half-open probe at a time


class LoginRow(Base):
    """A credential for a platform; cookies are sealed by the vault."""

    __tablename__ = "login"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(Text)
    cookies: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int]
    created_at: Mapped[float]
    user_agent: Mapped[str] = mapped_column(Text, server_default=text("''"))
    signed_in_as: Mapped[str] = mapped_column(Text, server_default=text("''"))


class StandingRow(Base):
    """How a login stands with its platform, whose turn it is, and what it has asked today."""

    __tablename__ = "login_standing"
    login_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("login.id", ondelete="cascade"), primary_key=True, autoincrement=False
    )
    holder: Mapped[str]  # whose turn it is, '' for nobody's
    held_until: Mapped[float]  # a turn that nobody renews is over then
    reason: Mapped[str | None]  # why it is parked: one of model.Reason
    detail: Mapped[str | None] = mapped_column(Text)
    parked_at: Mapped[float | None]
    parked_until: Mapped[float | None]  # none: until somebody does something about it
    refusals: Mapped[int]  # targets in a row that were not shown to it
    refused: Mapped[str] = mapped_column(Text)  # the last of those
    day: Mapped[int]  # days since 1970, UTC
    spent: Mapped[int]  # requests on that day


class BrowserProfileRow(Base):
    """What a browser remembers for a login, or for a way without one; sealed by the vault."""

    __tablename__ = "browser_profile"
    key: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("login.id", ondelete="cascade"), index=True
    )
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[float]


class HostRow(Base):
    """What one probe request found a host to be, so that nobody asks twice."""

    __tablename__ = "host"
    host: Mapped[str] = mapped_column(primary_key=True)
    platform: Mapped[str]
    seen_at: Mapped[float]


class LinkRow(Base):
    """What one probe request found a link to be, so that a second `get` asks nothing."""

    __tablename__ = "link"
    url: Mapped[str] = mapped_column(Text, primary_key=True)
    platform: Mapped[str]
    host: Mapped[str]
    feed: Mapped[str]
    key: Mapped[str] = mapped_column(Text)
    target_url: Mapped[str] = mapped_column(Text)
    values: Mapped[dict[str, str]] = mapped_column(JSON)
    seen_at: Mapped[float]
