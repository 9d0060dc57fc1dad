"""One loan on the desk: its inputs and the state of its fold, handed from function to function."""

from typing import NamedTuple

from forbear.engine.layout import Record, Records


class Work(NamedTuple):
    """Terms, rate steps and plan are read; state, rows and the three accrual lines are written."""

    terms: Record
    rates: Records
    plan: Records
    loan: Record
    rows: Records
    interest: Record
    penalty: Record
    cap: Record
