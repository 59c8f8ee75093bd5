"""The handler of the job that carries out a large decision."""

from pydantic import BaseModel, ConfigDict

from gatherum.curating.batches import KIND, Batches
from gatherum.curating.decisions import Decisions
from gatherum.jobs.queue import Done, Handler, JobContext, Later


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    decision: int


class Handlers:
    """What a worker can do for decisions."""

    def __init__(self, batches: Batches, log: Decisions) -> None:
        self._batches = batches
        self._log = log

    def all(self) -> dict[str, Handler]:
        """Return the handlers by the kind of their jobs."""
        return {KIND: self.edit_library}

    async def edit_library(self, job: JobContext) -> Done | Later:
        """Perform `LibraryEdit`: chunk after chunk, behind what was done before a crash."""
        number = _Payload.model_validate(job.payload).decision
        while (view := await self._batches.go_on(number, job.id)) is not None:
            job.report(
                {"total": view.total, "done": view.done, "same": view.same, "left": view.left},
                is_further=True,
            )
        view = await self._log.get(number)
        return Done(detail=f"{view.done:,} changed, {view.same:,} were so, {view.left:,} left.")
