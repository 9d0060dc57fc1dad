"""Restructuring (债务重组): a later version of the terms comes into force. docs/algorithms/changes.md, section 8.

The terms written to are the desk's own copy, as is the plan (`forbear.engine.sweep`).
"""

from forbear.engine.accrual import begin_period, charge_accruals
from forbear.engine.layout import Record
from forbear.engine.linear import outstanding, realise, stop
from forbear.engine.money import all_falls_due
from forbear.engine.reschedule import date_rows, defer
from forbear.engine.schedule import add_flat_draw, amortise
from forbear.engine.vocabulary import CUSTOM, FEE, FLAT, INTEREST, PENALTY, WRITTEN
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined


@compiled
def restructure(work: Work, day: int, number: int) -> None:
    """Take the entry that puts version `number` in force; without that version, or with nothing left to owe, no effect."""
    loan, versions = work.loan, work.versions
    if loan.disbursed == 0 or loan.status == WRITTEN or outstanding(loan) + loan.put_off == 0:
        return
    place = 0
    while versions.opens[place].number > 0:
        version = versions.opens[place]
        if version.number == number and version.first_due_on > day:
            _end_version(work, day)
            _capitalise(loan, version.capitalised)
            _put_in_force(work, place)
            _begin_rows(work, day, version)
        place += 1


@compiled
def _end_version(work: Work, day: int) -> None:
    """All accrued becomes money and all falls due, and what is unpaid then is deferred: the old terms ask nothing more."""
    charge_accruals(work, day)
    all_falls_due(work, day)
    defer(work)
    loan = work.loan
    loan.next_asked = 0
    loan.flat_share = 0
    loan.flat_residue = 0


@inlined
def _capitalise(loan: Record, components: int) -> None:
    """Deferred sums of these components become principal (转本)."""
    for component in (INTEREST, FEE, PENALTY):
        if components >> component & 1:
            amount = loan.deferred[component]
            loan.deferred[component] = 0
            loan.put_off -= amount
            loan.capitalised[component] += amount
            loan.undue += amount


@inlined
def _put_in_force(work: Work, place: int) -> None:
    """The version's terms and rates; the sums of interest and penalty begin anew, that of the cap goes on, whole."""
    loan, terms, versions = work.loan, work.terms, work.versions
    realise(work.cap)
    permitted = work.cap.whole
    if terms.cost_cap == 0:  # no cap so far: the new one permits what it permits from now on
        permitted = loan.charged[INTEREST] + loan.charged[FEE] + loan.charged[PENALTY]
    versions.terms[0] = versions.terms[place + 1]
    for line in (work.interest, work.penalty, work.cap):
        stop(line)
        line.rate = -1
        line.denominator = terms.denominator
    work.cap.whole = permitted
    version = versions.opens[place]
    loan.rate = work.rates.shape[0] - 1
    loan.next_rate = work.rates.shape[0]
    loan.interest_rate = version.interest
    loan.penalty_rate = version.penalty
    loan.per_period = version.per_period
    loan.due_day = terms.due_day


@compiled
def _begin_rows(work: Work, day: int, version: Record) -> None:
    """The rows of the version, from the first one on, as if all that is outstanding were drawn today."""
    loan, terms = work.loan, work.terms
    loan.next_plan = 0
    loan.plan_end = version.count
    date_rows(work, version.first_due_on)
    part = loan.undue // version.count if terms.amortisation == CUSTOM else 0
    for place in range(loan.plan_end):
        work.plan[place].principal = part
    loan.count_from = day
    begin_period(work, day, version.first_due_on)
    if terms.interest_method == FLAT:
        add_flat_draw(work, loan.undue)
    amortise(work, day, True)
