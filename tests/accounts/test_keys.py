"""API keys: told once, kept as a hash, and never good for more than their account may do now."""

import re

import pytest
import sqlalchemy as sa

from gatherum.accounts.audit import Also
from gatherum.accounts.authenticator import Credentials
from gatherum.accounts.keys import ApiKey, with_checksum
from gatherum.accounts.model import Account, Caller, Proof, Role, Scope
from gatherum.accounts.tables import ApiKeyRow
from gatherum.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn
from tests.accounts.conftest import House

READ, WRITE, PURGE = Scope.LIBRARY_READ, Scope.LIBRARY_WRITE, Scope.PURGE


def nothing(_: ApiKey) -> Also:
    return lambda _: None


async def make(
    house: House, account: Account, *scopes: Scope, expires_at: float | None = None
) -> tuple[ApiKey, str]:
    return await house.keys.create(
        account, name="a script", scopes=scopes, expires_at=expires_at, also=nothing
    )


async def who(house: House, text: str) -> Caller:
    return await house.authenticator.identify(Credentials(key=text))


async def test_a_key_lets_in_with_its_scopes_and_nothing_of_it_is_kept(house: House) -> None:
    account = await house.account()

    key, text = await make(house, account, READ, WRITE)

    assert re.fullmatch(r"gth_[0-9a-f]{12}_[0-9a-f]{64}[0-9a-f]{8}", text)
    caller = await who(house, text)
    assert (caller.proof, caller.via, caller.account.id) == (Proof.KEY, key.id, account.id)
    assert caller.scopes == {READ, WRITE}
    assert caller.sudo_until == 0
    held = await house.database.read(lambda tx: tx.execute(sa.select(ApiKeyRow.__table__)).all())
    assert text[17:] not in repr(held)
    assert await house.authenticator.identify(Credentials(bearer=text)) == caller


async def test_a_key_wider_than_its_role_is_not_made(house: House) -> None:
    editor = await house.account("eve", Role.EDITOR)

    with pytest.raises(Forbidden):
        await make(house, editor, READ, PURGE)
    with pytest.raises(InvalidInput):
        await make(house, editor)
    with pytest.raises(InvalidInput):
        await make(house, editor, READ, expires_at=house.time)
    assert await house.keys.list(editor.id) == ()


async def test_a_key_of_somebody_demoted_may_only_what_they_may_now(house: House) -> None:
    await house.account("boss")
    account = await house.account()
    _, text = await make(house, account, READ, WRITE, PURGE)
    assert (await who(house, text)).scopes == {READ, WRITE, PURGE}

    await house.accounts.change(account.id, role=Role.EDITOR)
    assert (await who(house, text)).scopes == {READ, WRITE}
    await house.accounts.change(account.id, role=Role.VIEWER)
    assert (await who(house, text)).scopes == {READ}

    await house.accounts.change(account.id, role=Role.ADMIN)
    assert (await who(house, text)).scopes == {READ, WRITE, PURGE}


async def test_a_key_is_dead_at_once_with_its_account_and_when_it_is_removed(house: House) -> None:
    await house.account("boss")
    account = await house.account()
    key, text = await make(house, account, READ)
    other, second = await make(house, account, READ)
    assert await who(house, text)

    await house.accounts.change(account.id, disabled=True)
    with pytest.raises(NotSignedIn):
        await who(house, text)
    await house.accounts.change(account.id, disabled=False)
    assert await who(house, text)
    await house.keys.revoke(account.id, key.id, also=lambda _: None)
    with pytest.raises(NotSignedIn):
        await who(house, text)
    assert (await who(house, second)).via == other.id
    await house.accounts.remove(account.id)
    with pytest.raises(NotSignedIn):
        await who(house, second)


async def test_a_key_expires_to_the_second_even_while_it_is_in_use(house: House) -> None:
    account = await house.account()
    _, text = await make(house, account, READ, expires_at=house.time + 10.5)
    house.time += 10
    assert await who(house, text)

    house.time += 0.5

    with pytest.raises(NotSignedIn):
        await who(house, text)


async def test_when_a_key_was_used_is_written_once_a_minute(house: House) -> None:
    account = await house.account()
    _, text = await make(house, account, READ)
    seen = []

    for _ in range(5):
        await who(house, text)
        (key,) = await house.keys.list(account.id)
        seen.append(key.used_at)
        house.time += 30

    begun = 1_800_000_000.0
    assert seen == [begun, begun, begun + 60, begun + 60, begun + 120]


async def test_a_key_that_is_not_whole_or_made_up_does_not_reach_the_database(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await house.account()
    key, text = await make(house, account, READ)
    body = text[:-8]
    wrong = [
        text[:-1],
        text[:-1] + ("0" if text[-1] != "0" else "1"),
        text.replace(key.id, "0" * 12),
        text.upper(),
        text + " ",
        "gth_",
        "gth_" + "\u00e9" * 80,
        with_checksum("gth_x"),
        with_checksum("gth_a_b_c"),
    ]
    forged = [
        with_checksum(body[:-1] + ("0" if body[-1] != "0" else "1")),
        with_checksum(f"gth_{'0' * 12}_{'0' * 64}"),
        with_checksum(f"gth_{key.id}_"),
        with_checksum("gth_' or 1=1 --_" + "0" * 64),
    ]
    for made_up in forged:
        with pytest.raises(NotSignedIn):
            await who(house, made_up)
    monkeypatch.setattr(house.database, "read", None)
    for broken in wrong:
        with pytest.raises(NotSignedIn):
            await who(house, broken)


async def test_nobody_sees_or_removes_a_key_of_somebody_else(house: House) -> None:
    ada, eve = await house.account(), await house.account("eve")
    key, text = await make(house, ada, READ)

    assert await house.keys.list(eve.id) == ()
    with pytest.raises(NotFound):
        await house.keys.revoke(eve.id, key.id, also=lambda _: None)
    assert await who(house, text)


async def test_an_account_has_at_most_a_hundred_keys(small_house: House) -> None:
    account = await small_house.account()
    for _ in range(100):
        await make(small_house, account, READ)

    with pytest.raises(Conflict):
        await make(small_house, account, READ)


async def test_a_scope_that_this_version_does_not_know_is_left_out(house: House) -> None:
    account = await house.account()
    _, text = await make(house, account, READ)
    later = sa.update(ApiKeyRow).values(scopes=["library:read", "telepathy:read"])
    await house.database.write(lambda tx: tx.execute(later))

    assert (await who(house, text)).scopes == {READ}
