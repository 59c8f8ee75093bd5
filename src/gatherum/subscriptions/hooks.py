"""Webhooks: another program says that there is something new, and proves that it may say so."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import Conflict, NotFound, NotSignedIn
from gatherum.jobs.scheduler import Scheduler
from gatherum.safety.vault import Vault
from gatherum.subscriptions.follow import schedule_id
from gatherum.subscriptions.tables import HookDeliveryRow, HookRow, SubscriptionRow

WHERE: Final = "hook:{}:secret"
WINDOW_S: Final = 300.0  # how far the caller's clock may be off
REMEMBERED_S: Final = 3600.0  # longer than a signature can be used
NOBODY: Final = secrets.token_urlsafe(32)  # the secret of hooks that are not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook as it may be shown: that there is one."""

    subscription: int
    created_at: float
    called_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What came in: headers as they are, and the body byte by byte."""

    timestamp: str
    signature: str
    delivery: str
    body: bytes


class Hooks:
    """The repository of webhooks. A secret is told once, when it is made.

    A call counts if its signature is of this secret and of now, and once: neither its delivery id
    nor its signature is taken again. What is wrong with one that does not count is not told.
    """

    def __init__(
        self,
        database: Database,
        scheduler: Scheduler,
        vault: Vault,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._db = database
        self._scheduler = scheduler
        self._vault = vault
        self._now = now

    async def make(self, subscription: int) -> str:
        """Give a subscription a webhook, or its webhook a new secret; return the secret."""
        secret = secrets.token_urlsafe(32)
        sealed = self._vault.seal(secret, WHERE.format(subscription))

        def write(tx: Tx) -> None:
            known = sa.select(SubscriptionRow.id).where(SubscriptionRow.id == subscription)
            if tx.scalar(known.with_for_update()) is None:
                raise NotFound("There is no such subscription.")
            tx.execute(sa.delete(HookRow).where(HookRow.subscription_id == subscription))
            new = {"subscription_id": subscription, "secret": sealed, "created_at": self._now()}
            tx.execute(sa.insert(HookRow).values(called_at=None, **new))

        await self._db.write(write)
        return secret

    async def get(self, subscription: int) -> Hook:
        """Return the webhook of a subscription; raises `NotFound`."""
        row = await self._row(subscription)
        if row is None:
            raise NotFound("This subscription has no webhook.")
        return Hook(
            subscription=subscription, created_at=row["created_at"], called_at=row["called_at"]
        )

    async def remove(self, subscription: int) -> None:
        """Take a subscription's webhook away; raises `NotFound`."""
        gone = sa.delete(HookRow).where(HookRow.subscription_id == subscription)
        if await self._db.write(lambda tx: tx.execute(gone).rowcount) == 0:
            raise NotFound("This subscription has no webhook.")

    async def take(self, subscription: int, call: Call) -> str:
        """Start a sync for a call that counts; return the id of its job.

        Raises `NotSignedIn` for a call that does not count, `Conflict` for one that was taken
        before, or while the subscription rests.
        """
        row = await self._row(subscription)
        secret = NOBODY if row is None else self._open(row)
        fits = _fits(call, secret, now=self._now())
        if row is None or not fits:
            raise NotSignedIn("This call is not signed as it should be.")
        try:
            job = await self._db.write(lambda tx: self._take(tx, subscription, call))
        except sa.exc.IntegrityError as error:
            raise Conflict("This delivery was taken before.") from error
        return job or await self._live(subscription)

    def _take(self, tx: Tx, subscription: int, call: Call) -> str | None:
        now = self._now()
        old = sa.delete(HookDeliveryRow).where(HookDeliveryRow.at < now - REMEMBERED_S)
        tx.execute(old)
        names = [f"signature {call.signature}"]
        names += [f"delivery {call.delivery}"] if call.delivery else []
        rows = [{"subscription_id": subscription, "delivery": name, "at": now} for name in names]
        tx.execute(sa.insert(HookDeliveryRow), rows)
        called = sa.update(HookRow).where(HookRow.subscription_id == subscription)
        tx.execute(called.values(called_at=now))
        own = schedule_id(subscription)
        if not self._scheduler.look(tx, [own])[own].enabled:
            raise Conflict("This subscription rests.")
        return self._scheduler.submit(tx, own)

    async def _live(self, subscription: int) -> str:
        """Return the job that is live already; one that has just ended is made anew."""
        while True:
            live = await self._scheduler.find_live(schedule_id(subscription))
            live = live or await self._scheduler.run_now(schedule_id(subscription))
            if live is not None:
                return live

    async def _row(self, subscription: int) -> sa.RowMapping | None:
        query = sa.select(HookRow.__table__).where(HookRow.subscription_id == subscription)
        return await self._db.read(lambda tx: tx.execute(query).mappings().one_or_none())

    def _open(self, row: sa.RowMapping) -> str:
        return self._vault.open(row["secret"], WHERE.format(row["subscription_id"]))


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a call: what the header says behind `sha256=`."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _fits(call: Call, secret: str, *, now: float) -> bool:
    expected = f"sha256={sign(secret, call.timestamp, call.body)}"
    signed = hmac.compare_digest(expected.encode(), call.signature.encode())
    digits = call.timestamp.isascii() and call.timestamp.isdecimal() and len(call.timestamp) < 12
    return signed and digits and abs(now - int(call.timestamp)) <= WINDOW_S
