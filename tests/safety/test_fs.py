"""What both disks promise: the real one, by either way of walking paths, and the forgetting one."""

import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatherum.errors import OutsideLibrary
from gatherum.ports import Fs
from gatherum.safety import fs as disk
from gatherum.safety.fs import DiskFs
from gatherum.safety.root import Root, openat2_status
from tests.suites.forgetting import ForgettingDisk


@pytest.fixture(params=["kernel", "walk", "forgetting"])
def fs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fs]:
    if request.param == "forgetting":
        yield ForgettingDisk()
        return
    if request.param == "kernel" and not openat2_status().ok:
        pytest.skip("this kernel has no openat2")
    root = Root(tmp_path, kernel=request.param == "kernel")
    yield DiskFs(root)
    root.close()


def put(fs: Fs, path: str, data: bytes = b"bytes") -> None:
    fs.make_dirs(path.rpartition("/")[0])
    fd = fs.open_part(path)
    fs.write(fd, data)
    fs.close(fd)


def read(fs: Fs, path: str) -> bytes:
    fd = fs.open_read(path)
    try:
        return fs.read_at(fd, 1 << 20, 0)
    finally:
        fs.close(fd)


def test_what_is_written_is_read_back(fs: Fs) -> None:
    fs.make_dirs("a")
    fd = fs.open_part("a/1.part")
    fs.write(fd, b"hello ")
    fs.write(fd, memoryview(bytearray(b"world")))
    fs.fsync(fd)

    assert fs.read_at(fd, 5, 0) == b"hello"
    assert fs.read_at(fd, 100, 6) == b"world"
    assert fs.read_at(fd, 100, 11) == b""
    fs.close(fd)
    assert read(fs, "a/1.part") == b"hello world"
    assert fs.size("a/1.part") == 11


def test_a_part_is_opened_at_its_start_and_keeps_its_bytes(fs: Fs) -> None:
    put(fs, "a/1.part", b"0123456789")

    fd = fs.open_part("a/1.part")
    fs.write(fd, b"ab")
    fs.close(fd)

    assert read(fs, "a/1.part") == b"ab23456789"


def test_writing_goes_on_where_the_part_was_cut(fs: Fs) -> None:
    put(fs, "a/1.part", b"0123456789")

    fd = fs.open_part("a/1.part")
    fs.truncate(fd, 4)
    fs.write(fd, b"xy")
    fs.close(fd)

    assert read(fs, "a/1.part") == b"0123xy"


def test_a_part_has_one_writer_until_it_is_closed(fs: Fs) -> None:
    fs.make_dirs("a")
    first = fs.open_part("a/1.part")

    with pytest.raises(BlockingIOError):
        fs.open_part("a/1.part")

    fs.close(first)
    fs.close(fs.open_part("a/1.part"))


def test_a_locked_part_can_still_be_read_and_moved(fs: Fs) -> None:
    fs.make_dirs("a")
    fd = fs.open_part("a/1.part")
    fs.write(fd, b"x")

    fs.rename_new("a/1.part", "a/2.part")

    assert read(fs, "a/2.part") == b"x"
    fs.write(fd, b"y")
    fs.close(fd)
    assert read(fs, "a/2.part") == b"xy"


def test_a_move_never_replaces_a_file(fs: Fs) -> None:
    put(fs, "a/1", b"one")
    put(fs, "b/2", b"two")

    with pytest.raises(FileExistsError):
        fs.rename_new("a/1", "b/2")
    with pytest.raises(FileExistsError):
        fs.rename_new("a/1", "b")
    with pytest.raises(FileExistsError):
        fs.rename_new("a/1", "a/1")

    assert (read(fs, "a/1"), read(fs, "b/2")) == (b"one", b"two")


def test_a_move_takes_the_old_name_away(fs: Fs) -> None:
    put(fs, "a/1", b"one")
    fs.make_dirs("b/c")

    fs.rename_new("a/1", "b/c/2")
    fs.fsync_dir("a")
    fs.fsync_dir("b/c")

    assert fs.size("a/1") is None
    assert read(fs, "b/c/2") == b"one"


