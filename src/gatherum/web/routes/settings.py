"""Settings: typed sections, each with a form, a version and what the environment pins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from fastapi import Path, Response
from pydantic import Field, JsonValue

from gatherum.accounts.model import Caller, Scope, Visitor
from gatherum.app import App
from gatherum.db import Tx
from gatherum.db.preferences import Recorded
from gatherum.db.setting_words import is_secret
from gatherum.errors import Conflict, InvalidInput, NotFound, Stale, SudoRequired
from gatherum.settings import SECTIONS, Section
from gatherum.web.gate import check_sudo
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, CallerDep, Routes, VisitorDep
from gatherum.web.versions import IfMatch, set_etag, version_of

routes = Routes("Settings")
SHOWN = ("host", "port", "public_url", "base_path", "trusted_proxies", "network_allow")
GUARDED = ("security", "oidc", "duo")  # what decides who gets in: sudo mode is needed

Name = Annotated[str, Path(description="A section.", max_length=40)]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section as it stands. Of a secret it says only whether one is set."""

    section: str
    version: int
    values: Mapping[str, JsonValue]
    defaults: Mapping[str, JsonValue]
    locked: Mapping[str, str]  # by field: the variable of the environment that sets it


@dataclass(frozen=True, slots=True)
class Sections:
    """All sections, and what only the environment can set."""

    sections: tuple[SectionView, ...]
    environment: Mapping[str, JsonValue]  # by variable: its value; of a secret whether it is set


@routes.add("GET", "/settings", scope=Scope.SETTINGS_READ, rate=Rate.READ)
async def list_settings(app: AppDep) -> Sections:
    """Show every section."""
    return Sections(
        sections=tuple([await _view(app, name) for name in SECTIONS]), environment=_environment(app)
    )


@routes.add(
    "GET", "/settings/{section}", scope=Scope.SETTINGS_READ, rate=Rate.READ, errors=(NotFound,)
)
async def get_settings(section: Name, app: AppDep, response: Response) -> SectionView:
    """Show a section."""
    view = await _view(app, section)
    set_etag(response, view.version)
    return view


@routes.add(
    "GET",
    "/settings/{section}/schema",
    scope=Scope.SETTINGS_READ,
    rate=Rate.READ,
    errors=(NotFound,),
)
async def get_settings_schema(section: Name) -> dict[str, Any]:
    """Describe a section as JSON Schema, for a form."""
    model = _find(section)
    schema = model.model_json_schema()
    for name, field in model.model_fields.items():
        if is_secret(field):
            schema["properties"][name] |= {"writeOnly": True, "default": ""}
    return schema


@routes.add(
    "PATCH",
    "/settings/{section}",
    scope=Scope.SETTINGS_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, InvalidInput, Conflict, Stale, SudoRequired),
)
async def change_settings(
    *,
    section: Name,
    changes: Annotated[dict[str, JsonValue], Field(max_length=100)],
    app: AppDep,
    caller: CallerDep,
    visitor: VisitorDep,
    response: Response,
    if_match: IfMatch = None,
) -> SectionView:
    """Change fields of a section; null gives a field its default back, where null is no value."""
    model = _find(section)
    _check_guard(section, caller, app)
    wanted = {name: _wanted(model, name, value) for name, value in changes.items()}
    await app.preferences.update(
        model,
        wanted,
        version=version_of(if_match),
        recorded=_recorded(app, section, caller, visitor),
    )
    view = await _view(app, section)
    set_etag(response, view.version)
    return view


@routes.add(
    "DELETE",
    "/settings/{section}/{field}",
    scope=Scope.SETTINGS_WRITE,
    rate=Rate.WRITE,
    errors=(NotFound, Conflict, SudoRequired),
)
async def reset_setting(
    *,
    section: Name,
    field: Annotated[str, Path(max_length=40)],
    app: AppDep,
    caller: CallerDep,
    visitor: VisitorDep,
    response: Response,
) -> SectionView:
    """Give a field its default back."""
    model = _find(section)
    _check_guard(section, caller, app)
    if field not in model.model_fields:
        raise NotFound("There is no setting of this name.")
    default = model.model_fields[field].get_default(call_default_factory=True)
    await app.preferences.update(
        model, {field: default}, recorded=_recorded(app, section, caller, visitor)
    )
    view = await _view(app, section)
    set_etag(response, view.version)
    return view


def _recorded(app: App, section: str, caller: Caller, visitor: Visitor) -> Recorded:
    """Return what writes a change down, in the transaction of the change.

    What decides who gets in is no decision that could be undone: that would need no sudo mode.
    """
    audited = app.people.audit.settings_change(section, visitor, by=caller)
    if section in GUARDED:
        return audited
    decided = app.setting_decisions.recorder(section, author=caller.account.id)

    def write(tx: Tx, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        audited(tx, before, after)
        decided(tx, before, after)

    return write


def _find(section: str) -> type[Section]:
    if section not in SECTIONS:
        raise NotFound(f"There is no section of this name; there are {', '.join(SECTIONS)}.")
    return SECTIONS[section]


def _check_guard(section: str, caller: Caller, app: App) -> None:
    if section in GUARDED:
        check_sudo(caller, now=app.clock.now())


def _wanted(model: type[Section], name: str, value: JsonValue) -> JsonValue:
    field = model.model_fields.get(name)
    if field is None or value is not None or type(None) in get_args(field.annotation):
        return value
    default: JsonValue = field.get_default(call_default_factory=True)
    return default


async def _view(app: App, section: str) -> SectionView:
    model = _find(section)
    values, version = await app.preferences.get_versioned(model)
    variables = {name: app.preferences.variable(f"{section}.{name}") for name in model.model_fields}
    return SectionView(
        section=section,
        version=version,
        values=_shown(values),
        defaults=_shown(model()),
        locked={name: variable for name, variable in variables.items() if variable is not None},
    )


def _shown(values: Section) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = values.model_dump(mode="json")
    for name, field in type(values).model_fields.items():
        if is_secret(field):
            told[name] = bool(getattr(values, name).get_secret_value())
    return told


def _environment(app: App) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {}
    for name in SHOWN:
        value = getattr(app.settings, name)
        told[f"GATHERUM_{name.upper()}"] = (
            list(value)
            if isinstance(value, tuple)
            else bool(value)
            if value is None
            else str(value)
        )
    told["GATHERUM_NETWORK_PROXY"] = bool(app.settings.network_proxy)  # it may hold a password
    return told
