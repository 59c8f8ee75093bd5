"""How often somebody may fail to prove who they are. Kept in rows: a restart forgives nothing."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gatherum.accounts.tables import ThrottleRow
from gatherum.db import Database, Tx
from gatherum.errors import TooManyRequests

WINDOW_S: Final = 900.0
TRIES: Final = 5
SLOWEST_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Key:
    """What tries are counted by. `hard` ones are refused beyond the limit, others only slowed.

    Those behind the first `swift` ones wait before they are judged: `step_s`, and longer each time.
    """

    text: str
    hard: bool = True
    swift: int = TRIES
    step_s: float = 0.5


class Throttle:
    """Counts tries. A try is counted before it is judged, so that a race lets no more through."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._db = database
        self._now = now

    async def take(self, *keys: Key) -> float:
        """Count a try under each key; return the seconds to wait before it is judged.

        Raises `TooManyRequests`, and counts nothing, if one of the hard keys is used up.
        """
        now = self._now()

        def tx(tx: Tx) -> float:
            tx.execute(sa.delete(ThrottleRow).where(ThrottleRow.first_at <= now - WINDOW_S))
            wait = 0.0
            for key in sorted(keys, key=lambda key: key.text):  # one order: nobody waits in a ring
                failures, first_at = _count(tx, key.text, now)
                if key.hard and failures > TRIES:
                    raise TooManyRequests(
                        "Too many failed tries. Wait, then try again.",
                        retry_after=max(first_at + WINDOW_S - now, 1.0),
                    )
                wait = max(wait, _slowed(key, failures))
            return wait

        return await self._db.write(tx)

    async def clear(self, *keys: Key, give_back: tuple[Key, ...] = ()) -> None:
        """Forget the tries under `keys`; under those of `give_back` only the last one."""

        def tx(tx: Tx) -> None:
            tx.execute(sa.delete(ThrottleRow).where(ThrottleRow.key.in_([k.text for k in keys])))
            tx.execute(
                sa.update(ThrottleRow)
                .where(ThrottleRow.key.in_([k.text for k in give_back]), ThrottleRow.failures > 0)
                .values(failures=ThrottleRow.failures - 1)
            )

        await self._db.write(tx)


def by_address(what: str, address: str) -> Key:
    """Return the key that slows tries at something from one place: an IPv4 address, or an IPv6 /64.

    It shuts nobody out: a whole house, or a company, may be one place.
    """
    return Key(f"{what}|from|{place_of(address)}", hard=False)


def by_name(what: str, name: str, address: str) -> Key:
    """Return the key of the tries for one name from one place: slowed first, then refused."""
    return Key(f"{what}|for|{_hidden(name)}|from|{place_of(address)}", swift=3)


def by_account(what: str, account_id: int) -> Key:
    """Return the key of the tries for one account by somebody who has proven something already."""
    return Key(f"{what}|account|{account_id}")


def slowing(what: str, name: str) -> Key:
    """Return the key that slows tries for one name, wherever they come from. It locks nobody out."""
    return Key(f"{what}|for|{_hidden(name)}", hard=False, swift=10, step_s=0.25)


def place_of(address: str) -> str:
    """Return what counts as one place. IPv4 in the clothes of IPv6 is IPv4."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None)
    if found.version == 4 or mapped is not None:
        return str(mapped or found)
    return str(ip_network((int(found), 64), strict=False))


def _count(tx: Tx, key: str, now: float) -> tuple[int, float]:
    """Count one more under a key; return how many there are, and since when."""
    make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    old = ThrottleRow.first_at <= now - WINDOW_S
    counted = (
        make(ThrottleRow)
        .values(key=key, failures=1, first_at=now)
        .on_conflict_do_update(
            index_elements=[ThrottleRow.key],
            set_={
                "failures": sa.case((old, 1), else_=ThrottleRow.failures + 1),
                "first_at": sa.case((old, now), else_=ThrottleRow.first_at),
            },
        )
        .returning(ThrottleRow.failures, ThrottleRow.first_at)
    )
    row = tx.execute(counted).one()
    return row.failures, row.first_at


def _slowed(key: Key, failures: int) -> float:
    over = failures - key.swift
    return 0.0 if over <= 0 else min(key.step_s * math.sqrt(over), SLOWEST_S)


def _hidden(name: str) -> str:
    """Return a name as it is kept: people type passwords into the field for names."""
    return hashlib.sha256(name.strip().casefold().encode(errors="surrogatepass")).hexdigest()[:24]
