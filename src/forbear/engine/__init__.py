"""The engine: terms and journal in, positions out, exact to the minor unit.

Pure: no clock, no database, no chance. `docs/algorithms/fold.md` defines what it computes.

To follow a payment of a planned loan from its journal entry to the instalment it pays:

    terms       compile_batch: products, loans and entries as people write them, made a Batch
    batch       the door: fold, fold_on; here planned and live loans part
    sweep       one loan after the other; puts a journal in order (FEED)
    fold        one loan, day by day (advance, _take_day), one entry (_take_entry)
    money       a payment becomes credit, and credit is applied (apply_credit)
    rows        who is paid, in which order (allocate, pay)
    schedule    rows that fall due; with accrual and linear: interest, penalty, fees, the cap
    position    what the state means on a day; kept: the state from which a later day goes on

Rare entries: changes, and from there pauses, reschedule, restructure, ends; designated. Words and arrays: vocabulary, layout,
work, plan, annuity, words. What may be recorded next: life, standing, refusals. Live loans: live, with a map of its own.

Reading a fold: trace, explain, explain_live, nodes, corrections. Reading positions: movements, classification.
Beside the fold, never called by it: planned (all rows as agreed), quote, interest, booking (small figures), contract with
agenda, flows and cycles (exact contracts), cost. warm compiles ahead.
"""
