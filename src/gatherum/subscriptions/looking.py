"""How subscriptions are looked for: what a query asks of their rows, and in which order they come."""

import sqlalchemy as sa

from gatherum.jobs.tables import Schedule
from gatherum.subscriptions.model import PASSING, SubscriptionQuery
from gatherum.subscriptions.tables import SubscriptionRow

OWN = Schedule.id == sa.literal("subscription:") + sa.cast(SubscriptionRow.id, sa.Text)
COLUMNS = tuple(SubscriptionRow.__table__.columns)
Select = sa.Select[tuple[object, ...]]


def newest(query: SubscriptionQuery, *, limit: int, before: int | None) -> Select:
    """Return the statement of a page whose numbers are lower than `before`, newest first."""
    wanted = sa.select(*COLUMNS).where(*_conditions(query))
    if before is not None:
        wanted = wanted.where(SubscriptionRow.id < before)
    return wanted.order_by(SubscriptionRow.id.desc()).limit(limit)


def soonest(query: SubscriptionQuery, *, limit: int, after: tuple[float, int] | None) -> Select:
    """Return the statement of a page behind a time and number, what is due next first."""
    wanted = sa.select(*COLUMNS).join(Schedule, OWN).where(*_conditions(query))
    place = (Schedule.next_at, SubscriptionRow.id)
    if after is not None:
        wanted = wanted.where(sa.tuple_(*place) > sa.tuple_(*after))
    return wanted.order_by(*place).limit(limit)


def count(query: SubscriptionQuery) -> sa.Select[int]:
    """Return the statement that counts what a query finds."""
    return sa.select(sa.func.count()).select_from(SubscriptionRow).where(*_conditions(query))


def _conditions(query: SubscriptionQuery) -> list[sa.ColumnElement[bool]]:
    row = SubscriptionRow
    resting = ~sa.exists().where(OWN, Schedule.enabled).correlate(row)
    found: list[sa.ColumnElement[bool]] = []
    if query.platform is not None:
        found.append(row.platform == query.platform)
    if query.paused is not None:
        found.append(resting if query.paused else ~resting)
    if query.failing is not None:
        failing = sa.and_(row.reason.is_not(None), row.reason.not_in(PASSING), ~resting)
        found.append(failing if query.failing else ~sa.func.coalesce(failing, sa.false()))
    if query.reasons is not None:
        found.append(row.reason.in_(query.reasons))
    if query.text is not None:
        texts = (row.title, row.url)
        found.append(sa.or_(*(text.icontains(query.text, autoescape=True) for text in texts)))
    return found
