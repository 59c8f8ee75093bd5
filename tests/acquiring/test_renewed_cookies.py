"""Cookies that a platform gives anew are kept with their login, unless a person was quicker."""

import time

import pytest

from gatherum.acquiring.turns import Turns
from gatherum.db import Database
from gatherum.fetching.cookies import Jar, parse_cookies, parse_set_cookie, renew
from gatherum.fetching.logins import Logins
from gatherum.fetching.standings import Standings
from gatherum.safety.vault import Vault
from tests.suites.line import SystemClock

HOME = "https://www.reddit.com/user/ann/.json"
OLD = ".reddit.com\tTRUE\t/\tTRUE\t0\tsession\told\n"
NEW = OLD.replace("old", "new")


def given(*headers: str, url: str = HOME) -> Jar:
    told = [parse_set_cookie(header, url) for header in headers]
    return renew(parse_cookies(OLD), [cookie for cookie in told if cookie is not None])


def test_a_cookie_is_taken_over_with_all_that_it_says() -> None:
    jar = given("session=new; Domain=.reddit.com; Path=/; Secure; Max-Age=60", "extra=1")

    assert jar.header("https://old.reddit.com/") == "session=new"
    assert jar.header(HOME) == "session=new; extra=1"
    session = next(cookie for cookie in jar.cookies if cookie.name == "session")
    assert session.expires == pytest.approx(time.time() + 60, abs=30)


@pytest.mark.parametrize(
    "header",
    [
        "session=; Domain=.reddit.com; Path=/; Max-Age=0",
        "session=gone; Domain=.reddit.com; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "session=evil; Domain=other.example; Path=/",
        "session=evil\x01; Domain=.reddit.com; Path=/",
        "session=evil; Domain=.reddit.com; Path=/\tFALSE\t0\tx\ty\x85.victim.example\tTRUE\t/",
        "",
    ],
)
def test_nothing_is_taken_away_and_nothing_foreign_taken_in(header: str) -> None:
    assert given(header) == parse_cookies(OLD)


@pytest.mark.parametrize(
    ("age", "lives"),
    [("9" * 400, True), ("9" * 12, True), ("-" + "9" * 400, True), ("-5", False), ("½", True)],
)
def test_no_end_that_a_site_names_breaks_anything(age: str, lives: bool) -> None:  # noqa: FBT001
    jar = given(f"session=new; Domain=.reddit.com; Path=/; Max-Age={age}")

    assert (jar.header(HOME) == "session=new") is lives
    assert parse_cookies(jar.netscape() or "").header(HOME) == jar.header(HOME)


def test_nobody_sets_cookies_for_all_hosts_below_a_top_level_domain() -> None:
    assert parse_set_cookie("session=evil; Domain=.com", HOME) is None


def test_a_site_of_others_gives_no_cookies_to_a_login() -> None:
    assert given("session=evil", url="https://cdn.example/a.jpg") == parse_cookies(OLD)


async def test_cookies_given_anew_serve_the_next_job(database: Database) -> None:
    clock = SystemClock()
    logins = Logins(database, Vault.from_secret(b"k" * 32), clock)
    turns = Turns(logins, Standings(database, clock), clock, "worker")
    ann = await logins.keep("reddit", "ann", OLD)
    before = await logins.get(ann)

    async with turns.take(ann) as turn:
        turn.renewals(turn.login)(parse_cookies(NEW))
        await turn.keep_cookies()
        assert turn.login.jar.header(HOME) == "session=new"
    async with turns.take(ann) as turn:
        served = turn.login.jar.header(HOME)

    assert served == "session=new"
    assert (await logins.get(ann)).version == before.version + 1


async def test_what_several_clients_of_a_job_were_given_is_kept_together(
    database: Database,
) -> None:
    clock = SystemClock()
    logins = Logins(database, Vault.from_secret(b"k" * 32), clock)
    turns = Turns(logins, Standings(database, clock), clock, "worker")
    ann = await logins.keep("reddit", "ann", OLD)

    async with turns.take(ann) as turn:
        one, other = turn.renewals(turn.login), turn.renewals(turn.login)
        one(given("session=older; Domain=.reddit.com; Path=/; Secure"))
        other(parse_cookies(NEW))
        await turn.keep_cookies()
        one(given("session=older; Domain=.reddit.com; Path=/; Secure", "extra=1"))

    assert (await logins.jar(ann)).header(HOME) == "session=new; extra=1"


async def test_a_new_name_does_not_keep_cookies_from_being_kept(database: Database) -> None:
    clock = SystemClock()
    logins = Logins(database, Vault.from_secret(b"k" * 32), clock)
    turns = Turns(logins, Standings(database, clock), clock, "worker")
    ann = await logins.keep("reddit", "ann", OLD)

    async with turns.take(ann) as turn:
        renewed = turn.renewals(turn.login)
        renewed(given("extra=1; Max-Age=1000"))
        await turn.keep_cookies()
        await logins.rename(ann, "anna")
        renewed(renew(parse_cookies(NEW), given("extra=1; Max-Age=1000").cookies[1:]))

    assert (await logins.jar(ann)).header(HOME) == "session=new; extra=1"


async def test_what_a_person_has_brought_meanwhile_stays(database: Database) -> None:
    clock = SystemClock()
    logins = Logins(database, Vault.from_secret(b"k" * 32), clock)
    turns = Turns(logins, Standings(database, clock), clock, "worker")
    ann = await logins.keep("reddit", "ann", OLD)

    async with turns.take(ann) as turn:
        turn.renewals(turn.login)(parse_cookies(NEW))
        await logins.renew(ann, OLD.replace("old", "brought"))

    assert (await logins.jar(ann)).header(HOME) == "session=brought"
