"""What a command says of the environment before it does anything."""

from pathlib import Path

import pytest

from gatherum.cli.setup import begin
from gatherum.errors import InvalidInput


@pytest.fixture(autouse=True)
def _nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a file .env counts, too
    monkeypatch.setenv("GATHERUM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("gatherum.log.configure", lambda **_: None)


def test_a_variable_that_means_nothing_is_told_with_the_one_perhaps_meant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATHERUM_DATADIR", "/srv")
    monkeypatch.setenv("GATHERUM_NETWORK_PACE", "2")
    monkeypatch.setenv("GATHERUM_SECRET_KEY_FILE", "/dev/null")

    begin()

    (line,) = capsys.readouterr().err.splitlines()
    assert "GATHERUM_DATADIR means nothing" in line
    assert "Did you mean GATHERUM_DATA_DIR?" in line


@pytest.mark.parametrize(
    "wrong",
    ["nonsense", "10.0.0.0/99", "300.1.2.3", "http://nas.example", "*.example", "nas.example:80"],
)
def test_what_can_be_no_address_and_no_host_stops_the_start(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHERUM_NETWORK_ALLOW", f"127.0.0.1,{wrong}")

    with pytest.raises(InvalidInput, match="GATHERUM_NETWORK_ALLOW") as told:
        begin()

    assert wrong in str(told.value)


@pytest.mark.parametrize(
    "name", ["localhost", "nas.", "nas.example", "10.0.0.0/8", "fd00::/8", "::1", "münchen.example"]
)
def test_networks_and_names_are_taken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATHERUM_NETWORK_ALLOW", name)

    assert begin().network_allow == (name,)


def test_a_data_folder_that_others_could_look_into_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    (data / "secret.key").touch()

    begin()

    assert f"could look into the data folder {data}" in capsys.readouterr().err
    assert data.stat().st_mode & 0o777 == 0o700
