"""What is left to callers who must set up a second factor first; and what only a browser may do."""

from typing import Final

from gatherum.accounts.model import Caller, Proof
from gatherum.errors import Forbidden

OPEN: Final = frozenset(
    {
        ("GET", "/api/v1/me"),
        ("DELETE", "/api/v1/session"),
        ("POST", "/api/v1/session/sudo"),
        ("POST", "/api/v1/session/sudo/{factor}"),
        ("POST", "/api/v1/session/oidc/sudo"),
    }
)
FACTORS: Final = tuple(
    f"/api/v1/me/{part}" for part in ("factors", "totp", "passkeys", "duo", "recovery-codes")
)


def check_enrolled(caller: Caller, method: str, route: str) -> None:
    """Raise `Forbidden` for a caller without the factor that is asked for, but where it is set up."""
    if not caller.must_enrol or (method, route) in OPEN:
        return
    if not any(route == path or route.startswith(f"{path}/") for path in FACTORS):
        raise Forbidden("Set up a second factor first: this installation asks for one.")


def check_session(caller: Caller) -> None:
    """Raise `Forbidden` for a program: this is for somebody signed in with a browser."""
    if caller.proof is not Proof.SESSION:
        raise Forbidden("A person must do this, signed in with a browser.")
