"""All that accounts stand on, on both engines, and a clock that stands until it is moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest
from argon2 import PasswordHasher

from gatherum.accounts.admission import Admission
from gatherum.accounts.audit import Audit
from gatherum.accounts.authenticator import Authenticator, Credentials
from gatherum.accounts.directory import Accounts
from gatherum.accounts.invitations import Invitations
from gatherum.accounts.keys import ApiKeys
from gatherum.accounts.model import Account, Caller, Role, Visitor
from gatherum.accounts.passwords import Passwords
from gatherum.accounts.recent import Recent
from gatherum.accounts.secondfactor import SecondFactor
from gatherum.accounts.sessions import Sessions
from gatherum.accounts.signing_in import SigningIn
from gatherum.accounts.throttle import Throttle
from gatherum.accounts.tokens import Tokens
from gatherum.db import Database
from gatherum.db.preferences import Preferences
from gatherum.ports import Json
from gatherum.settings import SecuritySettings

PASSWORD = "correct horse battery"
HERE = Visitor(address="192.0.2.7", agent="a test")


class Hasher(PasswordHasher):
    """A real one that costs little, and counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.checks = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        self.checks += 1
        return super().verify(hash, password)


@dataclass
class Codeword:
    """A factor whose every answer is a word, for those who are `enrolled`."""

    name: str = "totp"
    word: str = "sesame"
    owners: set[int] = field(default_factory=set)

    async def enrolled(self, account_id: int) -> bool:
        return account_id in self.owners

    async def begin(self, account_id: int, session_id: str) -> Mapping[str, Json]:
        return {"for": account_id, "in": session_id}

    async def finish(self, account_id: int, _session: str, answer: Mapping[str, Json]) -> bool:
        return account_id in self.owners and answer.get("code") == self.word


class House:
    """The services, as the program puts them together."""

    def __init__(self, database: Database) -> None:
        self.time = 1_800_000_000.0
        self.slept: list[float] = []
        self.database = database
        self.hasher = Hasher()
        self.preferences = Preferences(database)
        self.recent = Recent(self.now)
        self.accounts = Accounts(database, self.now, self.recent)
        self.sessions = Sessions(database, self.now, rules=self.rules, recent=self.recent)
        self.passwords = Passwords(self.hasher)
        self.throttle = Throttle(database, self.now)
        self.audit = Audit(database, self.now)
        self.invitations = Invitations(database, self.now, self.recent)
        self.keys = ApiKeys(database, self.now, self.recent)
        self.tokens = Tokens(bytes(32), self.now)
        self.totp, self.codes = Codeword(), Codeword("recovery")
        self.factors: dict[str, SecondFactor] = {"totp": self.totp, "recovery": self.codes}
        self.admission = Admission(
            accounts=self.accounts,
            invitations=self.invitations,
            passwords=self.passwords,
            audit=self.audit,
        )
        self.signing_in = SigningIn(
            accounts=self.accounts,
            sessions=self.sessions,
            passwords=self.passwords,
            throttle=self.throttle,
            audit=self.audit,
            factors=self.factors,
            sleep=self.sleep,
        )
        self.authenticator = Authenticator(
            self.sessions,
            keys=self.keys,
            tokens=self.tokens,
            factors=self.factors,
            rules=self.rules,
            recent=self.recent,
            now=self.now,
        )

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def rules(self) -> SecuritySettings:
        return await self.preferences.get(SecuritySettings)

    async def account(self, name: str = "ada", role: Role = Role.ADMIN) -> Account:
        """Make an account with the password of the tests."""
        account, _ = await self.admission.add(name, role, PASSWORD, HERE, by="a test")
        return account

    async def caller(self, token: str) -> Caller:
        """Return whom a cookie stands for."""
        return await self.authenticator.identify(Credentials(cookie=token))

    async def events(self) -> list[str]:
        """Return what the audit holds, oldest first."""
        entries, _ = await self.audit.list(limit=500)
        return [entry.event for entry in reversed(entries)]


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
def small_house(sqlite_database: Database) -> House:
    """The same, for what does not depend on the engine."""
    return House(sqlite_database)
