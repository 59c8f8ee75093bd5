"""The timeline of a million pictures: everything is reached, little is held. Times are told, not judged.

Run it with `python -m pytest -m soak -s tests/browser/test_million.py`; docs/performance.md has the figures.
"""

import io
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Page, Route

from gatherum.db import Database
from gatherum.db.migrate import migrate
from tests.browser.conftest import NewPage
from tests.browser.many import fill
from tests.browser.running import Running, start

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]  # to fill it takes minutes

MEDIA = 1_000_000
MOST_TILES = 120
MOST_HEAP = 60_000_000
MOST_NODES = 20_000
FRAMES = 200
WORK = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
# Resolves with the time when every tile in sight has its picture.
SETTLED = """
() => new Promise((resolve) => {
  const look = () => {
    const box = document.querySelector('.gallery-box')
    if (!box) return requestAnimationFrame(look)
    const { top, bottom } = box.getBoundingClientRect()
    const tiles = [...box.querySelectorAll('.tile')].filter((tile) => {
      const at = tile.getBoundingClientRect()
      return at.bottom > top && at.top < bottom
    })
    const image = (tile) => tile.querySelector('img')
    const ready = tiles.length > 5 && tiles.every((tile) => image(tile)?.naturalWidth > 0)
    if (ready && !box.querySelector('.unloaded')) resolve(performance.now())
    else requestAnimationFrame(look)
  }
  look()
})
"""
FIRST = """
() => new Promise((resolve) => {
  const look = () => [...document.querySelectorAll('.tile img')].some((img) => img.naturalWidth > 0)
    ? resolve(performance.now()) : requestAnimationFrame(look)
  look()
})
"""
SCROLL = """
([pixels, frames]) => new Promise((resolve) => {
  const box = document.querySelector('.gallery-box')
  const taken = []
  let before = performance.now(), most = 0
  const step = (now) => {
    taken.push(now - before)
    before = now
    most = Math.max(most, document.querySelectorAll('.tile').length)
    if (taken.length >= frames) return resolve({ taken, most })
    box.scrollTop += pixels
    requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
})
"""


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A program whose library holds a million rows, without their files."""
    folder = tmp_path_factory.mktemp("million")
    (folder / "data").mkdir()
    address = f"sqlite:///{folder / 'data' / 'gatherum.db'}"
    migrate(address, backup_dir=None)
    database = Database(address)
    try:
        fill(database, MEDIA)
    finally:
        database.close()
    with start(folder) as program:
        program.set_up()
        yield program


@pytest.fixture
def page(million: Running, new_page: NewPage) -> Page:
    """A page on which every thumbnail is the same small picture."""
    drawn = io.BytesIO()
    Image.effect_noise((320, 213), 60).convert("RGB").save(drawn, "WEBP", quality=70)
    picture = drawn.getvalue()
    page = new_page(million)

    def answer(route: Route) -> None:
        route.fulfill(body=picture, content_type="image/webp")

    page.route("**/thumbnail?*", answer)
    return page


def until(page: Page, condition: str) -> None:
    """Wait until something holds: the page's policy lets nothing be evaluated from within."""
    end = time.monotonic() + 30
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(50)


def tell(text: str) -> None:
    sys.stdout.write(f"\n{text}")


def metrics(session: CDPSession) -> dict[str, float]:
    told = session.send("Performance.getMetrics")["metrics"]
    return {each["name"]: each["value"] for each in told}


def held(session: CDPSession) -> dict[str, float]:
    """What the page holds once all that can be thrown away is."""
    session.send("HeapProfiler.collectGarbage")
    return metrics(session)


def measured(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})  # not while others work
    return session


def count_tiles(page: Page) -> int:
    return page.locator(".tile").count()


