"""Cookies of the command line: each file is a login of its own, and a newer export replaces it."""

from pathlib import Path

import pytest

from gatherum.app import open_app
from gatherum.cli.getting import keep_cookies
from gatherum.settings import BootSettings

LINE = "{host}\tFALSE\t/\tFALSE\t0\tsid\t{value}\n"


async def test_two_files_of_one_name_are_two_logins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cookies.txt").write_text(LINE.format(host=f"{name}.example", value=1))

    async with open_app(BootSettings(data_dir=tmp_path / "data")) as app:
        first = await keep_cookies(app, tmp_path / "a" / "cookies.txt")
        second = await keep_cookies(app, tmp_path / "b" / "cookies.txt")
        monkeypatch.chdir(tmp_path / "a")
        Path("cookies.txt").write_text(LINE.format(host="a.example", value=2))
        again = await keep_cookies(app, Path("cookies.txt"))

        assert first is not None
        assert again == first != second
        assert (await app.logins.jar(first)).header("http://a.example/") == "sid=2"
