"""Settings are typed, checked, and kept as the difference to their defaults."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.db.preferences import Preferences
from gatherum.db.tables import SettingRow
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.library.naming import DEFAULT, Template
from gatherum.safety.vault import Vault
from gatherum.settings import (
    SECTIONS,
    DuoSettings,
    InstagramSettings,
    LibrarySettings,
    NetworkSettings,
    parse_size,
    read_pins,
    unknown_names,
)


@pytest.fixture
def preferences(database: Database) -> Preferences:
    return Preferences(database, checks={"library.template": Template.parse})


async def rows(database: Database) -> dict[str, tuple[dict[str, object], int]]:
    query = sa.select(SettingRow.section, SettingRow.values, SettingRow.version)
    return await database.read(lambda tx: {row[0]: (row[1], row[2]) for row in tx.execute(query)})


async def test_a_fresh_database_has_the_defaults(preferences: Preferences) -> None:
    for section in SECTIONS.values():
        assert await preferences.get(section) == section()
    assert (await preferences.get(NetworkSettings)).pace == 1.0
    assert (await preferences.get(InstagramSettings)).viewer_sites is False


@pytest.mark.parametrize(
    ("key", "text", "shown"),
    [
        ("network.pace", "0", "0.0"),
        ("network.connections", " 4 ", "4"),
        ("network.max_file_size", "50MB", "50000000"),
        ("network.max_file_size", "none", "none"),
        ("library.free_space_reserve", "1.5 GiB", "1610612736"),
        ("library.free_space_reserve", "auto", "none"),
        ("library.template", "{platform}/{post}.{ext}", "{platform}/{post}.{ext}"),
        ("instagram.viewer_sites", "yes", "true"),
        (
            "x.nitter_instances",
            "Nitter.Example/,http://localhost:8080 , ",
            "https://nitter.example, http://localhost:8080",
        ),
    ],
)
async def test_a_setting_is_read_as_its_type(
    preferences: Preferences, key: str, text: str, shown: str
) -> None:
    changed = await preferences.set(key, text)

    assert changed.value == shown
    assert await preferences.find(key) == changed


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("network.pace", "-1", "network.pace: it is a number from 0 to 100"),
        ("network.pace", "nan", "a number from"),
        ("network.pace", "fast", "'fast' does not suit"),
        ("network.connections", "1000", "a whole number from 1 to 256"),
        (
            "network.max_file_size",
            "big",
            "none, or a whole number such as 50MB, at least 1",
        ),
        ("instagram.viewer_sites", "perhaps", "true or false"),
        ("x.nitter_instances", "https://nitter.example/ann", "a text"),
        ("library.template", "{nonsense}", "is no field"),
    ],
)
async def test_what_does_not_fit_is_refused_with_what_does(
    preferences: Preferences, database: Database, key: str, text: str, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        await preferences.set(key, text)

    assert all(values == {} for values, _ in (await rows(database)).values())


@pytest.mark.parametrize("key", ["nonsense.pace", "network.nonsense", "network", ""])
async def test_an_unknown_setting_says_which_there_are(preferences: Preferences, key: str) -> None:
    with pytest.raises(NotFound, match="there are"):
        await preferences.set(key, "1")
    with pytest.raises(NotFound):
        await preferences.find(key)


async def test_only_the_difference_to_the_defaults_is_kept(
    preferences: Preferences, database: Database
) -> None:
    await preferences.set("network.pace", "0.5")
    await preferences.set("network.connections", "32")

    assert await rows(database) == {"network": ({"pace": 0.5}, 2)}
    await preferences.reset("network.pace")
    assert (await rows(database))["network"][0] == {}


async def test_a_change_of_something_that_changed_meanwhile_is_refused(
    preferences: Preferences,
) -> None:
    _, version = await preferences.get_versioned(NetworkSettings)
    await preferences.update(NetworkSettings, {"pace": 2}, version=version)

    with pytest.raises(Conflict):
        await preferences.update(NetworkSettings, {"pace": 3}, version=version)

    assert (await preferences.get(NetworkSettings)).pace == 2


async def test_changes_at_the_same_time_are_all_kept(preferences: Preferences) -> None:
    keys = ["pace", "connections", "connections_per_host", "timeout", "retries"]

    await asyncio.gather(*(preferences.set(f"network.{key}", "7") for key in keys))

    settings = await preferences.get(NetworkSettings)
    assert [getattr(settings, key) for key in keys] == [7] * 5


async def test_an_unknown_field_is_refused(preferences: Preferences) -> None:
    with pytest.raises(InvalidInput, match=r"network\.role"):
        await preferences.update(NetworkSettings, {"role": "admin"})


async def test_settings_of_another_version_never_stop_the_program(
    preferences: Preferences, database: Database
) -> None:
    values = {"pace": 5000, "later": 1, "retries": 2}
    await database.write(
        lambda tx: tx.execute(
            sa.insert(SettingRow).values(section="network", version=4, values=values)
        )
    )

    assert await preferences.get(NetworkSettings) == NetworkSettings(retries=2)
    await preferences.set("network.pace", "2")
    assert (await rows(database))["network"] == ({"pace": 2.0, "retries": 2, "later": 1}, 5)


async def test_the_list_explains_every_setting(preferences: Preferences) -> None:
    await preferences.set("network.pace", "0")

    listed = {setting.key: setting for setting in await preferences.list()}

    assert listed["network.pace"].value == "0.0"
    assert listed["network.pace"].default == "1.0"
    assert all(setting.description and setting.allowed for setting in listed.values())


KEY = bytes(range(32))


async def test_a_secret_is_sealed_in_the_database_and_never_shown(database: Database) -> None:
    preferences = Preferences(database, vault=Vault({1: KEY}))

    shown = await preferences.set("duo.client_secret", "hunter2-hunter2")
    await preferences.set("duo.api_host", "api.example.org")

    assert shown.value == "set"
    assert "hunter2" not in str(await rows(database))
    duo = await Preferences(database, vault=Vault({1: KEY})).get(DuoSettings)
    assert duo.client_secret.get_secret_value() == "hunter2-hunter2"
    assert "hunter2" not in repr(duo)


async def test_a_secret_that_another_key_sealed_counts_as_not_set(database: Database) -> None:
    await Preferences(database, vault=Vault({1: KEY})).set("duo.client_secret", "hunter2-hunter2")

    other = Preferences(database, vault=Vault({1: KEY[::-1]}))

    assert (await other.find("duo.client_secret")).value == "not set"


async def test_an_empty_text_forgets_a_secret(database: Database) -> None:
    preferences = Preferences(database, vault=Vault({1: KEY}))
    await preferences.set("duo.client_secret", "hunter2-hunter2")

    await preferences.set("duo.client_secret", "")

    assert (await rows(database))["duo"][0] == {}


async def test_what_the_environment_pins_counts_and_cannot_be_changed(database: Database) -> None:
    await Preferences(database).set("network.pace", "3")
    pinned = Preferences(database, pins={"network.pace": "0.5"})

    assert (await pinned.get(NetworkSettings)).pace == 0.5
    assert (await pinned.find("network.pace")).locked == "GATHERUM_NETWORK_PACE"
    with pytest.raises(Conflict, match=r"GATHERUM_NETWORK_PACE in the environment sets"):
        await pinned.set("network.pace", "1")
    await pinned.set("network.retries", "1")
    assert (await Preferences(database).get(NetworkSettings)).pace == 3  # as it was before


def test_a_pin_that_does_not_suit_is_refused_at_once() -> None:
    database = Database("sqlite://")
    with pytest.raises(InvalidInput, match=r"GATHERUM_NETWORK_PACE: 'fast' does not suit"):
        Preferences(database, pins={"network.pace": "fast"})
    database.close()


def test_pins_are_read_from_variables_and_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("hunter2\n")
    (tmp_path / ".env").write_text("GATHERUM_LIBRARY_TRASH_DAYS=3\n")
    monkeypatch.setenv("GATHERUM_NETWORK_PACE", "2")
    monkeypatch.setenv("GATHERUM_DUO_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("GATHERUM_NETWORK_PAC", "2")

    assert read_pins() == {
        "network.pace": "2",
        "library.trash_days": "3",
        "duo.client_secret": "hunter2",
    }
    assert unknown_names() == {"GATHERUM_NETWORK_PAC": "GATHERUM_NETWORK_PACE"}


async def test_a_change_tells_its_transaction_what_was_and_what_is(database: Database) -> None:
    preferences, told = Preferences(database, vault=Vault({1: KEY})), []

    await preferences.update(
        DuoSettings,
        {"api_host": "a.example", "client_secret": "hunter2"},
        recorded=lambda _tx, before, after: told.append((dict(before), dict(after))),
    )

    assert told == [
        (
            {"api_host": "", "client_secret": False},
            {"api_host": "a.example", "client_secret": True},
        )
    ]


def test_the_default_template_is_one() -> None:
    assert LibrarySettings().template == DEFAULT
    Template.parse(DEFAULT)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("4096", 4096),
        ("50MB", 50_000_000),
        ("1.5 gib", 3 << 29),
        ("2k", 2000),
        ("1TB", 10**12),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-1", "1 MB/s", "1e9"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_size(text)


async def test_a_switch_is_on_as_it_was_last_seen(
    preferences: Preferences, database: Database
) -> None:
    assert not preferences.is_on("instagram.viewer_sites")

    await Preferences(database).set("instagram.viewer_sites", "yes")
    assert not preferences.is_on("instagram.viewer_sites")
    await preferences.refresh()

    assert preferences.is_on("instagram.viewer_sites")
    assert not preferences.is_on("network.pace")  # no switch


async def test_servers_are_those_that_were_named(preferences: Preferences) -> None:
    assert preferences.servers("x.nitter_instances") == ()

    await preferences.set("x.nitter_instances", "b.example, http://a.example")
    await preferences.refresh()

    assert preferences.servers("x.nitter_instances") == ("https://b.example", "http://a.example")