def test_the_first_and_the_last_of_a_million_are_seen(million: Running, page: Page) -> None:
    session = measured(page)
    page.goto("/library")
    first = page.evaluate(FIRST)
    every = page.evaluate(SETTLED)
    total = million.call("GET", "/media/count")["count"]
    last = million.call("GET", "/media?order=oldest&limit=1")["items"][0]["id"]

    page.locator(".gallery-box").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    until(page, f"document.activeElement?.closest('.tile')?.dataset.id === '{last}'")
    page.evaluate(SETTLED)

    height = page.evaluate("document.querySelector('.gallery-inner').offsetHeight")
    end = held(session)
    tell(f"first picture {first:.0f} ms, all in sight {every:.0f} ms after navigation")
    tell(f"at the end: {count_tiles(page)} tiles, heap {end['JSHeapUsedSize'] / 1e6:.1f} MB")
    assert total == MEDIA
    assert height == 3_000_000
    assert page.locator(".tile").last.get_attribute("data-id") == last
    assert count_tiles(page) < MOST_TILES
    assert end["JSHeapUsedSize"] < MOST_HEAP


def test_jumps_show_pictures_and_hold_little(page: Page) -> None:
    session = measured(page)
    page.goto("/library")
    page.evaluate(SETTLED)
    box = page.get_by_role("slider", name="Date").bounding_box()
    assert box is not None
    taken = []
    for step in range(20):
        page.mouse.move(box["x"] + 20, box["y"] + box["height"] * ((step * 7919) % 97) / 97)
        page.mouse.down()
        begun = page.evaluate("performance.now()")
        page.mouse.up()
        taken.append(page.evaluate(SETTLED) - begun)
        assert count_tiles(page) < MOST_TILES

    now = held(session)
    tell(
        f"jump to all pictures in sight: p50 {statistics.median(taken):.0f}, max {max(taken):.0f} ms"
    )
    tell(f"after 20 jumps: heap {now['JSHeapUsedSize'] / 1e6:.1f} MB, {now['Nodes']:.0f} nodes")
    assert now["JSHeapUsedSize"] < MOST_HEAP
    assert now["Nodes"] < MOST_NODES


@pytest.mark.parametrize("pixels", [20, 100, 400, 1500, 20_000])
def test_scrolling_holds_little_at_any_speed(pixels: int, page: Page) -> None:
    session = measured(page)
    page.goto("/library")
    page.evaluate(SETTLED)

    before = metrics(session)
    seen: dict[str, Any] = page.evaluate(SCROLL, [pixels, FRAMES])
    after = metrics(session)
    stopped = page.evaluate("performance.now()")
    page.evaluate(SETTLED)
    settled = page.evaluate("performance.now()") - stopped

    frames = sorted(seen["taken"])
    spent = {name: 1000 * (after[name] - before[name]) / FRAMES for name in (*WORK, "TaskDuration")}
    work = sum(spent[name] for name in WORK)
    now = held(session)
    tell(
        f"{pixels} px a frame: mean {statistics.mean(frames):.1f}, p95 {frames[FRAMES * 95 // 100]:.1f},"
        f" over 50 ms {sum(one > 50 for one in frames)}/{FRAMES}; script, layout and style {work:.2f} ms"
        f" a frame, all tasks of the thread {spent['TaskDuration']:.2f}; pictures {settled:.0f} ms after the stop; at most {seen['most']} tiles;"
        f" heap {now['JSHeapUsedSize'] / 1e6:.1f} MB"
    )
    assert seen["most"] < MOST_TILES
    assert now["JSHeapUsedSize"] < MOST_HEAP
    assert now["Nodes"] < MOST_NODES


def test_a_range_reaches_over_what_is_not_loaded(page: Page) -> None:
    page.goto("/library")
    page.evaluate(SETTLED)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.locator(".gallery-box").evaluate("(box) => { box.scrollTop = 4000 }")
    page.evaluate(SETTLED)

    page.locator(".tile").nth(30).click(modifiers=["Shift"])

    until(
        page,
        "parseInt(document.querySelector('.gallery-batch').textContent.replaceAll(',', '')) > 100",
    )
    assert page.locator(".tile[data-selected]").count() >= 20
