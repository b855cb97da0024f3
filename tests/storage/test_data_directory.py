"""Whose a data directory is, who has it open, and what is refused before anything is trusted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.commit_mark import MARK_FILE, read_mark
from storage.data_directory import DataDirectory, free_bytes
from storage.durable import write_durably
from storage.env import Durability
from storage.errors import (
    CorruptionError,
    DataDirectoryAccessError,
    DataDirectoryBusyError,
    ForeignDataError,
)
from storage.lock import DirectoryLock
from storage.marker import Marker

ROOT = Path(__file__).resolve().parents[2]

HOLD = """
import sys, time
from pathlib import Path
from storage.data_directory import DataDirectory
directory = DataDirectory.open(Path(sys.argv[1]), create=True)
print("held", flush=True)
sys.stdin.read()
"""


def names(directory: Path) -> list[str]:
    return sorted(entry.name for entry in directory.iterdir())


def test_what_is_written_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    with DataDirectory.open(path, create=True, cluster_id="alpha") as directory:
        directory.journal.append([(1, b"one"), (2, b"two"), (3, b"three")])
        directory.journal.delete_prefix(2)
        directory.meta.put_many({"epoch": b"4"})
        digest = directory.journal.last_chain_digest

    with DataDirectory.open(path, create=False, cluster_id="alpha") as directory:
        assert directory.marker == Marker(1, "alpha")
        assert list(directory.journal.scan(2)) == [(2, b"two"), (3, b"three")]
        assert directory.journal.last_chain_digest == digest
        assert directory.meta.get("epoch") == b"4"
        stat = os.statvfs(tmp_path)
        assert 0 < directory.free_bytes() < stat.f_blocks * stat.f_frsize
        assert free_bytes(path) > 0


def test_a_second_process_is_refused_and_the_holder_named(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "d")],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DataDirectoryBusyError, match=f"in use by process {holder.pid}"):
            DataDirectory.open(tmp_path / "d", create=True)
        holder.kill()
    DataDirectory.open(tmp_path / "d", create=False).close()


def test_the_same_process_is_refused_too(tmp_path: Path) -> None:
    with (
        DataDirectory.open(tmp_path, create=True),
        pytest.raises(DataDirectoryBusyError, match=str(os.getpid())),
    ):
        DataDirectory.open(tmp_path, create=True)


def test_a_foreign_directory_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(ForeignDataError, match=r"no LOCKSTEP file.*nothing was changed"):
        DataDirectory.open(tmp_path, create=True)
    assert names(tmp_path) == ["thesis.txt"]


@pytest.mark.parametrize("exists", [True, False])
def test_nothing_is_made_without_leave(tmp_path: Path, *, exists: bool) -> None:
    path = tmp_path / "d"
    if exists:
        path.mkdir()
    with pytest.raises(ForeignDataError, match="there is no data directory here"):
        DataDirectory.open(path, create=False)
    assert path.exists() is exists
    assert not exists or names(path) == []


def test_another_cluster_and_another_format_are_refused_by_name(tmp_path: Path) -> None:
    DataDirectory.open(tmp_path, create=True, cluster_id="alpha").close()
    with pytest.raises(ForeignDataError, match=r"cluster 'alpha', this node to 'beta'"):
        DataDirectory.open(tmp_path, create=True, cluster_id="beta")

    write_durably(tmp_path / "LOCKSTEP", Marker(2, "alpha").encode())
    with pytest.raises(ForeignDataError, match="format version 2, this program reads 1"):
        DataDirectory.open(tmp_path, create=True)


def test_every_flipped_byte_of_the_marker_is_refused(tmp_path: Path) -> None:
    DataDirectory.open(tmp_path, create=True, cluster_id="alpha").close()
    content = (tmp_path / "LOCKSTEP").read_bytes()
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0x01
        (tmp_path / "LOCKSTEP").write_bytes(damaged)
        with pytest.raises((CorruptionError, ForeignDataError), match=r"LOCKSTEP|format version"):
            DataDirectory.open(tmp_path, create=True)


@pytest.mark.parametrize("lost", ["log/data.mdb", "index/data.mdb"])
def test_a_lost_data_file_is_corruption_and_not_a_new_log(tmp_path: Path, lost: str) -> None:
    DataDirectory.open(tmp_path, create=True).close()
    (tmp_path / lost).unlink()

    with pytest.raises(CorruptionError, match=f"{lost}: the file is missing"):
        DataDirectory.open(tmp_path, create=True)
    assert not (tmp_path / lost).exists()


def test_a_creation_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    DataDirectory.open(tmp_path, create=True).close()
    (tmp_path / "LOCKSTEP").rename(tmp_path / "LOCKSTEP.creating")
    (tmp_path / "log" / "data.mdb").write_bytes(b"half")

    with DataDirectory.open(tmp_path, create=True) as directory:
        directory.journal.append([(1, b"x")])
    assert names(tmp_path) == ["LOCKSTEP", "index", "lock", "log", "quarantine"]


def test_a_directory_made_by_another_process_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both saw an empty directory; the other made it, wrote, and went before this one's lock."""
    path = tmp_path / "d"
    take = DirectoryLock.acquire

    def after_the_other(directory: Path) -> DirectoryLock:
        monkeypatch.setattr(DirectoryLock, "acquire", take)
        with DataDirectory.open(path, create=True) as other:
            other.journal.append([(1, b"theirs")])
        return take(directory)

    monkeypatch.setattr(DirectoryLock, "acquire", after_the_other)
    with DataDirectory.open(path, create=True) as directory:
        assert directory.journal.read(1) == b"theirs"


def test_a_path_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(DataDirectoryAccessError, match=str(file)):
        DataDirectory.open(file / "below", create=True)


def test_a_commit_that_was_durable_and_is_gone_is_refused(tmp_path: Path) -> None:
    """A damaged meta page makes LMDB fall back to the commit before; the mark tells."""
    with DataDirectory.open(tmp_path, create=True) as directory:
        directory.journal.append([(1, b"one")])
        earlier = (tmp_path / "log" / "data.mdb").read_bytes()
        directory.journal.append([(2, b"acknowledged")])
    mark = read_mark(tmp_path / "log")
    assert mark is not None
    (tmp_path / "log" / "data.mdb").write_bytes(earlier)

    with pytest.raises(
        CorruptionError, match=f"commit {mark.txn_id} was durable, but the data file"
    ):
        DataDirectory.open(tmp_path, create=False)
    (tmp_path / "log" / MARK_FILE).unlink()  # the way out that the error names
    with DataDirectory.open(tmp_path, create=False) as directory:
        assert directory.journal.last_index == 1


def test_a_commit_without_a_flushed_meta_page_keeps_no_mark(tmp_path: Path) -> None:
    with DataDirectory.open(tmp_path, create=True, durability=Durability.METASYNC_OFF) as directory:
        directory.journal.append([(1, b"one")])
        assert read_mark(tmp_path / "log") is None
    with DataDirectory.open(tmp_path, create=False) as directory:
        assert directory.journal.read(1) == b"one"
        assert read_mark(tmp_path / "log") is not None


def test_both_environments_flush_data_and_meta_page_at_each_commit(tmp_path: Path) -> None:
    """The flush itself cannot be seen after a kill: the options that ask for it can."""
    with DataDirectory.open(tmp_path, create=True) as directory:
        for env in directory._envs:  # noqa: SLF001 - the options LMDB really runs with
            flags = env.raw.flags()
            assert (flags["sync"], flags["metasync"], flags["lock"]) == (True, True, True)
            assert (flags["writemap"], flags["map_async"]) == (False, False)
