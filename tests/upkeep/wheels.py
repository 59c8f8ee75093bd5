"""Wheels of extractors as an index might offer them tomorrow: the installed one under another version."""

import zipfile
from collections.abc import Callable, Mapping
from importlib.metadata import distribution
from pathlib import Path

from gatherum.fetching.releases import PACKAGES

Edit = Callable[[str], str]


def make_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    edits: Mapping[str, Edit] | None = None,
    told: str | None = None,
) -> Path:
    """Write a wheel of an installed package, its files changed by path; `told` is what it says it is."""
    module = PACKAGES[name].module
    found = Path(str(distribution(name).locate_file(module)))
    info = f"{module}-{version}.dist-info"
    path = folder / f"{module}-{version}-py3-none-any.whl"
    changes = dict(edits or {})
    changes["version.py"] = lambda _: f"__version__ = {told or version!r}\n"
    with zipfile.ZipFile(path, "w") as wheel:
        for file in sorted(found.rglob("*.py")):
            inside = str(file.relative_to(found))
            edit = changes.get(inside)
            text = file.read_text(encoding="utf-8")
            wheel.writestr(f"{module}/{inside}", edit(text) if edit else text)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        wheel.writestr(f"{info}/METADATA", metadata)
        tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", tags)
        wheel.writestr(f"{info}/RECORD", "")
    return path


def index_of(folder: Path) -> dict[str, str]:
    """Return the environment in which pip knows the wheels of a folder and nothing else."""
    return {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_NO_COMPILE": "1",
        "PIP_CONFIG_FILE": "/dev/null",
    }


def broken_import(text: str) -> str:
    return "raise RuntimeError('broken')\n" + text


def losing_posts(text: str) -> str:
    """Let gallery-dl's Mastodon extractor stop after the first status."""
    changed = text.replace('            yield Message.Directory, "", status\n', LOSE, 1)
    assert changed != text
    return changed


def blind_elsewhere(text: str) -> str:
    """Let it see nothing on any host but the recorded one."""
    changed = text.replace("        for status in self.statuses():\n", BLIND, 1)
    assert changed != text
    return changed


LOSE = """            if getattr(self, "_lost", False):
                return
            self._lost = True
            yield Message.Directory, "", status
"""
BLIND = """        for status in self.statuses():
            if "127.0.0.1" not in self.root:
                return
"""
