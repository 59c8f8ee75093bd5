"""What the program imports, it asks for itself: nothing hangs on what another package happens to need."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parent.parent


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> set[str]:
    """The top names of all that is imported anywhere in the program."""
    names: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"gatherum"}


def test_every_import_is_a_dependency_of_our_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    declared = {plain(re.split(r"[\[<>=;]", line)[0].strip()) for line in lines}
    offered = packages_distributions()

    borrowed = {
        name for name in imported() if not {plain(dist) for dist in offered[name]} & declared
    }

    assert borrowed == set()
