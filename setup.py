"""The native engine and codec as optional extensions; everything else stands in pyproject.toml.

Where they cannot be built (no C++20 compiler, no Python headers) the installation goes on without
them and the node runs the reference engine and the Python codec, which give the same bytes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError

sys.path.insert(0, str(Path(__file__).parent))

from exchange.model.built_from import sources_id

SANITIZE = os.environ.get("LOCKSTEP_SANITIZE", "") == "1"
ENGINE = Path("exchange/engine/native/src")
SCAN = Path("exchange/model/native/src")
CODEC = Path("exchange/gateway/native/src")
FLAGS = ["-std=c++20", "-O3", "-g0", "-fvisibility=hidden", "-Wall", "-Wextra"]
BY_MOVES = "unrolled_loop:1024:noalign,libcall:-1:noalign"
TUNED = ["-mtune=znver3", f"-mmemset-strategy={BY_MOVES}", f"-mmemcpy-strategy={BY_MOVES}"]
"""For gcc on x86-64, every processor of which still runs it: small objects are cleared and copied
by vector moves, not by string instructions. With -O3 a sixth quicker; left out elsewhere."""
SANITIZED = [
    "-fsanitize=address,undefined",
    "-fno-sanitize=vptr",  # it looks at objects through a pipe, which a test of full tables forbids
    "-fno-sanitize-recover=undefined",
    "-fno-omit-frame-pointer",
    "-fno-wrapv",  # CPython's own flags have the opposite: a signed overflow would go unseen
    "-D_GLIBCXX_ASSERTIONS",
    "-O1",
    "-g1",
]
"""Added for `make sanitize`, which sets LOCKSTEP_SANITIZE."""


class BuildTuned(build_ext):
    """Adds TUNED where the compiler takes it."""

    def build_extensions(self) -> None:
        """Try the flags on an empty file, then build."""
        with tempfile.TemporaryDirectory() as folder:
            empty = Path(folder) / "empty.cpp"
            empty.touch()
            try:
                self.compiler.compile([str(empty)], output_dir=folder, extra_postargs=TUNED)
            except CompileError:
                pass  # another compiler or processor: the same code, as its own tuning has it
            else:
                for one in self.extensions:
                    one.extra_compile_args = TUNED + one.extra_compile_args
        super().build_extensions()


def extension(name: str, *folders: Path) -> Extension:
    """The module of the first folder; it includes headers of all."""
    identity = sources_id(str(folder.relative_to("exchange")) for folder in folders)
    return Extension(
        name,
        sources=[str(folders[0] / "module.cpp")],
        depends=[
            "setup.py",
            *sorted(str(path) for folder in folders for path in folder.glob("*.hpp")),
        ],
        include_dirs=[str(folder) for folder in folders],
        define_macros=[("SOURCES_ID", f'"{identity}"')],
        extra_compile_args=FLAGS + (SANITIZED if SANITIZE else []),
        extra_link_args=SANITIZED[:1] if SANITIZE else [],
        language="c++",
        optional=True,
    )


setup(
    cmdclass={"build_ext": BuildTuned},
    ext_modules=[
        extension("exchange.engine.native._core", ENGINE),
        extension("exchange.model.native._scan", SCAN, ENGINE),
        extension("exchange.gateway.native._codec", CODEC, ENGINE),
    ],
)
