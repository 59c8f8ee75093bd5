"""What keys do in the gallery: to the picture that has the focus, and to nothing that nobody sees."""

import re
import zipfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import stand_in, unanswered, until
from tests.browser.running import ENDED, Running

FOCUSED = "document.activeElement?.closest('.tile')?.dataset.id"
VIEWER = (  # which waits in the browser for the thumbnails that were asked for before it
    "performance.getEntriesByType('resource')"
    ".find(each => /Viewer-.*[.]js$/.test(each.name) && each.responseEnd)?.name"
)
STYLED = "[...document.querySelectorAll('link[rel=stylesheet]')].every(each => each.sheet)"
TYPED = """typed => typed.map(each => each.split(' ')).forEach(([kind, key]) =>
    document.activeElement.dispatchEvent(new KeyboardEvent(kind, { key, bubbles: true, cancelable: true })))"""
TRIES = 5
LARGE = "localStorage.setItem('rowHeight', '420')"


def opened(page: Page, path: str = "/library") -> Page:
    page.goto(path)
    expect(page.locator(".tile").first).to_be_visible()
    return page


def ids(page: Page, count: int) -> list[str]:
    return [str(page.locator(".tile").nth(at).get_attribute("data-id")) for at in range(count)]


def stored(program: Running, query: str = "") -> int:
    return int(program.call("GET", f"/media/count?q={quote(query)}")["count"])


def begin(page: Page) -> str:
    """Give the focus to the first picture, as the arrows do."""
    first = ids(page, 1)[0]
    page.keyboard.press("ArrowRight")
    until(page, f"{FOCUSED} === '{first}'")
    return first


def heard(page: Page) -> list[Request]:
    """Return what the page sends from now on to change something."""
    sent: list[Request] = []
    page.on("request", lambda r: sent.append(r) if r.method != "GET" else None)
    return sent


def has_viewer(page: Page) -> None:
    """Wait until the page has the code of the viewer, and has run it."""
    until(page, VIEWER)
    until(page, STYLED)
    page.evaluate(f"import({VIEWER}).then(() => null)")


def far_away(page: Page) -> None:
    """Scroll until the first picture is no longer drawn."""
    first = ids(page, 1)[0]
    # Not by the wheel, which may still turn when one has come back. Again and again, as the gallery keeps
    # its place when a change that was just made is drawn.
    away = f"""() => {{
        document.querySelector('.gallery-box').scrollTop = 2100
        return document.querySelector('.gallery-box [data-id="{first}"]') === null
    }}"""
    page.wait_for_function(away, polling=100)
    expect(page.locator(".gallery-box a[tabindex='0']")).to_have_count(1)  # what is seen is loaded
    page.wait_for_url(re.compile("at="))


def test_what_was_scrolled_away_is_not_deleted(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.add_init_script(LARGE)
    opened(page)
    first = begin(page)
    sent = heard(page)
    far_away(page)
    top = page.evaluate("document.querySelector('.gallery-box').scrollTop")

    page.keyboard.press("Delete")
    page.keyboard.press("f")
    page.keyboard.press("ArrowDown")

    until(page, f"{FOCUSED} !== undefined")
    assert page.evaluate(FOCUSED) != first
    assert abs(page.evaluate("document.querySelector('.gallery-box').scrollTop") - top) < 600
    assert sent == []


def test_arrows_count_though_nothing_is_loaded_yet(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    with unanswered(page, "**/timeline/assets?*"):
        page.goto("/library")
        expect(page.locator(".day").first).to_be_visible()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator(".tile")).to_have_count(0)

    until(page, f"{FOCUSED} !== undefined")
    assert page.evaluate(FOCUSED) == ids(page, 2)[1]


def test_who_goes_elsewhere_before_anything_is_loaded_is_not_called_back(
    stocked: Running, new_page: NewPage
) -> None:
    page = new_page(stocked)
    with unanswered(page, "**/timeline/assets?*"):
        page.goto("/library")
        expect(page.locator(".day").first).to_be_visible()
        page.keyboard.press("ArrowRight")
        page.locator(".omni input").focus()

    expect(page.locator(".tile").first).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.locator(".omni input")).to_be_focused()


def test_keys_act_on_the_picture_that_tab_leads_to(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.add_init_script(LARGE)
    opened(page)
    first = begin(page)
    far_away(page)
    page.get_by_role("slider", name="Date").focus()
    page.keyboard.press("Shift+Tab")
    until(page, f"{FOCUSED} !== undefined")
    seen = page.evaluate(FOCUSED)
    assert seen != first

    page.keyboard.press("Delete")

    expect(page.get_by_text("1 item moved to the bin.")).to_be_visible()
    assert stocked.call("GET", f"/media/{seen}")["state"] == "trashed"
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()


def test_whoever_sorts_by_keys_is_not_told_to_wait(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))
    first = begin(page)
    statuses: list[int] = []
    page.on(
        "response",
        lambda r: statuses.append(r.status) if r.request.method in {"POST", "PATCH"} else None,
    )

    for _ in range(34):
        with page.expect_response(lambda r: r.request.method in {"POST", "PATCH"}):
            page.keyboard.press("f")

    assert statuses == [200] * 34
    assert stocked.call("GET", f"/media/{first}")["favourite"] is False


