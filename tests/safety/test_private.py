"""Who else may look into the data folder."""

import stat
from pathlib import Path

import pytest

from gatherum.safety.private import close_to_others


def folder_of(tmp_path: Path, mode: int, *, holds: str = "gatherum.db") -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / holds).touch()
    folder.chmod(mode)
    return folder


def mode_of(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


@pytest.mark.parametrize(
    ("umask", "before", "after"),
    [(0o077, 0o755, 0o700), (0o027, 0o755, 0o750), (0o077, 0o711, 0o700)],
)
def test_a_folder_that_others_can_look_into_is_told_and_closed(
    umask: int, before: int, after: int, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, before)

    told = close_to_others(folder, umask)

    assert mode_of(folder) == after
    assert told is not None
    assert str(folder) in told
    assert close_to_others(folder, umask) is None


@pytest.mark.parametrize(
    ("mode", "holds"),
    [(0o700, "gatherum.db"), (0o755, "photographs"), (0o1777, "secret.key")],
)
def test_what_is_closed_already_or_not_ours_alone_is_left(
    mode: int, holds: str, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, mode, holds=holds)

    assert close_to_others(folder, 0o077) is None
    assert mode_of(folder) == mode


def test_an_empty_folder_is_closed_before_anything_is_put_into_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    assert close_to_others(tmp_path, 0o077) is not None
    assert mode_of(tmp_path) == 0o700


def test_a_folder_that_cannot_be_closed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(tmp_path, 0o755)

    def refuse(_path: Path, _mode: int) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)
    told = close_to_others(folder, 0o077)

    assert told is not None
    assert f"chmod 700 {folder}" in told


def test_a_folder_that_is_not_there_yet_is_nobodys_business(tmp_path: Path) -> None:
    assert close_to_others(tmp_path / "none", 0o077) is None
