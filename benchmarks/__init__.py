"""Forbear measured beside its peers, with one command: `python -m benchmarks`."""
