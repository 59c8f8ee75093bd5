"""Passkeys, made and used by an authenticator in software."""

import asyncio
from typing import Any, cast

import pytest
import sqlalchemy as sa

from gatherum.accounts.handshakes import LIFE_S
from gatherum.accounts.model import Caller
from gatherum.accounts.secondfactor.passkey import Passkeys
from gatherum.accounts.tables import HandshakeRow, PasskeyRow, RecoveryCodeRow
from gatherum.errors import Conflict, InvalidInput, NotFound
from tests.accounts.secondfactor.conftest import HERE, SITE, Ground
from tests.testsites.softkey import SoftKey

EVIL = "https://evil.example"
JUNK: tuple[object, ...] = (
    None,
    7,
    "",
    "é",
    "\ud800",
    "\0",
    "AAAA",
    [],
    {},
    {"clientDataJSON": "e30"},
)


@pytest.fixture
def passkeys(ground: Ground) -> Passkeys:
    return Passkeys(
        ground.database,
        handshakes=ground.handshakes,
        site=ground.site,
        changes=ground.changes,
        now=ground.now,
    )


async def add(passkeys: Passkeys, caller: Caller, name: str = "A phone") -> SoftKey:
    key = SoftKey()
    options = await new_options(passkeys, caller)
    await passkeys.add(caller, HERE, name, key.create(options, SITE))
    return key


async def new_options(passkeys: Passkeys, caller: Caller) -> dict[str, Any]:
    return cast("dict[str, Any]", (await passkeys.begin_adding(caller))["options"])


async def options_for(passkeys: Passkeys, caller: Caller) -> dict[str, Any]:
    told = await passkeys.begin(caller.account.id, caller.via)
    return cast("dict[str, Any]", told["options"])


async def is_right(passkeys: Passkeys, caller: Caller, credential: object) -> bool:
    answer = {"credential": cast("Any", credential)}
    return await passkeys.finish(caller.account.id, caller.via, answer)


async def test_a_passkey_proves_its_owner(ground: Ground, passkeys: Passkeys) -> None:
    caller = await ground.caller()
    assert not await passkeys.enrolled(caller.account.id)
    key = await add(passkeys, caller)
    ground.time += 10

    options = await options_for(passkeys, caller)

    assert await passkeys.enrolled(caller.account.id)
    assert (options["rpId"], options["userVerification"]) == ("gatherum.example", "required")
    assert len(options["allowCredentials"]) == 1
    assert await is_right(passkeys, caller, key.get(options, SITE))
    (kept,) = await passkeys.list(caller.account.id)
    assert (kept.name, kept.used_at) == ("A phone", ground.time)


async def test_a_passkey_is_asked_to_live_on_the_device_and_to_verify_its_user(
    ground: Ground, passkeys: Passkeys
) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)

    options = await new_options(passkeys, caller)

    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["rp"] == {"id": "gatherum.example", "name": "Gatherum"}
    assert options["user"]["name"] == "ada"
    assert [one["id"] for one in options["excludeCredentials"]] == [
        key.get({"rpId": "x", "challenge": ""}, SITE)["id"]
    ]


async def test_a_passkey_signs_in_without_a_name(ground: Ground, passkeys: Passkeys) -> None:
    ada, bob = await ground.caller("ada"), await ground.caller("bob")
    keys = await add(passkeys, ada), await add(passkeys, bob)

    for caller, key in zip((ada, bob), keys, strict=True):
        told = await passkeys.begin_sign_in("a browser")
        options = cast("dict[str, Any]", told["options"])
        assert options["allowCredentials"] == []
        credential = key.get(options, SITE)
        assert await passkeys.finish_sign_in("a browser", credential) == caller.account.id