@pytest.mark.parametrize("path", ["a/nothing", "nowhere/at/all"])
def test_what_is_missing_is_not_found(fs: Fs, path: str) -> None:
    put(fs, "a/1")

    assert fs.size(path) is None
    with pytest.raises(FileNotFoundError):
        fs.open_read(path)
    with pytest.raises(FileNotFoundError):
        fs.unlink(path)
    with pytest.raises(FileNotFoundError):
        fs.rename_new(path, "a/2")
    with pytest.raises(FileNotFoundError):
        fs.fsync_dir(path)
    with pytest.raises(FileNotFoundError):
        list(fs.list(path))


def test_a_part_and_a_move_need_their_folder(fs: Fs) -> None:
    put(fs, "a/1")

    with pytest.raises(FileNotFoundError):
        fs.open_part("nowhere/1")
    with pytest.raises(FileNotFoundError):
        fs.rename_new("a/1", "nowhere/1")


def test_a_folder_is_no_plain_file(fs: Fs) -> None:
    put(fs, "a/1")

    assert fs.size("a") == -1
    with pytest.raises(OutsideLibrary):
        fs.open_read("a")
    with pytest.raises(OutsideLibrary):
        fs.open_part("a")
    with pytest.raises(OutsideLibrary):
        fs.rename_new("a", "b")
    with pytest.raises(IsADirectoryError):
        fs.unlink("a")


def test_a_file_is_no_folder(fs: Fs) -> None:
    put(fs, "a/1")

    assert fs.size("a/1/2") is None
    with pytest.raises(NotADirectoryError):
        fs.open_read("a/1/2")
    with pytest.raises(NotADirectoryError):
        fs.make_dirs("a/1/2")
    with pytest.raises(NotADirectoryError):
        fs.fsync_dir("a/1")


@pytest.mark.parametrize(
    "path", ["", "/", "/etc/passwd", "..", "a/../../b", "a/./b", ".", "a//b", "a/", "a\0b"]
)
def test_a_path_that_is_not_plain_and_relative_is_refused(fs: Fs, path: str) -> None:
    put(fs, "a/1")

    for call in (fs.open_part, fs.open_read, fs.unlink, fs.size, fs.fsync_dir, fs.make_dirs):
        with pytest.raises(OutsideLibrary):
            call(path)
    with pytest.raises(OutsideLibrary):
        list(fs.list(path))
    with pytest.raises(OutsideLibrary):
        fs.rename_new("a/1", path)
    with pytest.raises(OutsideLibrary):
        fs.rename_new(path, "a/2")
    assert list(fs.list("a")) == ["a/1"]


def test_files_are_listed_at_any_depth_and_nothing_else(fs: Fs) -> None:
    for path in ("a/1", "a/b/2", "a/b/c/3", "other/4"):
        put(fs, path)
    fs.make_dirs("a/empty")

    assert set(fs.list("a")) == {"a/1", "a/b/2", "a/b/c/3"}
    assert list(fs.list("a/empty")) == []


@pytest.mark.parametrize("name", ["-rf", "a\nb", "\u202egpj.exe", "é" * 120, "CON", " ~", "%2e%2e"])
def test_hard_names_are_only_names(fs: Fs, name: str) -> None:
    put(fs, f"a/{name}/{name}", b"x")

    assert read(fs, f"a/{name}/{name}") == b"x"
    assert list(fs.list("a")) == [f"a/{name}/{name}"]


def test_a_name_can_be_given_again(fs: Fs) -> None:
    put(fs, "a/1", b"old")

    fs.unlink("a/1")
    put(fs, "a/1", b"new")

    assert read(fs, "a/1") == b"new"


def test_the_free_space_is_a_part_of_the_whole(fs: Fs) -> None:
    free, total = fs.free()

    assert 0 < free <= total


def test_a_time_that_no_disk_knows_is_an_os_error(tmp_path: Path) -> None:
    root = Root(tmp_path)
    fs = DiskFs(root)
    fd = fs.open_part("1")

    fs.set_mtime(fd, 1_000_000_000.5)
    with pytest.raises(OSError, match="Invalid argument"):
        fs.set_mtime(fd, 1e300)

    fs.close(fd)
    assert (tmp_path / "1").stat().st_mtime == 1_000_000_000.5
    root.close()


def test_files_are_for_the_owner_and_the_group_alone(tmp_path: Path) -> None:
    root = Root(tmp_path)
    before = os.umask(0)
    try:
        put(DiskFs(root), "a/1")
    finally:
        os.umask(before)

    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "a" / "1").stat().st_mode & 0o777 == 0o640
    root.close()


