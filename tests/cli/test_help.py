"""Help teaches, and comes at once."""

import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import typer.main
from typer.core import TyperCommand, TyperOption

from gatherum.cli import app
from tests.e2e.program import Gatherum

QUICK_S = 0.5


def all_commands() -> dict[tuple[str, ...], TyperCommand]:
    """Return every command, and every command of every group, as it is typed."""
    top = typer.main.get_command(app)
    found: dict[tuple[str, ...], TyperCommand] = {}
    for name, command in getattr(top, "commands", {}).items():
        found[name,] = command
        for inner, below in getattr(command, "commands", {}).items():
            found[name, inner] = below
    return found


def test_every_command_explains_itself_and_every_option(tmp_path: Path) -> None:
    program = Gatherum(data=tmp_path / "data")
    names = list(all_commands())

    with ThreadPoolExecutor(2) as pool:
        texts = dict(
            zip(names, pool.map(lambda name: program(*name, "--help"), names), strict=True)
        )

    assert {("get",), ("sync",), ("queue", "cancel"), ("config", "set")} <= texts.keys()
    for name, ran in texts.items():
        assert ran.code == 0
        assert f"gatherum {' '.join(name)}" in ran.out
        assert len(ran.out.splitlines()[2]) > 15  # a sentence
    assert not program.data.exists()  # asking for help leaves nothing behind


def test_every_option_has_a_word_of_explanation() -> None:
    options = {
        (*name, str(option.name)): option
        for name, command in all_commands().items()
        for option in command.params
        if isinstance(option, TyperOption)
    }

    assert len(options) > 30
    assert [name for name, option in options.items() if not option.help] == []


def test_help_comes_at_once(tmp_path: Path) -> None:
    program, took = Gatherum(data=tmp_path / "data", cold=True), []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        program("get", "--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    # The work, not the wait, and without what other tests do to it: they keep the machine busy.
    assert min(took) < QUICK_S


def test_without_a_command_the_program_teaches(tmp_path: Path) -> None:
    ran = Gatherum(data=tmp_path / "data", cold=True)()

    assert "Begin with: gatherum get LINK" in ran.out + ran.err
    assert "Exit codes: 0 all well" in ran.out + ran.err
