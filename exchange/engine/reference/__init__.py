"""The reference engine: the executable specification, one chapter of the RULEBOOK a file.

    engine.py ── record ──▶ new_order  cancel  replace  mass_cancel       R3 R4 R10
        │                        └─▶ ladder  matching  departure          R4 R5 R8
        │                   sessions  (client sessions)                    R9.2
        └─────────────────▶ admin ─▶ refdata  phase  killswitch ...        R1 R2 R7.4 R9
                                 every chapter: state in, events out (emitter)

`state.py` holds everything, `canonical.py` gives it bytes, `queries.py` reads it; after each
command and timer `aftermath.py` does what it set in motion. `../README.md` tells which rule is
where.
"""