def test_a_key_that_is_held_does_it_once(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))
    begin(page)
    sent = heard(page)

    for _ in range(5):
        page.keyboard.down("f")
    page.keyboard.up("f")

    expect(page.get_by_text("1 made a favourite.")).to_be_visible()
    assert len(sent) == 1
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()


def test_what_others_delete_leaves_the_focus_where_it_is(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    first = begin(page)
    field = page.locator(".omni input")
    field.focus()

    stocked.call("POST", f"/media/{first}/trash")

    expect(page.locator(f'[data-id="{first}"]')).to_have_count(0)
    page.wait_for_timeout(300)
    expect(field).to_be_focused()
    stocked.call("POST", f"/media/{first}/restore")
    expect(page.locator(f'[data-id="{first}"]')).to_have_count(1)


def test_what_was_done_in_the_viewer_shows_when_one_comes_back(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    begin(page)
    first = ids(page, 2)[1]
    page.keyboard.press("ArrowRight")
    until(page, f"{FOCUSED} === '{first}'")
    page.keyboard.press("Enter")
    viewer = page.get_by_role("region", name="Viewer")
    expect(viewer.get_by_role("button", name="Favourite")).to_be_visible()
    page.keyboard.press("f")
    expect(page.get_by_text("Added to favourites.")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator(f'[data-id="{first}"] .full')).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator(f'[data-id="{first}"] .full')).to_have_count(0)


def test_g_and_f_typed_quickly_lead_to_following(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))
    begin(page)
    sent = heard(page)

    # In the page itself: how far apart a driver sends them is up to the machine.
    page.evaluate(TYPED, ["keydown g", "keydown f", "keyup g", "keyup f"])

    page.wait_for_url("**/following")
    assert sent == []


def test_esc_closes_a_menu_and_keys_do_nothing_under_it(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    begin(page)
    page.keyboard.press("x")
    bar = page.locator(".gallery-batch")
    expect(bar).to_contain_text("1 selected")
    sent = heard(page)
    page.get_by_role("banner").locator("button[popovertarget]").last.click()
    menu = page.locator(":popover-open")
    expect(menu).to_be_visible()

    page.keyboard.press("f")
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")

    expect(menu).to_have_count(0)
    expect(bar).to_contain_text("1 selected")
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    assert sent == []


def test_letters_that_are_off_select_no_day(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.add_init_script("localStorage.setItem('letters', 'off')")
    opened(page)
    begin(page)

    page.keyboard.press("Shift+x")
    page.keyboard.press("x")
    expect(page.locator(".gallery-batch")).to_have_count(0)
    page.keyboard.press("Control+a")

    expect(page.locator(".gallery-batch")).to_contain_text("selected")


def test_what_comes_after_a_deletion_is_announced(
    stocked: Running, new_page: NewPage, plaza: str
) -> None:
    page = new_page(stocked)
    page.add_init_script(LARGE)
    opened(page)
    before = stored(stocked)
    begin(page)
    page.keyboard.press("x")
    for _ in range(9):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".gallery-batch")).to_contain_text("10 selected")
    page.keyboard.press("Delete")
    expect(page.get_by_text("10 items moved to the bin.")).to_be_visible()
    far_away(page)

    told = stocked.call("POST", "/links", urls=[f"{plaza}/@chiyo/feed.xml"], limit=3)
    job = told["items"][0]["job"]
    while stocked.call("GET", f"/jobs/{job}")["job"]["state"] not in ENDED:
        page.wait_for_timeout(100)

    come = stored(stocked) - before + 10
    assert 0 < come <= 10
    expect(page.locator(".newpill")).to_contain_text("new")
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert stored(stocked) == before + come


def test_the_bar_stays_open_while_the_timeline_comes_to_rest(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked))
    page.locator(".gallery-box").hover()
    page.mouse.wheel(0, 700)
    # Once the bar is open, its veil gets what the wheel does.
    until(page, "document.querySelector('.gallery-box').scrollTop > 500")
    page.keyboard.press("/")
    page.keyboard.type("kind")
    options = page.get_by_role("listbox", name="What to do")
    expect(options).to_be_visible()

    page.wait_for_url(re.compile("at="))
    page.wait_for_timeout(100)

    expect(options).to_be_visible()


