"""Signing in, step by step: no step can be left out, and each gives another token."""

import asyncio

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from gatherum.accounts.audit import Event
from gatherum.accounts.model import Role, Visitor
from gatherum.accounts.tables import AccountRow
from gatherum.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    NotSignedIn,
    TooManyRequests,
)
from gatherum.settings import SecuritySettings
from tests.accounts.conftest import HERE, PASSWORD, House

NEW = "another long password"


async def enter(house: House, name: str = "ada") -> str:
    return (await house.signing_in.by_password(name, PASSWORD, HERE)).token


async def with_factor(house: House, name: str = "ada") -> int:
    account = await house.account(name)
    house.totp.owners.add(account.id)
    house.codes.owners.add(account.id)
    return account.id


async def test_the_right_password_opens_a_full_session(house: House) -> None:
    account = await house.account()

    entered = await house.signing_in.by_password(" ADA", PASSWORD, HERE)

    caller = await house.caller(entered.token)
    assert (caller.account.id, caller.account.signed_in_at) == (account.id, house.time)
    assert caller.sudo_until == house.time + 600
    assert await house.events() == ["account.added", "sign_in.ok"]


async def test_nothing_tells_an_unknown_name_from_a_wrong_password(house: House) -> None:
    await house.account()
    silent = await house.accounts.create("bob", Role.VIEWER, password=None)
    barred = await house.account("eve", Role.VIEWER)
    await house.accounts.change(barred.id, disabled=True)
    told = set()
    for number, (name, password) in enumerate(
        [("nobody", PASSWORD), ("ada", NEW), ("bob", NEW), ("eve", PASSWORD), ("a\0b", NEW)]
    ):
        with pytest.raises(NotSignedIn) as refused:
            await house.signing_in.by_password(
                name, password, Visitor(address=f"198.51.100.{number}")
            )
        told.add(str(refused.value))

    assert told == {"The name or the password is wrong."}
    assert house.hasher.checks == 5  # each has cost a hash
    assert await house.sessions.list(silent.id) == ()
    assert (await house.events()).count("sign_in.failed") == 5


async def test_the_audit_names_who_failed_but_nothing_that_was_typed(house: House) -> None:
    await house.account()
    for name in ("ada", "hunter2 in the wrong field"):
        with pytest.raises(NotSignedIn):
            await house.signing_in.by_password(name, "wrong", HERE)

    entries, _ = await house.audit.list(limit=10, event="sign_in.failed")

    assert [(one.name, one.address) for one in entries] == [("", "192.0.2.7"), ("ada", "192.0.2.7")]


async def test_the_token_that_a_browser_came_with_is_void_after_each_step(house: House) -> None:
    await with_factor(house)
    planted = await house.sessions.begin(1, HERE, methods="password", full=True)

    first = await house.signing_in.by_password("ada", PASSWORD, HERE, replaces=planted)
    second = await house.signing_in.by_factor(first.token, "totp", {"code": "sesame"}, HERE)
    caller = await house.caller(second.token)
    third = await house.signing_in.sudo_by_password(caller, PASSWORD, HERE)
    fourth = await house.signing_in.change_password(await house.caller(third), PASSWORD, NEW, HERE)

    tokens = [planted, first.token, second.token, third, fourth]
    assert len(set(tokens)) == 5
    for void in tokens[:-1]:
        with pytest.raises(NotSignedIn):
            await house.caller(void)
    assert (await house.caller(fourth)).via == caller.via


async def test_a_password_alone_opens_nothing_where_a_factor_is_due(house: House) -> None:
    await with_factor(house)

    entered = await house.signing_in.by_password("ada", PASSWORD, HERE)

    assert entered.factors == ("totp", "recovery")
    with pytest.raises(NotSignedIn):
        await house.caller(entered.token)
    begun = await house.signing_in.begin_factor(entered.token, "totp")
    pending = await house.signing_in.pending(entered.token)
    assert begun == {"for": 1, "in": pending.id}
    done = await house.signing_in.by_factor(entered.token, "totp", {"code": "sesame"}, HERE)
    assert (await house.caller(done.token)).account.name == "ada"
    (session,) = await house.sessions.list(1)
    assert session.methods == "password+totp"
    assert (await house.events())[1:] == ["sign_in.begun", "factor.ok", "sign_in.ok"]


