"""Settings are typed, checked, and kept as the difference to their defaults."""

import asyncio

import pytest
import sqlalchemy as sa

from gatherum.db import Database
from gatherum.db.preferences import Preferences
from gatherum.db.tables import SettingRow
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.library.naming import DEFAULT, Template
from gatherum.settings import (
    SECTIONS,
    InstagramSettings,
    LibrarySettings,
    NetworkSettings,
    parse_size,
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
