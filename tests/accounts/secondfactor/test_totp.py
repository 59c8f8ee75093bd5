"""Codes of an authenticator app."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from gatherum.accounts.model import Caller
from gatherum.accounts.secondfactor.totp import Totp
from gatherum.accounts.tables import RecoveryCodeRow, TotpRow
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.safety.vault import Unsealable
from tests.accounts.secondfactor.conftest import HERE, Ground


@pytest.fixture
def totp(ground: Ground) -> Totp:
    return Totp(ground.database, vault=ground.vault, changes=ground.changes, now=ground.now)


async def enrol(totp: Totp, ground: Ground, caller: Caller) -> pyotp.TOTP:
    """Return an app that has proven itself, thirty seconds ago."""
    app = pyotp.TOTP((await totp.enrol(caller.account)).secret)
    await totp.confirm(caller, HERE, app.at(ground.time))
    ground.time += 30
    return app


async def is_right(totp: Totp, caller: Caller, code: object) -> bool:
    return await totp.finish(caller.account.id, caller.via, {"code": code})  # type: ignore[dict-item]


async def test_a_code_is_right_once(ground: Ground, totp: Totp) -> None:
    caller = await ground.caller()
    app = await enrol(totp, ground, caller)
    code = app.at(ground.time)

    assert await is_right(totp, caller, code)
    assert not await is_right(totp, caller, code)


async def test_of_many_tries_at_once_with_one_code_one_is_right(ground: Ground, totp: Totp) -> None:
    caller = await ground.caller()
    app = await enrol(totp, ground, caller)
    code = app.at(ground.time)

    tries = await asyncio.gather(*(is_right(totp, caller, code) for _ in range(8)))

    assert sorted(tries) == [False] * 7 + [True]


async def test_an_older_code_is_wrong_once_a_newer_one_was_used(ground: Ground, totp: Totp) -> None:
    caller = await ground.caller()
    app = await enrol(totp, ground, caller)
    ground.time += 60

    assert await is_right(totp, caller, app.at(ground.time))
    assert not await is_right(totp, caller, app.at(ground.time - 30))


@pytest.mark.parametrize(
    ("steps", "expected"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
async def test_a_code_counts_one_step_before_and_after_its_time(
    ground: Ground, totp: Totp, steps: int, expected: object
) -> None:
    caller = await ground.caller()
    app = await enrol(totp, ground, caller)
    ground.time += 300

    assert await is_right(totp, caller, app.at(ground.time + 30 * steps)) is expected


async def test_the_code_that_confirmed_does_not_also_sign_in(ground: Ground, totp: Totp) -> None:
    caller = await ground.caller()
    app = pyotp.TOTP((await totp.enrol(caller.account)).secret)
    await totp.confirm(caller, HERE, app.at(ground.time))

    assert not await is_right(totp, caller, app.at(ground.time))


async def test_an_app_counts_only_when_it_is_confirmed(ground: Ground, totp: Totp) -> None:
    caller = await ground.caller()
    app = pyotp.TOTP((await totp.enrol(caller.account)).secret)

    assert not await totp.enrolled(caller.account.id)
    assert not await is_right(totp, caller, app.at(ground.time))
    with pytest.raises(InvalidInput):
        await totp.confirm(caller, HERE, "000000" if app.at(ground.time) != "000000" else "000001")
    assert not await totp.enrolled(caller.account.id)
    assert await totp.confirm(caller, HERE, app.at(ground.time))
    assert await totp.enrolled(caller.account.id)


async def test_another_secret_takes_the_place_of_one_that_was_not_confirmed_and_of_no_other(
    ground: Ground, totp: Totp
) -> None:
    caller = await ground.caller()
    first = pyotp.TOTP((await totp.enrol(caller.account)).secret)
    second = pyotp.TOTP((await totp.enrol(caller.account)).secret)

    with pytest.raises(InvalidInput):
        await totp.confirm(caller, HERE, first.at(ground.time))
    await totp.confirm(caller, HERE, second.at(ground.time))
    with pytest.raises(Conflict, match="already"):
        await totp.enrol(caller.account)
    ground.time += 30
    assert await is_right(totp, caller, second.at(ground.time))


async def test_a_code_of_somebody_else_is_wrong(ground: Ground, totp: Totp) -> None:
    ada, bob = await ground.caller("ada"), await ground.caller("bob")
    app = await enrol(totp, ground, ada)
    await enrol(totp, ground, bob)

    assert not await is_right(totp, bob, app.at(ground.time))
    assert await is_right(totp, ada, app.at(ground.time))


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\ud800", None, 123456, ["123456"]]
)
async def test_what_is_no_code_is_wrong(ground: Ground, totp: Totp, code: object) -> None:
    caller = await ground.caller()
    await enrol(totp, ground, caller)

    assert not await is_right(totp, caller, code)


async def test_the_secret_is_sealed_and_opens_at_no_other_account(
    ground: Ground, totp: Totp
) -> None:
    ada, bob = await ground.caller("ada"), await ground.caller("bob")
    made = await totp.enrol(ada.account)
    (row,) = await ground.rows(TotpRow)

    assert made.secret.encode() not in bytes(row[1])  # type: ignore[call-overload]
    assert ground.vault.open(bytes(row[1]), f"totp:{ada.account.id}") == made.secret  # type: ignore[call-overload]
    with pytest.raises(Unsealable):
        ground.vault.open(bytes(row[1]), f"totp:{bob.account.id}")  # type: ignore[call-overload]


async def test_the_enrolment_is_told_in_three_ways_that_say_the_same(
    ground: Ground, totp: Totp
) -> None:
    caller = await ground.caller()
    made = await totp.enrol(caller.account)
    told = urlsplit(made.uri)

    assert len(made.secret) == 32
    assert (told.scheme, told.netloc, told.path) == ("otpauth", "totp", "/Gatherum:ada")
    assert parse_qs(told.query) == {"secret": [made.secret], "issuer": ["Gatherum"]}
    assert made.qr.startswith("data:image/svg+xml;charset=utf-8,")


async def test_the_first_factor_brings_recovery_codes_and_the_last_one_takes_them_away(
    ground: Ground, totp: Totp
) -> None:
    caller = await ground.caller()
    app = pyotp.TOTP((await totp.enrol(caller.account)).secret)

    codes = await totp.confirm(caller, HERE, app.at(ground.time))

    assert (len(codes), len(await ground.rows(RecoveryCodeRow))) == (10, 10)
    await totp.remove(caller, HERE)
    assert await ground.rows(RecoveryCodeRow) == []
    with pytest.raises(NotFound):
        await totp.remove(caller, HERE)


async def test_a_change_ends_the_other_sessions_of_the_account_and_is_written_down(
    ground: Ground, totp: Totp
) -> None:
    other, bob, caller = [await ground.caller(name) for name in ("ada", "bob", "ada")]
    await enrol(totp, ground, caller)

    left = [session.id for session in await ground.sessions.list(caller.account.id)]
    assert (left, other.via in left) == ([caller.via], False)
    assert len(await ground.sessions.list(bob.account.id)) == 1

    another = await ground.caller()
    await totp.remove(caller, HERE)

    left = [session.id for session in await ground.sessions.list(caller.account.id)]
    assert (left, another.via in left) == ([caller.via], False)
    assert await ground.events() == [("factor.added", "totp"), ("factor.removed", "totp")]
