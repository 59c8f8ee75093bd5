import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.running import Running

PLACES = ("Home", "Library", "Following", "Queue", "Settings")


@pytest.mark.parametrize("phone", [False, True])
def test_the_five_places_are_a_press_away(*, phone: bool, site: Running, new_page: NewPage) -> None:
    page = new_page(site, phone=phone)
    page.goto("/")

    for name in PLACES:
        page.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()
        expect(
            page.get_by_role("navigation", name="Main").get_by_role("link", name=name)
        ).to_have_attribute("aria-current", "page")


def test_a_stranger_is_shown_the_way_in_and_comes_back(site: Running, new_page: NewPage) -> None:
    page = new_page(site, signed_in=False)

    page.goto("/queue")

    expect(page).to_have_url(f"{site.url}/sign-in?after=%2Fqueue")
