"""Old records go, in small steps, so that no writer waits long. Files are not touched by any of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.accounts.tables import (
    AuditRow,
    HandshakeRow,
    InvitationRow,
    SessionRow,
    ThrottleRow,
)
from gatherum.curating.tables import DecisionRow
from gatherum.db import Base, Database, Tx
from gatherum.db.events import Events
from gatherum.db.tables import CacheRow
from gatherum.fetching.tables import BudgetRow, HostRow, LinkRow
from gatherum.jobs.tables import Job
from gatherum.library.tables import LedgerRow, ListingRow
from gatherum.settings import RetentionSettings, SecuritySettings
from gatherum.subscriptions.tables import HookDeliveryRow
from gatherum.upkeep.tables import ProviderHourRow, ProviderRow
from gatherum.upkeep.tally import HOUR_S

DAY_S = 86_400.0
STEP = 500  # rows a transaction
UNUSED_S = 180 * DAY_S  # what is known of hosts, links and budgets that nobody asked for since
TRIES_S = 35 * DAY_S  # what became of the tries of each hour
ENDED = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class _Rule:
    """Rows of a table that may go."""

    table: type[Base]
    old: sa.ColumnElement[bool]


class Retention:
    """Removes what is older than the settings say. Each run may be broken off anywhere."""

    def __init__(
        self,
        database: Database,
        events: Events,
        now: Callable[[], float],
        *,
        retention: Callable[[], RetentionSettings],
        security: Callable[[], SecuritySettings],
    ) -> None:
        self._db = database
        self._events = events
        self._now = now
        self._retention = retention
        self._security = security

    async def run(self) -> dict[str, int]:
        """Remove what is due; return how many rows of which table."""
        removed = {"event": await self._events.prune()}
        for rule in self._rules():
            name = str(rule.table.__tablename__)
            removed[name] = removed.get(name, 0) + await self._sweep(rule)
        return {name: count for name, count in removed.items() if count}

    async def _sweep(self, rule: _Rule) -> int:
        total, count = 0, STEP
        while count >= STEP:
            count = await self._db.write(lambda tx: _remove(tx, rule), durable=False)
            total += count
        return total

    def _rules(self) -> Iterator[_Rule]:
        now, keep, security = self._now(), self._retention(), self._security()
        ended = sa.and_(Job.state.in_(ENDED), Job.finished_at < now - keep.jobs_days * DAY_S)
        # What a listing still takes over from its last job stays with that job.
        needed = sa.exists().where(ListingRow.job_id == Job.id)
        gone = sa.select(Job.id).where(ended, ~needed)
        yield _Rule(LedgerRow, LedgerRow.job_id.in_(gone))
        yield _Rule(Job, sa.and_(ended, ~needed))
        yield _Rule(DecisionRow, DecisionRow.at < now - keep.decisions_days * DAY_S)
        yield _Rule(AuditRow, AuditRow.at < now - keep.audit_days * DAY_S)
        yield _Rule(
            SessionRow,
            sa.or_(
                SessionRow.created_at < now - security.session_days * DAY_S,
                SessionRow.seen_at < now - security.session_idle_days * DAY_S,
                sa.and_(SessionRow.state == "pending", SessionRow.created_at < now - DAY_S),
            ),
        )
        yield _Rule(HandshakeRow, HandshakeRow.expires_at < now)
        yield _Rule(InvitationRow, InvitationRow.expires_at < now)
        yield _Rule(ThrottleRow, ThrottleRow.first_at < now - DAY_S)
        yield _Rule(HookDeliveryRow, HookDeliveryRow.at < now - DAY_S)
        yield _Rule(CacheRow, CacheRow.expires_at < now)
        yield _Rule(BudgetRow, BudgetRow.next_at < now - UNUSED_S)
        yield _Rule(LinkRow, LinkRow.seen_at < now - UNUSED_S)
        yield _Rule(HostRow, HostRow.seen_at < now - UNUSED_S)
        yield _Rule(ProviderHourRow, ProviderHourRow.hour < (now - TRIES_S) / HOUR_S)
        yield _Rule(ProviderRow, ProviderRow.seen_at < now - UNUSED_S)


def _remove(tx: Tx, rule: _Rule) -> int:
    key = rule.table.__mapper__.primary_key
    some = sa.select(*key).where(rule.old).limit(STEP)
    chosen = sa.tuple_(*key).in_(some) if len(key) > 1 else key[0].in_(some)
    return tx.execute(sa.delete(rule.table).where(chosen)).rowcount
