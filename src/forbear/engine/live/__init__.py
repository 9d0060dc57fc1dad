"""The live schedule: a regime of the fold in which every planned row exists from the disbursement on.

docs/algorithms/live-schedule.md is its definition. To follow a payment to the row it pays:

    journal     the entries of a book in the words of this regime; many: loan after loan (door: one loan, from Python)
    opening     the order in which entries are folded (arrange), and the rows there are at the beginning
    fold        entry by entry (fold_loan, _take); a payment (_receive)
    allocation  which row and component it pays (allocate), and _pay, which tells the model
    moves       what an event does to the model: its balance falls (pay_principal), a rate changes, a date moves
    model       periods and segments: interest from the day-by-day balance (balance, derive)
    level       the level amount, and the last rows that take what is missing (settle)
    views       the model as it would be if it ended on a day: what early money pays
    rows        the rows that people see, which follow the periods (rows_from_model)
    position    what the rows mean on a day; accruing, ageing

A schedule that is not `progressive` has no model: cumulative writes its rows once, recalculated after payments. charge_off, quotes: events and figures
of both. reage and reamortise: what is open moves to other rows. interest_notes and trace: how a figure came about.
"""
