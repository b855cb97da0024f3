"""The deterministic core: entries in, events out, the same on every node.

    entry bytes -> Engine.apply -> event batch bytes
                     |
                     +-- snapshot / restore / digest
                     +-- read-only views (order, depth, position) for queries

`port.py` is the contract; `reference/` the executable specification. Rules of this package: no
clock, randomness, environment, I/O, thread, float or logging (tests/test_tidy.py enforces it).
"""
