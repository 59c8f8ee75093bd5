"""Answers about searches that are dear to work out, kept for a while."""

from collections.abc import Awaitable, Callable
from dataclasses import Field, asdict
from hashlib import blake2b
from typing import Any, ClassVar, Protocol

from pydantic import JsonValue

from gatherum.app import App
from gatherum.query.search import Query


class Answer(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


async def kept(
    app: App,
    name: str,
    query: Query,
    ttl_s: float,
    make: Callable[[], Awaitable[Answer]],
    *,
    fresh: bool = False,
) -> JsonValue:
    """Return an answer about a search, made now if there is none that still holds; `fresh` as in `Cache`.

    Two ways to write the same search share it.
    """
    digest = blake2b(str(query).encode(), digest_size=16).hexdigest()

    async def plain() -> JsonValue:
        told: dict[str, JsonValue] = asdict(await make())
        return told

    return await app.cache.get_or_make(f"{name}:{digest}", ttl_s, plain, fresh=fresh)
