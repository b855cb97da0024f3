"""The C++ layouts are those of the model: `src/records.gen.hpp` is what the tables generate."""

from __future__ import annotations

import os
from pathlib import Path

from exchange.engine.native import generate

HEADER = Path(generate.__file__).parent / "src" / "records.gen.hpp"


def test_the_header_is_what_the_tables_generate() -> None:
    text = generate.generate()
    if os.environ.get("LOCKSTEP_REWRITE_GOLDEN"):
        HEADER.write_text(text, encoding="utf-8")
    assert HEADER.read_text(encoding="utf-8") == text, (
        "stale: run `make layouts`, then `make setup`"
    )
