"""Decisions of people, as rows: what was before, so that every one can be undone."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from gatherum.db import Base, BigId


class DecisionRow(Base):
    """Something that a person did: one edit, or one over thousands."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(BigId)  # stays when the account is gone
    at: Mapped[float]
    kind: Mapped[str]  # media.edit, media.trash, subscription.edit, ...
    title: Mapped[str] = mapped_column(Text)  # for people: "32 media tagged beach"
    action: Mapped[dict[str, object]] = mapped_column(JSON)  # what was asked for
    total: Mapped[int]  # things that it is about
    done: Mapped[int]  # things that were changed so far
    same: Mapped[int]  # things that were so already
    left: Mapped[int]  # things that could not be changed, or were changed by others meanwhile
    job_id: Mapped[str | None]
    undo_of: Mapped[int | None] = mapped_column(BigId)
    undone_by: Mapped[int | None] = mapped_column(BigId)

    __table_args__ = (Index("ix_decision_account", "account_id", "id"),)


class DecisionItemRow(Base):
    """One thing that a decision is about: its values before and after, as far as they were changed.

    Rows are made when the decision is; those that wait are what is left to do after a crash.
    """

    __tablename__ = "decision_item"
    decision_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("decision.id", ondelete="cascade"), primary_key=True
    )
    subject: Mapped[int] = mapped_column(BigId, primary_key=True)  # the number of the thing
    state: Mapped[
        str
    ]  # waiting -> done | same (it was so already) | left (it could not be changed)
    before: Mapped[dict[str, object]] = mapped_column(JSON)
    after: Mapped[dict[str, object]] = mapped_column(JSON)

    __table_args__ = (
        CheckConstraint("state in ('waiting','done','same','left')", name="state"),
        Index("ix_decision_item_subject", "subject", "decision_id"),
        Index(
            "ix_decision_item_waiting",
            "decision_id",
            "subject",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )
