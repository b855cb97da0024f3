"""Replication: who is primary (the register), and how the log reaches the other nodes.

Today one node: a register of one (DESIGN section 2, one-node mode). Knows bytes and indexes only.
"""
