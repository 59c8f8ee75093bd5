"""pip runs with all our rights, so it is pip that runs, wherever the program was started."""

from pathlib import Path

import pytest

from gatherum.safety.installing import find_wheel, install_wheels
from tests.upkeep.wheels import index_of, make_wheel

NAME, NEXT = "gallery-dl", "99.1.0"


async def test_nothing_that_lies_where_we_were_started_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, shared = tmp_path / "index", tmp_path / "shared"
    for folder in (index, shared):
        folder.mkdir()
    make_wheel(index, NAME, NEXT)
    for name, value in index_of(index).items():
        monkeypatch.setenv(name, value)
    for planted in ("pip.py", "json.py", "sitecustomize.py", "setup.py"):
        (shared / planted).write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({planted!r})")
    monkeypatch.chdir(shared)

    found, _ = await find_wheel(NAME)
    await install_wheels([f"{NAME}=={NEXT}"], Path("beside"))

    assert found == NEXT
    assert (shared / "beside" / "gallery_dl" / "__init__.py").exists()
    assert not (tmp_path / "ran").exists()
