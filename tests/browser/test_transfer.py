"""Import and export in a browser: what went out comes in elsewhere, and a look changes nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, stand_in, violations
from tests.browser.running import Running

POST = {
    "type": "post",
    "platform": "plaza",
    "host": "",
    "post": "p-1",
    "url": "https://plaza.example/p-1",
    "author": "ada",
    "caption": "From elsewhere",
    "posted_at": "2025-05-05T05:05:05Z",
}


def lines(folder: Path, *records: Any) -> Path:
    file = folder / "history.jsonl"
    texts = (one if isinstance(one, str) else json.dumps(one) for one in records)
    file.write_text("\n".join(texts) + "\n")
    return file


def number_of_posts(site: Running) -> int:
    return len(site.call("GET", "/posts")["items"])


def choose(page: Page, file: Path) -> None:
    page.get_by_label("File to import").set_input_files(file)


def test_everything_goes_out_as_one_file(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.goto("/settings/transfer")

    with page.expect_download() as saved:
        page.get_by_role("button", name="Export").click()
    expect(page.get_by_text("The export is whole:")).to_be_visible()

    records = [json.loads(line) for line in saved.value.path().read_text().splitlines()]
    kinds = {one["type"] for one in records}
    media = sum(one["type"] == "media" for one in records)
    stored = stocked.call("GET", "/stats")["library"]["stored"]
    assert kinds >= {"setting", "post", "media"}
    assert media >= stored > 0


def test_one_kind_goes_into_a_table_and_the_choice_is_in_the_address(
    stocked: Running, new_page: NewPage
) -> None:
    page = new_page(stocked)
    page.goto("/settings/transfer")
    expect(page.get_by_role("button", name="CSV")).to_be_disabled()

    page.get_by_role("radio", name=re.compile("^Media")).check()
    page.get_by_role("button", name="CSV").click()
    expect(page).to_have_url(f"{stocked.url}/settings/transfer?what=media&format=csv")
    page.reload()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export").click()

    table = saved.value.path().read_text().splitlines()
    assert saved.value.suggested_filename.endswith(".csv")
    assert table[0].startswith("type,id,platform")
    assert len(table) > 10


def test_a_look_changes_nothing_and_then_it_is_taken_in(
    site: Running, new_page: NewPage, tmp_path: Path
) -> None:
    before = number_of_posts(site)
    broken = {**POST, "post": ""}
    file = lines(tmp_path, POST, "{not json", broken)
    page = new_page(site)
    page.goto("/settings/transfer")

    choose(page, file)
    report = page.get_by_role("status").filter(has_text="would be new")
    expect(report).to_contain_text("3 lines were looked at. Nothing is changed yet.")
    expect(report.get_by_role("row")).to_have_count(3)
    expect(report.get_by_role("row").nth(2).get_by_role("cell").first).to_have_text("3")
    assert number_of_posts(site) == before
    page.get_by_role("button", name="Take in 1 line").click()

    expect(page.get_by_text("1 line was taken in.")).to_be_visible()
    assert number_of_posts(site) == before + 1
    page.get_by_role("button", name="Import another file").click()
    choose(page, file)
    expect(page.get_by_text("There is nothing new in it.")).to_be_visible()
    expect(page.get_by_role("button", name="Take in")).to_have_count(0)


def test_a_server_that_is_away_is_told_in_words(
    site: Running, new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page(site)
    page.goto("/settings/transfer")
    stand_in(page, "**/api/v1/import?*", lambda route: route.fulfill(status=429, json={
        "type": "urn:gatherum:problem:429", "title": "Too often", "status": 429,
        "detail": "That was too often. Wait a moment.", "id": "abc123",
    }))  # fmt: skip

    choose(page, lines(tmp_path, POST))

    expect(page.get_by_role("alert")).to_contain_text("That was too often.")
    expect(page.get_by_role("alert")).to_contain_text("abc123")
    expect(page.get_by_label("File to import")).to_be_attached()


def test_what_went_out_here_comes_in_there(
    stocked: Running, site: Running, new_page: NewPage
) -> None:
    page = new_page(stocked)
    page.goto("/settings/transfer?what=history")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export").click()
    posts = number_of_posts(stocked)

    other = new_page(site)
    other.goto("/settings/transfer")
    choose(other, saved.value.path())
    other.get_by_role("button", name="Take in").click()

    expect(other.get_by_text("lines were taken in.")).to_be_visible()
    assert number_of_posts(site) >= posts > 0
    assert requests.get(f"{site.url}/health/live", timeout=10).ok


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_a_report_keeps_nobody_out(
    *, scheme: str, phone: bool, site: Running, new_page: NewPage, axe: str, tmp_path: Path
) -> None:
    page = new_page(site, scheme=scheme, phone=phone)
    page.goto("/settings/transfer?what=media")

    choose(page, lines(tmp_path, POST, "{not json"))
    expect(page.get_by_role("status").filter(has_text="looked at")).to_be_visible()
    settle(page)

    assert violations(page, axe) == []
