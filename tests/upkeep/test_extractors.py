"""A newer extractor is used only after it has proven itself, and whatever goes wrong, the old one is."""

import asyncio
import os
import shutil
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gatherum.acquiring.probing import Finding, Probing
from gatherum.app import App, open_app
from gatherum.errors import Conflict, InvalidInput, NotFound, Unavailable
from gatherum.fetching import releases as module
from gatherum.fetching.releases import Releases, shipped_version
from gatherum.fetching.workers.engine import EnginePool
from gatherum.jobs.queue import Done, JobContext
from gatherum.model import Reason
from gatherum.providers import find_targets
from gatherum.safety.egress import Egress
from gatherum.safety.installing import find_wheel
from gatherum.safety.policy import Policy
from gatherum.settings import BootSettings
from gatherum.upkeep.canaries import Canary
from tests.suites.waiting import PATIENCE_S
from tests.testsites.gateway import Gateway
from tests.testsites.mastodon import mastodon
from tests.testsites.world import World
from tests.upkeep.wheels import (
    Edit,
    blind_elsewhere,
    broken_import,
    index_of,
    losing_posts,
    make_wheel,
)

NAME, NEXT = "gallery-dl", "99.1.0"
SHIPPED = shipped_version(NAME)
FLICKR = "https://www.flickr.com/photos/gatherum"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    for name, value in index_of(folder).items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
async def app(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[App]:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "gatherum.db")
    async with open_app(BootSettings(data_dir=data, _env_file=None)) as app:
        yield app


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path / "extractors")


def adopt(releases: Releases, version: str, *, text: str = "") -> None:
    with releases.staging() as scratch:
        staged = scratch / "beside"
        (staged / "gallery_dl").mkdir(parents=True)
        (staged / "gallery_dl" / "__init__.py").write_text(text)
        releases.adopt(NAME, version, staged)


def job(told: list[object] | None = None) -> JobContext:
    def report(progress: object, **_kind: bool) -> None:
        if told is not None:
            told.append(progress)

    return JobContext(id="j", kind="ExtractorsUpdate", payload={}, attempt=1, report=report)


def beside(app: App) -> str | None:
    folder = app.releases.folder_of("gallerydl")
    return folder.name.rsplit("-", 1)[0] if folder else None


def test_what_came_with_us_is_used_until_somebody_wants_another(releases: Releases) -> None:
    found = releases.get(NAME)

    assert releases.folder_of("gallerydl") is None
    assert releases.folder_of("instaloader") is None
    assert (found.shipped, found.used, found.previous) == (SHIPPED, SHIPPED, None)
    with pytest.raises(NotFound):
        releases.roll_back(NAME)
    with pytest.raises(InvalidInput):
        releases.get("pip")


def test_one_goes_back_step_by_step_to_what_came_with_us(releases: Releases) -> None:
    for version in ("98.1", "98.2", "98.3"):
        adopt(releases, version)

    used = [releases.get(NAME)]
    used += [releases.roll_back(NAME), releases.roll_back(NAME)]

    told = [(one.used, one.previous) for one in used]
    assert told == [("98.3", "98.2"), ("98.2", SHIPPED), (SHIPPED, None)]
    assert used[-1].refused == ("98.3", "98.2")
    assert [one.name[:15] for one in (releases._folder).glob("gallery-dl-98.1-*")] == []


