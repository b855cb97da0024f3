"""Lockstep: an exchange as a replicated state machine.

Everything that changes the market is a command in one replicated log; everything anyone sees is
an event computed from that log, identically, on every node.

::

    client ──gRPC──▶ gateway ──▶ sequencer ──▶ replicated log ⇄ storage (LMDB journal, fsync)
      ▲   ▲        authenticate,  admit, batch,        │  committed entries, in log order,
      │   │        translate      stamp ts_ns          ▼  on every node
      │   │                                       engine.apply(entry)   pure, deterministic
      │   └── execution reports ◀── gateway ◀──────────┤ events, gapless seq
      └────── market data ◀── feeds ◀──────────────────┘

Imports point one way: errors ◀ model ◀ engine ◀ {sequencer, feeds, ledger} ◀ gateway ◀ node.
``storage`` and ``replication`` know bytes and indexes, never orders. ``node.py`` is the
composition root, the only module that knows them all. ``tests/test_tidy_imports.py`` enforces it.

Invariants: nothing is acknowledged or published before its entry is committed and applied; no one
calls backwards against the arrows: the way back to a client is always an event.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__"]