async def test_codes_alone_ask_for_nothing(house: House) -> None:
    account = await house.account()
    house.codes.owners.add(account.id)

    entered = await house.signing_in.by_password("ada", PASSWORD, HERE)

    assert entered.factors == ()


@pytest.mark.parametrize("token", [None, "", "made up"])
async def test_a_factor_without_the_password_before_it_is_refused(
    token: str | None, small_house: House
) -> None:
    await with_factor(small_house)

    with pytest.raises(NotSignedIn):
        await small_house.signing_in.begin_factor(token, "totp")
    with pytest.raises(NotSignedIn):
        await small_house.signing_in.by_factor(token, "totp", {"code": "sesame"}, HERE)


async def test_a_factor_that_the_account_does_not_have_is_refused(small_house: House) -> None:
    house = small_house
    await with_factor(house)
    other = await house.account("eve")
    house.codes.owners.discard(1)
    entered = await house.signing_in.by_password("ada", PASSWORD, HERE)

    for name in ("recovery", "duo", "__class__"):
        with pytest.raises(NotFound):
            await house.signing_in.by_factor(entered.token, name, {"code": "sesame"}, HERE)
    assert await house.sessions.list(other.id) == ()


async def test_wrong_answers_are_counted_for_each_kind_and_the_others_stay_of_use(
    house: House,
) -> None:
    await with_factor(house)
    entered = await house.signing_in.by_password("ada", PASSWORD, HERE)

    async def answer(code: str) -> str:
        try:
            await house.signing_in.by_factor(entered.token, "totp", {"code": code}, HERE)
        except (NotSignedIn, TooManyRequests) as error:
            return type(error).__name__
        return "in"

    told = await asyncio.gather(*(answer(str(number)) for number in range(50)))

    assert (told.count("NotSignedIn"), told.count("TooManyRequests")) == (5, 45)
    assert await answer("sesame") == "TooManyRequests"
    again = await house.signing_in.by_password("ada", PASSWORD, HERE)  # forgives nothing either
    with pytest.raises(TooManyRequests):
        await house.signing_in.by_factor(again.token, "totp", {"code": "sesame"}, HERE)
    done = await house.signing_in.by_factor(again.token, "recovery", {"code": "sesame"}, HERE)
    assert (await house.caller(done.token)).account.name == "ada"


async def test_sudo_mode_ends_and_comes_back_by_password_or_factor(house: House) -> None:
    await with_factor(house)
    first = await house.signing_in.by_password("ada", PASSWORD, HERE)
    token = (await house.signing_in.by_factor(first.token, "totp", {"code": "sesame"}, HERE)).token
    house.time += 601
    caller = await house.caller(token)
    assert caller.sudo_until < house.time

    token = await house.signing_in.sudo_by_password(caller, PASSWORD, HERE)
    assert (await house.caller(token)).sudo_until == house.time + 600
    house.time += 601
    caller = await house.caller(token)
    assert await house.signing_in.begin_sudo(caller, "totp") == {"for": 1, "in": caller.via}
    token = await house.signing_in.sudo_by_factor(caller, "totp", {"code": "sesame"}, HERE)

    assert (await house.caller(token)).sudo_until == house.time + 600
    assert (await house.events())[-3:] == ["sudo.ok", "factor.ok", "sudo.ok"]


async def test_sudo_is_not_given_for_a_wrong_proof_and_tries_are_counted(house: House) -> None:
    await with_factor(house)
    first = await house.signing_in.by_password("ada", PASSWORD, HERE)
    token = (await house.signing_in.by_factor(first.token, "totp", {"code": "sesame"}, HERE)).token
    caller = await house.caller(token)
    house.hasher.checks = 0

    async def ask(number: int) -> str:
        try:
            if number % 2:
                await house.signing_in.sudo_by_password(caller, "wrong", HERE)
            else:
                await house.signing_in.sudo_by_factor(caller, "totp", {"code": "wrong"}, HERE)
        except (Forbidden, TooManyRequests) as error:
            return type(error).__name__
        return "in"

    told = [await ask(number) for number in range(12)]

    assert told == ["Forbidden"] * 5 + ["TooManyRequests"] * 7
    with pytest.raises(TooManyRequests):
        await house.signing_in.change_password(caller, PASSWORD, NEW, HERE)
    assert house.hasher.checks == 2


