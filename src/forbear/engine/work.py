"""One loan on the desk: its inputs and the state of its fold, handed from function to function."""

from typing import NamedTuple

from forbear.engine.layout import Record, Records


class Versions(NamedTuple):
    """The versions of a loan's terms where its journal restructures it (`forbear.engine.sweep.lay_out_versions`).

    `terms` (TERMS) begins with those in force, which `Work.terms` is and a version is copied to; the later versions follow, and
    `opens` (VERSION) has one record for each of those and then one with number 0.
    """

    terms: Records
    opens: Records


class Work(NamedTuple):
    """Terms and rate steps are read; the plan too, unless an entry reschedules: then it is the desk's own copy
    (`forbear.engine.sweep.copy_plan`). State, rows and the three accrual lines are written.
    """

    terms: Record
    rates: Records
    plan: Records
    loan: Record
    rows: Records
    interest: Record
    penalty: Record
    cap: Record
    versions: Versions
