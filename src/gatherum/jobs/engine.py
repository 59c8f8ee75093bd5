"""The only module that knows DBOS, which keeps who performs which run, and when.

DBOS knows a run as one small workflow of two arguments; all else stands in our job table. Its
threads and its own event loop live beside the program's loop, on which alone handlers run.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from gatherum.db import Database, Tx, make_engine
from gatherum.db.write_lock import begin_write
from gatherum.jobs.client import JobClient, Ticket
from gatherum.jobs.queue import Lane, NewJob

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

log = structlog.get_logger()
NAME = "gatherum"
WORKFLOW = "attempt"
VERSION = "1"  # pinned: any version of ours may go on with a run that an older one began
LIVE = ["ENQUEUED", "DELAYED", "PENDING"]
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
PRUNE_BATCH = 500
ENDING_S = 3.0  # how long the engine's threads may take to finish what they write


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLimits:
    """How many jobs of a lane run at once, how soon a new one is noticed, and how long one may rest."""

    in_partition: int  # in one partition, over all machines
    in_worker: int  # in one process, over all partitions
    poll_s: float  # each look costs about 2 ms of a core
    still_s: float = 1800.0  # without any progress; then a job is ended


LANES = {
    Lane.INTERACTIVE: LaneLimits(in_partition=3, in_worker=12, poll_s=0.3),
    Lane.SYNC: LaneLimits(in_partition=2, in_worker=8, poll_s=0.5),
    # Nobody waits; and one step, such as the copy of a large database, tells nothing for long.
    Lane.HOUSEKEEPING: LaneLimits(in_partition=1, in_worker=2, poll_s=2.0, still_s=7200.0),
}
Perform = Callable[[str, int], Awaitable[None]]


class DbosQueue(JobClient):
    """Implements `JobQueue` with DBOS's queues. Needs no worker in this process.

    Of the runs of one lane, partition and priority that one process has queued and that are due,
    the one that was queued first begins first.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database, self._dispatch)
        self._client: DBOSClient | None = None
        self._is_prepared = False
        self._runs = sa.table(
            "workflow_status",
            sa.column("workflow_uuid"),
            sa.column("created_at"),
            schema=None if database.is_sqlite else "dbos",
        )
        self._turn = 0
        self._turns = threading.Lock()

    async def prepare(self) -> None:
        """Make DBOS's own tables, if they are not there: before the first `submit`."""
        if not self._is_prepared:
            await asyncio.to_thread(make_tables, self.database.url)
            self._is_prepared = True

    async def enqueue(self, job: NewJob, *, unattended: bool = False) -> str | None:
        """`submit` in a transaction of its own."""
        await self.prepare()
        return await super().enqueue(job, unattended=unattended)

    def _dispatch(self, tx: Tx, ticket: Ticket) -> None:
        if self._client is None:
            from dbos import DBOSClient  # noqa: PLC0415  # half a second that readers need not pay

            self._client = DBOSClient(
                system_database_engine=self.database.engine,
                application_name=NAME,
                lazy=True,
                retry_connection_errors=False,  # within our transaction: it is ours to try again
            )
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "workflow_id": workflow_id(ticket.job_id, ticket.run),
            "queue_name": ticket.lane,
            "queue_partition_key": ticket.partition or "-",
            "priority": ticket.priority,
            "app_version": VERSION,
        }
        if ticket.delay_s > 0:
            options["delay_seconds"] = ticket.delay_s
        self._client.enqueue_in_transaction(tx, options, ticket.job_id, ticket.run)
        # The engine's own times are those of a transaction or of a second, and of two runs with
        # one time it may take either first.
        name = self._runs.c.workflow_uuid
        queued = sa.update(self._runs).where(name == options["workflow_id"])
        tx.execute(queued.values(created_at=self._next_turn()))

    def _next_turn(self) -> int:
        """Return the time in milliseconds, or what follows the last turn if that is later."""
        with self._turns:
            self._turn = max(int(self.now() * 1000), self._turn + 1)
            return self._turn


def make_tables(url: str) -> None:
    """Make DBOS's own tables, or bring them to its present schema; any number may try at once.

    On SQLite a lock is taken only if there is something to do; `DatabaseLocked` if it cannot be had.
    """
    from dbos import DBOS  # noqa: PLC0415

    if url.startswith("sqlite") and _has_tables(url):
        return
    logging.getLogger("dbos").setLevel(logging.ERROR)  # it warns of what we ask for
    DBOS.migrate(sa.make_url(url).render_as_string(hide_password=False))


def _has_tables(url: str) -> bool:
    from dbos._migration import get_sqlite_migration_versions  # noqa: PLC0415  # DBOS takes a lock

    engine = make_engine(url, durable=True, pool_size=1)
    try:
        present, newest = get_sqlite_migration_versions(engine.execution_options(reading=True))
        if present == newest:
            return True
        with engine.connect() as connection:  # DBOS itself would wait for half a minute
            begin_write(connection, patient=False).rollback()
    finally:
        engine.dispose()
    return False


def workflow_id(job_id: str, run: int) -> str:
    """Return DBOS's name for a run."""
    return f"{job_id}.{run}"


