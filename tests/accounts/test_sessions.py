"""Sessions: what begins, renews and ends them."""

import asyncio

import pytest
import sqlalchemy as sa

from gatherum.accounts.model import Role
from gatherum.accounts.tables import SessionRow
from gatherum.errors import NotFound, NotSignedIn
from gatherum.settings import SecuritySettings
from tests.accounts.conftest import HERE, House

DAY = 86_400.0


async def begin(house: House, *, full: bool = True, name: str = "ada") -> str:
    account = await house.accounts.find(name) or await house.account(name)
    return await house.sessions.begin(account.id, HERE, methods="password", full=full)


async def count(house: House) -> int:
    query = sa.select(sa.func.count()).select_from(SessionRow)
    return await house.database.read(lambda tx: tx.execute(query).scalar_one())


async def test_a_session_ends_when_it_is_idle(house: House) -> None:
    token = await begin(house)
    for _ in range(3):
        house.time += 7 * DAY - 1
        assert await house.sessions.find(token) is not None

    house.time += 7 * DAY

    assert await house.sessions.find(token) is None
    assert await count(house) == 0


async def test_a_session_ends_in_any_case(house: House) -> None:
    token = await begin(house)
    for _ in range(29):
        house.time += DAY
        assert await house.sessions.find(token) is not None

    house.time += DAY

    assert await house.sessions.find(token) is None
    assert await count(house) == 0


async def test_how_long_a_session_lives_can_be_set_and_counts_at_once(house: House) -> None:
    token, other = await begin(house), await begin(house)
    await house.preferences.update(SecuritySettings, {"session_idle_days": 1, "session_days": 2})

    house.time += DAY - 1
    assert await house.sessions.find(token) is not None
    house.time += 1

    assert await house.sessions.find(other) is None
    assert [one.created_at for one in await house.sessions.list(1)] == [1_800_000_000.0]
    house.time += DAY - 61
    assert await house.sessions.find(token) is not None
    house.time += 61
    assert await house.sessions.find(token) is None


async def test_a_session_that_waits_for_a_factor_is_none_and_lasts_five_minutes(
    house: House,
) -> None:
    token = await begin(house, full=False)

    assert await house.sessions.find(token) is None
    assert await house.sessions.list(1) == ()
    with pytest.raises(NotSignedIn):
        await house.caller(token)
    house.time += 299
    assert await house.sessions.find(token, full=False) is not None
    house.time += 1
    assert await house.sessions.find(token, full=False) is None
    with pytest.raises(NotSignedIn):
        await house.sessions.complete(token, HERE, methods="password+totp")


async def test_a_full_session_is_no_pending_one(house: House) -> None:
    token = await begin(house)

    assert await house.sessions.find(token, full=False) is None
    with pytest.raises(NotSignedIn):
        await house.sessions.complete(token, HERE, methods="password+totp")


async def test_of_several_that_complete_a_session_at_once_one_does(house: House) -> None:
    token = await begin(house, full=False)

    results = await asyncio.gather(
        *(house.sessions.complete(token, HERE, methods="password+totp") for _ in range(8)),
        return_exceptions=True,
    )

    tokens = [result for result in results if isinstance(result, str)]
    assert len(tokens) == 1
    assert await count(house) == 1
    assert await house.sessions.find(tokens[0]) is not None


async def test_a_renewed_session_has_another_token_and_the_same_id(house: House) -> None:
    token = await begin(house)
    before = await house.sessions.find(token)
    assert before is not None
    house.time += 700

    fresh = await house.sessions.renew(before.id, sudo=True)

    after = await house.sessions.find(fresh)
    assert await house.sessions.find(token) is None
    assert after is not None
    assert (after.id, after.sudo_until) == (before.id, house.time + 600)


async def test_the_database_holds_no_token(house: House) -> None:
    token = await begin(house)
    pending = await begin(house, full=False)

    rows = await house.database.read(lambda tx: tx.execute(sa.select(SessionRow.__table__)).all())

    assert len(token) == 43
    assert not any(text in repr(rows) for text in (token, pending))


async def test_nobody_ends_a_session_of_somebody_else(house: House) -> None:
    token = await begin(house)
    other = await house.account("eve", Role.VIEWER)
    (session,) = await house.sessions.list(1)

    with pytest.raises(NotFound):
        await house.sessions.revoke(other.id, session.id)
    await house.sessions.revoke_others(other.id)

    assert await house.sessions.find(token) is not None


async def test_an_account_that_is_disabled_is_out_at_once_and_comes_back_without_sessions(
    house: House,
) -> None:
    await house.account("boss")
    token, pending = await begin(house), await begin(house, full=False)
    assert (await house.caller(token)).account.name == "ada"
    account = await house.accounts.find("ada")
    assert account is not None

    await house.accounts.change(account.id, disabled=True)

    with pytest.raises(NotSignedIn):
        await house.caller(token)
    with pytest.raises(NotSignedIn):
        await begin(house)
    await house.accounts.change(account.id, disabled=False)
    with pytest.raises(NotSignedIn):
        await house.caller(token)
    assert await house.sessions.find(pending, full=False) is None


async def test_an_account_that_is_removed_takes_its_sessions_along(house: House) -> None:
    await house.account("boss")
    token = await begin(house)
    account = await house.accounts.find("ada")
    assert account is not None
    await house.caller(token)

    await house.accounts.remove(account.id)

    with pytest.raises(NotSignedIn):
        await house.caller(token)
    assert await count(house) == 0
