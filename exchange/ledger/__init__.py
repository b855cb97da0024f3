"""The ledger: double entry, from events alone.

    Event -> Transaction (postings.py, zero sum) -> balances (ledger.py)

A projection: it decides nothing and nobody waits for it (DESIGN section 1). Invariant I7: every
transaction sums to zero in every currency and every instrument, and so do all balances.
"""
