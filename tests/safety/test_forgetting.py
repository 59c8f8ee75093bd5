"""The disk that forgets must forget what a real one may, and nothing that it must not."""

import errno

import pytest

from tests.suites.forgetting import ForgettingDisk, PowerCut

SEEDS = range(60)


def put(disk: ForgettingDisk, path: str, data: bytes, *, sync: bool) -> None:
    fd = disk.open_part(path)
    disk.write(fd, data)
    if sync:
        disk.fsync(fd)
    disk.close(fd)


def test_what_is_synced_survives_every_power_cut() -> None:
    for seed in SEEDS:
        disk = ForgettingDisk()
        disk.make_dirs("a/b")
        put(disk, "a/b/1", b"bytes", sync=True)
        disk.fsync_dir("a/b")

        assert disk.power_cut(seed).read("a/b/1") == b"bytes"


def test_bytes_that_are_not_synced_may_be_lost_cut_or_zeroed() -> None:
    seen = set()
    for seed in SEEDS:
        disk = ForgettingDisk()
        disk.make_dirs("a")
        put(disk, "a/1", b"bytes", sync=False)
        disk.fsync_dir("a")
        seen.add(disk.power_cut(seed).read("a/1"))

    assert {b"", b"\0\0\0\0\0", b"bytes", b"by"} <= seen


def test_a_name_that_is_not_synced_may_be_lost() -> None:
    seen = set()
    for seed in SEEDS:
        disk = ForgettingDisk()
        disk.make_dirs("a")
        put(disk, "a/1", b"bytes", sync=True)
        seen |= {frozenset(disk.power_cut(seed).paths())}

    assert seen == {frozenset(), frozenset({"a/1"})}


@pytest.mark.parametrize("synced", [["a"], ["b"], ["a", "b"]])
def test_a_move_is_sure_once_both_folders_are_synced(synced: list[str]) -> None:
    seen = set()
    for seed in SEEDS:
        disk = ForgettingDisk()
        disk.make_dirs("a")
        disk.make_dirs("b")
        put(disk, "a/1", b"bytes", sync=True)
        disk.fsync_dir("a")
        disk.rename_new("a/1", "b/1")
        for folder in synced:
            disk.fsync_dir(folder)
        seen |= disk.power_cut(seed).paths()

    assert seen == ({"b/1"} if len(synced) == 2 else {"a/1", "b/1"})


def test_a_new_file_under_an_old_name_never_swallows_the_moved_one() -> None:
    for seed in SEEDS:
        disk = ForgettingDisk()
        disk.make_dirs("a")
        disk.make_dirs("b")
        put(disk, "a/1", b"first", sync=True)
        disk.fsync_dir("a")
        disk.rename_new("a/1", "b/1")
        put(disk, "a/1", b"second", sync=True)
        disk.fsync_dir("a")
        after = disk.power_cut(seed)

        assert {after.read(path) for path in after.paths()} == {b"first", b"second"}


def test_a_kill_forgets_nothing_but_the_locks() -> None:
    disk = ForgettingDisk()
    disk.make_dirs("a")
    fd = disk.open_part("a/1")
    disk.write(fd, b"bytes")
    disk.arm(1, PowerCut())

    with pytest.raises(PowerCut):
        disk.fsync(fd)
    with pytest.raises(PowerCut):  # a dead process runs no clean-up
        disk.unlink("a/1")
    after = disk.kill()

    after.close(after.open_part("a/1"))
    assert after.read("a/1") == b"bytes"


def test_a_planted_error_comes_at_its_call_and_once() -> None:
    disk = ForgettingDisk()
    disk.make_dirs("a")
    disk.arm(2, OSError(errno.EIO, "Input/output error"), call="write")
    fd = disk.open_part("a/1")

    disk.write(fd, b"1")
    with pytest.raises(OSError, match="Input"):
        disk.write(fd, b"2")
    disk.write(fd, b"3")

    assert disk.read("a/1") == b"13"


def test_a_full_disk_takes_what_fits_and_goes_on_when_there_is_room() -> None:
    disk = ForgettingDisk(capacity=4)
    disk.make_dirs("a")
    fd = disk.open_part("a/1")

    with pytest.raises(OSError, match="No space"):
        disk.write(fd, b"bytes")
    assert disk.free() == (0, 4)
    disk.capacity = 100
    disk.write(fd, b"s")

    assert disk.read("a/1") == b"bytes"
