"""Newer extractors from inside: look for them, install them beside, probe, switch, go back."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from pathlib import Path

import structlog

from gatherum.acquiring.probing import Finding, Probing
from gatherum.errors import GatherumError, InvalidInput, SourceError
from gatherum.fetching.releases import PACKAGES, Package, Release, Releases, order_of, package_of
from gatherum.fetching.threads import in_thread
from gatherum.jobs.queue import Done, Handler, JobContext, Later
from gatherum.ports import Clock
from gatherum.safety.installing import find_wheel, install_wheels
from gatherum.settings import CanarySettings, ExtractorSettings
from gatherum.upkeep.canaries import Canary
from gatherum.upkeep.handlers import new_upkeep_job
from gatherum.upkeep.recorded import find_fault

log = structlog.get_logger()
EXTRACTORS_UPDATE = "ExtractorsUpdate"
UPDATE = new_upkeep_job(EXTRACTORS_UPDATE, "Look for newer extractors")
VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){1,4}([a-z]{1,6}\d{1,6}|\.post\d{1,4})?")
COMPANION = re.compile(r"(yt-dlp-ejs==[\d.]+)\s*;.*extra\s*==\s*['\"](?:default|pin)['\"]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What came of an update: the version, and why it is not used, if it is not."""

    name: str
    version: str
    before: str
    fault: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether another version is used now."""
        return self.fault is None and self.version != self.before

    @property
    def told(self) -> str:
        """What came of it, as a sentence."""
        if self.fault is not None:
            return f"{self.name} {self.version} is not used: {self.fault}"
        if self.is_new:
            return f"{self.name} {self.version} is used now; before it was {self.before}."
        return f"{self.name} {self.before} is used already."


Say = Callable[[str], None]
# Ways to list links with a version that lies beside, while that is not in use.
Beside = Callable[[Callable[[str], Path | None]], AbstractAsyncContextManager[Probing]]


def say_nothing(_text: str) -> None:
    """Tell nobody how far it is."""


class Extractors:
    """Changes which version of an extractor is used; a version that fails its probe never is.

    Only one process does so at a time. Whatever breaks it off, the version from before is used.
    """

    def __init__(
        self,
        *,
        releases: Releases,
        probing: Probing,
        beside: Beside,
        canaries: Callable[[], Awaitable[tuple[Canary, ...]]],
        clock: Clock,
        settings: Callable[[], ExtractorSettings],
        canary: Callable[[], CanarySettings],
    ) -> None:
        self._releases = releases
        self._probing = probing
        self._beside = beside
        self._canaries = canaries
        self._clock = clock
        self._settings = settings
        self._canary = canary

    def all(self) -> dict[str, Handler]:
        """Return the handlers by the kind of their jobs."""
        return {EXTRACTORS_UPDATE: self.perform}

    def known(self) -> tuple[Release, ...]:
        """Return how each extractor stands."""
        return self._releases.all()

    async def check(self, name: str) -> Release:
        """Ask the index what the newest version is; `Unavailable` if it does not answer."""
        newest, _ = await find_wheel(package_of(name).name)
        self._releases.keep_newest(name, newest, self._clock.now())
        return self._releases.get(name)

    async def update(
        self, name: str, *, version: str | None = None, say: Say = say_nothing
    ) -> Change:
        """Install a version beside (without one the newest), probe it, and use it if it is well."""
        package = package_of(name)
        if version is not None and VERSION.fullmatch(version) is None:
            raise InvalidInput(f"{version!r} is no version, such as 2026.11.1.")
        with self._releases.changing():
            before = self._releases.get(name).used
            found, needs = await find_wheel(f"{name}=={version}" if version else name)
            if version is None:
                self._releases.keep_newest(name, found, self._clock.now())
            if found == before or (version is None and order_of(found) < order_of(before)):
                return Change(name=name, version=before, before=before)
            with self._releases.staging() as scratch:
                say(f"Installing {name} {found} beside {before}.")
                staged = scratch / "beside"
                companions = [match[1] for need in needs if (match := COMPANION.match(need))]
                await install_wheels([f"{name}=={found}", *dict.fromkeys(companions)], staged)
                say("Probing it.")
                fault = await self._find_fault(package, found, staged, scratch / "probe")
                if fault is None:
                    await in_thread(self._releases.adopt, name, found, staged)
                    log.info("extractor_updated", name=name, version=found, before=before)
                else:
                    self._releases.refuse(name, found)
                    log.warning("extractor_refused", name=name, version=found, fault=fault)
        return Change(name=name, version=found, before=before, fault=fault)

    def roll_back(self, name: str) -> Release:
        """Use the version from before again; `NotFound` if there is none."""
        with self._releases.changing():
            return self._releases.roll_back(name)

    async def perform(self, job: JobContext) -> Done | Later:
        """Perform `ExtractorsUpdate`: as far as the settings allow it, update what has a newer version."""
        if not self._settings().update:
            return Done(detail="Extractors are updated by hand.")
        told, failed = [], False
        for name in PACKAGES:
            try:
                release = await self.check(name)
                if release.newest in release.refused:
                    told.append(f"{name} {release.newest} was refused before.")
                    continue
                change = await self.update(name)
            except GatherumError as error:
                failed = True
                told.append(f"{name}: {error}")
            else:
                failed = failed or change.fault is not None
                told.append(change.told)
            job.report({"looked_at": len(told)})
        return Done(failed=failed, detail=" ".join(told))

    async def _find_fault(
        self, package: Package, wanted: str, staged: Path, scratch: Path
    ) -> str | None:
        scratch.mkdir(mode=0o700)  # noqa: ASYNC240  # one empty folder
        fault = await find_fault(package, wanted, staged, scratch)
        if fault is not None or not self._canary().enabled:
            return fault
        async with self._beside(lambda engine: staged if engine == package.engine else None) as new:
            for canary in await self._canaries():
                if (fault := await self._compare(package, canary, new)) is not None:
                    return fault
        return None

    async def _compare(self, package: Package, canary: Canary, new: Probing) -> str | None:
        """Return what gets lost of a canary by the new version; what fails by both says nothing."""
        try:
            async for found in _listed(new, package, canary):
                if not found.at_fault:
                    continue
                async for present in _listed(self._probing, package, canary):
                    same = present.provider.name == found.provider.name
                    if same and present.ok and present.posts:
                        return (
                            f"By {found.provider.name} it finds nothing at {canary.url} any more."
                        )
        except (SourceError, InvalidInput):
            return None
        return None


async def _listed(probing: Probing, package: Package, canary: Canary) -> AsyncGenerator[Finding]:
    """Yield what came of the ways that use an extractor."""
    probe = probing.probe(
        canary.url,
        login=canary.login,
        counted=False,
        only=lambda provider: provider.name.endswith(f".{package.engine}"),
    )
    async with aclosing(probe):
        async for found in probe:
            yield found
