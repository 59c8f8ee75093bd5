"""Times of the API, as numbers."""

from datetime import datetime


def seconds(text: str) -> float:
    """Return a time of an answer as seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()
