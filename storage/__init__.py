"""Durable bytes: a replicated log's journal, snapshots, event batches and small facts.

    commands ─▶ journal (log environment, flushed before anything is acknowledged)
                   │ replay                         ┌─ snapshots (index environment, paced)
                   ▼                                │
    state ◀── newest verified snapshot + the log ───┴─ events and their index (derived, rebuildable)

Room: bytes and indexes. It imports nothing of ours but itself and knows no order and no event.
Invariants: what a call acknowledged is on disk; a damaged byte is found, named and refused.
Read `storage/README.md` for layouts, durability and the order of recovery.
"""

from __future__ import annotations
