"""The audit says what was done, by whom and from where, and is only ever added to."""

import pytest

from gatherum.accounts.audit import CONSOLE, Event
from gatherum.accounts.model import Role
from gatherum.errors import Conflict, InvalidInput
from tests.accounts.conftest import HERE, PASSWORD, House


async def test_entries_are_listed_newest_first_page_by_page(house: House) -> None:
    for number in range(25):
        await house.audit.record(Event.EXPORTED, HERE, by="ada", number=number)
        house.time += 1

    seen: list[object] = []
    cursor: str | None = None
    while True:
        entries, cursor = await house.audit.list(limit=10, cursor=cursor)
        seen += [entry.detail["number"] for entry in entries]
        await house.audit.record(Event.PURGED, HERE)  # what comes meanwhile shifts nothing
        if cursor is None:
            break

    assert seen == list(range(24, -1, -1))


async def test_entries_can_be_sought_by_event_and_account(house: House) -> None:
    ada = await house.account()
    await house.signing_in.by_password("ada", PASSWORD, HERE)
    await house.audit.record(Event.SIGN_IN_FAILED, HERE)
    await house.audit.record(Event.SIGNED_OUT, HERE, by=ada)

    async def events(event: str | None = None, account_id: int | None = None) -> list[str]:
        entries, _ = await house.audit.list(limit=100, event=event, account_id=account_id)
        return [entry.event for entry in entries]

    assert await events("sign_in") == ["sign_in.failed", "sign_in.ok"]
    assert await events("sign_in", ada.id) == ["sign_in.ok"]
    assert await events(account_id=ada.id) == ["sign_out", "sign_in.ok"]
    assert await events("%") == await events("sign_in_ok") == []


@pytest.mark.parametrize("cursor", ["", "-1", "x", "1 or 1=1", "9" * 19, "\u0661"])
async def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str, small_house: House) -> None:
    with pytest.raises(InvalidInput):
        await small_house.audit.list(limit=10, cursor=cursor)


async def test_what_somebody_did_stays_when_their_account_is_gone(house: House) -> None:
    await house.account("boss")
    ada = await house.account()
    await house.signing_in.by_password("ada", PASSWORD, HERE)
    await house.accounts.change(ada.id, name="Countess")
    await house.accounts.remove(ada.id)

    (entry,), _ = await house.audit.list(limit=10, account_id=ada.id)

    assert (entry.name, entry.account_id, entry.address) == ("ada", ada.id, "192.0.2.7")


async def test_a_deed_that_fails_is_not_written_down_as_done(house: House) -> None:
    ada = await house.account()
    event = house.audit.entry(Event.ACCOUNT_CHANGED, CONSOLE, by="console", account=ada.id)

    with pytest.raises(Conflict):
        await house.accounts.change(ada.id, role=Role.VIEWER, also=event)

    assert await house.events() == ["account.added"]
