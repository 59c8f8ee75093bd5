"""Answers about searches that are dear to work out, kept for a while."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from hashlib import blake2b
from typing import TYPE_CHECKING

from pydantic import JsonValue

from gatherum.app import App
from gatherum.query.search import Query

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


async def kept(
    app: App,
    name: str,
    query: Query,
    ttl_s: float,
    make: Callable[[], Awaitable["DataclassInstance"]],
) -> JsonValue:
    """Return an answer about a search, made now if there is none that still holds.

    Two ways to write the same search share it.
    """
    digest = blake2b(str(query).encode(), digest_size=16).hexdigest()

    async def plain() -> JsonValue:
        told: dict[str, JsonValue] = asdict(await make())
        return told

    return await app.cache.get_or_make(f"{name}:{digest}", ttl_s, plain)
