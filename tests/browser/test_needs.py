"""What needs a person: each line opens what it counts, and its button settles it."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import until_here, violations
from tests.browser.running import Running
from tests.suites.warm import launch


def needs(program: Running) -> list[dict[str, object]]:
    told: list[dict[str, object]] = program.call("GET", "/needs")["items"]
    return told


def is_there(program: Running, media: str) -> bool:
    told = program.call("GET", f"/media/{media}")
    root = program.folder / "data" / "library-root"
    return bool(told["state"] == "stored" and (root / told["path"]).is_file())


@pytest.fixture(autouse=True)
def nothing_before(stocked: Running) -> None:
    """Settle what an earlier test has left."""
    stocked.call("POST", "/jobs/batch", action="dismiss", filter={"needs": True})
    assert needs(stocked) == []


def home(page: Page) -> Page:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def test_what_failed_is_opened_by_its_number_and_dismissed(
    stocked: Running, plaza: str, new_page: NewPage
) -> None:
    stocked.get(f"{plaza}/@vault?one", f"{plaza}/@vault?two")
    page = home(new_page(stocked))
    note = page.locator("#needs .note", has_text="shows this to its members only")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Not all is well.")

    note.get_by_role("link", name="2 jobs").click()
    expect(page.locator(".finished .job")).to_have_count(2)
    expect(page.locator(".finished")).to_contain_text("@vault?one")
    expect(page.get_by_role("link", name="Needs you", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    home(page)
    note.get_by_role("button", name="Dismiss").click()

    expect(note).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_contain_text("All is well.")
    assert needs(stocked) == []
    page.goto("/queue?tab=needs")
    expect(page.get_by_role("heading", name="No job needs you")).to_be_visible()


def test_jobs_are_dismissed_one_by_one_in_the_queue(
    stocked: Running, plaza: str, new_page: NewPage
) -> None:
    stocked.get(f"{plaza}/@vault?three", f"{plaza}/@vault?four")
    page = new_page(stocked)
    page.goto("/queue?tab=needs")
    rows = page.locator(".finished .job")
    expect(rows).to_have_count(2)

    page.get_by_role("checkbox", name=re.compile("three")).check()
    bar = page.get_by_role("toolbar", name="What to do with the chosen jobs")
    bar.get_by_role("button", name="Dismiss").click()

    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("@vault?four")


def test_a_missing_file_is_counted_found_and_downloaded_again(
    stocked: Running, new_page: NewPage
) -> None:
    media = stocked.call("GET", "/media?q=author:ada%20kind:image&limit=1")["items"][0]
    (stocked.folder / "data" / "library-root" / media["path"]).unlink()
    environment = {**os.environ, "GATHERUM_DATA_DIR": str(stocked.folder / "data")}
    with (stocked.folder / "check.log").open("wb") as log:
        checked = launch(
            ["check", "--quick"], env=environment, cwd=stocked.folder, stdout=log, stderr=log
        )
        assert checked.wait(60) == 1
    page = home(new_page(stocked))
    note = page.locator("#needs .note", has_text="1 file is damaged or missing")

    note.get_by_role("link", name="Show them").click()
    expect(page.get_by_text("1 result")).to_be_visible()
    expect(page.locator(".tile")).to_have_attribute("data-id", media["id"])
    home(page)
    note.get_by_role("button", name="Download again").click()

    expect(page.get_by_text("1 file is downloaded again.")).to_be_visible()
    until_here(page, lambda: is_there(stocked, media["id"]), "the file is there again")
    assert needs(stocked) == []
    home(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("All is well.")


def test_a_job_that_saved_only_a_part_says_so_in_amber(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.goto("/queue?tab=finished&lane=all")

    state = page.locator(".finished .job", has_text="@mishap").locator(".reason")

    expect(state).to_have_text(re.compile(r"\d+ saved, (.*, )?\d+ failed"))
    expect(state).to_have_attribute("data-family", "waiting")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_is_for_everybody(
    stocked: Running, plaza: str, new_page: NewPage, axe: str, scheme: str
) -> None:
    stocked.get(f"{plaza}/@vault?{scheme}")
    page = home(new_page(stocked, scheme=scheme, phone=scheme == "dark"))
    expect(page.locator("#needs .note")).not_to_have_count(0)

    assert violations(page, axe) == []
    page.goto("/queue?tab=needs")
    expect(page.locator(".finished .job").first).to_be_visible()
    assert violations(page, axe) == []
