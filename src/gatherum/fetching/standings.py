"""How logins stand: whose turn each is, what it has asked today, and why one is parked.

All of it lies in the database, so that it counts for every worker and outlives each of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from gatherum.db import Database, Tx, insert_new
from gatherum.errors import Spent, Unavailable
from gatherum.fetching.http import Scope
from gatherum.fetching.tables import LoginRow, StandingRow
from gatherum.model import Reason
from gatherum.moments import moment
from gatherum.ports import Clock

TURN_S: Final = 60.0  # a turn that nobody has renewed for so long is over
DAY_S: Final = 86_400
# Requests a day with one login, by platform, where the settings name no figure: what a person who
# reads much might ask. What is not listed has `USUAL`.
DAILY: Final[Mapping[str, int]] = {
    "instagram": 3000,
    "linkedin": 500,
    "x": 8000,
    "tiktok": 8000,
}
USUAL: Final = 20_000
_NOTHING: Final = {
    "holder": "",
    "held_until": 0.0,
    "refusals": 0,
    "refused": "",
    "day": 0,
    "spent": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """Why a login is not used, and until when; without a time until somebody does something."""

    reason: Reason
    detail: str
    since: float
    until: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a login stands. `limit` is what it may ask in a day, None without end."""

    parked: Parked | None = None
    spent: int = 0
    limit: int | None = None
    resets_at: float = 0.0  # when the day is over, and the count begins anew
    in_use: bool = False

    @property
    def rests(self) -> Parked | None:
        """Why it may not be used now: it is parked, or has asked enough today."""
        if self.parked is not None:
            return self.parked
        if self.limit is not None and self.spent >= self.limit:
            return Parked(
                reason=Reason.RATE_LIMITED,
                detail=_enough(self.limit, self.resets_at),
                since=self.resets_at - DAY_S,
                until=self.resets_at,
            )
        return None


