"""Recovery codes."""

import asyncio
import hashlib

import pyotp
import pytest

from gatherum.accounts.model import Caller
from gatherum.accounts.secondfactor.recovery import RecoveryCodes
from gatherum.accounts.secondfactor.totp import Totp
from gatherum.accounts.tables import RecoveryCodeRow
from gatherum.errors import Conflict
from tests.accounts.secondfactor.conftest import HERE, Ground


@pytest.fixture
def recovery(ground: Ground) -> RecoveryCodes:
    return RecoveryCodes(ground.database, changes=ground.changes)


async def give_codes(ground: Ground, caller: Caller) -> tuple[str, ...]:
    totp = Totp(ground.database, vault=ground.vault, changes=ground.changes, now=ground.now)
    app = pyotp.TOTP((await totp.enrol(caller.account)).secret)
    return await totp.confirm(caller, HERE, app.at(ground.time))


async def is_right(recovery: RecoveryCodes, caller: Caller, code: object) -> bool:
    return await recovery.finish(caller.account.id, caller.via, {"code": code})  # type: ignore[dict-item]


async def test_each_code_is_right_once(ground: Ground, recovery: RecoveryCodes) -> None:
    caller = await ground.caller()
    codes = await give_codes(ground, caller)

    assert [await is_right(recovery, caller, code) for code in codes] == [True] * 10
    assert [await is_right(recovery, caller, code) for code in codes] == [False] * 10
    assert not await recovery.enrolled(caller.account.id)


async def test_of_many_tries_at_once_with_one_code_one_is_right(
    ground: Ground, recovery: RecoveryCodes
) -> None:
    caller = await ground.caller()
    code = (await give_codes(ground, caller))[3]

    tries = await asyncio.gather(*(is_right(recovery, caller, code) for _ in range(8)))

    assert sorted(tries) == [False] * 7 + [True]
    assert await recovery.left(caller.account.id) == 9


async def test_a_code_has_120_bits_and_only_its_hash_is_kept(ground: Ground) -> None:
    codes = await give_codes(ground, await ground.caller())
    rows = await ground.rows(RecoveryCodeRow)

    assert len(set(codes)) == 10
    assert {len(code.replace("-", "")) * 5 for code in codes} == {120}
    assert {row[0] for row in rows} == {
        hashlib.sha256(code.replace("-", "").encode()).hexdigest() for code in codes
    }


async def test_a_code_may_be_typed_as_people_type(ground: Ground, recovery: RecoveryCodes) -> None:
    caller = await ground.caller()
    codes = await give_codes(ground, caller)

    assert await is_right(recovery, caller, codes[0].lower())
    assert await is_right(recovery, caller, f"  {codes[1].replace('-', ' ')}\n")
    assert await is_right(recovery, caller, codes[2].replace("-", ""))


async def test_a_code_of_somebody_else_is_wrong_and_stays_theirs(
    ground: Ground, recovery: RecoveryCodes
) -> None:
    ada, bob = await ground.caller("ada"), await ground.caller("bob")
    codes = await give_codes(ground, ada)
    await give_codes(ground, bob)

    assert not await is_right(recovery, bob, codes[0])
    assert await is_right(recovery, ada, codes[0])


@pytest.mark.parametrize("code", ["", "-", "\ud800", None, 7, {"code": "x"}])
async def test_what_is_no_code_is_wrong(
    ground: Ground, recovery: RecoveryCodes, code: object
) -> None:
    caller = await ground.caller()
    await give_codes(ground, caller)

    assert not await is_right(recovery, caller, code)


async def test_new_codes_end_the_old_ones(ground: Ground, recovery: RecoveryCodes) -> None:
    caller = await ground.caller()
    old = await give_codes(ground, caller)
    other = await ground.caller()

    new = await recovery.renew(caller, HERE)

    assert (len(new), await recovery.left(caller.account.id)) == (10, 10)
    assert not await is_right(recovery, caller, old[0])
    assert await is_right(recovery, caller, new[0])
    assert other.via not in {one.id for one in await ground.sessions.list(caller.account.id)}
    assert (await ground.events())[-1] == ("factor.added", "recovery")


async def test_there_are_no_codes_without_a_factor_that_they_stand_in_for(
    ground: Ground, recovery: RecoveryCodes
) -> None:
    caller = await ground.caller()

    with pytest.raises(Conflict, match="second factor"):
        await recovery.renew(caller, HERE)
