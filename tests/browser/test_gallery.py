"""The timeline of the library, on a small one: seen, walked, selected, changed and changed back."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import stand_in, until
from tests.browser.running import Running

PICTURE = '.tile img[src*="/thumbnail?size="]'
LOADED = (
    "() => { const all = [...document.querySelectorAll('.tile img')];"
    " return all.length > 3 && all.every((img) => img.complete && img.naturalWidth > 0) }"
)
SLOW_MS = 20_000  # a busy machine
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


def opened(page: Page, path: str = "/library") -> Page:
    page.set_default_timeout(SLOW_MS)
    page.goto(path)
    expect(tiles(page).first).to_be_visible()
    return page


def tiles(page: Page) -> Locator:
    return page.locator(".tile")


def stored(program: Running, query: str = "") -> int:
    return int(program.call("GET", f"/media/count?q={query}")["count"])


def first_ids(page: Page, count: int) -> list[str]:
    return [str(tiles(page).nth(at).get_attribute("data-id")) for at in range(count)]


def tick(page: Page, at: int) -> None:
    tiles(page).nth(at).hover()
    tiles(page).nth(at).get_by_role("checkbox").click()


def test_pictures_are_shown_at_their_size_and_named(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))

    until(page, LOADED)

    source = page.locator(PICTURE).first.get_attribute("src") or ""
    assert re.search(r"thumbnail\?size=320&v=[0-9a-f]{16}$", source)
    name = tiles(page).first.locator("a").get_attribute("aria-label") or ""
    assert re.match(r"(Picture|Video), .*\b20\d\d", name)
    expect(page.get_by_text(f"{stored(stocked)} items")).to_be_visible()


def test_the_arrows_walk_and_enter_opens_and_back_leads_there(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    ids = first_ids(page, 2)

    page.keyboard.press("ArrowRight")
    until(page, f"document.activeElement?.closest('.tile')?.dataset.id === '{ids[0]}'")
    page.keyboard.press("ArrowRight")
    until(page, f"document.activeElement?.closest('.tile')?.dataset.id === '{ids[1]}'")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/media/{ids[1]}")
    page.go_back()

    until(page, f"document.activeElement?.closest('.tile')?.dataset.id === '{ids[1]}'")


def test_home_and_end_lead_to_both_ends(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))
    first = first_ids(page, 1)[0]
    oldest = stocked.call("GET", "/media?order=oldest&limit=1")["items"][0]["id"]

    page.keyboard.press("End")
    page.keyboard.press("End")
    until(page, f"document.activeElement?.closest('.tile')?.dataset.id === '{oldest}'")
    page.keyboard.press("Home")

    until(page, f"document.activeElement?.closest('.tile')?.dataset.id === '{first}'")


def test_the_timeline_is_one_stop_of_the_tab_key(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))

    assert page.locator(".gallery-box [tabindex='0']").count() == 1
    page.keyboard.press("ArrowRight")
    until(page, "document.activeElement?.closest('.tile') !== null")
    page.keyboard.press("Tab")

    expect(page.get_by_role("slider", name="Date")).to_be_focused()


def test_ticks_ranges_and_keys_select(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))
    bar = page.locator(".gallery-batch")

    tick(page, 0)
    expect(bar).to_contain_text("1 selected")
    tiles(page).nth(4).click(modifiers=["Shift"])
    expect(bar).to_contain_text("5 selected")
    expect(bar).to_contain_text(re.compile(r"from \d posts? · .*B"))
    tiles(page).nth(2).click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)

    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(bar).to_contain_text(re.compile("[34] selected"))


def test_a_frame_and_a_day_select(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))
    bar = page.locator(".gallery-batch")
    day = page.locator(".day").first
    count = int((day.locator(".muted").inner_text()).split("·")[0])

    day.hover()
    day.get_by_role("checkbox").click()
    expect(bar).to_contain_text(f"{count} selected")
    expect(day.get_by_role("checkbox")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")

    box = day.bounding_box()
    tile = tiles(page).first.bounding_box()
    assert box is not None
    assert tile is not None
    page.mouse.move(box["x"] + box["width"] - 80, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(tile["x"] + 20, tile["y"] + 40, steps=5)
    page.mouse.up()

    expect(tiles(page).first).to_have_attribute("data-selected", "")


# A frame is drawn over the first picture and let go before the browser has drawn anything.
DRAWN_AT_ONCE = """([fromX, fromY, toX, toY]) => {
  const box = document.querySelector('.gallery-box')
  const at = (name, clientX, clientY) => box.dispatchEvent(new PointerEvent(name, {
    clientX, clientY, button: name === 'pointermove' ? -1 : 0, pointerId: 1, pointerType: 'mouse', bubbles: true }))
  at('pointerdown', fromX, fromY)
  at('pointermove', toX, toY)
  at('pointerup', toX, toY)
}"""


def test_a_frame_that_is_drawn_within_one_frame_selects(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    day, tile = page.locator(".day").first.bounding_box(), tiles(page).first.bounding_box()
    assert day is not None
    assert tile is not None
    begin = [day["x"] + day["width"] - 80, day["y"] + 8]
    page.mouse.move(*begin)

    page.evaluate(DRAWN_AT_ONCE, [*begin, tile["x"] + 20, tile["y"] + 40])

    expect(tiles(page).first).to_have_attribute("data-selected", "")
    expect(page.locator(".frame")).to_have_count(0)


def test_all_of_a_search_is_tagged_by_its_query_and_back(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked), "/library?q=kind:image")
    count = stored(stocked, "kind:image")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/media/batch" in r.url else None)

    page.keyboard.press("Control+a")
    expect(page.locator(".gallery-batch")).to_contain_text(f"{count} selected")
    page.keyboard.press("t")
    page.get_by_label("Tags").fill("harbour, fog")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").get_by_text("tagged harbour, fog.")).to_be_visible()
    assert stored(stocked, "tag:harbour tag:fog") == count
    assert len(asked) == 1

    page.keyboard.press("Escape")
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert stored(stocked, "tag:harbour") == 0


def test_a_favourite_has_its_heart_at_once(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))

    page.keyboard.press("ArrowRight")
    page.keyboard.press("f")
    expect(tiles(page).first.locator(".tag .full")).to_be_visible()
    expect(page.get_by_text("1 made a favourite.")).to_be_visible()
    assert stored(stocked, "is:favourite") == 1
    page.keyboard.press("f")
    expect(tiles(page).first.locator(".tag .full")).to_have_count(0)
    expect(page.get_by_text("is no longer a favourite.")).to_be_visible()
    assert stored(stocked, "is:favourite") == 0


def test_what_is_deleted_goes_and_comes_back(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))
    count = stored(stocked)
    ids = first_ids(page, 3)

    tick(page, 0)
    tick(page, 1)
    page.locator(".gallery-batch").get_by_role("button", name="Delete").click()
    expect(page.locator(f'[data-id="{ids[0]}"]')).to_have_count(0)
    expect(tiles(page).first).to_have_attribute("data-id", ids[2])
    expect(page.get_by_text("2 items moved to the bin.")).to_be_visible()
    page.get_by_role("button", name="Undo").hover()  # it stays while the pointer is there
    assert stored(stocked) == count - 2

    page.get_by_role("button", name="Undo").click()
    expect(tiles(page).first).to_have_attribute("data-id", ids[0])
    expect(page.locator(".newpill")).to_have_count(0)
    assert stored(stocked) == count


def test_after_deleting_by_key_the_next_picture_has_the_focus(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    ids = first_ids(page, 2)

    page.keyboard.press("ArrowRight")
    until(page, f"document.activeElement?.closest('.tile')?.dataset.id === '{ids[0]}'")
    page.keyboard.press("Delete")

    until(page, f"document.activeElement?.closest('.tile')?.dataset.id === '{ids[1]}'")
    page.keyboard.press("z")
    expect(tiles(page).first).to_have_attribute("data-id", ids[0])


def test_rows_grow_around_the_picture_that_has_the_focus(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    height = tiles(page).first.bounding_box()
    assert height is not None

    page.keyboard.press("+")

    until(
        page,
        f"document.querySelector('.tile').getBoundingClientRect().height > {height['height'] + 20}",
    )
    page.get_by_role("button", name="Smaller pictures").click()


def test_the_address_tells_the_place(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))
    oldest = stocked.call("GET", "/media?order=oldest&limit=1")["items"][0]["id"]
    page.get_by_role("slider", name="Date").focus()
    page.keyboard.press("End")
    expect(page.locator(f'[data-id="{oldest}"]')).to_be_visible()
    page.keyboard.press("End")  # what is loaded by now has another height than was guessed

    page.wait_for_url(re.compile(r"at=\d{4}-\d\d-\d\d"))
    page.evaluate("new Promise(done => setTimeout(done, 1000))")
    place, top = page.evaluate("[location.href, document.querySelector('.gallery-box').scrollTop]")
    other = opened(new_page(stocked), place)

    until(other, f"Math.abs(document.querySelector('.gallery-box').scrollTop - {top}) < 200")


def test_the_way_to_the_library_leads_to_its_top(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))
    newest = first_ids(page, 1)[0]
    page.locator(".gallery-box").evaluate("(box) => { box.scrollTop = 600 }")
    expect(page).to_have_url(re.compile(r"[?&]at="))

    page.get_by_role("link", name="Library", exact=True).click()

    until(page, "document.querySelector('.gallery-box').scrollTop === 0")
    assert first_ids(page, 1) == [newest]


def test_what_could_not_be_loaded_is_tried_again_by_itself(
    stocked: Running, new_page: NewPage
) -> None:
    page = new_page(stocked)
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=409, json={"status": 409, "title": "No", "detail": "Not just now."})

    stand_in(page, "**/timeline/assets?*", refuse)
    page.goto("/library")
    expect(page.get_by_role("alert")).to_contain_text("Not just now.")
    page.unroute("**/timeline/assets?*", refuse)

    expect(tiles(page).first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert refused


def test_what_arrives_does_not_push(stocked: Running, new_page: NewPage, plaza: str) -> None:
    page = opened(new_page(stocked))
    page.locator(".gallery-box").hover()
    page.mouse.wheel(0, 600)
    until(page, "document.querySelector('.gallery-box').scrollTop > 500")
    page.wait_for_url(re.compile("at="))
    seen = first_ids(page, 3)
    count = stored(stocked)

    stocked.get(f"{plaza}/tag/fog")
    more = stored(stocked) - count
    assert more > 0

    expect(page.locator(".newpill")).to_contain_text(re.compile(r"\d+ new"))
    assert first_ids(page, 3) == seen
    page.locator(".newpill").click()
    expect(page.locator(".newpill")).to_have_count(0)
    expect(page.get_by_text(f"{count + more} items")).to_be_visible()


def test_on_a_phone_three_squares_stand_in_a_row(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked, phone=True))
    until(page, LOADED)

    sizes = page.evaluate(
        "[...document.querySelectorAll('.tile')].slice(0, 9).map((tile) => {"
        " const { width, height } = tile.getBoundingClientRect(); return [width, height] })"
    )
    assert all(abs(width - height) < 1 for width, height in sizes)
    assert all(abs(width - 128) < 2 for width, _ in sizes)


def test_on_a_phone_a_long_press_selects_and_a_tap_adds(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked, phone=True))
    box = tiles(page).first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    point = [{"x": x, "y": y}]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": point})
    expect(page.locator(".gallery-batch")).to_contain_text("1 selected")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tiles(page).nth(1).tap()

    expect(page.locator(".gallery-batch")).to_contain_text("2 selected")
    expect(page).to_have_url(re.compile("/library$"))


def test_an_empty_library_leads_to_the_bar(site: Running, new_page: NewPage) -> None:
    page = new_page(site)
    page.goto("/library")

    page.get_by_role("button", name="Paste a link").click()

    expect(page.locator(".omni input")).to_be_focused()


def test_a_search_without_results_offers_a_way_out(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.goto("/library?q=kind:image size>900GB")

    page.get_by_role("button", name=re.compile("Drop “size")).click()

    expect(tiles(page).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_nobody_is_kept_out(
    *, phone: bool, scheme: str, stocked: Running, new_page: NewPage, axe: str
) -> None:
    page = opened(new_page(stocked, scheme=scheme, phone=phone))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(page.locator(".gallery-batch")).to_be_visible()

    page.evaluate(axe)
    found = page.evaluate(f"axe.run({{runOnly: {TAGS}}})")

    told = [
        (each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found["violations"]
    ]
    assert told == []
