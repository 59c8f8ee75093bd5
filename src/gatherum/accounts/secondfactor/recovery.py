"""Recovery codes as a factor: for the day on which the other one is lost."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from gatherum.accounts.audit import Event
from gatherum.accounts.model import Caller, Visitor
from gatherum.accounts.secondfactor import RECOVERY
from gatherum.accounts.secondfactor.changes import FactorChanges, has_factor
from gatherum.accounts.secondfactor.codes import count_codes, hash_code, make_codes
from gatherum.accounts.tables import RecoveryCodeRow
from gatherum.db import Database, Tx
from gatherum.errors import Conflict
from gatherum.ports import Json


class RecoveryCodes:
    """Ten codes, each good for one sign-in. Invariant: an account without a factor has none."""

    name: Final = RECOVERY

    def __init__(self, database: Database, *, changes: FactorChanges) -> None:
        self._db = database
        self._changes = changes

    async def enrolled(self, account_id: int) -> bool:
        """Return whether a code is left."""
        return await self.left(account_id) > 0

    async def left(self, account_id: int) -> int:
        """Return how many codes are left."""
        return await self._db.read(lambda tx: count_codes(tx, account_id))

    async def begin(self, account_id: int, session_id: str) -> Mapping[str, Json]:  # noqa: ARG002
        """Return {}: the person has what is needed."""
        return {}

    async def finish(self, account_id: int, session_id: str, answer: Mapping[str, Json]) -> bool:  # noqa: ARG002
        """Use the code up, in one statement; return whether there was one."""
        match answer:
            case {"code": str(code)} if code.isascii():
                used = sa.delete(RecoveryCodeRow).where(
                    RecoveryCodeRow.hash == hash_code(code),
                    RecoveryCodeRow.account_id == account_id,
                )
                return await self._db.write(lambda tx: tx.execute(used).rowcount == 1)
        return False

    async def renew(self, caller: Caller, visitor: Visitor) -> tuple[str, ...]:
        """Give the caller new codes; the old ones end. `Conflict` without a factor to recover."""
        account_id = caller.account.id

        def tx(tx: Tx) -> tuple[str, ...]:
            if not has_factor(tx, account_id):
                raise Conflict("Set up a second factor first: the codes stand in for it.")
            self._changes.settle(tx, Event.FACTOR_ADDED, caller, visitor, factor=self.name)
            return make_codes(tx, account_id)

        return await self._changes.write(tx)
