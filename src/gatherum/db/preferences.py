"""The settings that people change: typed sections in the code, their differences in the database."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, NoneType
from typing import TypeVar, get_args

import sqlalchemy as sa
import structlog
from annotated_types import Ge, Le
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from gatherum.db.database import Database, Tx
from gatherum.db.schema import insert_new
from gatherum.db.tables import SettingRow
from gatherum.errors import Conflict, InvalidInput, NotFound
from gatherum.settings import SECTIONS, Section

log = structlog.get_logger()
S = TypeVar("S", bound=Section)
UNSET = ("none", "auto", "off", "")  # how people write that an optional setting has no value
NUMBERS = (int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as it stands, in the words of the command line."""

    key: str  # "network.pace"
    value: str
    default: str
    description: str
    allowed: str


class Preferences:
    """Reads and changes sections. A change is checked, and lost to nobody: versions are compared."""

    def __init__(
        self,
        database: Database,
        *,
        checks: Mapping[str, Callable[[str], object]] = MappingProxyType({}),
    ) -> None:
        """`checks` by key: what raises `InvalidInput` for a text that a section cannot judge."""
        self._db = database
        self._checks = checks

    async def get(self, section: type[S]) -> S:
        """Return a section as it stands."""
        return (await self.get_versioned(section))[0]

    async def get_versioned(self, section: type[S]) -> tuple[S, int]:
        """Return a section and its version, for an `update` that must not overwrite another."""
        return await self._db.read(lambda tx: _load(tx, section))

    async def update(
        self, section: type[S], changes: Mapping[str, object], *, version: int | None = None
    ) -> S:
        """Change fields of a section and return it; `Conflict` if it is not at `version` any more."""
        for name, value in changes.items():
            check = self._checks.get(f"{_name(section)}.{name}")
            if check is not None and isinstance(value, str):
                check(value)
        return await self._db.write(lambda tx: _change(tx, section, changes, version))

    async def set(self, key: str, text: str) -> Setting:
        """Change one setting, as written by a person; return it as it stands then."""
        section, name, field = _find(key)
        value = None if _is_optional(field) and text.strip().lower() in UNSET else text.strip()
        return _setting(key, field, getattr(await self.update(section, {name: value}), name))

    async def reset(self, key: str) -> Setting:
        """Give one setting its default back."""
        section, name, field = _find(key)
        changed = await self.update(section, {name: field.get_default(call_default_factory=True)})
        return _setting(key, field, getattr(changed, name))

    async def find(self, key: str) -> Setting:
        """Return one setting; `NotFound` says which there are."""
        section, name, field = _find(key)
        return _setting(key, field, getattr(await self.get(section), name))

    async def list(self) -> tuple[Setting, ...]:
        """Return all settings, by section."""
        return await self._db.read(_list)


def _list(tx: Tx) -> tuple[Setting, ...]:
    found = []
    for name, section in SECTIONS.items():
        values, _ = _load(tx, section)
        for field, info in section.model_fields.items():
            found.append(_setting(f"{name}.{field}", info, getattr(values, field)))
    return tuple(found)


def _load(tx: Tx, section: type[S]) -> tuple[S, int]:
    values, version = _row(tx, section)
    try:
        return section.model_validate(values), version
    except ValidationError as error:
        # Another version of this program wrote them: what does not fit here counts as not set.
        unfit = {str(fault["loc"][0]) for fault in error.errors()}
        log.warning("settings_left_out", section=_name(section), names=sorted(unfit))
        kept = {name: value for name, value in values.items() if name not in unfit}
        return section.model_validate(kept), version


def _row(tx: Tx, section: type[Section]) -> tuple[dict[str, object], int]:
    query = sa.select(SettingRow.values, SettingRow.version)
    row = tx.execute(query.where(SettingRow.section == _name(section))).one_or_none()
    return (dict(row[0]), row[1]) if row else ({}, 0)


def _change(tx: Tx, section: type[S], changes: Mapping[str, object], version: int | None) -> S:
    name = _name(section)
    insert_new(tx, SettingRow, [{"section": name, "values": {}, "version": 0}])
    held = sa.select(SettingRow.version).where(SettingRow.section == name).with_for_update()
    if tx.scalar(held) != version and version is not None:
        raise Conflict("These settings have changed meanwhile: look at them again.")
    stored, present = _row(tx, section)
    current, _ = _load(tx, section)
    try:
        changed = section.model_validate({**current.model_dump(), **changes})
    except ValidationError as error:
        raise InvalidInput(_words(section, error)) from error
    different = changed.model_dump(mode="json", exclude_defaults=True)
    foreign = {key: value for key, value in stored.items() if key not in section.model_fields}
    tx.execute(
        sa.update(SettingRow)
        .where(SettingRow.section == name)
        .values({"values": {**foreign, **different}, "version": present + 1})
    )
    return changed


def _name(section: type[Section]) -> str:
    return next(name for name, found in SECTIONS.items() if found is section)


def _find(key: str) -> tuple[type[Section], str, FieldInfo]:
    name, _, field = key.partition(".")
    section = SECTIONS.get(name)
    if section is None:
        raise NotFound(f"There is no section {name!r}; there are {', '.join(SECTIONS)}.")
    if field not in section.model_fields:
        known = ", ".join(f"{name}.{field}" for field in section.model_fields)
        raise NotFound(f"There is no setting {key!r}; there are {known}.")
    return section, field, section.model_fields[field]


def _setting(key: str, field: FieldInfo, value: object) -> Setting:
    return Setting(
        key=key,
        value=_text(value),
        default=_text(field.get_default(call_default_factory=True)),
        description=field.description or "",
        allowed=_allowed(field),
    )


def _text(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value)


def _is_optional(field: FieldInfo) -> bool:
    return NoneType in get_args(field.annotation)


def _allowed(field: FieldInfo) -> str:
    """Say in words what a field may be."""
    low = next((str(rule.ge) for rule in field.metadata if isinstance(rule, Ge)), None)
    high = next((str(rule.le) for rule in field.metadata if isinstance(rule, Le)), None)
    kinds = get_args(field.annotation) or (field.annotation,)
    if bool in kinds:
        return "true or false"
    if str in kinds:
        return "a text"
    words = "a whole number" if float not in kinds else "a number"
    if _is_optional(field):
        words = f"none, or {words} such as 50MB"
    if low is not None and high is not None:
        return f"{words} from {low} to {high}"
    return f"{words}, at least {low}" if low is not None else words


def _words(section: type[Section], error: ValidationError) -> str:
    fault = error.errors()[0]
    name = str(fault["loc"][0])
    key = f"{_name(section)}.{name}"
    if name not in section.model_fields:
        return f"There is no setting {key!r}."
    return f"{fault['input']!r} does not suit {key}: it is {_allowed(section.model_fields[name])}."
