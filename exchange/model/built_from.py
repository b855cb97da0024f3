"""Whether a native extension was built, and from the sources beside it.

Room: two questions. An extension that is older than its sources gives other bytes than the Python
code, and two nodes would part: it must not run. `setup.py` puts the identity of its sources into
each extension (`SOURCES_ID`); where the sources are not there (an installed wheel), nothing can
differ.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sysconfig
from collections.abc import Iterable
from pathlib import Path  # det-ok: files are looked at before an engine exists, never by one

ROOT = Path(__file__).parent.parent
OLD = "before identities"
"""Identity of an extension that has none: it was built before there were any."""


def sources_id(folders: Iterable[str]) -> str:
    """Identity of the C++ sources in folders below `exchange/`, "" where there are none."""
    digest = hashlib.sha256()
    found = False
    for folder in folders:
        for path in sorted(ROOT.joinpath(folder).glob("*.?pp")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
            found = True
    return digest.hexdigest() if found else ""


def is_stale(built_from: str, folders: Iterable[str]) -> bool:
    """Whether an extension built from sources of that identity ("" = unknown) must not run."""
    there = sources_id(folders)
    return bool(built_from and there and built_from != there)


def why_absent(extension: str) -> str:
    """Why an optional extension, by its dotted name, cannot be loaded here; "" if it is there."""
    if importlib.util.find_spec(extension) is not None:
        return ""
    abi = sysconfig.get_config_var("SOABI")
    why = "`make setup` found no C++20 compiler or no Python headers"
    return f"no {extension} is built for {abi}: {why}"