class Engine:
    """DBOS in this process: it calls `perform` for each run that this executor has claimed.

    There can be one at a time in a process (DBOS is a singleton). All methods block but `start` and
    `stop_claiming`.
    """

    def __init__(
        self, database: Database, *, executor: str, lanes: Mapping[Lane, LaneLimits]
    ) -> None:
        self._url = database.url
        self._executor = executor
        self._lanes = lanes
        self._closing = threading.Event()
        self._guest = database.make_guest_engine(self._closing)
        self._stops: list[threading.Event] = []

    async def start(self, perform: Perform) -> None:
        """Start claiming runs; those that this executor left unfinished come first."""
        loop = asyncio.get_running_loop()

        async def attempt(job_id: str, run: int) -> None:
            future = asyncio.run_coroutine_threadsafe(_as_coroutine(perform, job_id, run), loop)
            await asyncio.wrap_future(future)

        # In a thread, where no loop runs: else DBOS would adopt ours, and its thread pool with it.
        await asyncio.to_thread(self._launch, attempt)

    def _launch(self, attempt: Perform) -> None:
        from dbos import DBOS  # noqa: PLC0415

        dbos = DBOS(
            config={
                "name": NAME,
                "system_database_url": self._url,
                "system_database_engine": self._guest,
                "run_migrations": False,  # done: on SQLite they need an engine of DBOS's own
                "executor_id": self._executor,
                "application_version": VERSION,
                "log_level": "ERROR",
                "enable_otlp": False,
                "scheduler_polling_interval_sec": 3600.0,  # its schedules are not used
                "notification_coalesce_sec": 1.0,  # nor its notifications
                "notification_listener_polling_interval_sec": 0.2,  # how long closing may take
            }
        )
        # How often a job may take its worker down is for our table to say.
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(attempt)
        self._register_lanes()
        DBOS.launch()
        self._stops = dbos.background_thread_stop_events

    def _register_lanes(self) -> None:
        from dbos import DBOSClient  # noqa: PLC0415

        # Before the launch, so that their threads start with it and not a second later.
        client = DBOSClient(system_database_engine=self._guest, application_name=NAME, lazy=True)
        for lane, limits in self._lanes.items():
            client.register_queue(
                lane,
                partition_concurrency=limits.in_partition,
                worker_concurrency=limits.in_worker,
                polling_interval_sec=limits.poll_s,
                on_conflict="never_update",
            )
        client.destroy()

    def recover(self, executors: Sequence[str]) -> None:
        """Queue the unfinished runs of dead executors anew; calling it twice does no harm."""
        from dbos import DBOS  # noqa: PLC0415

        DBOS._recover_pending_workflows(list(executors))  # noqa: SLF001  # there is no public call

    def pending_executors(self) -> set[str]:
        """Return the executors that hold unfinished runs."""
        from dbos import DBOS  # noqa: PLC0415

        found = DBOS.list_workflows(status=["PENDING"], load_input=False, load_output=False)
        return {workflow.executor_id for workflow in found if workflow.executor_id is not None}

    def without_run(self, runs: Sequence[str]) -> set[str]:
        """Return those of `runs` (workflow ids) that nothing will perform."""
        from dbos import DBOS  # noqa: PLC0415

        found = {
            workflow.workflow_id: workflow.status
            for start in range(0, len(runs), PRUNE_BATCH)
            for workflow in DBOS.list_workflows(
                workflow_ids=list(runs[start : start + PRUNE_BATCH]),
                load_input=False,
                load_output=False,
            )
        }
        return {run for run in runs if found.get(run) not in LIVE}

    def prune(self, before_iso: str) -> None:
        """Forget runs that ended before that time."""
        from dbos import DBOS  # noqa: PLC0415

        while found := DBOS.list_workflows(
            status=ENDED,
            completed_before=before_iso,
            limit=PRUNE_BATCH,
            load_input=False,
            load_output=False,
        ):
            DBOS.delete_workflows([workflow.workflow_id for workflow in found])

    def stop_claiming(self) -> None:
        """Claim no more runs, but for those that are being claimed at this moment. Does not block."""
        for stop in self._stops:
            stop.set()

    def wait_claimed(self) -> None:
        """Return when all that was claimed has been handed out, after `stop_claiming`.

        Closing alone would stop the engine's loop first, for which a claim then waits in vain.
        Where the database does not answer it returns after `ENDING_S` all the same.
        """
        _join("queue-worker-")

    def close(self) -> None:
        """Stop. What is still being performed here is cancelled, and remains this executor's."""
        from dbos import DBOS  # noqa: PLC0415

        self._closing.set()
        DBOS.destroy(destroy_registry=True)
        _join("dbos-executor-")  # a connection that comes back after `dispose` stays open
        self._guest.dispose()


def _join(names: str) -> None:
    """Wait for those threads of the engine whose names begin so, `ENDING_S` for all together."""
    end = time.monotonic() + ENDING_S
    ending = [thread for thread in threading.enumerate() if thread.name.startswith(names)]
    for thread in ending:
        _wait_for(thread, end)
    if late := [thread.name for thread in ending if thread.is_alive()]:
        log.warning("threads did not end", threads=late)


def _wait_for(thread: threading.Thread, end: float) -> None:
    while True:
        try:
            thread.join(max(0.0, end - time.monotonic()))
        except RuntimeError:  # it is listed, and has not begun yet
            if time.monotonic() >= end:
                return
            time.sleep(0.005)
        else:
            return


async def _as_coroutine(perform: Perform, job_id: str, run: int) -> None:
    await perform(job_id, run)
