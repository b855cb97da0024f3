"""The generated stubs equal what ``proto/`` generates (``make proto`` makes them so).

Compares every generated file under ``exchange/api``, missing and left-over ones included.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy_source import GENERATED, ROOT

GRPC_STUBS = Path(sys.executable).parent / "protoc-gen-mypy_grpc"
PROTO = """\
syntax = "proto3";
package exchange.api.v1;
// One price.
message Quote { int64 price = 1; }
service QuoteService { rpc GetQuote(Quote) returns (Quote); }
"""

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("grpc_tools") is None or not GRPC_STUBS.is_file(),
    reason="grpcio-tools and mypy-protobuf are not installed: make setup",
)


def generate(proto: Path, target: Path) -> None:
    """Write the stubs of all files under ``proto`` into ``target``; ValueError says what fails."""
    files = sorted(
        path.relative_to(proto).as_posix() for path in proto.rglob("exchange/**/*.proto")
    )
    if not files:
        raise ValueError(f"{proto}: no .proto files of package exchange")
    outputs = ("python", "pyi", "grpc_python", "mypy_grpc")
    plugin = f"--plugin=protoc-gen-mypy_grpc={GRPC_STUBS}"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{proto}", plugin]
    command += [f"--{output}_out={target}" for output in outputs]
    done = subprocess.run([*command, *files], check=False, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(f"protoc: {done.stderr}")


def stubs(root: Path) -> dict[str, bytes]:
    """Return the generated files below ``root``: name from there -> content."""
    names = {path.relative_to(root).as_posix(): path for path in root.rglob("exchange/api/**/*")}
    return {name: path.read_bytes() for name, path in names.items() if GENERATED.match(name)}


def stub_violations(root: Path, fresh: Path) -> list[str]:
    """Return the names of stubs that are missing, left over or different below ``root``."""
    have, want = stubs(root), stubs(fresh)
    return sorted(name for name in have.keys() | want.keys() if have.get(name) != want.get(name))


def test_stubs_equal_the_proto_files(tmp_path: Path) -> None:
    generate(ROOT / "proto", tmp_path)

    assert stub_violations(ROOT, tmp_path) == []


def test_a_stub_that_differs_is_caught(tmp_path: Path) -> None:
    proto, here, fresh = tmp_path / "proto", tmp_path / "here", tmp_path / "fresh"
    source = proto / "exchange" / "api" / "v1" / "quote.proto"
    for folder in (source.parent, here, fresh):
        folder.mkdir(parents=True)
    source.write_text(PROTO, encoding="utf-8")
    generate(proto, here)
    generate(proto, fresh)
    assert len(stubs(fresh)) == 4
    assert stub_violations(here, fresh) == []

    api = "exchange/api/v1"
    with (here / api / "quote_pb2.py").open("a", encoding="utf-8") as stub:
        stub.write("# edited by hand\n")
    (here / api / "quote_pb2_grpc.pyi").unlink()
    (here / api / "gone_pb2.py").write_text("", encoding="utf-8")

    assert stub_violations(here, fresh) == [
        f"{api}/gone_pb2.py",
        f"{api}/quote_pb2.py",
        f"{api}/quote_pb2_grpc.pyi",
    ]


def test_a_proto_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no \.proto files"):
        generate(tmp_path, tmp_path)
