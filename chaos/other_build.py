"""A node of another build: `python -m chaos.other_build CONFIG` runs it with another version.

Room: the version that the node tells its peers; everything else is this build.
"""

from __future__ import annotations

import sys

import exchange
from cli.exchange import main

OTHER_VERSION = "99.0.0"

if __name__ == "__main__":
    exchange.__version__ = OTHER_VERSION
    main(["serve", "--config", sys.argv[1]])
