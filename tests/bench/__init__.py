"""Benchmarks of the exchange: `python -m tests.bench` (see `__main__.py`)."""
