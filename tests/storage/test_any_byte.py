"""A byte flipped anywhere in a data file is detected, or was not in use."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.data_directory import DataDirectory, environment_paths
from storage.errors import CorruptionError, StorageError
from storage.verify_content import STAGES, Findings, run_stage


def everything(path: Path) -> object:
    """Read all content through the stores."""
    with DataDirectory.open(path, create=False) as directory:
        journal = directory.journal
        snapshots = [directory.snapshots.read(one.log_index) for one in directory.snapshots.list()]
        return (
            directory.marker,
            (journal.first_index, journal.last_index, journal.last_chain_digest),
            list(journal.scan(journal.first_index)),
            [directory.meta.get(key) for key in ("epoch", "node")],
            snapshots,
            (directory.events.first_seq, directory.events.last_seq),
            directory.events.read_from(1, 10**9),
            directory.events.scan_index(b"", limit=10**6),
        )


@pytest.mark.parametrize("environment", ["log", "index"])
def test_every_flipped_bit_of_a_commit_id_is_detected(damaged: Path, environment: str) -> None:
    """LMDB takes the commit with the higher id: no bit of either may bring an older one back."""
    file = damaged / environment / "data.mdb"
    original = file.read_bytes()
    for meta_page in (0, 4096):
        for position in range(meta_page + 144, meta_page + 152):
            for bit in range(8):
                wrong = bytearray(original)
                wrong[position] ^= 1 << bit
                file.write_bytes(wrong)
                assert stage_faults(damaged), f"byte {position} bit {bit}"
                with pytest.raises(CorruptionError):
                    DataDirectory.open(damaged, create=False)


@pytest.mark.parametrize("environment", ["log", "index"])
def test_any_flipped_byte_is_detected_or_was_not_in_use(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, environment: str
) -> None:
    """Property: verify finds the damage, or everything reads back as it was written."""
    copy = tmp_path_factory.mktemp("property") / "data"
    shutil.copytree(sound, copy)
    expected = everything(copy)
    file = environment_paths(copy)[environment == "index"] / "data.mdb"
    original = file.read_bytes()
    metas = st.integers(0, 2 * 4096 - 1) | st.integers(0, 160) | st.integers(4096, 4096 + 160)
    outcomes = {"detected": 0, "unused": 0}

    @settings(max_examples=400, deadline=None, database=None)
    @given(position=metas | st.integers(0, len(original) - 1), bit=st.integers(0, 7))
    def check(position: int, bit: int) -> None:
        wrong = bytearray(original)
        wrong[position] ^= 1 << bit
        file.write_bytes(wrong)
        if stage_faults(copy):
            outcomes["detected"] += 1
            return
        try:
            content = everything(copy)
        except StorageError as error:
            raise AssertionError(f"verify missed byte {position} bit {bit}: {error}") from error
        assert content == expected, f"byte {position} bit {bit}"
        file.write_bytes(original)
        outcomes["unused"] += 1

    check()
    assert outcomes["detected"] > 20
    assert outcomes["unused"] > 20


def stage_faults(path: Path) -> list[object]:
    """What the stages report, in this process, up to the first one with a fault.

    Structure is walked without LMDB before LMDB opens the file, so this cannot crash.
    """
    faults: list[object] = []

    def emit(report: dict[str, object]) -> None:
        faults.extend([report["fault"]] if "fault" in report else [])

    for stage in STAGES:
        run_stage(path, stage, Findings(emit))
        if faults:
            break
    return faults
