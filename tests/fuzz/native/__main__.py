"""`python -m tests.fuzz.native` (`make fuzz-native`): libFuzzer on `apply`, restore and the codec.

    python -m tests.fuzz.native                       each target for a minute
    python -m tests.fuzz.native --seconds 600 apply   one for longer

Room: builds the targets beside it with clang, AddressSanitizer and UBSan into `build/fuzz`, begins
their corpora in `var/fuzz/corpus` with the golden sessions and random messages, runs them. An input
that breaks one is kept in `var/fuzz` and named; the exit status is then 1, and 2 without clang.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from exchange.api.v1 import order_service_pb2 as pb
from exchange.engine.build import build_engine
from exchange.engine.port import REFERENCE
from exchange.model.codec import ENTRY_HEAD_SIZE, decode_entry_head
from tests.golden.golden_file import read_log

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BUILT, KEPT = Path("build/fuzz"), Path("var/fuzz")
SESSIONS = ROOT / "tests/golden/sessions"
SOURCE = {"apply": "engine", "restore": "engine", "request": "request"}
FLAGS = (
    "-std=c++20",
    "-O1",
    "-g1",
    "-fno-sanitize-recover=undefined",
    "-fsanitize=fuzzer,address,undefined",
    "-D_GLIBCXX_ASSERTIONS",
)
INPUT_BYTES_MAX = 1 << 14


def main(arguments: list[str] | None = None) -> int:
    """Build and run; the exit status."""
    options = _parse(arguments)
    compiler = shutil.which("clang++")
    if compiler is None:
        print("make fuzz-native needs clang with libFuzzer: apt install clang libclang-rt-14-dev")
        return 2
    broken = []
    for target in options.targets or SOURCE:
        program = build(compiler, target)
        if run(program, target, begin_corpus(target), options.seconds):
            broken.append(target)
    print(f"broken: {', '.join(broken)}" if broken else "nothing was broken")
    return 1 if broken else 0


def build(compiler: str, target: str) -> Path:
    """The program of a target; built only when a source is newer."""
    source = HERE / f"{SOURCE[target]}_target.cpp"
    rooms = [ROOT / "exchange" / room / "native/src" for room in ("engine", "gateway")]
    sources = [source, *rooms[0].glob("*"), *rooms[1].glob("*")]
    newest = max(path.stat().st_mtime for path in sources)
    built = BUILT / f"{SOURCE[target]}_target"
    if not built.exists() or built.stat().st_mtime < newest:
        BUILT.mkdir(parents=True, exist_ok=True)
        includes = [f"-I{room}" for room in rooms]
        print(f"building {built} ...", flush=True)
        subprocess.run([compiler, *FLAGS, *includes, source, "-o", built], check=True)
    program = BUILT / target
    shutil.copy2(built, program)
    return program


def run(program: Path, target: str, corpus: Path, seconds: int) -> int:
    """Run a target; its exit status, other than 0 when something broke."""
    print(f"{target}: {seconds} s from {len(list(corpus.iterdir()))} inputs", flush=True)
    command: list[str | Path] = [
        program,
        f"-max_total_time={seconds}",
        f"-max_len={INPUT_BYTES_MAX}",
        f"-artifact_prefix={KEPT}/{target}-",
        "-print_final_stats=1",
        "-verbosity=1",
        corpus,
    ]
    settings = {"ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
    return subprocess.run(command, env=os.environ | settings, check=False).returncode


def begin_corpus(target: str) -> Path:
    """The folder of a target's inputs, with what it begins with."""
    folder = KEPT / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(_SEEDS[target]()):
        (folder / f"begin-{number}").write_bytes(data)
    return folder


def frame(entry: bytes, *, is_raw: bool = False) -> bytes:
    """An entry as `apply` reads it (`engine_target.cpp`)."""
    ts_ns = decode_entry_head(entry).ts_ns
    content = entry if is_raw else entry[ENTRY_HEAD_SIZE:]
    return struct.pack("<BQI", is_raw, ts_ns, len(content)) + content


def _sessions() -> Iterator[bytes]:
    for path in sorted(SESSIONS.glob("*.log")):
        frames = [frame(entry) for entry in read_log(path)]
        # Whole sessions are long; their beginnings, of all lengths, are quick to change.
        for size in (4, 8, 16, 32, 64):
            data = b"".join(frames[:size])
            if len(data) <= INPUT_BYTES_MAX:
                yield data
        yield frame(read_log(path)[0], is_raw=True)


def _snapshots() -> Iterator[bytes]:
    for path in sorted(SESSIONS.glob("*.log")):
        engine = build_engine(REFERENCE)
        for number, entry in enumerate(read_log(path)):
            engine.apply(entry)
            if number % 16 == 0 and len(engine.snapshot()) <= INPUT_BYTES_MAX:
                yield engine.snapshot()


def _messages() -> Iterator[bytes]:
    chance = random.Random(1)
    for _ in range(200):
        request = pb.OrderSessionRequest()
        request.logon.cancel_on_disconnect = chance.random() < 0.5
        for number in range(chance.randint(0, 4)):
            command = request.commands.add(request_no=number)
            part = getattr(command, chance.choice(("submit", "cancel", "replace", "mass_cancel")))
            part.SetInParent()
            for field in part.DESCRIPTOR.fields:
                if field.type == field.TYPE_STRING and chance.random() < 0.7:
                    setattr(part, field.name, chance.choice(("ABC", "main", "c1", "")))
                elif field.type in {field.TYPE_INT64, field.TYPE_UINT64} and chance.random() < 0.7:
                    setattr(part, field.name, chance.choice((1, 10, 1 << 40)))
        yield request.SerializeToString()


_SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "apply": _sessions,
    "restore": _snapshots,
    "request": _messages,
}


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fuzz.native", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of each target (60)")
    parser.add_argument("targets", nargs="*", default=[], help="all, unless named")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
