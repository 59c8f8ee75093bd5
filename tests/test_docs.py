"""The documents say what the code says, and name no machine."""

import importlib
import pkgutil
import re
from pathlib import Path

import certifi
import pytest
import typer

import gatherum
from gatherum.cli import app
from gatherum.cli.output import Exit, exit_for
from gatherum.db import Base
from gatherum.library.naming import FIELDS
from gatherum.model import Reason
from gatherum.query.filter import Filter
from gatherum.query.grammar import NAMES
from gatherum.settings import SECTIONS, BootSettings

PROJECT = Path(__file__).parent.parent
DOCS = PROJECT / "docs"
RECORDS = sorted((DOCS / "adr").glob("*.md"))
PAGES = sorted([*PROJECT.glob("*.md"), *DOCS.glob("*.md"), *RECORDS])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
# Paths that only exist on the machine of whoever wrote them.
MACHINE = re.compile(r"(?<![\w.])/(?:work|tmp|root|home|Users|opt|build)/")


def _read(page: str) -> str:
    return (PROJECT / page).read_text(encoding="utf-8")


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("field", BootSettings.model_fields)
@pytest.mark.parametrize("page", ["docs/operations.md", ".env.example"])
def test_every_setting_of_the_environment_is_told(page: str, field: str) -> None:
    assert re.search(rf"GATHERUM_{field.upper()}\b", _read(page))


def test_no_setting_is_told_that_is_none() -> None:
    ours = {f"GATHERUM_{field.upper()}" for field in BootSettings.model_fields}
    told = set(re.findall(r"^#(GATHERUM_\w+)=", _read(".env.example"), re.MULTILINE))
    told |= set(re.findall(r"^\| `(GATHERUM_\w+)`", _read("docs/operations.md"), re.MULTILINE))

    assert told == ours


def test_the_example_of_the_environment_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = re.sub(r"^#(GATHERUM_\w+=)", r"\1", _read(".env.example"), flags=re.MULTILINE)
    lines = lines.replace("/etc/ssl/company.pem", certifi.where())  # it must be there to be used
    (tmp_path / ".env").write_text(lines)
    monkeypatch.chdir(tmp_path)

    assert BootSettings().port == 8420


def test_every_setting_of_the_database_is_told_and_no_other() -> None:
    keys = [f"{name}.{field}" for name, one in SECTIONS.items() for field in one.model_fields]
    told = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", _read("docs/operations.md"), re.MULTILINE)

    assert sorted(told) == sorted(keys)


def test_the_grammars_of_templates_and_filters_are_told() -> None:
    page = _read("docs/operations.md")
    templates, filters = page.split("**Templates**")[1].split("**Filters**")

    assert [name for name in FIELDS if f"`{name}`" not in templates] == []
    assert [name for name in NAMES if not re.search(rf"`{name}\b", filters)] == []
    examples = re.findall(r"`([^`]*)`", filters.split("\n\n")[0])
    for example in (words for words in examples if re.search("[:<>=]", words)):
        assert Filter.parse(example)


@pytest.mark.parametrize("page", ["docs/glossary.md", "docs/operations.md"])
def test_every_reason_is_told_and_no_other(page: str) -> None:
    told = re.findall(r"^\| `([a-z_]+)` \|", _read(page).split("reasons", 1)[1], re.MULTILINE)

    assert sorted(told) == sorted(Reason)


def test_every_command_is_told_and_no_other() -> None:
    told = re.findall(r"^\| `gatherum ([a-z -]+)` \|", _read("docs/operations.md"), re.MULTILINE)

    assert sorted(told) == sorted(_commands(app))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_command_in_an_example_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    shown = re.findall(r"(?:\./run|`gatherum) ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", text)

    known = _commands(app)
    assert [one for one in shown if not ({one, one.split()[0]} & set(known))] == []


def test_the_exit_code_of_each_reason_is_told() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (\d) \|", _read("docs/operations.md"), re.MULTILINE)

    kept = {Reason(name): int(code) for name, code in rows}
    skips = {reason for reason, code in kept.items() if code == Exit.OK}
    assert skips == {"known", "filtered", "deleted", "duplicate", "too_large"}
    assert [reason for reason in set(Reason) - skips if exit_for(reason) != kept[reason]] == []


def test_every_table_is_told() -> None:
    for module in pkgutil.walk_packages(gatherum.__path__, "gatherum."):
        if module.name.endswith("tables"):
            importlib.import_module(module.name)
    told = _read("docs/library.md")

    assert len(Base.metadata.tables) > 10

    assert [name for name in Base.metadata.tables if f"`{name}`" not in told] == []


@pytest.mark.parametrize("record", RECORDS, ids=_name)
def test_a_record_is_short_and_linked(record: Path) -> None:
    assert len(record.read_text(encoding="utf-8").splitlines()) <= 40
    assert f"(adr/{record.name})" in _read("docs/architecture.md")


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_between_the_documents_leads_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))

    missing = [to for to in links if "://" not in to and not (page.parent / to).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_file_that_is_named_exists(page: Path) -> None:
    words = re.findall(r"`([\w./-]+/[\w./-]*)`", page.read_text(encoding="utf-8"))

    ours = [word for word in words if word.split("/")[0] in _places()]
    assert [word for word in ours if not _exists(word)] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_no_page_names_a_path_of_one_machine(page: Path) -> None:
    assert MACHINE.findall(page.read_text(encoding="utf-8")) == []


def test_the_makefile_explains_each_verb() -> None:
    verbs = re.findall(r"^([a-z]+):(.*)$", _read("Makefile"), re.MULTILINE)

    assert verbs
    assert [verb for verb, rest in verbs if "## " not in rest] == []


def _commands(group: typer.Typer, before: str = "") -> list[str]:
    """Return all commands of a command line, those of its groups included, as they are typed."""
    names = []
    for command in group.registered_commands:
        function = command.callback.__name__ if command.callback is not None else ""
        names.append(before + (command.name or function.replace("_", "-")))
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            name = inner.name if isinstance(inner.name, str) else inner.typer_instance.info.name
            names += _commands(inner.typer_instance, f"{before}{name} ")
    return names


def _places() -> set[str]:
    """Return the folders that a path of ours begins with: of the project, or of the package."""
    package = PROJECT / "src" / "gatherum"
    found = [*PROJECT.iterdir(), *package.iterdir()]
    return {path.name for path in found if path.is_dir() and path.name != "library"} | {"src"}


def _exists(word: str) -> bool:
    return (PROJECT / word).exists() or (PROJECT / "src" / "gatherum" / word).exists()
