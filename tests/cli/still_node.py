"""A node that holds the lock of its data directory and does nothing until it is told to stop.

`python -m tests.cli.still_node CONFIG`; with an `exit` file beside CONFIG it ends with that status.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from exchange.config import load_config
from storage.lock import DirectoryLock


def main(path: Path) -> int:
    wish = path.with_name("exit")
    if wish.exists():
        sys.stderr.write("this node refuses to start\n")
        return int(wish.read_text())
    data = Path(load_config(path).data_dir)
    data.mkdir(exist_ok=True)
    lock = DirectoryLock.acquire(data)
    signal.sigwait({signal.SIGTERM})
    lock.release()
    return 0


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    sys.exit(main(Path(sys.argv[1])))
