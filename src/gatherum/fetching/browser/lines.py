"""The lines that a browser's child says, besides those that all children say; see `workers.protocol`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gatherum.fetching.workers.protocol import Answer, Ready, Want


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Kept(_Line):
    """An answer to the page that it was told to keep."""

    url: str
    method: str
    status: int
    text: str
    retry_after: float | None = None


class Done(_Line):
    """An order was carried out; what is set depends on the order."""

    ev: Literal["done"]
    status: int = 0
    retry_after: float | None = None
    challenge: bool = False
    url: str = ""
    text: str = ""
    found: bool = False
    captured: Kept | None = None
    state: str | None = None


class Failed(_Line):
    """It took too long, the page or the browser has gone, or nobody answered."""

    ev: Literal["failed"]
    kind: Literal["late", "broken", "network"]


Line = Annotated[Ready | Want | Answer | Done | Failed, Field(discriminator="ev")]
LINE: TypeAdapter[Line] = TypeAdapter(Line)
