"""Tokens that let somebody in who has no password yet."""

import asyncio

import pytest
import sqlalchemy as sa

from gatherum.accounts.model import Role
from gatherum.accounts.tables import AccountRow, InvitationRow
from gatherum.errors import Conflict, InvalidInput, NotSignedIn
from tests.accounts.conftest import HERE, PASSWORD, House

NEW = "another long password"


async def test_a_fresh_installation_has_no_account_and_one_way_in(house: House) -> None:
    assert await house.accounts.list() == ()
    assert await house.invitations.needs_setup()

    token = await house.invitations.offer_setup()

    assert token is not None
    assert len(token) == 43
    account = await house.admission.set_up(token, " ada ", PASSWORD, HERE)
    assert (account.name, account.role) == ("ada", Role.ADMIN)
    assert not await house.invitations.needs_setup()
    assert await house.events() == ["setup"]
    assert (await house.signing_in.by_password("ada", PASSWORD, HERE)).token


async def test_a_set_up_token_works_once_and_only_without_any_account(house: House) -> None:
    token = await house.invitations.offer_setup()
    assert token is not None
    await house.admission.set_up(token, "ada", PASSWORD, HERE)

    with pytest.raises(NotSignedIn):
        await house.admission.set_up(token, "eve", PASSWORD, HERE)
    assert await house.invitations.offer_setup() is None


async def test_an_account_made_meanwhile_voids_the_set_up_token(house: House) -> None:
    token = await house.invitations.offer_setup()
    assert token is not None
    await house.account("ada", Role.VIEWER)

    with pytest.raises(Conflict):
        await house.admission.set_up(token, "eve", PASSWORD, HERE)
    assert [one.name for one in await house.accounts.list()] == ["ada"]


async def test_a_restart_makes_a_new_set_up_token(house: House) -> None:
    first = await house.invitations.offer_setup()
    second = await House(house.database).invitations.offer_setup()
    assert first is not None
    assert second is not None

    with pytest.raises(NotSignedIn):
        await house.admission.set_up(first, "ada", PASSWORD, HERE)
    assert await house.admission.set_up(second, "ada", PASSWORD, HERE)


async def test_a_set_up_token_lasts_a_day(house: House) -> None:
    token = await house.invitations.offer_setup()
    assert token is not None
    house.time += 86_400

    with pytest.raises(NotSignedIn):
        await house.admission.set_up(token, "ada", PASSWORD, HERE)


async def test_a_bad_name_or_password_does_not_use_the_token_up(house: House) -> None:
    token = await house.invitations.offer_setup()
    assert token is not None
    for name, password in (("ada", "short"), ("", PASSWORD), ("a\nb", PASSWORD)):
        with pytest.raises(InvalidInput):
            await house.admission.set_up(token, name, password, HERE)

    assert await house.admission.set_up(token, "ada", PASSWORD, HERE)


async def test_of_many_who_set_up_at_once_exactly_one_wins(house: House) -> None:
    first, second = House(house.database), House(house.database)
    token = await first.invitations.offer_setup()
    assert token is not None

    results = await asyncio.gather(
        *(
            (first, second)[number % 2].admission.set_up(token, f"ada{number}", PASSWORD, HERE)
            for number in range(10)
        ),
        return_exceptions=True,
    )

    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 1
    assert {type(one) for one in results if isinstance(one, BaseException)} == {NotSignedIn}
    assert [one.name for one in await house.accounts.list()] == [won[0].name]


async def test_two_set_up_tokens_that_two_processes_printed_make_one_administrator(
    house: House,
) -> None:
    first = await house.invitations.offer_setup()
    assert first is not None
    held = await house.database.read(
        lambda tx: tx.execute(sa.select(InvitationRow.__table__)).one()
    )
    second = await House(house.database).invitations.offer_setup()
    assert second is not None
    await house.database.write(  # as if both had been at it in one moment
        lambda tx: tx.execute(sa.insert(InvitationRow).values(held._mapping))
    )

    results = await asyncio.gather(
        house.admission.set_up(first, "ada", PASSWORD, HERE),
        house.admission.set_up(second, "eve", PASSWORD, HERE),
        return_exceptions=True,
    )

    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert len(await house.accounts.list()) == 1


async def test_an_invitation_gives_its_account_a_password_once(house: House) -> None:
    account, invitation = await house.admission.add("eve", Role.EDITOR, None, HERE, by="ada")
    assert invitation is not None
    assert invitation.expires_at == house.time + 86_400
    with pytest.raises(NotSignedIn):
        await house.signing_in.by_password("eve", "", HERE)

    with pytest.raises(InvalidInput):
        await house.admission.accept(invitation.token, "short", HERE)
    assert (await house.admission.accept(invitation.token, PASSWORD, HERE)).id == account.id

    with pytest.raises(NotSignedIn):
        await house.admission.accept(invitation.token, NEW, HERE)
    entered = await house.signing_in.by_password("eve", PASSWORD, HERE)
    assert (await house.caller(entered.token)).account.role is Role.EDITOR


async def test_a_reset_ends_the_sessions_and_does_not_lift_the_second_factor(house: House) -> None:
    account = await house.account()
    session = (await house.signing_in.by_password("ada", PASSWORD, HERE)).token
    house.totp.owners.add(account.id)
    older = await house.admission.offer_reset(account.id, HERE, by="console")
    offered = await house.admission.offer_reset(account.id, HERE, by="console")
    assert await house.caller(session)  # nothing has happened yet

    with pytest.raises(NotSignedIn):
        await house.admission.accept(older.token, NEW, HERE)
    await house.admission.accept(offered.token, NEW, HERE)

    with pytest.raises(NotSignedIn):
        await house.caller(session)
    with pytest.raises(NotSignedIn):
        await house.signing_in.by_password("ada", PASSWORD, HERE)
    assert (await house.signing_in.by_password("ada", NEW, HERE)).factors == ("totp",)


async def test_a_reset_lasts_a_day_and_opens_no_disabled_account(house: House) -> None:
    await house.account("boss")
    account = await house.account()
    late = await house.admission.offer_reset(account.id, HERE, by="console")
    house.time += 86_400
    with pytest.raises(NotSignedIn):
        await house.admission.accept(late.token, NEW, HERE)

    offered = await house.admission.offer_reset(account.id, HERE, by="console")
    await house.accounts.change(account.id, disabled=True)
    await house.admission.accept(offered.token, NEW, HERE)

    with pytest.raises(NotSignedIn):
        await house.signing_in.by_password("ada", NEW, HERE)


async def test_a_token_of_one_kind_is_no_token_of_the_other(house: House) -> None:
    setup = await house.invitations.offer_setup()
    assert setup is not None
    with pytest.raises(NotSignedIn):
        await house.admission.accept(setup, PASSWORD, HERE)
    _, invitation = await house.admission.add("eve", Role.VIEWER, None, HERE, by="ada")
    assert invitation is not None

    with pytest.raises(NotSignedIn):
        await house.admission.set_up(invitation.token, "mallory", PASSWORD, HERE)
    assert [one.name for one in await house.accounts.list()] == ["eve"]


async def test_the_database_holds_no_such_token(house: House) -> None:
    setup = await house.invitations.offer_setup()
    _, invitation = await house.admission.add("eve", Role.VIEWER, None, HERE, by="ada")
    assert setup is not None
    assert invitation is not None

    rows = await house.database.read(
        lambda tx: [
            *tx.execute(sa.select(InvitationRow.__table__)),
            *tx.execute(sa.select(AccountRow.__table__)),
        ]
    )

    assert len(rows) == 3
    assert setup not in repr(rows)
    assert invitation.token not in repr(rows)
