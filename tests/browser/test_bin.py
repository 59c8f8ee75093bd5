"""The recycle bin: restored, deleted for good, allowed again, each with what the server then says."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, stand_in, until_here, violations
from tests.browser.running import PASSWORD, Running


@pytest.fixture
def trashed(stocked: Running) -> list[str]:
    """The numbers of three media that lie in the bin, nothing else being there."""
    for item in stocked.call("GET", "/trash")["items"]:
        stocked.call("POST", f"/media/{item['media']['id']}/restore")
    ids = [item["id"] for item in stocked.call("GET", "/media?q=kind:image&limit=3")["items"]]
    for one in ids:
        stocked.call("POST", f"/media/{one}/trash", why="blurred")
    return ids


def states(program: Running, ids: list[str]) -> list[str]:
    return [str(program.call("GET", f"/media/{one}")["state"]) for one in ids]


def opened(page: Page, view: str = "") -> Page:
    page.goto(f"/library/bin{view}")
    expect(page.get_by_role("heading", name="Recycle bin")).to_be_visible()
    return page


def rows(page: Page) -> Locator:
    return page.locator(".table.bin tbody tr")


def prove(page: Page) -> None:
    """Prove again who one is, if it is asked."""
    password = page.get_by_label("Password")
    done = page.get_by_text("deleted for good.")
    expect(password.or_(done).first).to_be_visible()
    if password.is_visible():
        password.fill(PASSWORD)
        password.press("Enter")


def test_each_says_who_why_and_how_long(
    stocked: Running, trashed: list[str], new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    told: dict[str, Any] = stocked.call("GET", "/trash")

    expect(rows(page)).to_have_count(3)
    expect(page.get_by_text("3 items,")).to_be_visible()
    first = rows(page).first
    expect(first).to_contain_text("blurred")
    expect(first).to_contain_text("You")
    expect(first).to_contain_text(f"{told['items'][0]['days_left']} days")
    assert len(trashed) == told["count"]


def test_one_is_restored_and_that_is_taken_back(
    stocked: Running, trashed: list[str], new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    expect(rows(page)).to_have_count(3)
    first = stocked.call("GET", "/trash")["items"][0]["media"]["id"]

    rows(page).first.get_by_role("button", name="Restore").click()

    expect(page.get_by_text("1 item restored to its old place.")).to_be_visible()
    expect(rows(page)).to_have_count(2)
    assert states(stocked, [first]) == ["stored"]
    page.keyboard.press("z")
    expect(rows(page)).to_have_count(3)
    assert states(stocked, trashed) == ["trashed"] * 3


def test_many_are_restored_at_once(stocked: Running, trashed: list[str], new_page: NewPage) -> None:
    page = opened(new_page(stocked))

    rows(page).nth(0).get_by_role("checkbox").click()
    rows(page).nth(2).get_by_role("checkbox").click(modifiers=["Shift"])
    expect(page.get_by_role("toolbar")).to_contain_text("3 selected")
    page.get_by_role("toolbar").get_by_role("button", name="Restore").click()

    expect(page.get_by_role("heading", name="The bin is empty")).to_be_visible()
    assert states(stocked, trashed) == ["stored"] * 3


def test_what_somebody_else_deletes_and_restores_is_seen(
    stocked: Running, trashed: list[str], new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    expect(rows(page)).to_have_count(3)
    found = stocked.call("GET", "/media?q=kind:image&limit=1")["items"]

    stocked.call("POST", f"/media/{found[0]['id']}/trash")

    expect(rows(page)).to_have_count(4)
    action = {"kind": "restore"}
    stocked.call("POST", "/media/batch", ids=[int(found[0]["id"]), int(trashed[0])], action=action)
    expect(rows(page)).to_have_count(2)


def test_what_is_deleted_elsewhere_is_there_when_one_comes_back(
    stocked: Running, trashed: list[str], new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    expect(rows(page)).to_have_count(len(trashed))
    page.get_by_role("link", name="Timeline").first.click()
    found = stocked.call("GET", "/media?q=kind:image&limit=1")["items"]
    stocked.call("POST", f"/media/{found[0]['id']}/trash")

    page.go_back()

    expect(rows(page)).to_have_count(len(trashed) + 1)


def working(program: Running) -> dict[str, object]:
    """Return a decision as it is told while a job is at it."""
    last = program.call("GET", "/decisions?limit=1")["items"][0]
    return {**last, "id": 2**40, "state": "working", "total": 3, "done": 0}


def test_what_a_job_restores_is_told_when_it_is_done(
    stocked: Running, trashed: list[str], new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    expect(rows(page)).to_have_count(len(trashed))
    decision = working(stocked)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.method)
        ended = {**decision, "state": "done", "done": 3} if len(asked) > 2 else decision
        route.fulfill(status=200, json=ended)

    stand_in(page, "**/api/v1/media/batch", answer)
    stand_in(page, f"**/api/v1/decisions/{2**40}", answer)

    page.get_by_role("button", name="Restore all").click()

    expect(page.get_by_text("3 items restored to their old places.")).to_be_visible()
    assert asked == ["POST", "GET", "GET"]


def test_a_job_is_not_asked_after_again_before_the_answer(
    stocked: Running, trashed: list[str], new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    expect(rows(page)).to_have_count(len(trashed))
    decision = working(stocked)
    held: list[Route] = []
    stand_in(page, "**/api/v1/media/batch", lambda route: route.fulfill(json=decision))
    stand_in(page, f"**/api/v1/decisions/{2**40}", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks it

    page.get_by_role("button", name="Restore all").click()
    until_here(page, lambda: held, "it is asked after")
    page.wait_for_timeout(4500)

    assert len(held) == 1
    held[0].fulfill(json={**decision, "state": "done", "done": 3})
    expect(page.get_by_text("3 items restored to their old places.")).to_be_visible()


def test_escape_closes_the_menu_first_and_then_drops_the_selection(
    stocked: Running, trashed: list[str], new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    rows(page).first.get_by_role("checkbox").click()
    expect(page.get_by_role("toolbar")).to_contain_text("1 selected")
    page.get_by_role("banner").get_by_role("button", name=re.compile("account of ada")).click()
    menu = page.locator(":popover-open")
    expect(menu).to_be_visible()

    page.keyboard.press("Escape")

    expect(menu).to_have_count(0)
    expect(page.get_by_role("toolbar")).to_contain_text("1 selected")
    page.keyboard.press("Escape")
    expect(page.get_by_role("toolbar")).to_have_count(0)
    assert len(trashed) == 3


def test_deleting_for_good_is_asked_and_can_be_allowed_again(
    stocked: Running, trashed: list[str], new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    rows(page).first.get_by_role("checkbox").click()
    gone = stocked.call("GET", "/trash")["items"][0]["media"]["id"]

    page.get_by_role("toolbar").get_by_role("button", name="Delete for good").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep them").click()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("toolbar").get_by_role("button", name="Delete for good").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete 1 item").click()
    prove(page)

    expect(page.get_by_text("1 item deleted for good.")).to_be_visible()
    expect(rows(page)).to_have_count(2)
    left = [item["media"]["id"] for item in stocked.call("GET", "/trash?purged=true")["items"]]
    assert gone in left
    page.get_by_role("link", name="Deleted for good").click()
    expect(rows(page)).to_have_count(len(left))
    rows(page).first.get_by_role("button", name="Allow again").click()
    expect(page.get_by_text("1 item allowed again. It is fetched soon.")).to_be_visible()

    assert states(stocked, [gone])[0] in ("wanted", "fetching", "stored")
    assert len(trashed) == 3


def test_all_of_it_is_emptied_with_the_number_in_the_button(
    stocked: Running, trashed: list[str], new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    expect(rows(page)).to_have_count(3)

    page.get_by_role("button", name="Empty now").click()
    page.get_by_role("dialog").get_by_role("button", name="Empty 3 items").click()
    prove(page)

    expect(page.get_by_role("heading", name="The bin is empty")).to_be_visible()
    assert stocked.call("GET", "/trash")["count"] == 0
    purged = {item["media"]["id"] for item in stocked.call("GET", "/trash?purged=true")["items"]}
    assert purged >= set(trashed)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_the_bin_keeps_nobody_out(
    *,
    scheme: str,
    phone: bool,
    stocked: Running,
    trashed: list[str],
    new_page: NewPage,
    axe: str,
) -> None:
    page = opened(new_page(stocked, scheme=scheme, phone=phone))
    expect(rows(page)).to_have_count(len(trashed))
    rows(page).first.get_by_role("checkbox").click()
    settle(page)
    assert violations(page, axe) == []

    page.get_by_role("button", name="Empty now").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    settle(page)

    assert violations(page, axe) == []
