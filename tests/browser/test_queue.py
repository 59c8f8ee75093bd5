"""The queue, live in two browsers: what one does the other sees."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import stand_in, violations
from tests.browser.running import Running

# A message is laid out, and so comes under the pointer, before it has begun to count its time.
LAID_OUT = """
new MutationObserver(() => document.querySelector('.toast')?.getBoundingClientRect())
  .observe(document, { subtree: true, childList: true })
"""


@pytest.fixture
def held(site: Running) -> Iterator[Running]:
    """The program with its lanes paused, so that what is handed in stays in line."""
    for lane in ("interactive", "sync"):
        site.call("POST", f"/lanes/{lane}/pause")
    yield site
    site.call("POST", "/jobs/batch", action="cancel", filter={"lane": "interactive"})
    for lane in ("interactive", "sync"):
        site.call("POST", f"/lanes/{lane}/resume")


def hand_in(site: Running, *urls: str) -> list[str]:
    return [one["job"] for one in site.call("POST", "/links", urls=urls)["items"]]


def row(page: Page, text: str) -> Locator:
    return page.locator(".q-job", has_text=text)


def titles(page: Page) -> Locator:
    """What was handed in; the program may have something to do for itself as well."""
    return page.locator(".q-job .what a", has_text="@")


def test_what_one_browser_does_the_other_sees(held: Running, plaza: str, new_page: NewPage) -> None:
    (job,) = hand_in(held, f"{plaza}/@ada?browsers")
    one, other = new_page(held), new_page(held)
    one.goto("/queue")
    other.goto("/queue")
    row(other, "browsers").hover()  # what has ended stays as long as somebody is at it

    row(one, "browsers").get_by_role("button", name=re.compile("^What to do")).click()
    one.get_by_role("menuitem", name="Cancel").click()

    undo = one.get_by_role("button", name="Undo")
    undo.hover()  # and so does the way back
    expect(row(other, "browsers")).to_contain_text("Cancelled")
    other.mouse.move(5, 5)
    expect(row(other, "browsers")).to_have_count(0)
    assert held.call("GET", f"/jobs/{job}")["job"]["state"] == "cancelled"

    undo.click()

    expect(row(other, "browsers")).to_be_visible()


def test_a_lane_is_paused_and_goes_on_in_both(site: Running, plaza: str, new_page: NewPage) -> None:
    one, other = new_page(site), new_page(site)
    one.goto("/queue")
    other.goto("/queue")

    one.get_by_role("button", name="Pause everything").click()

    expect(other.get_by_text(re.compile("Paused since")).first).to_be_visible()
    expect(one.get_by_role("button", name="Let everything go on")).to_be_visible()
    assert all(lane["paused_since"] for lane in site.call("GET", "/lanes")["lanes"])
    hand_in(site, f"{plaza}/@bruno?halted")
    expect(row(other, "halted").get_by_text("Paused", exact=True)).to_be_visible()
    row(one, "halted").hover()  # what has ended stays as long as somebody is at it

    other.get_by_role("button", name="Resume Asked for by you").click()

    expect(row(one, "halted").get_by_text("Done")).to_be_visible(timeout=60_000)
    one.mouse.move(5, 5)
    expect(row(one, "halted")).to_have_count(0)
    other.get_by_role("button", name="Pause everything").click()
    expect(other.get_by_role("button", name="Let everything go on")).to_be_visible()
    for lane in site.call("GET", "/lanes")["lanes"]:
        site.call("POST", f"/lanes/{lane['lane']}/resume")


def test_a_platform_of_a_lane_is_paused_alone(held: Running, plaza: str, new_page: NewPage) -> None:
    hand_in(held, f"{plaza}/@dune?platform")
    page = new_page(held)
    page.goto("/queue")

    page.get_by_role("button", name=re.compile("^Pause (Plaza|Web)$")).click()

    expect(page.get_by_role("button", name=re.compile("^Resume (Plaza|Web)$"))).to_be_visible()
    lanes = held.call("GET", "/lanes")["lanes"]
    paused = [one for one in lanes[0]["platforms"] if one["paused_since"] is not None]
    assert len(paused) == 1
    page.get_by_role("button", name=re.compile("^Resume (Plaza|Web)$")).click()
    expect(page.get_by_role("button", name=re.compile("^Pause (Plaza|Web)$"))).to_be_visible()


def test_the_line_is_put_in_another_order(held: Running, plaza: str, new_page: NewPage) -> None:
    names = ("first", "second", "third")
    _, second, third = hand_in(held, *(f"{plaza}/@dune?{name}" for name in names))
    page = new_page(held)
    page.goto("/queue")
    expect(titles(page)).to_have_text(list(map(re.compile, names)))

    row(page, "third").get_by_role("button", name=re.compile("^What to do")).click()
    with page.expect_response(f"**/jobs/{third}/priority"):
        page.get_by_role("menuitem", name="To the front").click()

    expect(titles(page)).to_have_text(list(map(re.compile, ("third", "first", "second"))))
    with (
        page.expect_response(f"**/jobs/{third}/priority"),
        page.expect_response(f"**/jobs/{second}/priority"),
    ):
        row(page, "third").get_by_role("button", name=re.compile("^Move")).press("ArrowDown")
    expect(titles(page)).to_have_text(list(map(re.compile, ("first", "third", "second"))))
    page.reload()
    expect(titles(page)).to_have_text(list(map(re.compile, ("first", "third", "second"))))


def test_quick_moves_reach_the_server_in_their_order(
    held: Running, plaza: str, new_page: NewPage
) -> None:
    names = ("first", "second", "third")
    jobs = hand_in(held, *(f"{plaza}/@dune?{name}" for name in names))
    page = new_page(held)
    page.goto("/queue")
    expect(titles(page)).to_have_text(list(map(re.compile, names)))
    waiting: list[Route] = []
    asked: list[str] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    stand_in(page, "**/api/v1/jobs/*/priority", hold, times=1)
    page.on("request", lambda request: asked.append(request.url))

    grip = row(page, "third").get_by_role("button", name=re.compile("^Move"))
    grip.press("Home")
    expect(titles(page)).to_have_text(list(map(re.compile, ("third", "first", "second"))))
    grip.press("ArrowDown")
    expect(titles(page)).to_have_text(list(map(re.compile, ("first", "third", "second"))))

    page.evaluate("fetch('stand-in').then(() => null)")  # what was asked for before is told by then
    assert [url for url in asked if url.endswith("/priority")] == [waiting[0].request.url]
    waiting[0].continue_()
    expect(page.locator(".toast", has_text="Moved: ")).to_have_count(2)
    told = [held.call("GET", f"/jobs/{job}")["job"]["priority"] for job in jobs]
    assert told == [100, 101, 100]


def test_a_move_in_the_line_is_taken_back(held: Running, plaza: str, new_page: NewPage) -> None:
    jobs = hand_in(held, *(f"{plaza}/@dune?{name}" for name in ("one", "two", "three")))
    page = new_page(held)
    page.goto("/queue")
    row(page, "three").get_by_role("button", name=re.compile("^Move")).press("Home")
    expect(titles(page)).to_have_text(list(map(re.compile, ("three", "one", "two"))))
    expect(page.locator(".toast", has_text="Moved: ")).to_be_visible()

    page.keyboard.press("z")

    expect(titles(page)).to_have_text(list(map(re.compile, ("one", "two", "three"))))
    expect(page.get_by_text("Taken back.")).to_be_visible()
    told = [held.call("GET", f"/jobs/{job}")["job"]["priority"] for job in jobs]
    assert told == [100, 100, 100]


def test_nothing_moves_under_the_pointer(held: Running, plaza: str, new_page: NewPage) -> None:
    _, later = hand_in(held, f"{plaza}/@dune?still", f"{plaza}/@dune?urgent")
    page = new_page(held)
    page.goto("/queue")
    expect(titles(page)).to_have_text([re.compile("still"), re.compile("urgent")])
    row(page, "still").hover()

    held.call("POST", f"/jobs/{later}/priority", priority=1)
    hand_in(held, f"{plaza}/@dune?fresh-link")
    expect(row(page, "fresh-link")).to_be_visible()

    expect(titles(page)).to_have_text(list(map(re.compile, ("still", "urgent", "fresh-link"))))
    page.mouse.move(5, 5)
    expect(titles(page)).to_have_text(list(map(re.compile, ("urgent", "still", "fresh-link"))))


def test_a_failed_job_says_why_and_is_done_again(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    site.get(f"{plaza}/@vault")
    page = new_page(site)
    page.goto("/queue?tab=finished")
    failed = page.locator(".finished .job", has_text="@vault").first
    expect(failed).to_contain_text("Login needed")

    failed.get_by_role("link", name=re.compile("@vault")).click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("only to somebody who is logged in")
    before = page.url
    sheet.get_by_role("button", name="Do again").click()

    expect(page).not_to_have_url(before)
    expect(sheet).to_contain_text("only to somebody who is logged in", timeout=30_000)
    jobs = site.call("GET", "/jobs?state=failed")["items"]
    assert sum(job["title"].endswith("@vault") for job in jobs) == 2


def test_many_are_cancelled_at_once_and_come_back(
    held: Running, plaza: str, new_page: NewPage
) -> None:
    ids = hand_in(held, f"{plaza}/@dune?many1", f"{plaza}/@dune?many2")
    page = new_page(held)
    page.goto("/queue")
    for name in ("many1", "many2"):
        row(page, name).get_by_role("checkbox").click()

    page.get_by_role("toolbar").get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("Cancelled: 2 jobs")).to_be_visible()
    undo = page.get_by_role("button", name="Undo")
    undo.hover()
    assert {held.call("GET", f"/jobs/{one}")["job"]["state"] for one in ids} == {"cancelled"}
    undo.click()
    expect(row(page, "many1").get_by_text("Paused")).to_be_visible()


def test_to_take_back_a_cancel_of_many_leaves_alone_what_had_ended(
    held: Running, plaza: str, new_page: NewPage
) -> None:
    first, second = hand_in(held, f"{plaza}/@dune?ended", f"{plaza}/@dune?lives")
    page = new_page(held)
    page.goto("/queue")
    for name in ("ended", "lives"):
        row(page, name).get_by_role("checkbox").click()

    def come_between(route: Route) -> None:
        held.call("POST", f"/jobs/{first}/cancel")
        route.continue_()

    stand_in(page, "**/api/v1/jobs/batch", come_between, times=1)
    page.get_by_role("toolbar").get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("Cancelled: 1 job")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    states = [
        (job["title"].rpartition("?")[2], job["state"])
        for job in held.call("GET", "/jobs?lane=interactive")["items"]
        if job["title"].endswith(("ended", "lives"))
    ]
    assert sorted(states) == [("ended", "cancelled"), ("lives", "cancelled"), ("lives", "queued")]
    assert held.call("GET", f"/jobs/{second}")["job"]["state"] == "cancelled"


def test_what_failed_is_told_by_its_number_and_tried_again(
    held: Running, plaza: str, new_page: NewPage
) -> None:
    (job,) = hand_in(held, f"{plaza}/@dune?refused")
    page = new_page(held)
    page.add_init_script(LAID_OUT)
    page.goto("/queue")
    wrong = {
        "type": "",
        "title": "Busy",
        "status": 429,
        "detail": "Not just now.",
        "id": "ab12cd34",
    }
    stand_in(
        page, f"**/api/v1/jobs/{job}/cancel", lambda route: route.fulfill(status=429, json=wrong)
    )

    row(page, "refused").get_by_role("button", name=re.compile("^What to do")).click()
    page.get_by_role("menuitem", name="Cancel").click()

    toast = page.locator(".toast", has_text="Not just now.")
    expect(toast).to_contain_text("ab12cd34")
    page.unroute(f"**/api/v1/jobs/{job}/cancel")
    toast.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Cancelled: ")).to_be_visible()
    assert held.call("GET", f"/jobs/{job}")["job"]["state"] == "cancelled"


def test_the_finished_are_heard_of_after_another_filter(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    site.get(f"{plaza}/@dune?before")
    page = new_page(site)
    page.goto("/queue?tab=finished")
    finished = page.locator(".finished .job")
    finished.filter(has_text="before").get_by_role("checkbox").click()
    expect(page.get_by_role("toolbar")).to_contain_text("1 chosen")
    site.get(f"{plaza}/@dune?meanwhile")

    page.get_by_role("link", name="Done", exact=True).click()

    expect(page.get_by_role("toolbar")).to_have_count(0)
    expect(finished.filter(has_text="meanwhile")).to_be_visible()
    site.get(f"{plaza}/@dune?after")
    expect(finished.filter(has_text="after")).to_be_visible()


def test_what_ended_since_a_day_is_told_and_that_can_be_dropped(
    site: Running, plaza: str, new_page: NewPage
) -> None:
    site.get(f"{plaza}/@vault?today")
    page = new_page(site)
    page.goto("/queue")

    page.get_by_role("link", name=re.compile("jobs? failed")).click()

    expect(page).to_have_url(re.compile(r"since=.*\d{4}-\d\d-\d\d"))
    expect(page.locator(".finished .job", has_text="@vault?today")).to_be_visible()
    page.goto("/queue?tab=finished&lane=all&since=2100-01-01")
    expect(page.get_by_text("Nothing has ended this way")).to_be_visible()
    page.get_by_role("button", name="Whenever they ended").click()
    expect(page.locator(".finished .job").first).to_be_visible()


def test_a_reason_opens_with_its_story_and_what_helps(
    site: Running, plaza: str, new_page: NewPage, axe: str
) -> None:
    site.get(f"{plaza}/@vault?why")
    job = site.call("GET", "/jobs?state=failed")["items"][0]
    page = new_page(site)
    page.goto("/queue?tab=finished")
    failed = page.locator(".finished .job", has_text="@vault?why")

    failed.get_by_role("button", name="Login needed").click()

    card = page.get_by_role("dialog", name="Why, and what helps")
    expect(card).to_contain_text("only to somebody who is logged in")
    expect(card).to_contain_text(job["id"])
    login = card.get_by_role("link", name="Add login")
    expect(login).to_have_attribute("href", re.compile(f"/settings/logins\\?add={job['platform']}"))
    assert violations(page, axe) == []
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(failed).to_be_visible()
    failed.get_by_role("button", name="Login needed").click()
    card.get_by_role("link", name="From end to end").click()
    expect(page).to_have_url(re.compile(f"/settings/logs\\?job=.*{job['id']}"))


def test_a_job_leads_to_its_lines_in_the_log(site: Running, plaza: str, new_page: NewPage) -> None:
    site.get(f"{plaza}/@dune?lines")
    job = site.call("GET", "/jobs?state=done")["items"][0]["id"]
    page = new_page(site)
    page.goto(f"/queue?job={job}")

    page.get_by_role("dialog").get_by_role("link", name="From end to end").click()

    expect(page).to_have_url(re.compile(f"/settings/logs\\?job=.*{job}"))
    expect(page.locator(".steps-of-job > li").first).to_contain_text("Handed in")


def test_a_long_queue_draws_only_what_is_in_sight(
    held: Running, plaza: str, new_page: NewPage
) -> None:
    hand_in(held, *(f"{plaza}/@dune?long{number:03}" for number in range(300)))
    page = new_page(held)

    page.goto("/queue")

    expect(row(page, "long000")).to_be_visible()
    assert page.locator(".q-job").count() < 60
    page.locator(".body.queue").evaluate("element => element.scrollTo(0, 300 * 56)")
    expect(row(page, "long299")).to_be_visible()


def test_todays_outcomes_lead_to_what_they_count(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    page.goto("/queue")
    count = next(
        one["count"]
        for one in stocked.call("GET", "/outcomes")["media"]
        if one["outcome"] == "stored"
    )

    page.get_by_role("link", name=f"{count} stored").click()

    expect(page).to_have_url(re.compile("/library\\?q=added"))


def test_the_pulse_opens_the_first_rows(held: Running, plaza: str, new_page: NewPage) -> None:
    hand_in(held, f"{plaza}/@dune?pulse")
    page = new_page(held)
    page.goto("/settings")

    page.get_by_role("button", name=re.compile("waiting")).click()

    moving = page.get_by_role("dialog", name="What is moving")
    expect(moving.get_by_role("link", name=re.compile("pulse"))).to_be_visible()
    moving.get_by_role("link", name="Open the queue").click()
    expect(page).to_have_url(re.compile("/queue$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_the_queue_keeps_nobody_out(
    *, scheme: str, phone: bool, held: Running, plaza: str, new_page: NewPage, axe: str
) -> None:
    (job,) = hand_in(held, f"{plaza}/@dune?axe")
    page = new_page(held, scheme=scheme, phone=phone)
    page.goto("/queue")
    expect(row(page, "axe")).to_be_visible()

    assert violations(page, axe) == []
    page.goto(f"/queue?tab=finished&job={job}")
    expect(page.get_by_role("dialog").get_by_text("Handed in")).to_be_visible()
    assert violations(page, axe) == []
