"""One picture or video in the dark room, and posts: seen, walked, changed, deleted, and back again."""

import re
import time
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, stand_in, unanswered, until, until_here, violations
from tests.browser.running import Running

IMAGES = "kind:image author:ada"


def ids(program: Running, q: str) -> list[str]:
    found = program.call("GET", f"/media?q={quote(q)}&order=newest")
    return [item["id"] for item in found["items"]]


def opened(page: Page, media: str, q: str = IMAGES) -> Page:
    page.goto(f"/media/{media}?q={quote(q)}")
    expect(page.get_by_role("button", name="Back", exact=True)).to_be_visible()
    return page


def media(program: Running, number: str) -> dict[str, object]:
    found: dict[str, object] = program.call("GET", f"/media/{number}")
    return found


def expect_media(page: Page, number: str) -> None:
    page.wait_for_url(f"**/media/{number}?*")


def test_the_arrows_go_through_the_search_in_its_order(stocked: Running, new_page: NewPage) -> None:
    found = ids(stocked, IMAGES)
    page = opened(new_page(stocked), found[1])
    expect(page.get_by_role("navigation", name="Beside this")).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_be_visible()

    page.keyboard.press("ArrowRight")
    expect_media(page, found[2])
    page.keyboard.press("ArrowRight")
    expect_media(page, found[3])
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")

    expect_media(page, found[0])
    expect(page.get_by_role("button", name="Before")).to_have_count(0)
    expect(page.locator(".layer img").last).to_have_attribute(
        "src", re.compile(f"/files/{found[0]}/original")
    )


# Resolves when F is pressed right after the next picture is drawn, before the next frame.
PRESSED = """(next) => new Promise((resolve) => {
  const watch = new MutationObserver(() => {
    const shown = [...document.querySelectorAll('.layer img')].at(-1)
    if (!location.pathname.endsWith(`/${next}`) || !shown?.src.includes(`/files/${next}/`)) return
    watch.disconnect()
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'f', bubbles: true }))
    resolve()
  })
  watch.observe(document.body, { subtree: true, childList: true, attributes: true })
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))
})"""


def test_a_key_means_the_picture_that_is_seen_from_its_first_frame(
    stocked: Running, new_page: NewPage
) -> None:
    found = ids(stocked, IMAGES)
    page = opened(new_page(stocked), found[0])
    expect(page.get_by_role("button", name="Next")).to_be_visible()
    for key, number in (("ArrowRight", found[1]), ("ArrowLeft", found[0])):  # both are known then
        page.keyboard.press(key)
        expect_media(page, number)
        expect(page.locator(".layer img").last).to_have_attribute(
            "src", re.compile(f"/files/{number}/original")
        )
        settle(page)

    page.evaluate(PRESSED, found[1])

    expect(page.get_by_text("Added to favourites.")).to_be_visible()
    assert [media(stocked, number)["favourite"] for number in found[:2]] == [False, True]
    stocked.call("PATCH", f"/media/{found[1]}", favourite=False)


def test_f_counts_for_a_picture_of_which_nothing_is_known_yet(
    stocked: Running, new_page: NewPage
) -> None:
    found = ids(stocked, IMAGES)
    page = new_page(stocked)
    with unanswered(page, f"**/api/v1/media/{found[1]}"):
        opened(page, found[0])
        expect(page.get_by_role("button", name="Next")).to_be_visible()
        page.keyboard.press("ArrowRight")
        expect_media(page, found[1])
        page.keyboard.press("f")
        page.keyboard.press("ArrowRight")
        expect_media(page, found[2])

    expect(page.get_by_text("Added to favourites.")).to_be_visible()
    assert [media(stocked, number)["favourite"] for number in found[:3]] == [False, True, False]
    stocked.call("PATCH", f"/media/{found[1]}", favourite=False)


def test_esc_leads_back_to_where_one_came_from(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.goto(f"/library?q={quote(IMAGES)}")
    page.locator(".tile a").first.click()
    expect(page.get_by_role("region", name="Viewer")).to_be_visible()

    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")

    page.wait_for_url("**/library?*")
    expect(page.locator(".tile").first).to_be_visible()
    expect(page.get_by_role("link", name="Home").first).to_be_visible()


def test_it_comes_closer_by_keys_wheel_and_double_click(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked), ids(stocked, IMAGES)[0])
    stage, layer = page.locator(".big"), page.locator(".layer")
    expect(layer).to_be_visible()
    fits = layer.bounding_box()
    assert fits is not None

    page.keyboard.press("+")
    expect(stage).to_have_attribute("data-zoomed", "")
    page.keyboard.press("0")
    expect(stage).not_to_have_attribute("data-zoomed", "")
    layer.hover()
    page.mouse.wheel(0, -400)
    expect(stage).to_have_attribute("data-zoomed", "")
    layer.dblclick()
    expect(stage).not_to_have_attribute("data-zoomed", "")
    layer.dblclick()

    expect(stage).to_have_attribute("data-zoomed", "")
    wide = "document.querySelector('.layer').getBoundingClientRect().width"
    until(page, f"{wide} > {fits['width'] + 1}")  # it grows for a while


