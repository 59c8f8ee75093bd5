"""The first ten minutes: from the token of the console to a gallery that fills by itself."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.devices import with_passkeys
from tests.browser.looking import settle, violations
from tests.browser.running import NAME, PASSWORD, Running

SLOW = 180_000  # what is fetched and drawn on a busy machine


def test_the_first_ten_minutes_end_with_pictures(
    fresh: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(fresh, signed_in=False)
    with_passkeys(page)
    page.goto("/")
    expect(page).to_have_url(f"{fresh.url}/welcome")

    _introduce(page, token="made up")
    expect(page.get_by_label("Set-up token")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Set-up token").fill(fresh.token)
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(
        10
    )
    page.get_by_role("button", name="I have kept them").click()

    expect(page.get_by_text(str(fresh.folder / "data"))).to_be_visible()
    expect(page.get_by_text("Library folder is writable")).to_be_visible()
    page.get_by_role("link", name="Continue").click()

    page.get_by_label("A link").fill(f"{plaza}/@bruno")
    expect(page.locator(".bigfield").get_by_text("profile")).to_be_visible()
    expect(page.get_by_text(re.compile("newest"))).not_to_have_count(0)
    page.get_by_label("A link").press("Enter")

    expect(page.get_by_role("heading", name="There it is")).to_be_visible(timeout=SLOW)
    shown = page.get_by_test_id("arrived").get_by_role("link")
    expect(shown).not_to_have_count(0)
    found = page.request.get("/api/v1/media?limit=24").json()["items"]
    expect(shown).to_have_count(len(found))
    page.get_by_role("link", name="Open the gallery").click()
    expect(page).to_have_url(f"{fresh.url}/library")
    assert page.request.get("/api/v1/me").json()["factors"] == ["passkey", "recovery"]


def test_the_demonstration_needs_no_link_and_says_what_did_not_come(
    site: Running, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/welcome?step=link")

    page.get_by_role("button", name="Try the demo").click()

    expect(page.get_by_role("heading", name="There it is")).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("arrived").get_by_role("img")).to_have_count(24)
    expect(page.get_by_text("Gone at source").first).to_be_visible()
    jobs = site.call("GET", "/jobs?limit=100")["items"]
    told = page.locator(".jobs-in li")
    expect(told).to_have_count(sum(job["kind"] == "LinkGet" for job in jobs))


def test_a_refused_link_holds_up_nobody(site: Running, plaza: str, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/welcome?step=link")
    field, said = page.get_by_label("A link"), page.get_by_role("main").get_by_role("alert")

    field.fill("http://10.0.0.1/secret.jpg")
    field.press("Enter")
    expect(said).to_contain_text("Refused by policy")
    field.fill(f"{plaza}/@chiyo")
    expect(page.locator(".bigfield").get_by_text("profile")).to_be_visible()
    field.press("Enter")

    expect(page).to_have_url(re.compile(r"/welcome\?step=link&job="))
    expect(said).to_have_count(0)
    expect(page.get_by_role("heading", name="There it is")).to_be_visible(timeout=SLOW)


def test_of_several_links_one_that_is_refused_is_named(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/welcome?step=link")

    page.get_by_label("A link").fill(f"{plaza}/@rush http://10.0.0.1/secret.jpg")
    page.get_by_role("button", name=re.compile("^Get")).click()

    expect(page).to_have_url(re.compile(r"/welcome\?step=link&job=[0-9a-f]{32}$"))
    expect(page.locator(".toast")).to_contain_text("10.0.0.1/secret.jpg")


def test_what_is_followed_comes_in_and_only_that_counts(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    site.get(f"{plaza}/@ada")
    page = new_page(site)
    page.goto("/welcome?step=link&job=none")
    expect(page.get_by_role("heading", name="That brought nothing")).to_be_visible()
    expect(page.get_by_test_id("arrived")).to_have_count(0)
    page.goto("/welcome?step=link&job=s999999")  # the scheduler has not made a job of it yet
    expect(page.get_by_role("heading", name="It is coming in")).to_be_visible()

    page.goto("/welcome?step=link")
    page.get_by_label("A link").fill(f"{plaza}/@bruno")
    page.get_by_role("button", name="Follow from now on").click()

    expect(page).to_have_url(re.compile(r"/welcome\?step=link&job=s\d+$"))
    expect(page.get_by_role("heading", name="There it is")).to_be_visible(timeout=SLOW)
    number = page.url.rpartition("job=s")[2]
    arrived = page.get_by_test_id("arrived").get_by_role("link")
    own = site.call("GET", f"/media?q=source:{number}&limit=500")["items"]
    expect(arrived).to_have_count(min(24, len(own)))
    shown = {link.get_attribute("href") for link in arrived.all()}
    assert shown <= {f"/media/{one['id']}" for one in own}
    site.call("DELETE", f"/subscriptions/{number}")


def test_the_checklist_says_what_is_left_and_goes_when_nothing_is(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    page = new_page(site)
    page.goto("/welcome?step=link&job=none")
    tasks = page.get_by_role("region", name="Good to do early")
    expect(tasks.get_by_role("link", name="Follow something")).to_contain_text("New posts come in")

    site.call("POST", "/subscriptions", url=f"{plaza}/@ada", timing="daily")
    page.reload()
    expect(tasks.get_by_role("link", name="Follow something")).to_contain_text("Done")
    with_passkeys(page)
    page.goto("/settings/security?add=passkey")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("button", name="I have kept them").click()
    page.goto("/welcome?step=link&job=none")

    expect(page.get_by_role("link", name="Open the gallery")).to_be_visible()
    settle(page)
    expect(tasks).to_have_count(0)
    # Else a second factor is due from whoever signs in next; the session of `site` has ended by it.
    for passkey in page.request.get("/api/v1/me/passkeys").json()["items"]:
        path = f"/api/v1/me/passkeys/{passkey['id']}"
        assert page.request.delete(path, headers={"origin": site.url}).ok
    site.call("POST", "/session", name=NAME, password=PASSWORD)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_in_keeps_nobody_out(
    *, scheme: str, site: Running, new_page: NewPage, axe: str
) -> None:
    page = new_page(site, scheme=scheme)

    for step in ("passkey", "library", "link", "link&job=none"):
        page.goto(f"/welcome?step={step}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        settle(page)
        assert violations(page, axe) == [], step


def test_on_a_phone_nothing_is_wider_than_the_page(site: Running, new_page: NewPage) -> None:
    page = new_page(site, phone=True)

    for step in ("passkey", "library", "link"):
        page.goto(f"/welcome?step={step}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, step


def _introduce(page: Page, *, token: str) -> None:
    page.get_by_label("Set-up token").fill(token)
    page.get_by_label("Your name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
