import threading
from pathlib import Path

import pytest
import structlog

from gatherum.errors import InvalidInput
from gatherum.safety.vault import Unsealable, Vault

KEY = bytes(range(32))
PLACE = "login:7:cookies"


def test_what_is_sealed_opens_at_its_place() -> None:
    vault = Vault.from_secret(KEY)

    assert vault.open(vault.seal("geheim é\n", PLACE), PLACE) == "geheim é\n"
    assert vault.open(vault.seal("", PLACE), PLACE) == ""


def test_the_same_text_is_never_sealed_to_the_same_bytes() -> None:
    vault = Vault.from_secret(KEY)

    sealed = {vault.seal("secret", PLACE) for _ in range(100)}

    assert len(sealed) == 100
    assert not any(b"secret" in each for each in sealed)


@pytest.mark.parametrize("where", ["login:8:cookies", "login:7:password", "", "login:7:cookie"])
def test_a_secret_that_was_moved_to_another_place_stays_shut(where: str) -> None:
    vault = Vault.from_secret(KEY)

    with pytest.raises(Unsealable):
        vault.open(vault.seal("secret", PLACE), where)


def test_every_changed_bit_is_noticed() -> None:
    vault = Vault.from_secret(KEY)
    sealed = vault.seal("secret", PLACE)

    for index in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[index // 8] ^= 1 << index % 8
        with pytest.raises(Unsealable):
            vault.open(bytes(changed), PLACE)
    for length in range(len(sealed)):
        with pytest.raises(Unsealable):
            vault.open(sealed[:length], PLACE)


def test_another_key_opens_nothing() -> None:
    sealed = Vault.from_secret(KEY).seal("secret", PLACE)

    with pytest.raises(Unsealable):
        Vault.from_secret(bytes(32)).open(sealed, PLACE)


def test_after_a_new_key_the_old_secrets_still_open() -> None:
    old, new = bytes(32), KEY
    sealed = Vault({1: old}).seal("secret", PLACE)
    vault = Vault({1: old, 2: new})

    assert vault.open(sealed, PLACE) == "secret"
    assert vault.seal("secret", PLACE)[0] == 2


def test_a_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "key"
    sealed = Vault.from_file(path).seal("secret", PLACE)

    assert path.stat().st_mode & 0o777 == 0o600
    assert Vault.from_file(path).open(sealed, PLACE) == "secret"
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    vaults: list[Vault] = []
    threads = [
        threading.Thread(target=lambda: vaults.append(Vault.from_file(tmp_path / "key")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {vault.open(vaults[0].seal("x", PLACE), PLACE) for vault in vaults} == {"x"}
    assert len(vaults) == 8


def test_a_key_file_that_others_could_read_is_closed_to_them_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "key"
    Vault.from_file(path)
    path.chmod(0o644)

    with structlog.testing.capture_logs() as logs:
        Vault.from_file(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert [line["log_level"] for line in logs] == ["warning"]


@pytest.mark.parametrize("text", ["", "nonsense", "1 abcd\n", "x " + "00" * 32, "1 " + "zz" * 32])
def test_a_damaged_key_file_is_told_and_never_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)

    with pytest.raises(InvalidInput, match="damaged"):
        Vault.from_file(path)

    assert path.read_text() == text


def test_a_link_is_no_key_file(tmp_path: Path) -> None:
    Vault.from_file(tmp_path / "other")
    (tmp_path / "key").symlink_to("other")

    with pytest.raises(OSError, match="symbolic"):
        Vault.from_file(tmp_path / "key")


def test_a_key_may_be_given_raw_in_hex_or_in_base64() -> None:
    sealed = Vault.from_secret(KEY).seal("secret", PLACE)

    for form in (KEY.hex().encode() + b"\n", b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"):
        assert Vault.from_secret(form).open(sealed, PLACE) == "secret"
    for form in (b"", b"short", b"00" * 31, b"00" * 33):
        with pytest.raises(InvalidInput):
            Vault.from_secret(form)
