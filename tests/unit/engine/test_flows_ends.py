"""Exact contracts: parts of a year, where a contract ends, and going on from what is known. docs/algorithms/contracts.md, section 3."""

from dataclasses import replace
from fractions import Fraction

import pytest

from forbear.engine.contract import Contract, Step, maturity, year_fraction
from forbear.engine.cycles import last_until
from forbear.engine.flows import flows
from forbear.kernel.daycounts import DayCount
from tests.unit.engine.test_contract import at, iso, made, monthly, told
from tests.unit.engine.test_flows import amounts, interest_only, linear


class TestYearFraction:
    @pytest.mark.parametrize(
        ("day_count", "start", "end", "part"),
        [
            (DayCount.ACT_365F, "2026-02-15", "2026-03-31", Fraction(44, 365)),
            (DayCount.ACT_360, "2026-02-15", "2026-03-31", Fraction(44, 360)),
            (DayCount.THIRTY_E_360, "2026-02-15", "2026-03-31", Fraction(45, 360)),
            (DayCount.THIRTY_360_US, "2026-02-15", "2026-03-31", Fraction(46, 360)),
            (DayCount.THIRTY_360_US, "2026-01-30", "2026-03-31", Fraction(60, 360)),
            (DayCount.THIRTY_360_US, "2026-01-31", "2026-03-31", Fraction(60, 360)),
            (DayCount.ACT_ACT_ISDA, "2027-12-31", "2028-01-02", Fraction(1, 365) + Fraction(1, 366)),
            (DayCount.DAILY, "2026-02-15", "2026-03-31", Fraction(44)),
        ],
    )
    def test_it_is_counted_from_its_own_first_day(self, day_count, start, end, part) -> None:
        assert year_fraction(day_count, at(start), at(end)) == part

    def test_the_end_of_a_day_is_the_start_of_the_next(self) -> None:
        for start, end, days in ((0, 0, 44), (-1, 0, 44), (1, 0, 43), (0, 1, 45), (0, -1, 44)):
            found = year_fraction(DayCount.DAILY, at("2026-02-15") + start, at("2026-03-31") + end)
            assert found == days


KNOWN = [at("2026-02-01"), at("2026-02-16"), at("2026-03-01"), at("2026-03-01") + 1, at("2026-03-11")]


class TestWhatHasHappened:
    """A contract that is known up to a moment, with what is left of it, goes on as it would have gone on."""

    @pytest.mark.parametrize("known", KNOWN)
    @pytest.mark.parametrize(
        "contract",
        [
            interest_only(),
            linear(),
            linear(instalment=Fraction(500)),
            linear(matures_at=None, instalment=Fraction(400)),
            made(
                "actus-nam",
                matures_at=at("2026-05-01"),
                instalment=Fraction(320),
                redemption=monthly("2026-02-01"),
            ),
            made("actus-ann", matures_at=at("2026-05-01"), redemption=monthly("2026-02-01")),
        ],
        ids=["bullet", "linear", "agreed parts", "without an end", "negative", "level"],
    )
    def test_the_rest_is_the_same(self, contract: Contract, known: int) -> None:
        whole = flows(contract)
        left = [flow for flow in whole if flow.moment <= known][-1].principal
        rest = flows(replace(contract, principal=left, known_at=known))
        wanted = [flow for flow in whole if flow.moment > known]
        assert [(f.moment, f.kind, f.amount, f.principal) for f in rest] == [
            (f.moment, f.kind, f.amount, f.principal) for f in wanted
        ]

    def test_interest_accrued_may_be_told(self) -> None:
        known = interest_only(known_at=at("2026-03-16"), accrued=Fraction(5))
        assert amounts(known, "INTEREST_PAID") == [5 + 6, 12]

    def test_one_not_yet_paid_out_by_then_is_paid_out(self) -> None:
        assert told(interest_only(known_at=at("2025-12-01"))) == told(interest_only())
        assert told(interest_only(known_at=at("2026-01-01")))[0][1] == "INTEREST_PAID"


class TestEnd:
    @pytest.mark.parametrize(
        ("moment", "last"),
        [
            ("2026-01-31", None),
            ("2026-02-01", "2026-02-01"),
            ("2026-02-28", "2026-02-01"),
            ("2026-03-01", "2026-03-01"),
        ],
    )
    def test_the_last_moment_of_a_cycle_up_to_one(self, moment: str, last: str | None) -> None:
        found = last_until(monthly("2026-02-01", long_stub=True), at(moment))
        assert (None if found is None else iso(found)) == last

    @pytest.mark.parametrize(
        ("preset", "terms", "end"),
        [
            ("actus-lam", {"instalment": Fraction(400)}, "2026-04-01"),
            ("actus-lam", {"instalment": Fraction(399)}, "2026-05-01"),
            ("actus-lam", {"instalment": Fraction(1200)}, "2026-02-01"),
            ("actus-nam", {"instalment": Fraction(412)}, "2026-04-01"),
            ("actus-nam", {"instalment": Fraction(411)}, "2026-05-01"),
            ("actus-nam", {"instalment": Fraction(400), "rate": None}, "2026-04-01"),
            ("actus-lam", {"amortised_until": at("2028-01-01")}, "2028-01-01"),
            (
                "actus-lam",
                {"instalment": Fraction(400), "principal": Fraction(800), "known_at": at("2026-01-31")},
                "2026-03-01",
            ),
            (
                "actus-lam",
                {"instalment": Fraction(400), "principal": Fraction(800), "known_at": at("2026-02-01")},
                "2026-04-01",
            ),
        ],
    )
    def test_it_comes_so_many_periods_after_the_first_as_the_principal_needs(
        self, preset, terms, end
    ) -> None:
        found = maturity(made(preset, redemption=monthly("2026-02-01"), **terms))
        assert found is not None
        assert iso(found) == end

    def test_without_parts_or_their_dates_there_is_none(self) -> None:
        assert maturity(made("actus-lam", redemption=monthly("2026-02-01"))) is None
        assert maturity(made("actus-lam", instalment=Fraction(400))) is None
        assert maturity(made("actus-nam", instalment=Fraction(12), redemption=monthly("2026-02-01"))) is None

    @pytest.mark.parametrize(
        ("steps", "end"),
        [
            ((("2026-02-01", 600, False),), "2026-03-01"),
            ((("2026-02-01", 300, True), ("2026-04-01", 900, False)), "2026-05-01"),
            ((("2026-02-01", 500, False), ("2026-04-01", 100, False)), "2026-05-01"),
            ((("2026-02-01", 0, False), ("2026-03-01", 1200, False)), "2026-03-01"),
            ((("2026-02-01", 100, True),), None),
            ((("2026-02-01", 0, False),), None),
        ],
    )
    def test_steps_end_when_they_have_redeemed_everything(self, steps, end) -> None:
        told_steps = tuple(Step(monthly(anchor), Fraction(amount), drawn) for anchor, amount, drawn in steps)
        found = maturity(made("actus-lax", steps=told_steps))
        assert (None if found is None else iso(found)) == end