def test_a_tile_grows_into_its_picture_and_back(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.add_init_script(
        """window.moves = []
        // What a movement waits for at most; on a slow machine the page is not there by then.
        const later = window.setTimeout
        window.setTimeout = (does, ms, ...more) => later(does, ms === 300 ? 10_000 : ms, ...more)
        const start = document.startViewTransition.bind(document)
        document.startViewTransition = change => {
            const move = start(change)
            move.ready.then(() => window.moves.push(document.getAnimations().filter(
                each => each.effect?.pseudoElement === '::view-transition-group(seen)').length),
                why => window.moves.push(String(why)))
            return move
        }"""
    )
    opened(page)
    first = ids(page, 1)[0]
    page.locator(".tile").first.hover()
    has_viewer(page)

    for _ in range(TRIES):  # a machine that is too slow for a movement shows the other page at once
        page.evaluate("window.moves.length = 0")
        page.locator(".tile a").first.click()
        expect(page.locator(".viewer .layer")).to_be_visible()
        until(page, "window.moves.length === 1")
        page.keyboard.press("Escape")
        until(page, "window.moves.length === 2")
        if page.evaluate("window.moves.every(each => each === 1)"):
            break

    assert page.evaluate("window.moves") == [1, 1]
    until(page, f"{FOCUSED} === '{first}'")
    until(page, "[...document.querySelectorAll('.tile')].every(t => !t.style.viewTransitionName)")


def test_who_wants_no_motion_gets_none(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.emulate_media(reduced_motion="reduce")
    page.add_init_script(
        "window.moves = 0; document.startViewTransition = () => { window.moves++; throw Error() }"
    )
    opened(page)
    page.locator(".tile").first.hover()
    has_viewer(page)

    page.locator(".tile a").first.click()
    expect(page.locator(".viewer")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator(".viewer")).to_have_count(0)
    assert page.evaluate("window.moves") == 0


def test_a_video_that_the_mouse_rests_on_plays_silently(
    stocked: Running, new_page: NewPage
) -> None:
    page = opened(new_page(stocked), "/library?q=kind:video")
    tile, clip = page.locator(".tile").first, page.locator(".tile video")

    with page.expect_response(lambda r: "/preview" in r.url) as answer:
        tile.hover()
    assert answer.value.status in {200, 206}
    until(page, "document.querySelector('.tile video')?.currentTime > 0")
    assert page.evaluate("document.querySelector('.tile video').muted") is True
    page.mouse.move(5, 5)

    expect(clip).to_have_count(0)


PASS = """async rests => {
  const tile = document.querySelector('.tile'), options = { bubbles: true, pointerType: 'mouse' }
  const after = ms => new Promise(done => setTimeout(done, ms))
  tile.dispatchEvent(new PointerEvent('pointerover', options))
  await after(rests)
  tile.closest('.gallery-box').dispatchEvent(new PointerEvent('pointerleave', options))
  await after(500)
}"""


REST = """() => {
  const over = new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' })
  document.querySelector('.tile').dispatchEvent(over)
}"""


def test_who_only_passes_a_video_loads_nothing(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked), "/library?q=kind:video")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/preview" in r.url else None)

    # In the page, whose clock is the one that counts: from outside a passing mouse may take long.
    page.evaluate(PASS, 200)
    assert asked == []

    # Who stays: behind a late clock the video would be taken away before it is asked for.
    with page.expect_request(lambda r: "/preview" in r.url):
        page.evaluate(REST)


def test_a_refused_change_is_shown_as_it_stands(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked))
    first = begin(page)

    def refuse(route: Route) -> None:
        route.fulfill(status=409, json={"title": "Not now", "detail": "It is being moved."})

    stand_in(page, "**/trash", refuse)
    page.keyboard.press("Delete")

    expect(page.get_by_text("It is being moved.")).to_be_visible()
    expect(page.locator(f'[data-id="{first}"]')).to_have_count(1)
    assert stocked.call("GET", f"/media/{first}")["state"] == "stored"


def test_all_that_is_found_is_downloaded_as_one_zip(
    stocked: Running, new_page: NewPage, tmp_path: Path
) -> None:
    q = "kind:image"
    told = stocked.call("POST", "/archives", query=q)
    assert told["files"] > 20
    page = opened(new_page(stocked), f"/library?q={q}")
    page.keyboard.press("Control+a")
    bar = page.get_by_role("toolbar", name="Selection")

    with page.expect_download() as saved:
        bar.get_by_role("button", name="Download").click()
    expect(page.get_by_text(f"Downloading {told['files']} files as a ZIP")).to_be_visible()

    assert re.fullmatch(r"gatherum-\d{4}-\d\d-\d\d\.zip", saved.value.suggested_filename)
    saved.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == told["files"] + 1
        lines = archive.read("manifest.jsonl").splitlines()
    assert len(lines) == told["media"] == stored(stocked, q)
    assert "?" not in saved.value.url


def test_a_few_are_downloaded_one_by_one(stocked: Running, new_page: NewPage) -> None:
    page = opened(new_page(stocked), "/library?q=kind:image")
    first = begin(page)
    page.keyboard.press("x")

    with page.expect_download() as saved:
        page.get_by_role("toolbar", name="Selection").get_by_role("button", name="Download").click()

    assert f"/files/{first}/original" in saved.value.url
