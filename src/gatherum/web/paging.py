"""Lists by keyset: `?limit=&cursor=` and {"items": [...], "next": "..." or null}."""

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Query

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="`next` of the page before this one.")
]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some things of a list; `next` continues behind them, null is the end."""

    items: tuple[T, ...]
    next: str | None
