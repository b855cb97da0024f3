"""Opening the data directory of a node as its configuration says.

Room: one function; who may open what is storage's.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from exchange.config import NodeConfig
from storage.data_directory import DataDirectory
from storage.env import Durability
from storage.marker import read_marker


def open_data(config: NodeConfig) -> DataDirectory:
    """The data directory of a node, made if it is not there. Raises StorageError."""
    path = Path(config.data_dir)
    cluster_id = config.cluster_id
    if not cluster_id and read_marker(path) is None:
        cluster_id = f"lockstep-{uuid.uuid4().hex[:12]}"
    return DataDirectory.open(
        path,
        create=True,
        cluster_id=cluster_id,
        durability=Durability(config.durability),
        log_map_bytes=config.log_map_bytes,
        index_map_bytes=config.index_map_bytes,
    )
