"""Which passwords are good enough, and how they are kept."""

import asyncio

import pytest

from gatherum.accounts.passwords import HASHER, LONGEST, Passwords, check_password
from gatherum.errors import InvalidInput, TooManyRequests


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "zażółć gęślą jaźń",
        "тихо в лесу, только не спит барсук",
        "all lower case letters",
        "482910475823",  # length counts, not the mixture
        "x7" + "q9w3" * 60,
        "twelve chars",
        "  blanks count too  ",
        "🦉🦔🦇🐌🦎🐝🦂🐢🦀🐙🦑🐍",
    ],
)
def test_a_long_password_is_good_whatever_it_is_made_of(password: str) -> None:
    check_password(password, name="ada")


@pytest.mark.parametrize(
    "password",
    [
        "eleven char",
        "",
        "x" * 11,
        "a1" * (LONGEST // 2) + "b",
        "password1234",
        "Password1234",
        "P@ssw0rd!2024",
        "1234password!",
        "qwertyqwerty",
        "trustno1trustno1",
        "1q2w3e4r5t6y",  # stands in the list as it is
        "123456789012",
        "210987654321",
        "abcdefghijklm",
        "aaaaaaaaaaaaaaa",
        "ababababababab",
        "lovelace1234",
        "12lovelace34",
        "1234567lovelace1234567",
        "gatherum2026",
        "Gatherum!!!!",
    ],
)
def test_a_password_that_is_short_well_known_or_a_name_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        check_password(password, name="Lovelace")


@pytest.mark.parametrize("name", ["a", "al", "correct horse battery"])
def test_a_short_name_spoils_no_password_and_a_long_one_only_its_own(name: str) -> None:
    check_password("mad alpaca dials a banal gala", name=name)


async def test_a_password_is_never_cut_nor_changed() -> None:
    passwords = Passwords()
    long = "é" * 255
    kept = await passwords.hash(long + "1")

    assert await passwords.verify(kept, long + "1")
    assert not await passwords.verify(kept, long + "2")
    assert not await passwords.verify(kept, long)
    assert not await passwords.verify(kept, "e\u0301" * 255 + "1")


async def test_what_is_kept_is_argon2id_with_the_parameters_of_owasp() -> None:
    kept = await Passwords().hash("correct horse battery")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_hash_with_other_parameters_is_out_of_date() -> None:
    passwords = Passwords()
    old = HASHER.__class__(time_cost=1, memory_cost=8192, parallelism=1).hash("x")

    assert passwords.is_outdated(old)
    assert not passwords.is_outdated(await passwords.hash("x"))


async def test_nobodys_password_costs_what_everybodys_does_and_is_never_right() -> None:
    passwords = Passwords()

    assert not passwords.is_outdated(passwords._nobodys)
    assert not await passwords.verify(None, "correct horse battery")
    assert not await passwords.verify("no hash at all", "correct horse battery")


async def test_a_crowd_that_signs_in_at_once_is_told_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords, running, most = Passwords(), 0, 0
    gate = asyncio.Event()

    async def slowly(*_: object) -> bool:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1
        return False

    monkeypatch.setattr(asyncio, "to_thread", slowly)
    tries = [asyncio.create_task(passwords.verify(None, "x")) for _ in range(40)]
    await asyncio.sleep(0)
    gate.set()
    results = await asyncio.gather(*tries, return_exceptions=True)

    assert most == 2
    assert sum(isinstance(result, TooManyRequests) for result in results) == 8
    assert results.count(False) == 32
