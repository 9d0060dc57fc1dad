"""The engine: terms and journal in, positions out, exact to the minor unit.

Pure: no clock, no database, no chance. `docs/algorithms/fold.md` defines what it computes.
"""