def test_an_older_one_stays_until_gatherum_itself_brings_another(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt(releases, "0.1")

    assert releases.get(NAME).used == "0.1"
    monkeypatch.setattr(module, "shipped_version", lambda _name: "97.0")
    assert releases.get(NAME).used == "97.0"
    assert releases.folder_of("gallerydl") is None


@pytest.mark.parametrize("harm", ["folder", "torn", "empty"])
def test_what_is_damaged_is_not_used(releases: Releases, harm: str) -> None:
    adopt(releases, "98.1")
    folder = releases.folder_of("gallerydl")
    assert folder is not None
    pointer = folder.parent / f"{NAME}.json"
    match harm:
        case "folder":
            shutil.rmtree(folder)
        case "torn":
            pointer.write_bytes(pointer.read_bytes()[:20])
        case "empty":
            pointer.write_bytes(b"")

    assert releases.get(NAME).used == SHIPPED
    assert releases.folder_of("gallerydl") is None


def test_two_do_not_change_it_at_once(releases: Releases) -> None:
    with releases.changing(), pytest.raises(Conflict), Releases(releases._folder).changing():
        pass


@pytest.mark.parametrize("step", ["rename", "fsync", "replace"])
def test_whatever_breaks_off_a_switch_the_version_from_before_is_used(
    releases: Releases, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    adopt(releases, "98.1")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os if step == "fsync" else Path, step, die)
        with pytest.raises(KeyboardInterrupt):
            adopt(releases, "98.2")
    before = releases.get(NAME).used
    adopt(releases, "98.3")

    assert (before, releases.get(NAME).used) == ("98.1", "98.3")
    folders = sorted(path.name.rsplit("-", 1)[0] for path in releases._folder.glob("gallery-dl-*"))
    assert folders == ["gallery-dl-98.1", "gallery-dl-98.3"]


async def test_a_good_version_is_installed_probed_and_used(app: App, index: Path) -> None:
    make_wheel(index, NAME, NEXT)
    told: list[str] = []

    checked = await app.extractors.check(NAME)
    used_meanwhile = beside(app)
    change = await app.extractors.update(NAME, say=told.append)
    again = await app.extractors.update(NAME)

    assert (checked.newest, checked.used, used_meanwhile) == (NEXT, SHIPPED, None)
    assert (change.version, change.before, change.fault) == (NEXT, SHIPPED, None)
    assert (change.is_new, again.is_new) == (True, False)
    assert told == [f"Installing {NAME} {NEXT} beside {SHIPPED}.", "Probing it."]
    assert beside(app) == f"gallery-dl-{NEXT}"
    assert app.extractors.roll_back(NAME).used == SHIPPED


async def test_a_slow_disk_does_not_hold_everything_else_while_it_is_switched(
    app: App, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(index, NAME, NEXT)
    loop, beat, beats, adopt = asyncio.get_running_loop(), threading.Event(), [], app.releases.adopt

    def slowly(name: str, wanted: str, staged: Path) -> None:
        loop.call_soon_threadsafe(beat.set)
        beats.append(beat.wait(PATIENCE_S))
        adopt(name, wanted, staged)

    monkeypatch.setattr(app.releases, "adopt", slowly)
    await app.extractors.update(NAME)

    assert beats == [True]
    assert beside(app) == f"gallery-dl-{NEXT}"


def test_all_that_is_adopted_is_on_the_disk_before_anything_names_it(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    adopt(releases, "98.1")
    place = releases.folder_of("gallerydl")

    assert place is not None
    assert sorted(synced[:3]) == sorted(["__init__.py", "gallery_dl", place.name])
    assert synced[3:] == ["extractors", f"{NAME}.new", "extractors"]


@pytest.mark.parametrize(
    ("edits", "told", "fault"),
    [
        ({"__init__.py": broken_import}, None, "It cannot be imported."),
        (
            {"extractor/mastodon.py": losing_posts},
            None,
            "It finds 1 posts and 1 files on a recorded",
        ),
        ({"extractor/flickr.py": broken_import}, None, "It fails on a recorded page:"),
        ({}, "98.0", "It is not the version 99.1.0"),
    ],
)
async def test_a_bad_version_is_not_used(
    app: App, index: Path, edits: dict[str, Edit], told: str | None, fault: str
) -> None:
    make_wheel(index, NAME, NEXT, edits=edits, told=told)

    change = await app.extractors.update(NAME)

    assert (change.fault or "").startswith(fault)
    assert (change.is_new, beside(app)) == (False, None)
    assert app.releases.get(NAME).refused == (NEXT,)
    assert [path.name for path in app.releases._folder.glob("gallery-dl-*")] == []


async def test_an_index_that_has_nothing_changes_nothing(app: App, index: Path) -> None:
    assert list(index.iterdir()) == []

    with pytest.raises(Unavailable):
        await app.extractors.update(NAME)
    with pytest.raises(InvalidInput):
        await app.extractors.update(NAME, version="1; rm -r")

    assert beside(app) is None


async def test_by_itself_it_is_done_only_if_somebody_wants_it_and_a_bad_one_once(
    app: App, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(index, NAME, NEXT, edits={"__init__.py": broken_import})
    monkeypatch.setattr("gatherum.upkeep.extractors.PACKAGES", {NAME: module.PACKAGES[NAME]})

    off = await app.extractors.perform(job())
    await app.preferences.set("extractors.update", "true")
    first = await app.extractors.perform(job())
    second = await app.extractors.perform(job())
    make_wheel(index, NAME, "99.2.0")
    third = await app.extractors.perform(job())

    assert off == Done(detail="Extractors are updated by hand.")
    assert first == Done(failed=True, detail=f"{NAME} {NEXT} is not used: It cannot be imported.")
    assert second == Done(detail=f"{NAME} {NEXT} was refused before.")
    assert third == Done(
        detail=f"{NAME} 99.2.0 is used now; before it was {app.releases.get(NAME).shipped}."
    )
    assert beside(app) == "gallery-dl-99.2.0"


async def test_children_start_from_what_is_used_and_from_ours_if_it_does_not_start(
    releases: Releases, tmp_path: Path
) -> None:
    async with (
        Egress(Policy()) as egress,
        EnginePool(
            tmp_path / "scratch", egress=egress, size=1, beside=releases.folder_of
        ) as engines,
    ):
        ours = await engines.supports("gallerydl", FLICKR)
        (child,) = engines._resting["gallerydl"]
        first = child.beside
        adopt(releases, "98.1", text="raise RuntimeError('broken')")
        fallen_back = await engines.supports("gallerydl", FLICKR)
        (child,) = engines._resting["gallerydl"]
        await engines.supports("gallerydl", FLICKR)
        (warm,) = engines._resting["gallerydl"]

    assert (ours, fallen_back) == ("flickr", "flickr")
    assert (first, child.beside, warm.pid) == (None, None, child.pid)


async def test_a_child_from_before_does_no_further_job(app: App, index: Path) -> None:
    make_wheel(index, NAME, NEXT)
    async with (
        Egress(Policy()) as egress,
        EnginePool(
            app.settings.data_dir / "scratch", egress=egress, beside=app.releases.folder_of
        ) as engines,
    ):
        pids = []
        for change in (None, lambda: app.extractors.update(NAME), None):
            if change is not None:
                await change()
            assert await engines.supports("gallerydl", FLICKR) == "flickr"
            (child,) = engines._resting["gallerydl"]
            pids.append((child.pid, child.beside))

    assert pids[0][0] != pids[1][0] == pids[2][0]
    assert (pids[0][1], pids[1][1]) == (None, app.releases.folder_of("gallerydl"))


async def test_a_version_that_loses_a_canary_is_not_used(
    tmp_path: Path, sqlite_template: Path, index: Path
) -> None:
    make_wheel(index, NAME, NEXT, edits={"extractor/mastodon.py": blind_elsewhere})
    world = World()
    world.add_person("ann", 3)
    world.mount("social.example", mastodon(world, "social.example"))
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "gatherum.db")
    async with Gateway(world) as gateway:
        settings = BootSettings(
            data_dir=data,
            network_proxy=gateway.url,
            network_ca_bundle=gateway.bundle,
            _env_file=None,
        )
        async with open_app(settings) as app:
            await app.preferences.set("network.pace", "0")
            await app.preferences.set("canary.links", "https://social.example/@ann")
            await app.preferences.set("canary.enabled", "true")

            change = await app.extractors.update(NAME)

            assert change.fault == (
                "By mastodon.gallerydl it finds nothing at https://social.example/@ann any more."
            )
            assert beside(app) is None
    assert gateway.refused == []


@pytest.mark.parametrize(
    ("at_fault", "reason"), [(False, Reason.RATE_LIMITED), (True, Reason.SITE_CHANGED)]
)
async def test_only_what_is_a_versions_own_fault_counts_against_it(
    app: App,
    monkeypatch: pytest.MonkeyPatch,
    at_fault: bool,  # noqa: FBT001
    reason: Reason,
) -> None:
    canary = Canary(url="https://www.reddit.com/user/gatherum", platform="reddit")
    provider, target = find_targets(canary.url)[0]
    shown = Finding(target=target, provider=provider, posts=3)
    failed = replace(shown, posts=0, reason=reason, at_fault=at_fault)

    async def probe(probing: Probing, *_: object, **__: object) -> AsyncIterator[Finding]:
        yield shown if probing is app.probing else failed

    monkeypatch.setattr(Probing, "probe", probe)
    new = Probing(desk=app.desk, links=app.probing._links, logins=app.logins)

    fault = await app.extractors._compare(module.PACKAGES[NAME], canary, new)

    assert (fault is not None) is at_fault


async def test_another_real_version_comes_from_the_package_index(app: App) -> None:
    try:
        await find_wheel(f"{NAME}==1.32.17")
    except Unavailable as error:
        pytest.skip(str(error))

    change = await app.extractors.update(NAME, version="1.32.17")

    assert (change.version, change.fault) == ("1.32.17", None)
    assert beside(app) == "gallery-dl-1.32.17"
    assert app.extractors.roll_back(NAME).used == SHIPPED
