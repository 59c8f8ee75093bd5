"""Duo, against one of our own that speaks its protocol."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from gatherum.accounts.model import Caller
from gatherum.accounts.secondfactor.duo import Duo
from gatherum.accounts.tables import DuoRow, RecoveryCodeRow
from gatherum.db import Database
from gatherum.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from gatherum.safety.outgoing import Outgoing
from gatherum.safety.policy import Policy
from gatherum.settings import DuoSettings
from tests.accounts.secondfactor.conftest import HERE, SITE, Ground
from tests.testsites.duo import CLIENT_ID, CLIENT_SECRET, FakeDuo

pytestmark = pytest.mark.filterwarnings("ignore:The HMAC key is 40 bytes long")
DOWN = [(503, {"stat": "FAIL"}), (200, {"stat": "FAIL", "code": 50001}), (502, "gone")]


@pytest.fixture
def ground(sqlite_database: Database) -> Ground:
    """Nothing here depends on the engine."""
    return Ground(sqlite_database)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def theirs(authority: trustme.CA) -> AsyncIterator[FakeDuo]:
    async with FakeDuo(authority).running() as duo:
        yield duo


@pytest.fixture
async def duo(ground: Ground, theirs: FakeDuo, authority: trustme.CA, tmp_path: Path) -> Duo:
    """Our side, set up for theirs."""
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    await offer(ground, theirs)
    return make(ground, Outgoing(Policy.from_names(("localhost",)), ca_bundle=bundle))


def make(ground: Ground, outgoing: Outgoing) -> Duo:
    return Duo(
        ground.database,
        handshakes=ground.handshakes,
        site=ground.site,
        changes=ground.changes,
        outgoing=outgoing,
        preferences=ground.preferences,
        now=ground.now,
    )


async def offer(ground: Ground, theirs: FakeDuo, **changes: object) -> None:
    values: dict[str, object] = {
        "enabled": True,
        "api_host": theirs.host,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    await ground.preferences.update(DuoSettings, {**values, **changes})


async def enrol(duo: Duo, theirs: FakeDuo, caller: Caller, username: str = "") -> tuple[str, ...]:
    told = await duo.begin_adding(caller, username)
    state, code = theirs.approve(str(told["url"]))
    return await duo.add(caller, HERE, state=state, code=code)


async def prompt(duo: Duo, caller: Caller) -> str:
    return str((await duo.begin(caller.account.id, caller.via))["url"])


async def is_right(duo: Duo, caller: Caller, **answer: Any) -> bool:
    return await duo.finish(caller.account.id, caller.via, answer)


async def test_somebody_says_yes_at_duo(ground: Ground, duo: Duo, theirs: FakeDuo) -> None:
    caller = await ground.caller()
    assert not await duo.enrolled(caller.account.id)
    codes = await enrol(duo, theirs, caller, "ada@work")

    state, code = theirs.approve(await prompt(duo, caller))

    assert (len(codes), theirs.redirect_uri) == (10, f"{SITE}/sign-in/duo")
    assert await duo.enrolled(caller.account.id)
    assert await duo.username(caller.account.id) == "ada@work"
    assert await is_right(duo, caller, state=state, code=code)
    assert await ground.events() == [("factor.added", "duo")]


async def test_an_answer_serves_once(ground: Ground, duo: Duo, theirs: FakeDuo) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    state, code = theirs.approve(await prompt(duo, caller))

    assert await is_right(duo, caller, state=state, code=code)
    assert not await is_right(duo, caller, state=state, code=code)


async def test_an_answer_serves_the_session_that_asked(
    ground: Ground, duo: Duo, theirs: FakeDuo
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    other = await ground.caller()
    state, code = theirs.approve(await prompt(duo, caller))
    mine, _ = theirs.approve(await prompt(duo, other))

    assert not await is_right(duo, other, state=state, code=code)
    assert not await is_right(duo, other, state=mine, code=code)  # the nonce is another one
    assert not await is_right(duo, other, state="x" * 43, code=code)


@pytest.mark.parametrize("answer", [{}, {"state": None}, {"code": "x"}, {"state": "é", "code": 7}])
async def test_what_is_no_answer_is_wrong(
    ground: Ground, duo: Duo, theirs: FakeDuo, answer: dict[str, Any]
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)

    assert not await is_right(duo, caller, **answer)


@pytest.mark.parametrize(
    "claims",
    [
        {"preferred_username": "bob"},
        {"preferred_username": None},
        {"nonce": "another" * 8},
        {"nonce": None},
        {"aud": "another"},
        {"iss": "https://evil.example/oauth/v1/token"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": None},
        {"auth_result": {"result": "deny"}},
        {"auth_result": None},
    ],
    ids=str,
)
async def test_a_token_that_does_not_hold_is_no_yes(
    ground: Ground, duo: Duo, theirs: FakeDuo, claims: dict[str, Any]
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    state, code = theirs.approve(await prompt(duo, caller))
    theirs.claims = claims

    assert not await is_right(duo, caller, state=state, code=code)


async def test_a_code_that_duo_does_not_know_is_no_yes(
    ground: Ground, duo: Duo, theirs: FakeDuo
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    state, _ = theirs.approve(await prompt(duo, caller))

    assert not await is_right(duo, caller, state=state, code="made up")


async def test_only_a_name_that_was_proven_is_kept(
    ground: Ground, duo: Duo, theirs: FakeDuo
) -> None:
    caller, other = await ground.caller("ada"), await ground.caller("bob")
    told = await duo.begin_adding(caller, "boss")
    state, code = theirs.approve(str(told["url"]), username="ada")

    with pytest.raises(InvalidInput):
        await duo.add(caller, HERE, state=state, code=code)
    told = await duo.begin_adding(caller, "ada")
    state, code = theirs.approve(str(told["url"]))
    with pytest.raises(InvalidInput):
        await duo.add(other, HERE, state=state, code=code)
    assert await ground.rows(DuoRow) == []


async def test_an_answer_to_adding_duo_does_not_prove_anything_else(
    ground: Ground, duo: Duo, theirs: FakeDuo
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    told = await duo.begin_adding(caller, "")
    state, code = theirs.approve(str(told["url"]))

    assert not await is_right(duo, caller, state=state, code=code)


@pytest.mark.parametrize("health", DOWN, ids=str)
async def test_nobody_gets_in_while_duo_is_down(
    ground: Ground, duo: Duo, theirs: FakeDuo, health: tuple[int, object]
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    theirs.health = health

    with pytest.raises(Unavailable):
        await duo.begin(caller.account.id, caller.via)
    with pytest.raises(Unavailable):
        await duo.begin_adding(caller, "")


@pytest.mark.parametrize("health", DOWN, ids=str)
async def test_duo_is_left_out_while_it_is_down_only_where_that_is_allowed(
    ground: Ground, duo: Duo, theirs: FakeDuo, health: tuple[int, object]
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    await offer(ground, theirs, allow_when_down=True)
    theirs.health = health

    told = await duo.begin(caller.account.id, caller.via)
    assert told["skipped"] is True
    assert await is_right(duo, caller, state=told["state"])
    assert not await is_right(duo, caller, state=told["state"])

    told = await duo.begin(caller.account.id, caller.via)
    theirs.health = (200, None)  # it is back: now it must be asked
    assert not await is_right(duo, caller, state=told["state"])

    theirs.health = health
    told = await duo.begin(caller.account.id, caller.via)
    await offer(ground, theirs, allow_when_down=False)
    assert not await is_right(duo, caller, state=told["state"])


async def test_a_duo_that_went_away_after_the_prompt_is_no_yes(
    ground: Ground, authority: trustme.CA, duo: Duo
) -> None:
    caller = await ground.caller()
    async with FakeDuo(authority).running() as theirs:
        await offer(ground, theirs, allow_when_down=True)
        await enrol(duo, theirs, caller)
        state, code = theirs.approve(await prompt(duo, caller))

    with pytest.raises(Unavailable):
        await is_right(duo, caller, state=state, code=code)


async def test_a_refusal_of_our_own_secret_is_not_taken_for_a_fault(
    ground: Ground, duo: Duo, theirs: FakeDuo
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    await offer(ground, theirs, client_secret="t" * 40, allow_when_down=True)

    with pytest.raises(Conflict, match="client id and secret"):
        await duo.begin(caller.account.id, caller.via)


@pytest.mark.parametrize(
    "changes",
    [
        {"enabled": False},
        {"api_host": ""},
        {"api_host": "evil.example/path?"},
        {"api_host": "user@evil.example"},
        {"client_id": "short"},
        {"client_secret": "short"},
    ],
    ids=str,
)
async def test_settings_that_cannot_be_duos_are_told(
    ground: Ground, duo: Duo, theirs: FakeDuo, changes: dict[str, object]
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    await offer(ground, theirs, allow_when_down=True)
    await ground.preferences.update(DuoSettings, changes)

    with pytest.raises(Conflict, match="not set up"):
        await duo.begin(caller.account.id, caller.via)


async def test_duo_counts_no_longer_when_it_is_switched_off_or_removed(
    ground: Ground, duo: Duo, theirs: FakeDuo
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    await ground.preferences.update(DuoSettings, {"enabled": False})
    assert not await duo.enrolled(caller.account.id)

    await duo.remove(caller, HERE)

    assert await ground.rows(DuoRow) == await ground.rows(RecoveryCodeRow) == []
    with pytest.raises(NotFound):
        await duo.remove(caller, HERE)
    with pytest.raises(NotFound):
        await duo.begin(caller.account.id, caller.via)


async def test_a_duo_at_a_private_address_is_refused_and_never_left_out(
    ground: Ground, theirs: FakeDuo, duo: Duo
) -> None:
    caller = await ground.caller()
    await enrol(duo, theirs, caller)
    await offer(ground, theirs, allow_when_down=True)
    guarded = make(ground, Outgoing(Policy()))
    before = theirs.asked.total()

    with pytest.raises(Refused):
        await guarded.begin(caller.account.id, caller.via)
    assert theirs.asked.total() == before


async def test_a_certificate_of_another_authority_is_not_taken(
    ground: Ground, theirs: FakeDuo
) -> None:
    caller = await ground.caller()
    await offer(ground, theirs)
    strict = make(ground, Outgoing(Policy.from_names(("localhost",))))

    with pytest.raises(Unavailable):
        await strict.begin_adding(caller, "")
    assert theirs.asked.total() == 0


async def test_a_duo_that_never_answers_is_down_after_the_deadline(
    ground: Ground, duo: Duo, theirs: FakeDuo, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = await ground.caller()
    monkeypatch.setattr("gatherum.accounts.secondfactor.duo_client.DEADLINE_S", 3.0)
    left = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until we go away
        writer.close()
        left.set()

    silent = await asyncio.start_server(hold, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    await offer(ground, theirs, api_host=f"localhost:{port}")

    with pytest.raises(Unavailable):
        await duo.begin_adding(caller, "")
    await left.wait()
    silent.close()