async def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(house: House) -> None:
    await with_factor(house)
    house.totp.owners.clear()
    token, other = await enter(house), await enter(house)
    house.totp.owners.add(1)
    pending = (await house.signing_in.by_password("ada", PASSWORD, HERE)).token
    caller = await house.caller(token)

    with pytest.raises(Forbidden):
        await house.signing_in.change_password(caller, NEW, NEW, HERE)
    with pytest.raises(InvalidInput):
        await house.signing_in.change_password(caller, PASSWORD, "short", HERE)
    fresh = await house.signing_in.change_password(caller, PASSWORD, NEW, HERE)

    assert (await house.caller(fresh)).via == caller.via
    with pytest.raises(NotSignedIn):
        await house.caller(other)
    with pytest.raises(NotSignedIn):
        await house.signing_in.by_factor(pending, "totp", {"code": "sesame"}, HERE)
    with pytest.raises(NotSignedIn):
        await house.signing_in.by_password("ada", PASSWORD, HERE)
    assert (await house.signing_in.by_password("ada", NEW, HERE)).factors


async def test_a_password_that_was_changed_meanwhile_opens_no_session(house: House) -> None:
    account = await house.account()
    kept = await house.accounts.password_of(account.id)
    assert kept is not None
    await house.admission.set_password(account, NEW, HERE, by="a test")

    with pytest.raises(NotSignedIn):
        await house.sessions.begin(account.id, HERE, methods="password", full=True, password=kept)
    with pytest.raises(Conflict):
        await house.accounts.rehash(account.id, "x", was=kept)


async def test_an_old_hash_is_made_anew_at_the_next_sign_in(house: House) -> None:
    account = await house.account()
    old = PasswordHasher(time_cost=2, memory_cost=32, parallelism=1).hash(PASSWORD)
    mine = sa.update(AccountRow).where(AccountRow.id == account.id)
    await house.database.write(lambda tx: tx.execute(mine.values(password=old)))

    for token in await asyncio.gather(*(enter(house) for _ in range(3))):  # all find it old
        await house.caller(token)

    kept = await house.accounts.password_of(account.id)
    assert kept is not None
    assert "m=64,t=1,p=1" in kept
    await house.caller(await enter(house))


async def test_somebody_proven_elsewhere_still_owes_the_factor_unless_that_was_two(
    house: House,
) -> None:
    account_id = await with_factor(house)

    weak = await house.signing_in.by_proof(account_id, HERE, method="oidc", strong=False)
    strong = await house.signing_in.by_proof(account_id, HERE, method="passkey", strong=True)

    assert weak.factors == ("totp", "recovery")
    with pytest.raises(NotSignedIn):
        await house.caller(weak.token)
    assert (await house.caller(strong.token)).account.id == account_id


async def test_a_disabled_account_does_not_get_in_by_any_proof(house: House) -> None:
    await house.account("boss")
    account = await house.account()
    await house.accounts.change(account.id, disabled=True)

    for strong in (True, False):
        with pytest.raises(NotSignedIn):
            await house.signing_in.by_proof(account.id, HERE, method="oidc", strong=strong)


async def test_who_lacks_a_factor_that_is_asked_for_must_enrol(house: House) -> None:
    account = await house.account()
    token = await enter(house)
    assert not (await house.caller(token)).must_enrol

    await house.preferences.update(SecuritySettings, {"require_second_factor": True})
    house.time += 2

    assert (await house.caller(token)).must_enrol
    house.codes.owners.add(account.id)
    house.time += 2
    assert (await house.caller(token)).must_enrol
    house.totp.owners.add(account.id)
    house.time += 2
    assert not (await house.caller(token)).must_enrol


async def test_signing_out_ends_the_session_and_is_written_down(house: House) -> None:
    await house.account()
    token = await enter(house)
    caller = await house.caller(token)

    await house.signing_in.sign_out(token, HERE, caller=caller)

    with pytest.raises(NotSignedIn):
        await house.caller(token)
    assert (await house.events())[-1] == Event.SIGNED_OUT


async def test_no_password_stands_in_the_database(house: House) -> None:
    await house.account()
    await enter(house)

    held = await house.database.read(lambda tx: tx.execute(sa.select(AccountRow.__table__)).all())

    assert PASSWORD not in repr(held)
