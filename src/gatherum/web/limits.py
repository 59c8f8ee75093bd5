"""How often a route may be called: a closed set of rates, by who calls and by route."""

from enum import StrEnum


class Rate(StrEnum):
    """A rate; each caller (account, else address) has its own count for each route."""

    READ = "1200/minute"
    HEAVY = "120/minute"  # reads that cost much
    FILES = "12000/minute"
    WRITE = "300/minute"
    BATCH = "30/minute"
    SIGN_IN = "30/minute"  # beside the throttle of failures
    SECRET = "20/hour"  # noqa: S105 - what makes a credential, or sends one
