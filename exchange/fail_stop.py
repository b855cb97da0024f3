"""The end of a process that found itself wrong: what it knows is written down, then it is gone.

Room: DESIGN section 7. After a disk fault or a broken invariant nothing that the process believes
can be trusted, so nothing is cleaned up: what was acknowledged is on disk.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from exchange import __version__

EXIT_FAULT = 70
"""EX_SOFTWARE: fail-stop; `fault-*.txt` in the data directory says why."""


def fail_stop(
    node_name: str, data_dir: Path, state: Callable[[], str]
) -> Callable[[BaseException], None]:
    """What a node calls when it must stop; any thread, and it does not return.

    Args:
        node_name: of the node.
        data_dir: where `fault-*.txt` goes.
        state: a line on where the node stands; "" when it does not know.
    """

    def stop(error: BaseException) -> None:
        lines = [f"lockstep {__version__} node {node_name} stopped itself\n", state()]
        lines.extend(traceback.format_exception(error))
        text = "".join(lines)
        try:
            try:
                (data_dir / f"fault-{time.time_ns()}.txt").write_text(text)
            except OSError as second:
                text += f"and the fault could not be written down: {second}\n"
            sys.stderr.write(text)
            sys.stderr.flush()
        finally:  # also where stderr is a file on the very disk that is full
            os._exit(EXIT_FAULT)

    return stop
