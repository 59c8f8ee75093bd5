"""The settings that people change: typed sections in the code, their differences in the database."""

import base64
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar, cast

import sqlalchemy as sa
import structlog
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from gatherum.db.database import Database, Tx
from gatherum.db.schema import insert_new
from gatherum.db.setting_words import (
    Setting,
    allowed_of,
    find_field,
    is_secret,
    name_of,
    read_text,
    refusal_of,
    text_of,
    variable_of,
)
from gatherum.db.tables import SettingRow
from gatherum.errors import Conflict, InvalidInput, Stale
from gatherum.safety.vault import Unsealable, Vault
from gatherum.settings import SECTIONS, Section, parse_servers

log = structlog.get_logger()
S = TypeVar("S", bound=Section)
Recorded = Callable[[Tx, Mapping[str, object], Mapping[str, object]], None]
NO_TEXTS: Mapping[str, str] = MappingProxyType({})


class Preferences:
    """Reads and changes sections. A change is checked, and lost to nobody: versions are compared.

    A secret is sealed by the vault before it becomes a row. What the environment pins counts, and
    cannot be changed here.
    """

    def __init__(
        self,
        database: Database,
        *,
        vault: Vault | None = None,
        checks: Mapping[str, Callable[[str], object]] = MappingProxyType({}),
        pins: Mapping[str, str] = NO_TEXTS,
    ) -> None:
        """`checks` by key: what raises `InvalidInput` for a text that a section cannot judge.

        `pins` by key: the text that the environment gives a setting.
        """
        self._db = database
        self._vault = vault
        self._checks = checks
        self._pins = {key: self._pinned(key, text) for key, text in pins.items()}
        self._latest: dict[type[Section], Section] = {}

    async def get(self, section: type[S]) -> S:
        """Return a section as it stands."""
        return (await self.get_versioned(section))[0]

    async def get_versioned(self, section: type[S]) -> tuple[S, int]:
        """Return a section and its version, for an `update` that must not overwrite another."""
        values, version = await self._db.read(lambda tx: self._load(tx, section))
        self._latest[section] = values
        return values, version

    async def refresh(self) -> None:
        """Read all sections, for `latest`."""
        found = await self._db.read(
            lambda tx: {section: self._load(tx, section)[0] for section in SECTIONS.values()}
        )
        self._latest |= found

    def latest(self, section: type[S]) -> S:
        """Return a section as this process has last seen it; its defaults if it never has."""
        return cast(S, self._latest.get(section) or section())

    def is_on(self, key: str) -> bool:
        """Return whether a switch ("instagram.viewer_sites") is on, as this process has last seen it."""
        section, _, field = key.partition(".")
        return getattr(self.latest(SECTIONS[section]), field) is True

    def servers(self, key: str) -> tuple[str, ...]:
        """Return the servers that a setting ("x.nitter_instances") names, as last seen."""
        section, _, field = key.partition(".")
        return parse_servers(getattr(self.latest(SECTIONS[section]), field))

    def variable(self, key: str) -> str | None:
        """Return the variable of the environment that pins a setting."""
        return variable_of(key) if key in self._pins else None

    async def update(
        self,
        section: type[S],
        changes: Mapping[str, object],
        *,
        version: int | None = None,
        recorded: Recorded | None = None,
    ) -> S:
        """Change fields of a section and return it; `Stale` if it is not at `version` any more.

        `recorded` is called in the same transaction with the values that changed, before and
        after; of a secret only whether it is set.
        """
        for name, value in changes.items():
            key = f"{name_of(section)}.{name}"
            if key in self._pins:
                raise Conflict(
                    f"{variable_of(key)} in the environment sets {key}: change it there."
                )
            check = self._checks.get(key)
            if check is not None and isinstance(value, str):
                check(value)
        changed = await self._db.write(
            lambda tx: self._change(tx, section, changes, version, recorded)
        )
        self._latest[section] = changed
        return changed

    async def set(self, key: str, text: str, *, recorded: Recorded | None = None) -> Setting:
        """Change one setting, as written by a person; return it as it stands then."""
        section, name, field = find_field(key)
        changed = await self.update(section, {name: read_text(field, text)}, recorded=recorded)
        return self._setting(key, field, getattr(changed, name))

    async def reset(self, key: str) -> Setting:
        """Give one setting its default back."""
        section, name, field = find_field(key)
        changed = await self.update(section, {name: field.get_default(call_default_factory=True)})
        return self._setting(key, field, getattr(changed, name))

    async def find(self, key: str) -> Setting:
        """Return one setting; `NotFound` says which there are."""
        section, name, field = find_field(key)
        return self._setting(key, field, getattr(await self.get(section), name))

    async def list(self) -> tuple[Setting, ...]:
        """Return all settings, by section."""
        found = []
        for name, section in SECTIONS.items():
            values = await self.get(section)
            for field, info in section.model_fields.items():
                found.append(self._setting(f"{name}.{field}", info, getattr(values, field)))
        return tuple(found)

    def _load(self, tx: Tx, section: type[S]) -> tuple[S, int]:
        stored, version = _row(tx, section)
        values = self._opened(section, stored) | self._pins_of(section)
        try:
            return section.model_validate(values), version
        except ValidationError as error:
            # Another version of this program wrote them: what does not fit counts as not set.
            unfit = {str(fault["loc"][0]) for fault in error.errors()}
            log.warning("settings_left_out", section=name_of(section), names=sorted(unfit))
            kept = {name: value for name, value in values.items() if name not in unfit}
            return section.model_validate(kept), version

    def _change(
        self,
        tx: Tx,
        section: type[S],
        changes: Mapping[str, object],
        version: int | None,
        recorded: Recorded | None,
    ) -> S:
        name = name_of(section)
        insert_new(tx, SettingRow, [{"section": name, "values": {}, "version": 0}])
        held = sa.select(SettingRow.version).where(SettingRow.section == name).with_for_update()
        if tx.scalar(held) != version and version is not None:
            raise Stale("These settings have changed meanwhile: look at them again.")
        stored, present = _row(tx, section)
        current, _ = self._load(tx, section)
        try:
            changed = section.model_validate({**_values(current), **changes})
        except ValidationError as error:
            raise InvalidInput(refusal_of(section, error)) from error
        foreign = {key: value for key, value in stored.items() if key not in section.model_fields}
        pinned = self._pins_of(section)
        different = {
            field: stored[field] if field in stored and _same(current, changed, field) else sealed
            for field, sealed in self._sealed(section, changed).items()
            if field not in pinned
        }
        kept = {field: value for field, value in stored.items() if field in pinned}
        tx.execute(
            sa.update(SettingRow)
            .where(SettingRow.section == name)
            .values({"values": {**foreign, **kept, **different}, "version": present + 1})
        )
        if recorded is not None:
            fields = [field for field in section.model_fields if not _same(current, changed, field)]
            recorded(tx, _shown(current, fields), _shown(changed, fields))
        return changed

    def _opened(self, section: type[Section], stored: dict[str, object]) -> dict[str, object]:
        """Return what a row holds, with its secrets in the clear."""
        values = dict(stored)
        for field in _secrets(section):
            sealed = values.pop(field, None)
            if isinstance(sealed, str) and self._vault is not None:
                try:
                    where = f"setting:{name_of(section)}:{field}"
                    values[field] = self._vault.open(base64.b64decode(sealed), where)
                except Unsealable:
                    log.warning("secret_cannot_be_opened", setting=f"{name_of(section)}.{field}")
        return values

    def _sealed(self, section: type[Section], values: Section) -> dict[str, object]:
        """Return the difference to the defaults, as it may be stored."""
        different = values.model_dump(mode="json", exclude_defaults=True)
        for field in _secrets(section):
            if field in different:
                if self._vault is None:
                    raise Conflict("There is no key here that could seal this secret.")
                text = getattr(values, field).get_secret_value()
                sealed = self._vault.seal(text, f"setting:{name_of(section)}:{field}")
                different[field] = base64.b64encode(sealed).decode()
        return different

    def _pins_of(self, section: type[Section]) -> dict[str, object]:
        prefix = f"{name_of(section)}."
        return {
            key.removeprefix(prefix): value
            for key, value in self._pins.items()
            if key.startswith(prefix)
        }

    def _pinned(self, key: str, text: str) -> object:
        section, name, field = find_field(key)
        try:
            section.model_validate({name: read_text(field, text)})
        except ValidationError as error:
            raise InvalidInput(f"{variable_of(key)}: {refusal_of(section, error)}") from error
        check = self._checks.get(key)
        if check is not None:
            check(text)
        return read_text(field, text)

    def _setting(self, key: str, field: FieldInfo, value: object) -> Setting:
        return Setting(
            key=key,
            value=text_of(value),
            default=text_of(field.get_default(call_default_factory=True)),
            description=field.description or "",
            allowed=allowed_of(field),
            locked=self.variable(key),
        )


def _secrets(section: type[Section]) -> list[str]:
    return [name for name, field in section.model_fields.items() if is_secret(field)]


def _values(section: Section) -> dict[str, object]:
    return {name: getattr(section, name) for name in type(section).model_fields}


def _same(one: Section, other: Section, field: str) -> bool:
    return bool(getattr(one, field) == getattr(other, field))


def _shown(section: Section, fields: list[str]) -> dict[str, object]:
    told = section.model_dump(mode="json", include=set(fields))
    for name in _secrets(type(section)):
        if name in told:
            told[name] = bool(getattr(section, name).get_secret_value())
    return told


def _row(tx: Tx, section: type[Section]) -> tuple[dict[str, object], int]:
    query = sa.select(SettingRow.values, SettingRow.version)
    row = tx.execute(query.where(SettingRow.section == name_of(section))).one_or_none()
    return (dict(row[0]), row[1]) if row else ({}, 0)
