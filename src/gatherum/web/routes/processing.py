"""The looking into stored files: how far it is, and to have it done."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from gatherum.accounts.model import Scope
from gatherum.app import App
from gatherum.settings import ProcessingSettings
from gatherum.upkeep.processing import PROCESS, PROCESS_KEY
from gatherum.web.limits import Rate
from gatherum.web.queueing import JobItem, job_item
from gatherum.web.routing import AppDep, Body, Routes

routes = Routes("Files")


class WhatToProcess(Body):
    """What to look into."""

    again: Annotated[
        bool, Field(description="Files as well that could not be shown when they were tried.")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """How many files are still to be looked into, and the job that does it, if there is one."""

    left: int
    job: JobItem | None


@routes.add("GET", "/files/processing", scope=Scope.LIBRARY_READ, rate=Rate.HEAVY)
async def get_processing(app: AppDep) -> Processing:
    """Say how many stored files have not been looked into yet, and whether a job is at it."""
    return await _processing(app)


@routes.add("POST", "/files/processing", scope=Scope.LIBRARY_WRITE, rate=Rate.BATCH, status=202)
async def start_processing(app: AppDep, body: WhatToProcess | None = None) -> Processing:
    """Look into all stored files that have not been looked into yet, as a job."""
    if body is not None and body.again:
        await app.learning.try_again()
    await app.queue.enqueue(PROCESS)
    return await _processing(app)


async def _processing(app: App) -> Processing:
    previews = app.preferences.latest(ProcessingSettings).previews
    job = await app.queue.find_live(PROCESS_KEY)
    left = await app.learning.count(previews=previews)
    return Processing(left=left, job=job_item(job) if job else None)
