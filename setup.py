"""The native engine as an optional extension; everything else stands in pyproject.toml.

Where it cannot be built (no C++20 compiler, no Python headers) the installation goes on without it
and the node runs the reference engine, which gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from setuptools import Extension, setup

SRC = Path("exchange/engine/native/src")

setup(
    ext_modules=[
        Extension(
            "exchange.engine.native._core",
            sources=[str(SRC / "module.cpp")],
            depends=sorted(str(path) for path in SRC.glob("*.hpp")),
            include_dirs=[str(SRC)],
            extra_compile_args=[
                "-std=c++20",
                "-O2",
                "-g0",
                "-fvisibility=hidden",
                "-Wall",
                "-Wextra",
            ],
            language="c++",
            optional=True,
        )
    ]
)
