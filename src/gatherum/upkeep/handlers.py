"""The jobs of upkeep: what a worker does so that the installation stays well."""

import asyncio
from collections.abc import Callable

from gatherum.errors import StorageError
from gatherum.jobs.queue import Done, Handler, JobContext, Lane, Later, NewJob
from gatherum.settings import BackupSettings
from gatherum.upkeep.backups import Backups
from gatherum.upkeep.health import Health
from gatherum.upkeep.retention import Retention

DATABASE_BACKUP = "DatabaseBackup"
RECORDS_PRUNE = "RecordsPrune"
HEALTH_WATCH = "HealthWatch"


def new_upkeep_job(kind: str, title: str) -> NewJob:
    """Return a job of upkeep."""
    return NewJob(kind=kind, lane=Lane.HOUSEKEEPING, partition="upkeep", title=title)


BACKUP = new_upkeep_job(DATABASE_BACKUP, "Back the database up")
PRUNE = new_upkeep_job(RECORDS_PRUNE, "Let old records go")
WATCH = new_upkeep_job(HEALTH_WATCH, "Look whether all is well")


class Upkeep:
    """What a worker can do of it."""

    def __init__(
        self,
        *,
        backups: Backups,
        retention: Retention,
        health: Health,
        settings: Callable[[], BackupSettings],
    ) -> None:
        self._backups = backups
        self._retention = retention
        self._health = health
        self._settings = settings

    def all(self) -> dict[str, Handler]:
        """Return the handlers by the kind of their jobs."""
        return {
            DATABASE_BACKUP: self.back_up,
            RECORDS_PRUNE: self.prune,
            HEALTH_WATCH: self.watch,
        }

    async def back_up(self, job: JobContext) -> Done | Later:
        """Perform `DatabaseBackup`; an alarm stands while none can be made."""
        if not self._settings().enabled:
            return Done(detail="Backups are switched off.")
        try:
            place = await self._backups.make()
            removed = await asyncio.to_thread(self._backups.prune, self._settings().keep)
        except StorageError as error:
            await self._health.raise_alarm("backup", f"The last backup failed. {error}")
            return Done(failed=True, detail=str(error))
        await self._health.clear_alarm("backup")
        job.report({"removed": removed})
        return Done(detail=f"{place.name}, verified.")

    async def prune(self, job: JobContext) -> Done | Later:
        """Perform `RecordsPrune`."""
        removed = await self._retention.run()
        job.report(removed)
        return Done(detail=f"{sum(removed.values())} old records removed.")

    async def watch(self, job: JobContext) -> Done | Later:
        """Perform `HealthWatch`."""
        alarms = await self._health.watch()
        job.report({"alarms": len(alarms)})
        return Done(detail="; ".join(alarm.message for alarm in alarms) or "All is well.")
