"""The deterministic simulator: the production replica, sequencer and engine in a made-up world.

Time, network, disks, processes, register and clients are simulated and injured from one seed; the
checkers know the invariants of RELIABILITY section 5.3 and nothing of the code. See README.
"""
