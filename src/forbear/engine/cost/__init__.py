"""The annualised all-in cost of a loan (综合融资成本): from dated flows to a rate a year, exactly rounded.

`conventions` turns dates into an equation, as a law wants it; `solve` finds its root with proof; `many` does the same compiled, for
many contracts at once. docs/algorithms/cost.md.
"""