async def test_who_signs_in_without_a_name_is_named_by_the_device(
    ground: Ground, passkeys: Passkeys
) -> None:
    ada, bob = await ground.caller("ada"), await ground.caller("bob")
    key, other = await add(passkeys, ada), await add(passkeys, bob)

    for handle in ("", None, other.handle):
        told = await passkeys.begin_sign_in("a browser")
        key.handle = handle
        credential = key.get(cast("dict[str, Any]", told["options"]), SITE)
        assert await passkeys.finish_sign_in("a browser", credential) is None


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": EVIL},
        {"origin": "http://gatherum.example"},
        {"origin": f"{SITE}:8443"},
        {"rp": "evil.example"},
        {"verified": False},
        {"challenge": "AAAA"},
        {"challenge": ""},
    ],
    ids=lambda lie: "-".join(map(str, lie.values())) or "empty",
)
async def test_what_was_signed_elsewhere_or_otherwise_proves_nothing(
    ground: Ground, passkeys: Passkeys, lie: dict[str, Any]
) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)
    options = await options_for(passkeys, caller)
    if lie.get("challenge") == "":
        options["challenge"] = ""

    assert not await is_right(passkeys, caller, key.get(options, **{"origin": SITE, **lie}))


@pytest.mark.parametrize(
    "lie", [{"origin": EVIL}, {"rp": "evil.example"}, {"verified": False}, {"challenge": ""}]
)
async def test_a_passkey_that_was_made_elsewhere_or_otherwise_is_refused(
    ground: Ground, passkeys: Passkeys, lie: dict[str, Any]
) -> None:
    caller = await ground.caller()
    options = await new_options(passkeys, caller)
    told = {name: value for name, value in lie.items() if name != "challenge"}
    options["challenge"] = lie.get("challenge", options["challenge"])
    credential = SoftKey().create(options, **{"origin": SITE, **told})

    with pytest.raises(InvalidInput):
        await passkeys.add(caller, HERE, "", credential)
    assert not await passkeys.enrolled(caller.account.id)


async def test_a_challenge_serves_once(ground: Ground, passkeys: Passkeys) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)
    options = await options_for(passkeys, caller)

    assert await is_right(passkeys, caller, key.get(options, SITE))
    assert not await is_right(passkeys, caller, key.get(options, SITE))

    options = await new_options(passkeys, caller)
    await passkeys.add(caller, HERE, "", SoftKey().create(options, SITE))
    with pytest.raises(InvalidInput):
        await passkeys.add(caller, HERE, "", SoftKey().create(options, SITE))


async def test_a_challenge_is_used_up_by_a_wrong_answer(ground: Ground, passkeys: Passkeys) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)
    options = await options_for(passkeys, caller)

    assert not await is_right(passkeys, caller, key.get(options, EVIL))
    assert not await is_right(passkeys, caller, key.get(options, SITE))


async def test_a_challenge_serves_the_session_that_it_was_given_to(
    ground: Ground, passkeys: Passkeys
) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)
    other = await ground.caller()
    options = await options_for(passkeys, caller)
    told = await passkeys.begin_sign_in("a browser")
    nameless = cast("dict[str, Any]", told["options"])

    assert not await is_right(passkeys, other, key.get(options, SITE))
    assert await passkeys.finish_sign_in("a browser", key.get(options, SITE)) is None
    assert await passkeys.finish_sign_in("another", key.get(nameless, SITE)) is None
    assert not await is_right(passkeys, caller, key.get(nameless, SITE))


async def test_a_challenge_to_make_a_passkey_does_not_serve_to_use_one(
    ground: Ground, passkeys: Passkeys
) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)
    options = await new_options(passkeys, caller)

    assert not await is_right(
        passkeys, caller, key.get({**options, "rpId": "gatherum.example"}, SITE)
    )


async def test_a_challenge_ends_after_five_minutes(ground: Ground, passkeys: Passkeys) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)
    options = await options_for(passkeys, caller)
    ground.time += LIFE_S

    assert not await is_right(passkeys, caller, key.get(options, SITE))
    await options_for(passkeys, caller)
    assert len(await ground.rows(HandshakeRow)) == 1  # those that have ended are cleared away


async def test_a_passkey_of_somebody_else_proves_nothing(
    ground: Ground, passkeys: Passkeys
) -> None:
    ada, bob = await ground.caller("ada"), await ground.caller("bob")
    await add(passkeys, ada)
    other = await add(passkeys, bob)
    options = await options_for(passkeys, ada)

    assert not await is_right(passkeys, ada, other.get(options, SITE))


async def test_a_counter_that_does_not_move_on_is_a_copy(
    ground: Ground, passkeys: Passkeys
) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)

    counts, right = (5, 5, 4, 6), []
    for count in counts:
        options = await options_for(passkeys, caller)
        right.append(await is_right(passkeys, caller, key.get(options, SITE, count=count)))

    assert right == [True, False, False, True]


