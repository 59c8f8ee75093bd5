"""Who is let in: one credential, asked anew when anything changes, and nobody when in doubt."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from gatherum.accounts.authenticator import Credentials
from gatherum.accounts.keys import ApiKey
from gatherum.accounts.model import Caller, Role, Scope
from gatherum.accounts.recent import MOST, Recent
from gatherum.accounts.tables import AccountRow, SessionRow
from gatherum.errors import NotSignedIn, StorageError
from tests.accounts.conftest import HERE, PASSWORD, House


async def enter(house: House, name: str = "ada") -> str:
    await house.account(name)
    return (await house.signing_in.by_password(name, PASSWORD, HERE)).token


async def key_for(house: House, name: str = "ada") -> tuple[ApiKey, str]:
    account = await house.accounts.find(name)
    assert account is not None
    return await house.keys.create(
        account,
        name="a script",
        scopes=[Scope.LIBRARY_READ],
        expires_at=None,
        also=lambda _: lambda _: None,
    )


async def test_two_credentials_at_once_are_none(house: House) -> None:
    cookie = await enter(house)
    caller = await house.caller(cookie)
    _, key = await key_for(house)
    _, other = await key_for(house)
    token, _ = house.tokens.make(caller.account.id, caller.via, scopes=None)

    for both in (
        Credentials(cookie=cookie, key=key),
        Credentials(cookie=cookie, bearer=token),
        Credentials(bearer=key, key=other),
        Credentials(bearer=token, key=key),
        Credentials(cookie="stale", key=key),
    ):
        with pytest.raises(NotSignedIn):
            await house.authenticator.identify(both)
    assert await house.authenticator.identify(Credentials(bearer=key, key=key))


async def test_a_credential_counts_only_in_its_own_place(house: House) -> None:
    cookie = await enter(house)
    _, key = await key_for(house)

    for misplaced in (
        Credentials(cookie=key),
        Credentials(bearer=cookie),
        Credentials(key=cookie),
        Credentials(),
        Credentials(cookie="", bearer="", key=""),
        Credentials(bearer="\ud800"),
    ):
        with pytest.raises(NotSignedIn):
            await house.authenticator.identify(misplaced)


async def test_a_burst_of_requests_asks_the_database_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = await enter(house)
    caller = await house.caller(cookie)

    with monkeypatch.context() as away:
        away.setattr(house.database, "read", None)
        for _ in range(100):
            assert await house.caller(cookie) == caller
            house.time += 0.019

    house.time += 0.1
    assert await house.caller(cookie) == caller


async def test_what_another_process_changes_is_seen_within_two_seconds(house: House) -> None:
    cookie = await enter(house)
    await house.caller(cookie)
    await House(house.database).sessions.revoke_others(1)

    house.time += 1.99
    assert await house.caller(cookie)
    house.time += 0.01
    with pytest.raises(NotSignedIn):
        await house.caller(cookie)


async def test_a_clock_that_goes_back_makes_nobody_stay(house: House) -> None:
    cookie = await enter(house)
    await house.caller(cookie)
    await House(house.database).sessions.revoke_others(1)

    house.time -= 3600

    with pytest.raises(NotSignedIn):
        await house.caller(cookie)


async def test_an_answer_that_a_change_overtook_is_not_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.account("boss")
    cookie = await enter(house)
    account = await house.accounts.find("ada")
    assert account is not None
    find = house.sessions.find

    async def slowly(token: str, *, full: bool = True) -> object:
        found = await find(token, full=full)
        await house.accounts.change(account.id, role=Role.VIEWER)
        return found

    with monkeypatch.context() as late:
        late.setattr(house.sessions, "find", slowly)
        assert (await house.caller(cookie)).account.role is Role.ADMIN

    assert (await house.caller(cookie)).account.role is Role.VIEWER


async def test_a_role_counts_at_once(house: House) -> None:
    await house.account("boss")
    cookie = await enter(house)
    caller = await house.caller(cookie)
    assert Scope.PURGE in caller.scopes

    await house.accounts.change(caller.account.id, role=Role.VIEWER)

    assert Scope.PURGE not in (await house.caller(cookie)).scopes


async def test_a_database_that_does_not_answer_lets_nobody_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = await enter(house)
    _, key = await key_for(house)

    async def broken(*_: object, **__: object) -> None:
        raise OperationalError("select", {}, Exception("it is away"))

    monkeypatch.setattr(house.database, "read", broken)

    for credentials in (Credentials(cookie=cookie), Credentials(key=key)):
        with pytest.raises(StorageError):
            await house.authenticator.identify(credentials)


async def test_a_row_without_its_account_lets_nobody_in(house: House) -> None:
    cookie = await enter(house)
    await house.account("boss")
    await house.database.write(
        lambda tx: tx.execute(sa.delete(AccountRow).where(AccountRow.id == 1))
    )

    with pytest.raises(NotSignedIn):
        await house.caller(cookie)
    left = sa.select(sa.func.count()).select_from(SessionRow)
    assert await house.database.read(lambda tx: tx.scalar(left)) == 0


async def test_what_is_remembered_has_an_end(small_house: House) -> None:
    caller = await small_house.caller(await enter(small_house))
    recent = Recent(small_house.now)

    for number in range(MOST + 10):
        recent.keep(str(number), caller, generation=0, at=small_house.time)

    kept: list[Caller | None] = [recent.find(str(number)) for number in range(MOST + 10)]
    assert kept.count(None) == 10
    assert kept[:10] == [None] * 10
