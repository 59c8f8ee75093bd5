"""How answers become bytes: JSON by orjson, straight from dataclasses."""

from typing import Any

import orjson
from pydantic import BaseModel
from starlette.responses import JSONResponse

OPTIONS = orjson.OPT_NON_STR_KEYS


def encode(value: object) -> bytes:
    """Return a value (dataclasses, models, plain values) as JSON."""
    return orjson.dumps(value, default=_plain, option=OPTIONS)


class Json(JSONResponse):
    """An answer that is ready: it is encoded once and not validated again."""

    def render(self, content: Any) -> bytes:
        """Return the content as JSON."""
        return encode(content)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError
