"""Answers of Voyager, LinkedIn's own interface: a list of references, and beside it what they mean."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, Field, JsonValue, ValidationError

from gatherum.errors import Gone, SourceError, Unavailable, UnexpectedResponse
from gatherum.ports import Document
from gatherum.providers.linkedin.posts import NUMBERED
from gatherum.providers.linkedin.updates import Film, Update
from gatherum.safety import foreign

UPDATE: Final = ".feed.Update"
COMMENTED = re.compile(r"^\s*<!--(.*)-->\s*$", re.DOTALL)


class Extensions(BaseModel):
    status: int = 0


class Fault(BaseModel):
    extensions: Extensions = Extensions()


class Metadata(BaseModel):
    paginationToken: str | None = None  # noqa: N815  # LinkedIn's own name


class Feed(BaseModel):
    references: list[JsonValue] | None = Field(default=None, alias="*elements")
    metadata: Metadata | None = None


class Inner(BaseModel):
    data: dict[str, JsonValue] | None = None
    errors: list[Fault] | None = None


class Answer(BaseModel):
    data: Inner
    included: list[dict[str, JsonValue]] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a feed: its posts in order, the films that they speak of, and how to go on."""

    feed: str  # what LinkedIn calls the list
    updates: tuple[Update, ...]
    films: Mapping[str, Film]
    token: str  # '' if there is nothing behind it


def read_part(text: str) -> Part:
    """Return what an answer lists. It must be a list; of its references each must mean something."""
    try:
        answer = foreign.model(Answer, text)
    except ValidationError as error:
        raise UnexpectedResponse("LinkedIn answers in an unknown form.") from error
    lists = {name: value for name, value in (answer.data.data or {}).items() if _is_list(value)}
    if not lists:
        raise _meant(answer.data.errors or [])
    name, value = next(iter(lists.items()))
    feed = Feed.model_validate(value)
    updates = tuple(_ordered(feed.references or [], answer.included))
    if feed.references and not updates:
        raise UnexpectedResponse("LinkedIn lists posts of an unknown form.")
    token = (feed.metadata.paginationToken or "") if feed.metadata else ""
    return Part(feed=name, updates=updates, films=films_in(answer.included), token=token)


def embedded_in(document: Document) -> list[dict[str, JsonValue]]:
    """Return what a page brings along for its scripts: it saves them the first requests."""
    found: list[dict[str, JsonValue]] = []
    for code in foreign.html(document.text).css("code"):
        text = code.text() or code.html or ""
        inside = COMMENTED.match(text)
        try:
            told = foreign.value(inside[1] if inside else text)
        except ValueError:
            continue
        included = told.get("included") if isinstance(told, dict) else None
        if isinstance(included, list):
            found += [one for one in included if isinstance(one, dict)]
    return found


def updates_in(included: list[dict[str, JsonValue]]) -> Iterator[Update]:
    """Yield the posts among what is included; those that others share too."""
    for one in included:
        kind = one.get("$type")
        if isinstance(kind, str) and kind.endswith(UPDATE):
            try:
                yield Update.model_validate(one)
            except ValidationError as error:
                raise UnexpectedResponse("LinkedIn shows a post in an unknown form.") from error


def films_in(included: list[dict[str, JsonValue]]) -> dict[str, Film]:
    """Return the films that are included, by each name that posts may call them by."""
    films: dict[str, Film] = {}
    for one in included:
        if "progressiveStreams" not in one:
            continue
        try:
            film = Film.model_validate(one)
        except ValidationError as error:
            raise UnexpectedResponse("LinkedIn shows a film in an unknown form.") from error
        films |= {name: film for name in (film.entityUrn, film.media) if name}
    return films


def _is_list(value: JsonValue) -> bool:
    return isinstance(value, dict) and isinstance(value.get("*elements"), list)


def _ordered(references: list[JsonValue], included: list[dict[str, JsonValue]]) -> Iterator[Update]:
    updates = list(updates_in(included))
    named = {update.entityUrn: update for update in updates}
    numbered = {update.urn: update for update in reversed(updates)}
    for reference in references:
        if not isinstance(reference, str):
            continue
        number = NUMBERED.search(reference)
        update = named.get(reference) or (numbered.get(number[0]) if number else None)
        if update is not None:
            yield update


def _meant(faults: list[Fault]) -> SourceError:
    statuses = {fault.extensions.status for fault in faults}
    if statuses & {404, 410}:
        return Gone("LinkedIn says that this does not exist.")
    if statuses:
        return Unavailable("LinkedIn does not show this just now.")
    return UnexpectedResponse("LinkedIn answers in an unknown form.")
