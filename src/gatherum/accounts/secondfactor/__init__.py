"""Second factors: what proves, beside the password, that somebody is who they say."""

from collections.abc import Mapping
from typing import Final, Protocol

from gatherum.ports import Json

RECOVERY: Final = "recovery"  # codes help out where a factor is lost; alone they ask for nothing


class SecondFactor(Protocol):
    """One kind of factor. Nothing here counts tries: who calls `finish` has counted first."""

    @property
    def name(self) -> str:
        """Its name in addresses and in the audit: totp, passkey, duo, recovery."""
        ...

    async def enrolled(self, account_id: int) -> bool:
        """Return whether the account has set it up, and proven it once."""
        ...

    async def begin(self, account_id: int, session_id: str) -> Mapping[str, Json]:
        """Return what the browser needs for an answer: {} or a challenge, bound to the session."""
        ...

    async def finish(self, account_id: int, session_id: str, answer: Mapping[str, Json]) -> bool:
        """Return whether an answer is right; the same answer is right only once."""
        ...


Factors = Mapping[str, SecondFactor]