def test_a_favourite_and_a_tag_are_kept_and_taken_back(stocked: Running, new_page: NewPage) -> None:
    number = ids(stocked, IMAGES)[0]
    page = opened(new_page(stocked), number)

    page.keyboard.press("f")
    expect(page.get_by_text("Added to favourites.")).to_be_visible()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    assert media(stocked, number)["favourite"] is True
    page.keyboard.press("t")
    page.get_by_label("Add a tag").press_sequentially("print this")
    page.get_by_label("Add a tag").press("Enter")
    expect(page.get_by_text("Tagged “print this”.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove tag print this")).to_be_visible()
    assert media(stocked, number)["tags"] == ["print this"]

    page.get_by_role("heading", name="Tags").click()
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove tag print this")).to_have_count(0)
    assert media(stocked, number)["tags"] == []
    stocked.call("PATCH", f"/media/{number}", favourite=False)


def test_a_note_that_somebody_else_was_faster_with_is_refused(
    stocked: Running, new_page: NewPage
) -> None:
    number = ids(stocked, IMAGES)[1]
    page = opened(new_page(stocked), number)
    page.get_by_role("button", name="Edit your note").click()
    stocked.call("PATCH", f"/media/{number}", description="Theirs")

    page.get_by_label("Your note").fill("Mine")
    page.get_by_label("Your note").press("Control+Enter")

    expect(page.locator(".toast[data-tone=trouble]")).to_be_visible()
    expect(page.locator(".note-row")).to_contain_text("Theirs")
    assert media(stocked, number)["description"] == "Theirs"
    stocked.call("PATCH", f"/media/{number}", description=None)


def test_what_is_deleted_makes_room_for_the_next_and_comes_back(
    stocked: Running, new_page: NewPage
) -> None:
    found = ids(stocked, IMAGES)
    page = opened(new_page(stocked), found[2])
    expect(page.get_by_role("button", name="Next")).to_be_visible()

    page.keyboard.press("Delete")

    expect(page.get_by_text("Moved to the recycle bin.")).to_be_visible()
    page.get_by_role("button", name="Undo").hover()  # it stays while the pointer is there
    expect_media(page, found[3])
    assert media(stocked, found[2])["state"] == "trashed"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert media(stocked, found[2])["state"] == "stored"


def test_a_video_plays_and_goes_on_where_it_was_left(stocked: Running, new_page: NewPage) -> None:
    number = ids(stocked, "kind:video")[0]
    page = opened(new_page(stocked), number, "kind:video")
    until(page, "document.querySelector('video')?.readyState >= 2")
    at = "() => document.querySelector('video').currentTime"

    page.evaluate("() => document.querySelector('video').pause()")
    page.keyboard.press("l")
    until(page, "document.querySelector('video').currentTime > 1")
    page.evaluate("() => { document.querySelector('video').currentTime = 2 }")
    before = page.evaluate(at)
    page.keyboard.press(".")
    until(page, f"document.querySelector('video').currentTime > {before}")
    assert page.evaluate(at) - before < 0.2
    # A clip may be at its end before anybody looks.
    page.evaluate(
        "() => document.querySelector('video').addEventListener('play', () => { window.played = true })"
    )
    page.keyboard.press("k")

    until(page, "window.played === true")
    expect(page.get_by_label("Place in the video")).to_be_visible()


def test_what_is_known_is_told(stocked: Running, new_page: NewPage) -> None:
    number = ids(stocked, IMAGES)[0]
    whole = media(stocked, number)
    page = opened(new_page(stocked), number)
    info = page.get_by_role("complementary", name="About this")

    expect(info.get_by_text("still there").first).to_be_visible()
    expect(
        info.get_by_text(f"{whole['width']} \N{MULTIPLICATION SIGN} {whole['height']}")
    ).to_be_visible()
    page.keyboard.press("i")
    expect(info).to_have_count(0)
    assert "info=false" in page.url
    page.reload()
    expect(page.get_by_role("button", name="About this")).to_have_attribute("aria-pressed", "false")


def test_a_post_shows_its_media_in_order(stocked: Running, new_page: NewPage) -> None:
    posts = stocked.call("GET", "/posts?limit=100")["items"]
    post = next(one for one in posts if len(one["covers"]) > 1)
    page = new_page(stocked)
    page.goto("/library/posts")
    page.locator(f'.post-card a[href="/posts/{post["id"]}"]').click()

    count = len(post["media"])
    expect(page.get_by_text(f"1 of {count}", exact=True)).to_be_visible()
    here = page.locator(".rail [aria-current], .subnav [aria-current]")
    expect(here).to_have_text(["Library", "Posts"])
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(f"2 of {count}", exact=True)).to_be_visible()
    page.get_by_role("link", name="Open large").click()

    expect(page.get_by_role("region", name="Viewer")).to_be_visible()
    assert page.url.endswith(f"/media/{post['media_ids'][1]}")
    page.keyboard.press("Escape")
    expect(page.get_by_text(f"2 of {count}", exact=True)).to_be_visible()