class Standings:
    """The repository of how logins stand.

    Invariants: a login has one holder at a time, over all processes; a request that carries its
    cookies is counted before it goes out, and one above the day's limit, or of a holder whose turn
    has passed, does not go out.
    """

    def __init__(
        self, database: Database, clock: Clock, chosen: Callable[[], int | None] = lambda: None
    ) -> None:
        self._db = database
        self._clock = clock
        self._chosen = chosen

    async def all(self) -> Mapping[int, Standing]:
        """Return how each login stands."""
        now, query = self._clock.now(), sa.select(LoginRow.id, LoginRow.platform, *_columns())
        joined = query.outerjoin(StandingRow, StandingRow.login_id == LoginRow.id)
        rows = await self._db.read(lambda tx: tx.execute(joined).mappings().all())
        return {row["id"]: self._standing(row, now) for row in rows}

    async def take(self, login_id: int, holder: str) -> bool:
        """Take the turn at a login, or renew it; False while it is another's."""
        now = self._clock.now()

        def tx(tx: Tx) -> bool:
            _make(tx, login_id)
            free = sa.or_(StandingRow.holder.in_(["", holder]), StandingRow.held_until <= now)
            mine = sa.update(StandingRow).where(StandingRow.login_id == login_id, free)
            taken = mine.values(holder=holder, held_until=now + TURN_S)
            return tx.execute(taken).rowcount == 1

        return await self._db.write(tx, durable=False)

    async def let_go(self, login_id: int, holder: str) -> None:
        """End a turn; nothing happens if it has passed to another."""
        which = sa.and_(StandingRow.login_id == login_id, StandingRow.holder == holder)
        await self._change(which, holder="", held_until=0.0)

    async def release(self, owner: str) -> None:
        """End all turns of a process that is dead: those whose holder begins with its name."""
        which = StandingRow.holder.startswith(f"{owner}/", autoescape=True)
        await self._change(which, holder="", held_until=0.0)

    async def park(self, login_id: int, reason: Reason, detail: str, until: float | None) -> None:
        """Let a login rest until a time, or until `resume`."""
        now = self._clock.now()
        parked = {"reason": reason, "detail": detail, "parked_at": now, "parked_until": until}

        def tx(tx: Tx) -> None:
            _make(tx, login_id)
            _update(tx, StandingRow.login_id == login_id, **parked)

        await self._db.write(tx, durable=False)

    async def refused(self, login_id: int, target: str) -> int:
        """Note that a target was not shown to a login; return how many in a row were not."""

        def tx(tx: Tx) -> int:
            _make(tx, login_id)
            row = _row(tx, login_id)
            count = row.refusals if row.refused == target else row.refusals + 1
            _update(tx, StandingRow.login_id == login_id, refusals=count, refused=target)
            return int(count)

        return await self._db.write(tx, durable=False)

    async def worked(self, login_id: int) -> None:
        """Note that a login was served: what it was refused before was not for its own sake."""
        which = sa.and_(StandingRow.login_id == login_id, StandingRow.refusals > 0)
        await self._change(which, refusals=0, refused="")

    async def resume(self, login_id: int) -> None:
        """Let a parked login go on."""
        await self._db.write(lambda tx: resume(tx, login_id))

    async def count(self, host: str, scope: Scope) -> None:
        """Count a request that is to go to `host`, if it carries the cookies of a login.

        Raises `Spent` if the day's allowance is, `Unavailable` if the turn has passed to another.
        """
        if not scope.login or not scope.reaches(host):
            return
        now, login_id = self._clock.now(), int(scope.login)
        told = await self._db.write(
            lambda tx: self._spend(tx, login_id, scope.turn, now), durable=False
        )
        if told is not None:
            raise told

    def _spend(self, tx: Tx, login_id: int, turn: str, now: float) -> Unavailable | None:
        platform = tx.scalar(sa.select(LoginRow.platform).where(LoginRow.id == login_id))
        if platform is None:
            return None  # it was forgotten meanwhile
        _make(tx, login_id)
        row = _row(tx, login_id)
        if turn and row.holder not in ("", turn):
            return Unavailable("Another job has the turn at this login now.")
        day, limit = int(now // DAY_S), self._limit(platform)
        spent, tomorrow = row.spent if row.day == day else 0, (day + 1) * DAY_S
        if limit is not None and spent >= limit:
            return Spent(_enough(limit, tomorrow), retry_after=tomorrow - now)
        counted: dict[str, object] = {"day": day, "spent": spent + 1}
        if turn:  # it may have been taken from one that was held for dead
            counted |= {"holder": turn, "held_until": now + TURN_S}
        _update(tx, StandingRow.login_id == login_id, **counted)
        return None

    def _limit(self, platform: str) -> int | None:
        chosen = self._chosen()
        return (DAILY.get(platform, USUAL) if chosen is None else chosen) or None

    def _standing(self, row: sa.RowMapping, now: float) -> Standing:
        day = int(now // DAY_S)
        until = row["parked_until"]
        parked = None
        if row["reason"] is not None and (until is None or until > now):
            parked = Parked(
                reason=Reason(row["reason"]),
                detail=row["detail"] or "",
                since=row["parked_at"] or 0.0,
                until=until,
            )
        return Standing(
            parked=parked,
            spent=row["spent"] if row["day"] == day else 0,
            limit=self._limit(row["platform"]),
            resets_at=float((day + 1) * DAY_S),
            in_use=bool(row["holder"]) and row["held_until"] > now,
        )

    async def _change(self, which: sa.ColumnElement[bool], **values: object) -> None:
        await self._db.write(lambda tx: _update(tx, which, **values), durable=False)


def resume(tx: Tx, login_id: int) -> None:
    """Let a login go on, in the caller's transaction: with fresh cookies nothing old counts."""
    nothing = {"reason": None, "detail": None, "parked_at": None, "parked_until": None}
    _update(tx, StandingRow.login_id == login_id, **nothing, refusals=0, refused="")


def _enough(limit: int, until: float) -> str:
    return f"This login has made its {limit} requests of today. It goes on at {moment(until)}."


def _columns() -> list[sa.ColumnElement[object]]:
    return [column for column in StandingRow.__table__.c if column.name != "login_id"]


def _make(tx: Tx, login_id: int) -> None:
    insert_new(tx, StandingRow, [{"login_id": login_id, **_NOTHING}])


def _row(tx: Tx, login_id: int) -> sa.Row[tuple[object, ...]]:
    query = sa.select(StandingRow.__table__).where(StandingRow.login_id == login_id)
    return tx.execute(query.with_for_update()).one()


def _update(tx: Tx, which: sa.ColumnElement[bool], **values: object) -> None:
    tx.execute(sa.update(StandingRow).where(which).values(**values))
