"""What pays a live loan off, what interest is due and what is earned: the engine's figures against the oracle's.

Small loans of three months, each with something that a figure may get wrong, on the days about a due date.
"""

import pytest

from forbear.engine.live.door import fold_live
from forbear.engine.live.presets import preset
from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import ChargeWhen, Kind, Schedule, Spread
from forbear.engine.plan import Unit
from forbear.engine.vocabulary import FEE, PENALTY
from tests.conformance.systems import Engine, Oracle
from tests.support.live.cases import FIRST
from tests.support.live.dates import plus

USUAL = {"rate": 3_600_000_000, "count": 3, "every": 1, "unit": Unit.MONTH}
TERMS = {
    "live": preset("fineract-progressive", **USUAL),
    "live to the due date": preset("fineract-progressive", payoff_to_due_date=True, **USUAL),
    "live, part down": preset("fineract-progressive", down_payment=25 * 10**8, **USUAL),
    "live, owed again in order": preset("fineract-progressive", credit_order=(1, 0, 2, 3), **USUAL),
    "fixed": preset("fineract-progressive", schedule=Schedule.FIXED, **USUAL),
    "cumulative": preset("fineract-cumulative", **USUAL),
}
DUE = [plus(FIRST, k, Unit.MONTH) for k in range(4)]


def entry(sequence, kind, on, **fields):
    return LiveEntry(sequence=sequence, kind=kind, on=on, recorded_on=on, **fields)


DRAW = entry(1, Kind.DISBURSED, FIRST, amount=100_000)
PART_PAID = entry(2, Kind.PAID, DUE[1] - 9, amount=20_000, payment=1)
MUCH_PAID = entry(2, Kind.PAID, DUE[1] - 9, amount=60_000, payment=1)
CHARGED = (
    entry(3, Kind.FEE_CHARGED, DUE[1] + 4, amount=700, component=FEE),
    entry(4, Kind.FEE_CHARGED, DUE[1] + 4, amount=90, component=PENALTY),
    entry(5, Kind.WAIVED, DUE[1] + 5, amount=90, target=4),
)
TAKEN_BACK = entry(6, Kind.CHARGED_BACK, DUE[1] + 2, amount=20_000, target=2)
REAGED = entry(
    7,
    Kind.REAGED,
    DUE[1] + 3,
    until=DUE[1] + 20,
    count=2,
    every=1,
    unit=Unit.MONTH,
    spread=Spread.EARNED_INTEREST,
)
JOURNALS = {
    "drawn": [DRAW],
    "paid early": [DRAW, MUCH_PAID],
    "charged": [DRAW, PART_PAID, *CHARGED],
    "taken back": [DRAW, PART_PAID, TAKEN_BACK],
    "re-aged": [DRAW, PART_PAID, REAGED],
    "charged off": [DRAW, entry(8, Kind.CHARGED_OFF, DUE[1] + 3)],
}
CASES = [
    *(("live", name) for name in JOURNALS),
    *(("live to the due date", name) for name in ("charged", "taken back")),
    ("live, owed again in order", "taken back"),
    *(("live, part down", name) for name in ("paid early", "charged")),
    *(("fixed", name) for name in ("charged", "taken back", "re-aged", "charged off")),
    *(("cumulative", name) for name in ("paid early", "charged", "charged off")),
]
DAYS = (DUE[1], DUE[1] + 4, DUE[1] + 21)


def figures(system, terms, journal, on):
    return (
        system.payoff(terms, journal, on),
        system.due_interest(terms, journal, on) if terms.schedule == Schedule.LIVE else None,
        *(system.earned(terms, journal, on, open_only=open_only) for open_only in (False, True)),
    )


@pytest.mark.parametrize(("name", "journal"), CASES)
def test_figures_equal_the_oracles(name, journal):
    engine, oracle = Engine(), Oracle()
    for on in (*DAYS, DUE[2] + 1) if journal == "taken back" else DAYS:
        asked = (TERMS[name], [e for e in JOURNALS[journal] if e.on <= on], on)
        assert figures(engine, *asked) == figures(oracle, *asked), on


class TestByHand:
    """100.00 at 36% a year of twelve months of thirty days: 3% a month, 35.35 each (35.36 the last)."""

    def folded(self, on, *more, terms="live"):
        return fold_live(TERMS[terms], [DRAW, *more], on)

    def test_a_month_of_interest_is_due_with_the_first_row(self):
        loan = self.folded(DUE[1])
        assert [loan.due_interest(on) for on in (FIRST, DUE[1])] == [0, 3000]
        assert [loan.past_interest(on) for on in (DUE[1], DUE[1] + 1)] == [0, 3000]

    def test_a_payoff_is_principal_and_the_interest_of_the_days_gone_or_of_the_whole_period(self):
        assert self.folded(FIRST).payoff(FIRST) == 100_000
        assert self.folded(DUE[1]).payoff(DUE[1]) == 103_000
        to_end = self.folded(FIRST + 1, terms="live to the due date")
        assert [to_end.payoff(on) for on in (FIRST, FIRST + 1, DUE[1])] == [100_000, 103_000, 103_000]

    def test_a_fixed_schedule_is_paid_off_by_all_that_its_rows_ask(self):
        loan = self.folded(FIRST, terms="fixed")
        assert loan.payoff(FIRST) == int(loan.rows["claimed"].sum()) > 100_000

    @pytest.mark.parametrize(("on", "part"), [(FIRST, 0), (FIRST + 1, 1), (DUE[1], DUE[1] - FIRST)])
    def test_a_fixed_row_earns_its_interest_evenly_over_its_days(self, on, part):
        running, _, _ = self.folded(FIRST, terms="cumulative").running(on)
        assert running == round(3000 * part / (DUE[1] - FIRST))

    def test_of_open_interest_only_what_is_open_runs(self):
        paid = self.folded(DUE[1] - 9, MUCH_PAID, terms="cumulative")
        assert (paid.running(DUE[1])[0], paid.running(DUE[1], open_only=True)[0]) == (3000, 0)

    def test_charges_count_from_their_day_by_component_less_what_was_waived(self):
        day = DUE[1] + 4
        assert self.folded(day, *CHARGED[:2]).running(day - 1)[1:] == (0, 0)
        assert self.folded(day, *CHARGED[:2]).running(day)[1:] == (700, 90)
        assert self.folded(day + 1, *CHARGED).running(day + 1)[1:] == (700, 0)

    def test_a_charge_of_every_row_counts_with_those_that_are_due(self):
        fee = entry(3, Kind.FEE_CHARGED, FIRST, amount=11, component=FEE, when=ChargeWhen.PER_ROW)
        loan = fold_live(TERMS["cumulative"], [DRAW, fee], DUE[3])
        days = (DUE[1] - 1, DUE[1], DUE[2], DUE[3])
        assert [loan.running(on)[1:] for on in days] == [(0, 0), (11, 0), (22, 0), (33, 0)]
