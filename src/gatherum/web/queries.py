"""Addresses and queries that two readers would read in two ways are refused."""

from collections import Counter
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from gatherum.errors import InvalidInput

LISTS = (list, tuple, set, frozenset)


def check_query(request: Request) -> None:
    """Raise `InvalidInput` if a parameter that has one value is given twice."""
    given = Counter(name for name, _ in request.query_params.multi_items())
    twice = {name for name, times in given.items() if times > 1}
    if twice and twice - _lists_of(request.scope["route"]):
        raise InvalidInput("A parameter of the address is given twice.")


def check_address(request: Request) -> None:
    """Raise a 405 if a word that is an address of its own was about to be read as an id."""
    path = request.scope["path"]
    if request.scope["route"].path != path and any(
        route.path == path for route in request.app.state.listed
    ):
        raise HTTPException(405)


def _lists_of(route: APIRoute) -> frozenset[str]:
    """Return the names that a route takes several values of."""
    return frozenset(_lists_in(route.dependant))


def _lists_in(dependant: Dependant) -> set[str]:
    names: set[str] = set()
    for field in dependant.query_params:
        declared = field.field_info.annotation
        if isinstance(declared, type) and issubclass(declared, BaseModel):
            names |= {
                info.alias or name
                for name, info in declared.model_fields.items()
                if _is_list(info.annotation)
            }
        elif _is_list(declared):
            names.add(field.alias)
    for inner in dependant.dependencies:
        names |= _lists_in(inner)
    return names


def _is_list(declared: Any) -> bool:
    origin = get_origin(declared)
    if origin is Annotated or origin in (Union, UnionType):
        return any(_is_list(part) for part in get_args(declared))
    return (origin or declared) in LISTS
