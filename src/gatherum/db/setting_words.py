"""Settings in words: what one is, may be, and why a value does not suit it."""

import json
from dataclasses import dataclass
from types import NoneType
from typing import get_args

from annotated_types import Ge, Le
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from gatherum.errors import NotFound
from gatherum.settings import SECTIONS, Section

UNSET = ("none", "auto", "off", "")  # how people write that an optional setting has no value


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as it stands, in the words of the command line."""

    key: str  # "network.pace"
    value: str
    default: str
    description: str
    allowed: str
    locked: str | None = None  # the variable of the environment that sets it


def name_of(section: type[Section]) -> str:
    """Return the name of a section: "network"."""
    return next(name for name, found in SECTIONS.items() if found is section)


def find_field(key: str) -> tuple[type[Section], str, FieldInfo]:
    """Return the section and field of a key; `NotFound` says which there are."""
    name, _, field = key.partition(".")
    section = SECTIONS.get(name)
    if section is None:
        raise NotFound(f"There is no section {name!r}; there are {', '.join(SECTIONS)}.")
    if field not in section.model_fields:
        known = ", ".join(f"{name}.{field}" for field in section.model_fields)
        raise NotFound(f"There is no setting {key!r}; there are {known}.")
    return section, field, section.model_fields[field]


def variable_of(key: str) -> str:
    """Return the name of the variable that can pin a setting."""
    return f"GATHERUM_{key.replace('.', '_').upper()}"


def is_secret(field: FieldInfo) -> bool:
    """Return whether a field is written, and never shown."""
    return field.annotation is SecretStr


def read_text(field: FieldInfo, text: str) -> str | None:
    """Return what a person wrote as the field takes it; None is no value."""
    return None if is_optional(field) and text.strip().lower() in UNSET else text.strip()


def text_of(value: object) -> str:
    """Return a value as people read it; of a secret only whether it is set."""
    if value is None:
        return "none"
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else "not set"
    return value if isinstance(value, str) else json.dumps(value)


def is_optional(field: FieldInfo) -> bool:
    """Return whether a field may have no value."""
    return NoneType in get_args(field.annotation)


def allowed_of(field: FieldInfo) -> str:
    """Say in words what a field may be."""
    low = next((str(rule.ge) for rule in field.metadata if isinstance(rule, Ge)), None)
    high = next((str(rule.le) for rule in field.metadata if isinstance(rule, Le)), None)
    kinds = get_args(field.annotation) or (field.annotation,)
    if bool in kinds:
        return "true or false"
    if all(isinstance(kind, str) for kind in kinds):
        return f"one of {', '.join(map(str, kinds))}"
    if SecretStr in kinds:
        return "a secret; an empty text forgets it"
    if str in kinds:
        return "a text"
    words = "a whole number" if float not in kinds else "a number"
    if is_optional(field):
        words = f"none, or {words} such as 50MB"
    if low is not None and high is not None:
        return f"{words} from {low} to {high}"
    return f"{words}, at least {low}" if low is not None else words


def refusal_of(section: type[Section], error: ValidationError) -> str:
    """Say why a value does not suit, and what would."""
    fault = error.errors()[0]
    name = str(fault["loc"][0])
    key = f"{name_of(section)}.{name}"
    if name not in section.model_fields:
        return f"There is no setting {key!r}."
    field = section.model_fields[name]
    told = "This" if is_secret(field) else repr(fault["input"])
    return f"{told} does not suit {key}: it is {allowed_of(field)}."