async def test_of_two_answers_at_once_with_one_count_one_is_right(
    ground: Ground, passkeys: Passkeys
) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)
    options = [await options_for(passkeys, caller) for _ in range(6)]

    tries = await asyncio.gather(
        *(is_right(passkeys, caller, key.get(one, SITE, count=9)) for one in options)
    )

    assert sorted(tries) == [False] * 5 + [True]


async def test_devices_that_do_not_count_are_fine(ground: Ground, passkeys: Passkeys) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)

    for _ in range(2):
        options = await options_for(passkeys, caller)
        assert await is_right(passkeys, caller, key.get(options, SITE, count=0))


async def test_a_passkey_that_was_removed_proves_nothing(
    ground: Ground, passkeys: Passkeys
) -> None:
    caller, bob = await ground.caller("ada"), await ground.caller("bob")
    key = await add(passkeys, caller)
    ground.time += 1
    await add(passkeys, caller, "A laptop")
    first, _ = await passkeys.list(caller.account.id)
    options = await options_for(passkeys, caller)

    with pytest.raises(NotFound):
        await passkeys.remove(bob, HERE, first.id)
    await passkeys.remove(caller, HERE, first.id)

    assert not await is_right(passkeys, caller, key.get(options, SITE))
    assert len(await ground.rows(RecoveryCodeRow)) == 10


async def test_a_passkey_is_renamed_by_its_owner_alone_and_goes_on_to_prove(
    ground: Ground, passkeys: Passkeys
) -> None:
    ada, bob = await ground.caller("ada"), await ground.caller("bob")
    key = await add(passkeys, ada)
    (kept,) = await passkeys.list(ada.account.id)

    with pytest.raises(NotFound):
        await passkeys.rename(bob, HERE, kept.id, "Mine")
    renamed = await passkeys.rename(ada, HERE, kept.id, "A laptop")

    assert (renamed.id, renamed.name) == (kept.id, "A laptop")
    options = await options_for(passkeys, ada)
    assert await is_right(passkeys, ada, key.get(options, SITE))


async def test_a_passkey_is_kept_once(ground: Ground, passkeys: Passkeys) -> None:
    ada, bob = await ground.caller("ada"), await ground.caller("bob")
    key = await add(passkeys, ada)

    options = await new_options(passkeys, bob)
    with pytest.raises(Conflict, match="known"):
        await passkeys.add(bob, HERE, "", key.create(options, SITE))


async def test_the_changes_end_other_sessions_and_are_written_down(
    ground: Ground, passkeys: Passkeys
) -> None:
    other, caller = await ground.caller(), await ground.caller()
    await add(passkeys, caller)
    assert other.via not in {one.id for one in await ground.sessions.list(caller.account.id)}

    other = await ground.caller()
    (kept,) = await passkeys.list(caller.account.id)
    await passkeys.remove(caller, HERE, kept.id)

    assert [one.id for one in await ground.sessions.list(caller.account.id)] == [caller.via]
    assert await ground.rows(RecoveryCodeRow) == []
    assert await ground.events() == [("factor.added", "passkey"), ("factor.removed", "passkey")]


async def test_junk_in_an_answer_proves_nothing(ground: Ground, passkeys: Passkeys) -> None:
    caller = await ground.caller()
    key = await add(passkeys, caller)

    for part in ("id", "rawId", "type", "response"):
        for junk in JUNK:
            options = await options_for(passkeys, caller)
            assert not await is_right(passkeys, caller, {**key.get(options, SITE), part: junk})
            new = await new_options(passkeys, caller)
            made = {**SoftKey().create(new, SITE), part: cast("Any", junk)}
            with pytest.raises(InvalidInput):
                await passkeys.add(caller, HERE, "", made)


async def test_only_the_public_half_is_kept(ground: Ground, passkeys: Passkeys) -> None:
    caller = await ground.caller()
    await add(passkeys, caller)

    query = sa.select(PasskeyRow.public_key)
    (kept,) = await ground.database.read(lambda tx: tx.scalars(query).all())
    assert len(kept) == 77  # a point of P-256 in COSE
