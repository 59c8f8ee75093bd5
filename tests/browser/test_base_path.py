"""The interface below a path, as behind a proxy: pages, pictures and the stream are found there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.running import Running, start


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory, plaza: str) -> Iterator[Running]:
    """A program at `/gatherum`, with what one link and one subscription bring."""
    with start(tmp_path_factory.mktemp("below"), GATHERUM_BASE_PATH="/gatherum") as program:
        program.set_up()
        program.get(f"{plaza}/@ada")
        following = {"url": f"{plaza}/@ada", "title": "Ada", "timing": "30d"}
        program.until_checked([program.call("POST", "/subscriptions", **following)["id"]])
        yield program


def seen(pictures: Locator) -> None:
    """See that there are pictures, and that each has come from below the path."""
    expect(pictures).not_to_have_count(0)
    for picture in pictures.all():
        expect(picture).not_to_have_js_property("naturalWidth", 0)
        path = picture.evaluate("image => new URL(image.src).pathname")
        assert path.startswith("/gatherum/api/v1/files/"), path


def test_pictures_are_found_on_every_page(below: Running, new_page: NewPage) -> None:
    assert below.url.endswith("/gatherum")
    page = new_page(below, shared=True)
    (followed,) = below.call("GET", "/subscriptions")["items"]
    (job,) = [one for one in below.call("GET", "/jobs")["items"] if one["kind"] == "LinkGet"]

    def visit(path: str, pictures: str) -> None:
        page.goto(f"{below.url}{path}")
        seen(page.locator(pictures))

    visit("", "a[href*='/media/'] img")
    visit("/library", ".photo img")
    visit("/library/posts", ".photo img")
    visit("/following", ".quad img")
    visit("/following?view=table", "td.who img")
    visit(f"/following/{followed['id']}", ".newest img")
    visit(f"/queue?job={job['id']}", ".media-of img")
    visit(f"/welcome?step=link&job={job['id']}", ".arrived img")


def test_links_and_news_stay_below_the_path(below: Running, plaza: str, new_page: NewPage) -> None:
    page: Page = new_page(below, shared=True)
    page.goto(f"{below.url}/following")

    page.get_by_role("link", name="Ada", exact=True).click()
    expect(page.get_by_role("dialog", name="Ada")).to_be_visible()
    assert page.url.startswith(f"{below.url}/following/")
    page.keyboard.press("Escape")
    below.call("POST", "/subscriptions", url=f"{plaza}/@bruno", title="Bruno", timing="30d")
    expect(page.get_by_role("link", name="Bruno", exact=True)).to_be_visible()
