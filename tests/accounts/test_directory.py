"""Accounts: who there is, and that somebody is always left who may change that."""

import asyncio

import pytest

from gatherum.accounts.model import SCOPES, Role, Scope
from gatherum.errors import Conflict, InvalidInput, NotFound, Stale
from tests.accounts.conftest import House


async def test_the_last_administrator_can_neither_be_demoted_disabled_nor_removed(
    house: House,
) -> None:
    ada = await house.account()
    other = await house.account("eve")
    await house.accounts.change(other.id, disabled=True)

    for change in ({"role": Role.EDITOR}, {"disabled": True}):
        with pytest.raises(Conflict):
            await house.accounts.change(ada.id, **change)
    with pytest.raises(Conflict):
        await house.accounts.remove(ada.id)

    assert await house.accounts.get(ada.id) == ada
    await house.accounts.change(other.id, disabled=False)
    await house.accounts.remove(ada.id)
    assert [one.name for one in await house.accounts.list()] == ["eve"]


async def test_two_administrators_who_demote_each_other_at_once_do_not_both_succeed(
    house: House,
) -> None:
    ids = [(await house.account(name)).id for name in ("ada", "eve")]
    for _ in range(5):
        results = await asyncio.gather(
            *(house.accounts.change(one, role=Role.VIEWER) for one in ids), return_exceptions=True
        )

        assert sum(isinstance(result, Conflict) for result in results) == 1
        left = [one.role for one in await house.accounts.list()]
        assert sorted(left) == [Role.ADMIN, Role.VIEWER]
        for one in ids:
            await house.accounts.change(one, role=Role.ADMIN)


async def test_names_differ_by_more_than_their_letters_size(house: House) -> None:
    await house.account("Straße")

    for name in ("STRASSE", "straße", " Straße "):
        with pytest.raises(Conflict):
            await house.account(name)
    assert (await house.accounts.find("STRASSE")) is not None


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\nb", "a\0b", "a\u202eb", "\u200b"])
async def test_a_name_is_printable_and_has_an_end(name: str, small_house: House) -> None:
    with pytest.raises(InvalidInput):
        await small_house.account(name)


async def test_of_two_who_take_a_name_at_once_one_gets_it(house: House) -> None:
    results = await asyncio.gather(
        *(house.accounts.create("ada", Role.ADMIN, password=None) for _ in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert len(await house.accounts.list()) == 1


async def test_of_two_who_are_renamed_alike_at_once_one_is(house: House) -> None:
    ids = [(await house.account(name)).id for name in ("ada", "eve")]

    results = await asyncio.gather(
        *(house.accounts.change(one, name="same") for one in ids), return_exceptions=True
    )

    assert sum(isinstance(result, Conflict) for result in results) == 1


async def test_a_change_of_another_version_is_refused(house: House) -> None:
    ada = await house.account()
    renamed = await house.accounts.change(ada.id, name="Ada L.", version=ada.version)

    with pytest.raises(Stale):
        await house.accounts.change(ada.id, name="Eve", version=ada.version)
    assert (renamed.name, renamed.version) == ("Ada L.", 2)
    with pytest.raises(NotFound):
        await house.accounts.change(999, name="Eve")


def test_each_role_may_do_all_that_the_next_one_may_and_only_administrators_everything() -> None:
    assert SCOPES[Role.VIEWER] < SCOPES[Role.EDITOR] < SCOPES[Role.ADMIN] == set(Scope)
    grave = {Scope.ACCOUNTS_WRITE, Scope.SETTINGS_WRITE, Scope.PURGE, Scope.TRANSFER}
    assert not grave & SCOPES[Role.EDITOR]
