"""Searches that people keep. Each belongs to one account; nobody else sees it."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from gatherum.db import Database, Tx
from gatherum.errors import Conflict, NotFound, Stale
from gatherum.library.tables import SavedSearchRow
from gatherum.moments import Moment, moment
from gatherum.query.search import Query

MOST = 500  # searches of one account


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that somebody keeps, as it was typed."""

    id: str
    name: str
    query: str
    created_at: Moment
    version: int


class SavedSearches:
    """The repository of kept searches."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._db = database
        self._now = now

    async def list(self, account_id: int) -> tuple[SavedSearch, ...]:
        """Return an account's searches, by name."""
        query = _SELECT.where(SavedSearchRow.account_id == account_id)
        query = query.order_by(sa.func.lower(SavedSearchRow.name), SavedSearchRow.id)
        return await self._db.read(lambda tx: tuple(map(_saved, tx.execute(query))))

    async def create(self, account_id: int, name: str, query: str) -> SavedSearch:
        """Keep a search; `InvalidInput` if it is none, `Conflict` if there are too many."""
        Query.parse(query)
        values = {"account_id": account_id, "name": name, "query": query, "version": 1}

        def tx(tx: Tx) -> SavedSearch:
            held = sa.select(sa.func.count()).where(SavedSearchRow.account_id == account_id)
            if (tx.scalar(held) or 0) >= MOST:
                raise Conflict(f"An account keeps at most {MOST} searches.")
            new = sa.insert(SavedSearchRow).values(created_at=self._now(), **values)
            number = tx.scalar(new.returning(SavedSearchRow.id))
            return _saved(tx.execute(_SELECT.where(SavedSearchRow.id == number)).one())

        return await self._db.write(tx)

    async def change(
        self,
        account_id: int,
        search_id: int,
        *,
        name: str | None,
        query: str | None,
        version: int | None,
    ) -> SavedSearch:
        """Change a search. `Stale` if it has another version, `NotFound` if the account has no such."""
        if query is not None:
            Query.parse(query)
        given = {"name": name, "query": query}
        values = {key: value for key, value in given.items() if value is not None}

        def tx(tx: Tx) -> SavedSearch:
            _check(tx, account_id, search_id, version)
            mine = SavedSearchRow.id == search_id
            changed = sa.update(SavedSearchRow).where(mine)
            tx.execute(changed.values(version=SavedSearchRow.version + 1, **values))
            return _saved(tx.execute(_SELECT.where(mine)).one())

        return await self._db.write(tx)

    async def remove(self, account_id: int, search_id: int, *, version: int | None) -> None:
        """Forget a search. `Stale` if it has another version, `NotFound` if the account has no such."""

        def tx(tx: Tx) -> None:
            _check(tx, account_id, search_id, version)
            tx.execute(sa.delete(SavedSearchRow).where(SavedSearchRow.id == search_id))

        await self._db.write(tx)


_SELECT = sa.select(
    SavedSearchRow.id,
    SavedSearchRow.name,
    SavedSearchRow.query,
    SavedSearchRow.created_at,
    SavedSearchRow.version,
)


def _check(tx: Tx, account_id: int, search_id: int, version: int | None) -> None:
    mine = sa.and_(SavedSearchRow.id == search_id, SavedSearchRow.account_id == account_id)
    held = tx.scalar(sa.select(SavedSearchRow.version).where(mine).with_for_update())
    if held is None:
        raise NotFound("There is no such search.")
    if version not in (None, held):
        raise Stale("This search has changed meanwhile: look at it again.")


def _saved(row: sa.Row[int, str, str, float, int]) -> SavedSearch:
    return SavedSearch(str(row[0]), row[1], row[2], moment(row[3]), row[4])
