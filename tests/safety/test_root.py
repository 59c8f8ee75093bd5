"""Attacks on the library's root, by both ways of walking paths."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from gatherum.errors import OutsideLibrary
from gatherum.safety import root as module
from gatherum.safety.root import Root, openat2_status

SWAPPER = """
import os, sys
os.chdir(sys.argv[1])
print("up", flush=True)
while True:
    for name in ("f", "d"):
        os.replace(f"{name}-evil", f"{name}-spare")
        os.rename(name, f"{name}-evil")
        os.rename(f"{name}-spare", name)
"""


@pytest.fixture(params=["kernel", "walk"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Root]:
    if request.param == "kernel" and not openat2_status().ok:
        pytest.skip("this kernel has no openat2")
    media = tmp_path / "media"
    (media / "a").mkdir(parents=True)
    (media / "a" / "plain").write_text("plain")
    (tmp_path / "media-evil").mkdir()
    (tmp_path / "media-evil" / "secret").write_text("secret")
    root = Root(media, kernel=request.param == "kernel")
    yield root
    root.close()


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("absolute", "/etc/passwd"),
        ("sibling", "../media-evil/secret"),
        ("up", ".."),
        ("inside", "a/plain"),
        ("magic", "/proc/self/cwd"),
        ("loop", "loop"),
        ("dangling", "nothing"),
    ],
)
def test_no_link_is_followed_wherever_it_points(
    root: Root, tmp_path: Path, name: str, target: str
) -> None:
    (tmp_path / "media" / name).symlink_to(target)

    for flags in (os.O_RDONLY, os.O_RDWR | os.O_CREAT, os.O_WRONLY | os.O_TRUNC):
        with pytest.raises(OutsideLibrary):
            root.open(name, flags)
    with pytest.raises(OutsideLibrary):
        root.open(f"{name}/secret")
    with pytest.raises(OutsideLibrary):
        root.open_dir(name)
    assert not (tmp_path / "media" / "nothing").exists()


@pytest.mark.parametrize(
    "path",
    [
        "../media-evil/secret",
        "a/../../media-evil/secret",
        "/etc/passwd",
        "a/plain\0.jpg",
        "",
        "a/.",
    ],
)
def test_no_spelling_leaves_the_root(root: Root, path: str) -> None:
    with pytest.raises(OutsideLibrary):
        root.open(path)
    with pytest.raises(OutsideLibrary):
        root.open_dir(path)


def test_an_encoded_path_is_a_name_like_any_other(root: Root) -> None:
    with pytest.raises(FileNotFoundError):
        root.open("%2e%2e/media-evil/secret")


def test_a_fifo_or_a_socket_neither_hangs_nor_opens(root: Root, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "media" / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        folder = os.open(tmp_path / "media", os.O_RDONLY)
        server.bind(f"/proc/self/fd/{folder}/socket")
        os.close(folder)

        for name in ("fifo", "socket", "a"):
            with pytest.raises(OutsideLibrary):
                root.open(name)
            with pytest.raises(OutsideLibrary):
                root.open(name, os.O_WRONLY)


def test_another_mount_is_not_entered(root: Root) -> None:
    other = Root("/", kernel=root._kernel)

    with pytest.raises(OutsideLibrary):
        other.open("proc/version")
    with pytest.raises(OutsideLibrary):
        other.open_dir("proc")

    other.close()


def test_the_folder_itself_is_held_whatever_takes_its_path(root: Root, tmp_path: Path) -> None:
    (tmp_path / "media").rename(tmp_path / "moved")
    (tmp_path / "media").symlink_to("media-evil")

    fd = root.open("a/plain")
    assert os.read(fd, 9) == b"plain"
    os.close(fd)
    with pytest.raises(FileNotFoundError):
        root.open("secret")


def test_a_link_swap_race_never_shows_the_secret(root: Root, tmp_path: Path) -> None:
    media = tmp_path / "media"
    (media / "f").write_text("plain")
    (media / "f-evil").symlink_to("../media-evil/secret")
    (media / "d").mkdir()
    (media / "d" / "secret").write_text("plain")
    (media / "d-evil").symlink_to("../media-evil")
    seen = {"plain": 0, "refused": 0, "missing": 0}

    command = [sys.executable, "-c", SWAPPER, str(media)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as swapper:  # noqa: S603 (our own)
        assert swapper.stdout is not None
        swapper.stdout.readline()
        try:
            for turn in range(20_000):
                try:
                    fd = root.open("f" if turn % 2 else "d/secret")
                except OutsideLibrary:
                    seen["refused"] += 1
                except FileNotFoundError:
                    seen["missing"] += 1
                else:
                    text = os.read(fd, 9).decode()
                    os.close(fd)
                    assert text == "plain"
                    seen["plain"] += 1
        finally:
            swapper.kill()

    assert min(seen["plain"], seen["refused"]) > 100  # the race was real


def test_a_missing_openat2_is_told_once_and_to_the_doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHERUM_TEST_NO_OPENAT2", "1")
    module._warn_once.cache_clear()

    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            Root(tmp_path).close()

    assert [line["log_level"] for line in logs] == ["warning"]
    assert not openat2_status().ok
