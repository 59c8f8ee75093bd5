"""How the ways to platforms do, on the health page: rates, the last failure, the circuit, the canaries."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, violations
from tests.browser.running import Running


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def tries(delivered: int, failed: int, posts: int) -> Mapping[str, object]:
    told = delivered + failed
    return {
        "delivered": delivered,
        "failed": failed,
        "declined": 0,
        "posts": posts,
        "success": delivered / told if told else None,
    }


def way(name: str, **changed: object) -> Mapping[str, object]:
    return {
        "name": name,
        "platform": name.partition(".")[0],
        "needs": [],
        "state": "closed",
        "resting_until": None,
        "day": tries(12, 0, 300),
        "week": tries(80, 1, 2400),
        "delivered_at": ago(7),
        "failed_at": None,
        "reason": None,
        "detail": None,
        **changed,
    }


def canary(url: str, provider: str, **changed: object) -> Mapping[str, object]:
    return {
        "url": url,
        "provider": provider,
        "platform": provider.partition(".")[0],
        "at": ago(50),
        "seconds": 1.2,
        "requests": 2,
        "posts": 12,
        "media": 20,
        "skipped": "",
        "reason": None,
        "detail": None,
        **changed,
    }


TOLD = {
    "items": [
        way("instagram.gallerydl"),
        way(
            "instagram.imginn",
            state="open",
            resting_until=ago(-12),
            day=tries(3, 9, 36),
            week=tries(40, 12, 480),
            delivered_at=ago(300),
            failed_at=ago(4),
            reason="site_changed",
            detail="ImgInn answers in a form that we do not know.",
        ),
        way("reddit.native", state="half_open", failed_at=ago(90), reason="unavailable"),
        way("x.gallerydl", day=tries(0, 0, 0), failed_at=ago(2000), reason="login_required"),
        way("*.ytdlp", platform="*", day=tries(2, 0, 2)),
    ],
    "canaries": [
        canary("https://www.instagram.com/nasa/", "instagram.gallerydl"),
        canary("https://www.instagram.com/nasa/", "instagram.imginn", reason="site_changed"),
        canary("https://www.reddit.com/r/pics/", "reddit.native"),
        canary("https://x.com/nasa/media", "x.gallerydl", reason="login_required"),
        canary(
            "https://www.linkedin.com/in/ada/",
            "linkedin.voyager",
            skipped="turn",
            reason="challenge",
            detail="It wants to see you.",
        ),
        canary("https://www.tiktok.com/@ada", "tiktok.ytdlp", skipped="turn"),
        canary("https://nitter.example/ada", "x.nitter", skipped="consent"),
    ],
}


def opened(page: Page) -> Page:
    page.route("**/api/v1/providers", lambda route: route.fulfill(body=json.dumps(TOLD)))
    page.goto("/settings/health")
    expect(page.get_by_role("heading", name="Ways")).to_be_visible()
    return page


def test_a_way_that_was_used_shows_its_rate(stocked: Running, new_page: NewPage) -> None:
    (told,) = (one for one in stocked.call("GET", "/providers")["items"] if "plaza" in one["name"])
    page = new_page(stocked)

    page.goto("/settings/health")

    row = page.get_by_role("region", name="Ways").get_by_role("row").nth(1)
    expect(row.get_by_role("cell").first).to_have_accessible_name("Plaza directly")
    tried = told["day"]["delivered"] + told["day"]["failed"]
    expect(row).to_contain_text(f"of {tried}")
    expect(row).to_contain_text("in use")
    expect(page.get_by_role("region", name="Ways")).to_contain_text("Canaries try each of them")


def test_states_failures_and_canaries_are_told_in_words(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    ways = page.get_by_role("region", name="Ways")

    broken = ways.get_by_role("row").filter(has_text="ImgInn")
    expect(broken).to_contain_text("25%")
    expect(broken).to_contain_text("rests until")
    broken.get_by_role("button", name="Site changed").click()
    expect(page.get_by_text("ImgInn answers in a form that we do not know.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(ways.get_by_role("row").filter(has_text="Reddit")).to_contain_text("on trial")
    expect(ways.get_by_role("row").filter(has_text="Other sites")).to_contain_text("yt-dlp")
    links = ways.get_by_role("listitem")
    expect(links).to_have_count(6)
    expect(links.nth(0)).to_contain_text("1 of 2 ways work")
    expect(links.nth(1)).to_contain_text("1 way works")
    expect(links.nth(2)).to_contain_text("no way works")
    expect(links.nth(3)).not_to_contain_text("work")
    expect(links.nth(4)).to_contain_text("waits for its login")
    expect(links.nth(5)).to_contain_text("not asked without your consent")
    links.nth(3).get_by_role("button", name="Check to solve").click()
    expect(page.get_by_text("It wants to see you.")).to_be_visible()


def test_the_versions_of_the_extractors_stand_beside(stocked: Running, new_page: NewPage) -> None:
    used = {one["name"]: one["used"] for one in stocked.call("GET", "/extractors")["items"]}
    page = new_page(stocked)

    page.goto("/settings/health")

    expect(page.get_by_text("yt-dlp", exact=True)).to_be_visible()
    expect(page.get_by_text(used["yt-dlp"], exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_everybody_can_read_it_and_nothing_sticks_out(
    stocked: Running, new_page: NewPage, axe: str, scheme: str, width: str
) -> None:
    page = opened(new_page(stocked, scheme=scheme, phone=width == "narrow", shared=True))
    settle(page)

    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
