"""Two accounts with sessions, on both engines, and a clock that stands until it is moved."""

from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from gatherum.accounts.audit import Audit
from gatherum.accounts.authenticator import caller_of
from gatherum.accounts.directory import Accounts
from gatherum.accounts.handshakes import Handshakes
from gatherum.accounts.model import Caller, Role, Visitor
from gatherum.accounts.recent import Recent
from gatherum.accounts.relying import RelyingParty
from gatherum.accounts.secondfactor.changes import FactorChanges
from gatherum.accounts.sessions import Sessions
from gatherum.db import Database
from gatherum.db.preferences import Preferences
from gatherum.safety.vault import KEY_SIZE, Vault
from gatherum.settings import SecuritySettings

HERE = Visitor(address="192.0.2.7", agent="a test")
SITE = "https://gatherum.example"


@dataclass
class Ground:
    """What factors stand on."""

    database: Database
    time: float = 1_800_000_000.0
    vault: Vault = field(default_factory=lambda: Vault({1: bytes(KEY_SIZE)}))

    def __post_init__(self) -> None:
        self.recent = Recent(self.now)
        self.preferences = Preferences(self.database, vault=self.vault)
        self.audit = Audit(self.database, self.now)
        self.accounts = Accounts(self.database, self.now, self.recent)
        self.sessions = Sessions(
            self.database,
            self.now,
            rules=lambda: self.preferences.get(SecuritySettings),
            recent=self.recent,
        )
        self.handshakes = Handshakes(self.database, self.vault, self.now)
        self.changes = FactorChanges(self.database, audit=self.audit, recent=self.recent)
        self.site = RelyingParty()
        self.site.settle(SITE)

    def now(self) -> float:
        return self.time

    async def caller(self, name: str = "ada") -> Caller:
        """Return somebody who is signed in, in a session of its own."""
        account = await self.accounts.find(name) or await self.accounts.create(
            name, Role.ADMIN, password=None
        )
        token = await self.sessions.begin(account.id, HERE, methods="password", full=True)
        session = await self.sessions.find(token)
        assert session is not None
        return caller_of(session)

    async def events(self) -> list[tuple[str, object]]:
        """Return what the audit says, the oldest first: the event, and which factor."""
        entries, _ = await self.audit.list(limit=100)
        return [(one.event, one.detail.get("factor")) for one in reversed(entries)]

    async def rows(self, table: type) -> list[tuple[object, ...]]:
        query = sa.select(table.__table__)  # type: ignore[attr-defined]
        return [tuple(row) for row in await self.database.read(lambda tx: tx.execute(query).all())]


@pytest.fixture
def ground(database: Database) -> Ground:
    return Ground(database)