def test_delete_goes_on_at_once_and_z_means_it(stocked: Running, new_page: NewPage) -> None:
    found = ids(stocked, IMAGES)
    page = opened(new_page(stocked), found[2])
    expect(page.get_by_role("button", name="Next")).to_be_visible()
    held: list[Route] = []
    stand_in(page, "**/trash", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks it
    page.keyboard.press("Delete")
    page.wait_for_url(f"**/media/{found[3]}?*")
    until(page, f"document.querySelector('.layer img')?.src.includes('/{found[3]}/')")
    page.keyboard.press("Delete")
    page.wait_for_url(f"**/media/{found[4]}?*")
    page.keyboard.press("z")
    until_here(page, lambda: len(held) >= 2, "both are asked for")
    assert [route.request.url.split("/")[-2] for route in held] == [found[2], found[3]]
    for route in held:
        route.continue_()

    expect(page.get_by_text("Taken back.")).to_be_visible()
    page.get_by_text("Taken back.").hover()  # it stays while the pointer is there
    assert media(stocked, found[3])["state"] == "stored"
    assert media(stocked, found[2])["state"] == "trashed"
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_have_count(2)
    assert media(stocked, found[2])["state"] == "stored"


def test_what_could_not_be_deleted_is_back_in_the_strip(
    stocked: Running, new_page: NewPage
) -> None:
    found = ids(stocked, IMAGES)
    page = opened(new_page(stocked), found[2])
    expect(page.get_by_role("button", name="Next")).to_be_visible()
    stand_in(
        page,
        "**/trash",
        lambda r: r.fulfill(status=409, json={"title": "", "detail": "It is moved."}),
    )

    page.keyboard.press("Delete")
    expect_media(page, found[3])
    expect(page.get_by_text("It is moved.")).to_be_visible()
    expect(page.locator(f'.film a[href*="/media/{found[2]}?"]')).to_have_count(1)
    page.keyboard.press("ArrowLeft")

    expect_media(page, found[2])
    assert media(stocked, found[2])["state"] == "stored"


def test_two_quick_changes_are_both_kept(stocked: Running, new_page: NewPage) -> None:
    number = ids(stocked, IMAGES)[0]
    page = opened(new_page(stocked), number)

    def slowly(route: Route) -> None:
        time.sleep(0.4)
        route.continue_()

    stand_in(page, re.compile(r"/api/v1/media/\d+$"), slowly)
    page.get_by_label("Add a tag").fill("quick")
    page.get_by_label("Add a tag").press("Enter")
    page.get_by_role("button", name="Favourite").click()

    expect(page.get_by_text("Tagged “quick”.")).to_be_visible()
    expect(page.get_by_text("Added to favourites.")).to_be_visible()
    assert media(stocked, number)["tags"] == ["quick"]
    assert media(stocked, number)["favourite"] is True
    stocked.call("PATCH", f"/media/{number}", favourite=False, tags=[])


def test_a_link_that_is_pasted_in_the_dark_room_is_not_lost_behind_it(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked), ids(stocked, IMAGES)[0])

    page.evaluate(
        """() => {
            const data = new DataTransfer()
            data.setData('text/plain', 'https://example.org/picture')
            document.body.dispatchEvent(
                new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))
        }"""
    )

    expect(page.get_by_text("Links go into the bar: press Esc first.")).to_be_visible()
    expect(page.locator(".omni input")).to_have_value(re.compile("^(?!https)"))


def test_a_slider_keeps_its_arrows_and_leaves_the_letters(
    stocked: Running, new_page: NewPage
) -> None:
    found = ids(stocked, "kind:video")
    page = opened(new_page(stocked), found[0], "kind:video")
    until(page, "document.querySelector('video')?.readyState >= 2")
    sound = page.get_by_role("slider", name="Volume")
    sound.focus()
    loud = float(sound.input_value())

    page.keyboard.press("ArrowLeft")
    until(page, f"Number(document.querySelector('.volume').value) < {loud}")
    page.keyboard.press("m")

    expect(page.get_by_role("button", name="Sound on")).to_be_visible()
    assert f"/media/{found[0]}" in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_the_dark_room_keeps_nobody_out(
    *, scheme: str, phone: bool, stocked: Running, new_page: NewPage, axe: str
) -> None:
    page = new_page(stocked, scheme=scheme, phone=phone)
    for q in (IMAGES, "kind:video"):
        opened(page, ids(stocked, q)[0], q)
        if phone:
            page.get_by_role("button", name="About this").click()
        expect(page.get_by_role("complementary", name="About this")).to_be_visible()
        settle(page)
        assert violations(page, axe) == []
        if phone:
            page.get_by_role("button", name="About this").click()
