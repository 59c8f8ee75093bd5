"""Health and the log in a browser: what is wrong has a remedy, and a job is told from end to end."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.looking import settle, stand_in, violations
from tests.browser.running import Running


@pytest.fixture
def narrow(stocked: Running) -> Iterator[Running]:
    """A program that wants more room on its disk than there is."""
    stocked.call("PATCH", "/settings/library", free_space_reserve=10**18)
    yield stocked
    stocked.call("PATCH", "/settings/library", free_space_reserve=None)


@pytest.fixture(scope="module")
def telling(stocked: Running, plaza: str) -> Running:
    """`stocked`, which has done work itself: what was logged before it started is not its to tell."""
    stocked.get(f"{plaza}/@chiyo", f"{plaza}/@mishap")
    stocked.until_idle()
    return stocked


def job_of(site: Running, words: str) -> str:
    jobs = site.call("GET", "/jobs")["items"]
    return str(next(job["id"] for job in jobs if words in job["title"]))


def test_every_check_is_told_with_the_room_and_the_numbers(
    stocked: Running, new_page: NewPage
) -> None:
    told = stocked.call("GET", "/stats")["library"]
    page = new_page(stocked)

    page.goto("/settings/health")

    expect(page.get_by_role("heading", name="All is well")).to_be_visible()
    checks = page.get_by_role("region", name="Checks").get_by_role("listitem")
    expect(checks).to_have_count(len(stocked.call("GET", "/health")["checks"]))
    expect(page.get_by_role("heading", name=re.compile("are free"))).to_be_visible()
    expect(page.get_by_role("cell", name=str(told["stored"]))).to_be_visible()
    left_out = page.get_by_role("region", name="Left out, and why").get_by_role("listitem")
    expect(left_out).to_have_count(len(told["failures"]))
    assert len(told["failures"]) > 1


def test_what_is_wrong_says_what_helps(narrow: Running, new_page: NewPage) -> None:
    narrow.call("GET", "/health")
    page = new_page(narrow)
    page.route(
        "**/api/v1/health",
        lambda route: route.fulfill(
            json={
                **narrow.call("GET", "/health"),
                "status": "failing",
                "checks": [{"name": "disk", "ok": False, "detail": "1.0 of 9.0 GB are free."}],
                "alarms": [
                    {
                        "name": "disk",
                        "since": "2026-01-01T00:00:00Z",
                        "message": "The disk is full.",
                    }
                ],
            }
        ),
    )

    page.goto("/settings/health")

    expect(page.get_by_role("heading", name="1 thing needs you")).to_be_visible()
    alarm = page.get_by_role("alert").filter(has_text="The disk is full.")
    expect(alarm).to_contain_text("Downloads go on by themselves.")
    alarm.get_by_role("link", name="Open the bin").click()
    expect(page).to_have_url(f"{narrow.url}/library/bin")


def test_home_and_health_count_the_same(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)
    told = stocked.call("GET", "/health")
    alarm = {"name": "backup", "since": "2026-01-01T00:00:00Z", "message": "It failed."}
    checks = [{**check, "ok": check["name"] != "queue"} for check in told["checks"]]
    page.route(
        "**/api/v1/health",
        lambda route: route.fulfill(
            json={**told, "status": "failing", "checks": checks, "alarms": [alarm]}
        ),
    )

    need = {"kind": "alarm", "platform": None, "count": 1, "detail": None, "since": None}
    rest = {"jobs": 0, "subscriptions": [], "login": None, "q": None}
    needs = [{**need, **rest, "reason": name, "title": name} for name in ("backup", "queue")]
    page.route("**/api/v1/needs", lambda route: route.fulfill(json={"items": needs}))

    page.goto("/settings/health")
    expect(page.get_by_role("heading", name="2 things need you")).to_be_visible()
    page.goto("/")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Not all is well.")
    expect(page.locator("#needs .note")).to_have_count(2)
    expect(page.get_by_role("link", name="2 things are not")).to_be_visible()


def test_a_report_for_who_helps_is_saved_without_a_secret(
    stocked: Running, new_page: NewPage
) -> None:
    page = new_page(stocked)
    page.goto("/settings/health")

    with page.expect_download() as saved:
        page.get_by_role("button", name="Save a support report").click()

    text = saved.value.path().read_text()
    report = json.loads(text)
    assert saved.value.suggested_filename.startswith("gatherum-support-")
    assert set(report) == {"at", "versions", "health", "settings", "lines"}
    assert stocked.token not in text


def test_the_log_is_followed_paused_and_sifted(telling: Running, new_page: NewPage) -> None:
    page = new_page(telling)
    page.goto("/settings/logs")
    lines = page.get_by_role("list", name="Lines of the log").get_by_role("listitem")
    expect(lines.filter(has_text="stored").first).to_be_visible()

    expect(lines.filter(has_text="/api/v1/")).to_have_count(0)
    page.get_by_role("switch", name="Requests").click()
    expect(page).to_have_url(re.compile("requests=true"))
    telling.call("GET", "/tags?prefix=seen-live")
    expect(lines.filter(has_text="/api/v1/tags").last).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status").filter(has_text="paused")).to_be_visible()
    count = lines.count()
    telling.call("GET", "/tags?prefix=not-seen")
    page.get_by_role("searchbox", name="Words in a line").fill("not_fetched")

    expect(page).to_have_url(re.compile(r"text=not_fetched"))
    expect(lines.filter(has_text="request")).to_have_count(0)
    expect(lines.first).to_contain_text("not_fetched")
    assert lines.count() < count
    page.get_by_role("button", name="Errors").click()
    expect(page.get_by_text("No line is like that")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(lines.filter(has_text="stored").first).to_be_visible()
    expect(page.get_by_role("searchbox", name="Words in a line")).to_have_value("")


def test_a_log_that_could_not_be_read_is_asked_for_again(
    telling: Running, new_page: NewPage
) -> None:
    page = new_page(telling)
    page.goto("/settings/logs")
    lines = page.get_by_role("list", name="Lines of the log").get_by_role("listitem")
    expect(lines.first).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    stand_in(page, "**/api/v1/logs?**", lambda route: route.fulfill(status=404, json={}))
    page.get_by_role("button", name="Info").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.unroute("**/api/v1/logs?**")

    page.get_by_role("button", name="Load again").click()

    expect(page.get_by_role("alert")).to_have_count(0)
    expect(lines.first).to_be_visible()


def test_a_job_is_told_from_end_to_end(telling: Running, new_page: NewPage) -> None:
    job = job_of(telling, "@mishap")
    tally = telling.call("GET", f"/jobs/{job}")["tally"]
    page = new_page(telling)
    page.goto("/settings/logs")

    page.get_by_role("searchbox", name="Words in a line").fill(job)
    its = page.locator(f"a[href*='{job}']")
    page.get_by_role("link", name="whole job").and_(its).first.click()

    expect(page).to_have_url(re.compile(f"job=.*{job}"))
    steps = page.locator(".steps-of-job > li")
    for words in ("Handed in", "Begun", "Listed", "Not fetched", "Ended"):
        expect(steps.filter(has_text=words).first).to_be_visible()
    expect(steps.first).to_contain_text("Handed in")
    expect(steps.last).to_contain_text("Ended")
    expect(page.get_by_text(f"{tally['failed']} failed", exact=True)).to_be_visible()


def test_a_job_without_lines_says_where_they_are(stocked: Running, new_page: NewPage) -> None:
    page = new_page(stocked)

    page.goto(f"/settings/logs?job={'0a' * 16}")

    expect(page.get_by_text("The queue does not know this job any more.")).to_be_visible()
    expect(page.get_by_text("Its lines are not in memory any more")).to_be_visible()


def test_the_tail_rests_while_nobody_looks(telling: Running, new_page: NewPage) -> None:
    page = new_page(telling)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "/api/v1/logs" in sent.url else None)
    page.goto("/settings/logs")
    expect(page.get_by_role("listitem").first).to_be_visible()
    with page.expect_request("**/api/v1/logs?**after=*"):
        pass

    page.evaluate(
        "Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})"
    )
    page.wait_for_timeout(1200)  # what was under way comes to its end
    before = len(asked)
    page.wait_for_timeout(2500)

    assert len(asked) == before
    page.evaluate("delete document.hidden")
    with page.expect_request("**/api/v1/logs?**after=*"):
        pass


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_the_log_and_a_job_keep_nobody_out(
    *, scheme: str, phone: bool, telling: Running, new_page: NewPage, axe: str
) -> None:
    page = new_page(telling, scheme=scheme, phone=phone)

    for address in ("health", "logs", f"logs?job={job_of(telling, '@mishap')}"):
        page.goto(f"/settings/{address}")
        settle(page)
        if address != "health":
            expect(page.locator(".log-line, .steps-of-job > li").first).to_be_visible()
        assert violations(page, axe) == [], address
