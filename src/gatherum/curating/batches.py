"""Carries decisions out: small ones at once, large ones as a job that works in chunks, and undoes them.

Invariant: what a chunk changes and what its decision remembers of it are one transaction; so a
decision that was broken off goes on behind its last chunk, and nothing of it is done twice.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from pydantic import TypeAdapter

from gatherum.curating import decisions, media, subscriptions
from gatherum.curating.actions import (
    Action,
    EditMedia,
    MediaAction,
    PurgeMedia,
    kind_of,
    title_of,
)
from gatherum.curating.decisions import INVERSE, Begun, DecisionView, NewDecision
from gatherum.curating.media import Step
from gatherum.curating.titles import back_of
from gatherum.db import Database, Tx
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.jobs.queue import JobQueue, Lane, NewJob
from gatherum.library.editing import plan_edit, version_of
from gatherum.library.recycle import Recycle
from gatherum.library.search import Search
from gatherum.ports import Clock
from gatherum.query.search import Query
from gatherum.subscriptions.changing import Changing

log = structlog.get_logger()
KIND: Final = "LibraryEdit"
MOST: Final = 100_000  # things of one decision
PAGE: Final = 10_000  # numbers of one look at a search
AT_ONCE: Final = 200  # things that are changed while the person waits
CHUNK: Final = 500
MOVES: Final = 100  # files that are moved between two looks at whether to go on
MOVING: Final = ("media.trash", "media.restore", "media.purge")
ACTION: Final[TypeAdapter[EditMedia]] = TypeAdapter(EditMedia)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    decision: int
    kind: str
    step: Step


class Batches:
    """Does things to many media or subscriptions, and undoes them."""

    def __init__(
        self,
        *,
        database: Database,
        queue: JobQueue,
        recycle: Recycle,
        changing: Changing,
        search: Search,
        clock: Clock,
        new_fetch: Callable[[list[int]], NewJob],
    ) -> None:
        """`new_fetch` makes the job that fetches wanted media."""
        self._db = database
        self._queue = queue
        self._recycle = recycle
        self._changing = changing
        self._search = search
        self._clock = clock
        self._new_fetch = new_fetch

    async def find(self, text: str) -> list[int]:
        """Return the numbers of all media that a search finds; `InvalidInput` if too many, or misspelt."""
        query, found = Query.meant(text), list[int]()
        while page := await self._search.ids(query, limit=PAGE, after=found[-1] if found else 0):
            found += page
            if len(found) > MOST:
                raise InvalidInput(f"This finds more than {MOST:,} media: narrow it.")
            if len(page) < PAGE:
                break
        return found

    async def run(
        self, action: Action, subjects: Sequence[int], *, author: int | None, most: int = MOST
    ) -> DecisionView:
        """Do something to many things, or begin to: then the decision names its job."""
        several = sorted(set(subjects))
        if not several:
            raise NotFound("There is nothing that this could be done to.")
        if len(several) > most:
            raise InvalidInput(f"At most {most:,} at once.")
        if isinstance(action, EditMedia):
            action.edit()  # refuse here what no chunk could do
        return await self._carry_out(lambda tx: self._begin(tx, action, several, author))

    async def run_one(
        self,
        action: MediaAction | PurgeMedia,
        media_id: int,
        *,
        author: int | None,
        version: int | None = None,
    ) -> tuple[DecisionView, int]:
        """Do something to one media; return the decision, and the version that the media has now.

        Raises `NotFound`, `Conflict` if it cannot be done, and `Stale` if it has another version
        than the one that was meant.
        """

        def begin(tx: Tx) -> tuple[int, int]:
            _check_one(tx, action, media_id, version)
            return self._begin(tx, action, [media_id], author)

        view = await self._carry_out(begin)
        return view, await self._db.read(lambda tx: version_of(tx, media_id))

    async def undo(self, number: int, *, author: int | None) -> DecisionView:
        """Undo a decision: give back what was before, where nobody has changed it since.

        That is a decision in its own right. `Conflict` if there is no way back, or it was gone.
        """

        def begin(tx: Tx) -> tuple[int, int]:
            old = decisions.hold(tx, number)
            decisions.check_way_back(old)
            new = NewDecision(
                author=author, kind=INVERSE[old.kind], title=back_of(old.title), undo_of=number
            )
            made = decisions.add(tx, new, now=self._clock.now())
            decisions.add_reversed(tx, made, of=number)
            return made, old.done

        return await self._carry_out(begin)

    async def go_on(self, number: int, job_id: str) -> DecisionView | None:
        """Carry out the next chunk for a job; None if none is left, or it is no longer the job's."""
        chunk = self._step(number, job_id)
        # Not cut off between the rows and the files: it ends within moments.
        working = asyncio.create_task(chunk)
        try:
            is_more = await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.wait([working])
            raise
        return await self._db.read(lambda tx: decisions.get(tx, number)) if is_more else None

    def _begin(
        self, tx: Tx, action: Action, subjects: Sequence[int], author: int | None
    ) -> tuple[int, int]:
        new = NewDecision(
            author=author,
            kind=kind_of(action),
            title=title_of(action, len(subjects)),
            action=action.model_dump(mode="json", exclude_unset=True),
        )
        number = decisions.add(tx, new, now=self._clock.now())
        decisions.add_items(tx, number, subjects)
        return number, len(subjects)

    async def _carry_out(self, begin: Callable[[Tx], tuple[int, int]]) -> DecisionView:
        def tx(tx: Tx) -> tuple[int, _Chunk | None]:
            number, total = begin(tx)
            if total <= AT_ONCE:
                return number, self._do(tx, decisions.hold(tx, number), AT_ONCE)
            title = decisions.get(tx, number).title
            decisions.give_job(tx, number, self._queue.submit(tx, _job(number, title)))
            return number, None

        number, chunk = await self._db.write(tx)
        if chunk is not None:
            await self._finish(chunk)
        return await self._db.read(lambda tx: decisions.get(tx, number))

    async def _step(self, number: int, job_id: str) -> bool:
        await self._mend(number)

        def tx(tx: Tx) -> _Chunk | None:
            held = decisions.hold(tx, number)
            if not decisions.is_live(tx, job_id) or held.undone_by is not None:
                return None  # cancelled: maybe somebody has undone already what was done
            if held.job != job_id:  # its own was broken off, and this one is to go on
                if held.is_live:
                    return None
                decisions.give_job(tx, number, job_id)
            return self._do(tx, held, MOVES if held.kind in MOVING else CHUNK)

        chunk = await self._db.write(tx)
        if chunk is None:
            return False
        await self._finish(chunk)
        return True

    async def _mend(self, number: int) -> None:
        """Finish moves to the bin that a crash broke off: only then a restore can take them back."""

        def tx(tx: Tx) -> tuple[str, list[int]]:
            return decisions.get(tx, number).kind, list(decisions.waiting(tx, number, MOVES))

        kind, ids = await self._db.read(tx)
        if kind == "media.restore":
            try:
                await self._recycle.roll_forward(ids)
            except OSError as error:
                log.warning("not_rolled_forward", decision=number, error=error.strerror)

    def _do(self, tx: Tx, held: Begun, limit: int) -> _Chunk | None:
        """Change the things that come next, and remember it; None if there are none."""
        items = decisions.waiting(tx, held.id, limit)
        if not items:
            return None
        now = self._clock.now()
        if held.kind.startswith("subscription."):
            step = subscriptions.carry_out(
                tx, self._changing, held.kind, items, held.action if not held.undo_of else None
            )
        else:
            action = ACTION.validate_python(held.action) if _is_edit(held) else None
            step = media.carry_out(tx, held.kind, items, action, now)
        named = {*step.changes, *step.same}
        left = [subject for subject in items if subject not in named]
        decisions.settle_items(tx, held.id, changes=step.changes, same=step.same, left=left)
        if step.fetch:
            self._queue.submit(tx, self._new_fetch(list(step.fetch)))
        return _Chunk(decision=held.id, kind=held.kind, step=step)

    async def _finish(self, chunk: _Chunk) -> None:
        """Move the files of a chunk. What a crash breaks off here is mended by the library itself."""
        moving, back = chunk.step.moving, set[int]()
        if moving is None:
            return
        failed: OSError | None = None
        try:
            match chunk.kind:
                case "media.trash":
                    back, failed = await self._recycle.finish_trash(moving)
                case "media.restore":
                    back = await self._recycle.finish_restore(moving)
                case _:
                    await self._recycle.finish_purge(moving)
        except OSError as error:
            failed = error
        if failed is not None:
            log.warning("files_not_moved", decision=chunk.decision, error=failed.strerror)
        if back:
            await self._db.write(lambda tx: decisions.take_back(tx, chunk.decision, sorted(back)))


def _check_one(
    tx: Tx, action: MediaAction | PurgeMedia, media_id: int, version: int | None
) -> None:
    found = media.look(tx, [media_id])
    if not found:
        raise NotFound("There is no such media.")
    verdict = found[0].verdict(kind_of(action))
    if verdict not in (media.CHANGE, media.SAME):
        raise Conflict(verdict)
    if isinstance(action, EditMedia) and not plan_edit(
        tx, [media_id], action.edit(), version=version, lock=True
    ):
        raise Conflict("It has no date that could be moved there.")


def _is_edit(held: Begun) -> bool:
    return held.kind == "media.edit" and held.undo_of is None


def _job(number: int, title: str) -> NewJob:
    return NewJob(
        kind=KIND,
        lane=Lane.INTERACTIVE,
        partition="library",
        title=title,
        payload={"decision": number},
    )
