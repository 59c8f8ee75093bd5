"""Change, remove and bring back subscriptions so that each step can be undone: values before and after.

A removed subscription is brought back under its own number, with its options, its schedule and what
it has learned; the secret of its webhook is not kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.errors import NotFound
from gatherum.jobs.scheduler import Cron, Every, Scheduler, Timing
from gatherum.ports import Json
from gatherum.query.filter import Filter
from gatherum.subscriptions.follow import Subscriptions, job_of, schedule_id
from gatherum.subscriptions.model import Adaptive, Subscription
from gatherum.subscriptions.tables import SubscriptionRow

Values = Mapping[str, Json]
COLUMNS = SubscriptionRow.__table__.columns


class Changing:
    """Changes subscriptions in the caller's transaction."""

    def __init__(self, subscriptions: Subscriptions, scheduler: Scheduler) -> None:
        self._subscriptions = subscriptions
        self._scheduler = scheduler

    def change(self, tx: Tx, number: int, wanted: Values) -> tuple[Values, Values] | None:
        """Give a subscription the values that are named; return those that became different.

        None: there is no such subscription.
        """
        try:
            old, new = self._subscriptions.change_now(tx, number, lambda one: _with(one, wanted))
        except NotFound:
            return None
        return _difference(values_of(old), values_of(new))

    def give_back(
        self, tx: Tx, number: int, *, before: Values, after: Values
    ) -> tuple[Values, Values] | None:
        """Set values back to those before, where the present ones still are those after."""

        def back(one: Subscription) -> Subscription:
            present = values_of(one)
            ours = {name for name, value in after.items() if present[name] == value}
            return _with(one, {name: value for name, value in before.items() if name in ours})

        try:
            old, new = self._subscriptions.change_now(tx, number, back)
        except NotFound:
            return None
        return _difference(values_of(old), values_of(new))

    def remove(self, tx: Tx, number: int) -> Values | None:
        """Follow no longer; return what `bring_back` needs. None: there is no such subscription."""
        query = sa.select(*COLUMNS).where(SubscriptionRow.id == number).with_for_update()
        row = tx.execute(query).mappings().one_or_none()
        if row is None:
            return None
        schedule = self._scheduler.look(tx, [schedule_id(number)])[schedule_id(number)]
        self._scheduler.remove(tx, schedule_id(number))
        tx.execute(sa.delete(SubscriptionRow).where(SubscriptionRow.id == number))
        return {
            "row": dict(row),
            "timing": told_timing(schedule.timing),
            "next_at": schedule.next_at,
            "paused": not schedule.enabled,
        }

    def bring_back(self, tx: Tx, number: int, values: Values) -> bool:
        """Follow again as before; False if the target is followed by another one meanwhile."""
        kept = values["row"]
        assert isinstance(kept, Mapping)  # noqa: S101 - `remove` has told it
        row = {name: value for name, value in kept.items() if name in COLUMNS}
        target = ("platform", "host", "feed", "key")
        taken = sa.or_(
            SubscriptionRow.id == number,
            sa.and_(*(COLUMNS[name] == row[name] for name in target)),
        )
        if tx.scalar(sa.select(SubscriptionRow.id).where(taken).limit(1)) is not None:
            return False
        tx.execute(sa.insert(SubscriptionRow).values(**row))
        timing, next_at = values["timing"], values["next_at"]
        assert isinstance(next_at, int | float)  # noqa: S101
        self._scheduler.set_schedule(
            tx,
            schedule_id(number),
            job_of(number, str(row["platform"]), str(row["title"])),
            _timing(timing),
            first_at=next_at,
        )
        self._scheduler.enable(tx, schedule_id(number), enabled=not values["paused"])
        return True

    def plan(
        self, tx: Tx, numbers: Sequence[int], wanted: Values
    ) -> dict[int, tuple[Values, Values]]:
        """Return what `change` would change."""
        return {
            one.id: _difference(values_of(one), values_of(_with(one, wanted)))
            for one in self._subscriptions.look(tx, numbers)
        }


def values_of(one: Subscription) -> Values:
    """Return what people may change of a subscription."""
    return {
        "title": one.title,
        "filter": str(one.filter),
        "limit": one.limit,
        "timing": told_timing(one.timing),
        "adaptive": told_bounds(one.adaptive),
        "login": one.login,
        "paused": one.paused,
    }


def told_timing(timing: Timing) -> Values:
    """Return a timing as it stands among values."""
    if isinstance(timing, Every):
        return {"seconds": timing.seconds, "jitter_s": timing.jitter_s}
    return {"cron": timing.expression, "zone": timing.zone, "jitter_s": timing.jitter_s}


def told_bounds(bounds: Adaptive | None) -> Json:
    """Return the bounds of adaptive checking as they stand among values."""
    if bounds is None:
        return None
    return {"shortest_s": bounds.shortest_s, "longest_s": bounds.longest_s}


def _timing(told: Json) -> Timing:
    assert isinstance(told, Mapping)  # noqa: S101 - `told_timing` has told it
    jitter = float(str(told["jitter_s"]))
    if "cron" in told:
        return Cron(expression=str(told["cron"]), zone=str(told["zone"]), jitter_s=jitter)
    return Every(seconds=float(str(told["seconds"])), jitter_s=jitter)


def _with(one: Subscription, wanted: Values) -> Subscription:
    for name, value in wanted.items():
        match name, value:
            case "title", str():
                one = replace(one, title=value)
            case "filter", str():
                one = replace(one, filter=Filter.parse(value))
            case "limit", int() | None:
                one = replace(one, limit=value)
            case "timing", _:
                one = replace(one, timing=_timing(value))
            case "adaptive", _:
                one = _with_option(one, "adaptive", value)
            case "login", int() | None:
                one = _with_option(one, "login", value)
            case "paused", bool():
                one = replace(one, paused=value)
    return one


def _with_option(one: Subscription, name: str, value: Json) -> Subscription:
    others = {key: kept for key, kept in one.options.items() if key != name}
    return replace(one, options=others if value is None else {**others, name: value})


def _difference(before: Values, after: Values) -> tuple[Values, Values]:
    names = [name for name in before if before[name] != after[name]]
    return {name: before[name] for name in names}, {name: after[name] for name in names}
