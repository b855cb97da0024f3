"""Faults on purpose: process, network, disk and clock faults against running nodes.

Starts the exchange's own processes, loads them, injures them, and checks the history that the
clients saw against the journal. Traffic never leaves the machine.
"""