def test_links_and_devices_are_not_listed_and_have_no_size(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").write_text("secret")
    library = tmp_path / "root" / "a"
    library.mkdir(parents=True)
    (library / "link").symlink_to(tmp_path / "secret" / "file")
    (library / "folder").symlink_to(tmp_path / "secret")
    os.mkfifo(library / "fifo")
    for kernel in (True, False):
        root = Root(tmp_path / "root", kernel=kernel and openat2_status().ok)
        fs = DiskFs(root)

        assert list(fs.list("a")) == []
        assert [fs.size(f"a/{name}") for name in ("link", "folder/file", "fifo")] == [-1, -1, -1]
        with pytest.raises(OutsideLibrary):
            fs.rename_new("a/link", "a/moved")
        with pytest.raises(OutsideLibrary):
            fs.unlink("a/folder/file")
        with pytest.raises(OutsideLibrary):
            fs.make_dirs("a/folder/inner")
        root.close()


def test_without_an_atomic_move_files_are_still_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_libc", object())
    root = Root(tmp_path)
    fs = DiskFs(root)
    put(fs, "a/1", b"one")
    put(fs, "a/2", b"two")

    with pytest.raises(FileExistsError):
        fs.rename_new("a/1", "a/2")
    fs.rename_new("a/1", "a/3")

    assert (fs.size("a/1"), read(fs, "a/2"), read(fs, "a/3")) == (None, b"two", b"one")
    root.close()


def test_a_move_that_was_killed_between_its_two_steps_is_finished(tmp_path: Path) -> None:
    root = Root(tmp_path)
    fs = DiskFs(root)
    put(fs, "a/1", b"one")
    (tmp_path / "a" / "2").hardlink_to(tmp_path / "a" / "1")

    fs.rename_new("a/1", "a/2")

    assert list(fs.list("a")) == ["a/2"]
    root.close()


def test_a_part_that_was_moved_while_we_waited_for_it_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Root(tmp_path)
    fs = DiskFs(root)
    put(fs, "a/1", b"of another")
    flock = fcntl.flock

    def late(fd: int, how: int) -> None:
        monkeypatch.undo()
        (tmp_path / "a" / "1").rename(tmp_path / "a" / "2")
        flock(fd, how)

    monkeypatch.setattr(fcntl, "flock", late)
    fd = fs.open_part("a/1")
    fs.write(fd, b"ours")
    fs.close(fd)

    assert (read(fs, "a/1"), read(fs, "a/2")) == (b"ours", b"of another")
    root.close()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS syncs by another call")
def test_every_promise_of_durability_reaches_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def watch(fd: int) -> None:
        here = os.fstat(fd)
        synced.extend(
            str(path.relative_to(tmp_path))
            for path in (tmp_path, *tmp_path.rglob("*"))
            if os.path.samestat(here, path.stat())
        )
        fsync(fd)

    monkeypatch.setattr(os, "fsync", watch)
    root = Root(tmp_path)
    fs = DiskFs(root)
    (tmp_path / "a").mkdir()  # by somebody who may not have synced it

    for _ in range(2):
        fs.make_dirs("a/b/c")
        assert synced == [".", "a", "a/b"]
    put(fs, "a/b/c/1")
    fd = fs.open_part("a/b/c/1")
    fs.fsync(fd)
    fs.close(fd)
    fs.fsync_dir("a/b/c")

    assert synced == [".", "a", "a/b", "a/b/c/1", "a/b/c"]
    root.close()


def test_a_removed_folder_is_made_again(tmp_path: Path) -> None:
    root = Root(tmp_path)
    fs = DiskFs(root)
    fs.make_dirs("a/b")
    (tmp_path / "a" / "b").rmdir()

    fs.make_dirs("a/b")

    assert (tmp_path / "a" / "b").is_dir()
    root.close()


def test_no_descriptor_is_left_behind(tmp_path: Path) -> None:
    root = Root(tmp_path)
    fs = DiskFs(root)
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208 (names are enough)

    put(fs, "a/b/1")
    fs.rename_new("a/b/1", "a/2")
    list(fs.list("a"))
    fs.fsync_dir("a/b")
    for path in ("a", "a/none", "none/none", "a/2/3"):
        with pytest.raises((OSError, OutsideLibrary)):
            fs.open_read(path)
        fs.size(path)
    fs.unlink("a/2")

    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208
    root.close()
