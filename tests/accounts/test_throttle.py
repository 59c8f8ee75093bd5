"""Tries are counted in rows, before they are judged."""

import asyncio

import pytest
import sqlalchemy as sa

from gatherum.accounts.model import Visitor
from gatherum.accounts.tables import ThrottleRow
from gatherum.accounts.throttle import (
    Throttle,
    by_account,
    by_address,
    by_name,
    place_of,
    slowing,
)
from gatherum.errors import NotSignedIn, TooManyRequests
from tests.accounts.conftest import HERE, PASSWORD, House


async def fail(house: House, name: str = "ada", visitor: Visitor = HERE) -> str:
    """Try a wrong password; return what came of it."""
    try:
        await house.signing_in.by_password(name, "wrong password", visitor)
    except (NotSignedIn, TooManyRequests) as error:
        return type(error).__name__
    return "in"


async def test_the_sixth_try_for_a_name_from_one_place_is_not_judged_any_more(
    house: House,
) -> None:
    await house.account()

    told = [await fail(house, name) for name in ("ada", "ADA", "ada ", "ada", "ada", "ada")]

    assert told == ["NotSignedIn"] * 5 + ["TooManyRequests"]
    assert house.hasher.checks == 5
    assert len(house.slept) == 2  # it was slowed before it was refused
    with pytest.raises(TooManyRequests) as refused:  # not even the right one
        await house.signing_in.by_password("ada", PASSWORD, HERE)
    assert refused.value.retry_after == 900


async def test_of_fifty_tries_at_once_five_are_judged(house: House) -> None:
    await house.account()

    told = await asyncio.gather(*(fail(house) for _ in range(50)))

    assert (told.count("NotSignedIn"), told.count("TooManyRequests")) == (5, 45)
    assert house.hasher.checks == 5


async def test_a_restart_forgives_nothing(house: House) -> None:
    await house.account()
    for _ in range(5):
        await fail(house)

    again = House(house.database)

    assert await fail(again) == "TooManyRequests"
    again.time += 899
    assert await fail(again) == "TooManyRequests"
    again.time += 1
    assert await fail(again) == "NotSignedIn"


async def test_another_place_is_counted_by_itself(house: House) -> None:
    await house.account()
    for _ in range(6):
        await fail(house)

    signed_in = await house.signing_in.by_password("ada", PASSWORD, Visitor(address="198.51.100.1"))

    assert signed_in.factors == ()


async def test_who_is_behind_one_router_with_somebody_who_guesses_can_still_sign_in(
    house: House,
) -> None:
    await house.account()
    for _ in range(10):
        await fail(house, "eve")

    signed_in = await house.signing_in.by_password("ada", PASSWORD, HERE)

    assert signed_in.factors == ()
    assert await fail(house, "eve") == "TooManyRequests"


async def test_tries_of_many_names_from_one_place_are_slowed(house: House) -> None:
    told = {await fail(house, f"name{number}") for number in range(100)}

    assert told == {"NotSignedIn"}
    assert len(house.slept) == 95  # from the sixth on
    assert house.slept == sorted(house.slept)
    assert house.slept[-1] == 4


async def test_whoever_signs_in_is_not_counted_and_frees_nobody_else(house: House) -> None:
    await house.account()
    for _ in range(20):
        await house.signing_in.by_password("ada", PASSWORD, HERE)
    for number in range(5):
        await fail(house, f"bob{number}")
    assert house.slept == []

    await house.signing_in.by_password("ada", PASSWORD, HERE)
    await fail(house, "eve")

    assert house.slept == [0.5, 0.5]  # hers and eve's were both the sixth


async def test_an_account_tried_from_everywhere_is_slowed_and_never_locked(house: House) -> None:
    await house.account()
    for number in range(200):
        await fail(house, visitor=Visitor(address=f"198.51.{number}.9"))

    entered = await house.signing_in.by_password("ADA ", PASSWORD, HERE)

    assert entered.factors == ()
    assert len(house.slept) == 191  # from the eleventh try on, and the right one
    assert house.slept == sorted(house.slept)
    assert 3 < house.slept[-1] <= 4
    house.slept.clear()
    await house.signing_in.by_password("ada", PASSWORD, HERE)
    assert house.slept == []


async def test_what_is_over_is_forgotten(house: House) -> None:
    for number in range(10):
        await house.throttle.take(by_address("x", f"192.0.2.{number}"))
    house.time += 900

    await house.throttle.take(by_address("x", "192.0.2.99"))

    held = sa.select(sa.func.count()).select_from(ThrottleRow)
    assert await house.database.read(lambda tx: tx.scalar(held)) == 1


async def test_a_refused_try_counts_nothing_anywhere(house: House) -> None:
    used, other = by_account("x", 1), by_account("y", 1)
    for _ in range(5):
        await house.throttle.take(used)
    for _ in range(9):
        with pytest.raises(TooManyRequests):
            await house.throttle.take(used, other)

    for _ in range(5):
        await house.throttle.take(other)
    with pytest.raises(TooManyRequests):
        await house.throttle.take(other)


async def test_the_wait_that_is_told_is_the_one_that_is_left(house: House) -> None:
    key = by_account("x", 1)
    for _ in range(5):
        await house.throttle.take(key)
        house.time += 100

    with pytest.raises(TooManyRequests) as refused:
        await house.throttle.take(key)

    assert refused.value.retry_after == 400


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_place_is_an_ipv4_address_or_64_bits_of_ipv6(address: str, place: str) -> None:
    assert place_of(address) == place


async def test_no_name_that_was_typed_stands_in_the_rows(house: House) -> None:
    typed = "hunter2-in-the-wrong-field"
    await house.throttle.take(
        by_name("sign-in", typed, "192.0.2.7"),
        slowing("sign-in", typed),
        by_address("s", "1.2.3.4"),
    )

    keys = await house.database.read(lambda tx: tx.scalars(sa.select(ThrottleRow.key)).all())
    assert len(keys) == 3
    assert not any("hunter2" in key for key in keys)


async def test_two_processes_count_together(house: House) -> None:
    other = Throttle(house.database, house.now)
    key = by_account("x", 1)
    for throttle in (other, house.throttle, other, house.throttle, other):
        await throttle.take(key)

    with pytest.raises(TooManyRequests):
        await house.throttle.take(key)
