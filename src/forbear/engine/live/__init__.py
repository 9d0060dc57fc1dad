"""The live schedule: a regime of the fold in which every planned row exists from the disbursement on.

docs/algorithms/live-schedule.md is its definition.
"""
