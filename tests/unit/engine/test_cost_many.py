"""The parts of the compiled annual cost, against exact fractions: what they enclose, how tightly, and what they answer themselves."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from forbear.engine.cost import many
from forbear.engine.cost.many import LARGEST_SUM, NEEDS_PROOF, ONE, REASONS, costs
from forbear.engine.cost.solve import Equation, NoRate, Term, solve

FACTORS = (ONE, ONE - 1, ONE * 9 // 10, ONE // 2 + 1, ONE // 1000, 1)


def column(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def part(fixed: int) -> Fraction:
    """The number that `fixed` is over 2**60."""
    return Fraction(int(fixed), ONE)


class TestIntervals:
    @pytest.mark.parametrize(("a", "b"), list(itertools.product(FACTORS, FACTORS)))
    def test_a_product_is_rounded_down_or_up_by_less_than_one(self, a: int, b: int) -> None:
        exact = Fraction(a * b, ONE)
        assert many._down(a, b) == exact // 1
        assert many._up(a, b) == -(-exact // 1)

    @pytest.mark.parametrize("exponent", [0, 1, 2, 3, 7, 8, 365])
    @pytest.mark.parametrize("low", FACTORS)
    def test_a_power_encloses_the_exact_one_tightly(self, low: int, exponent: int) -> None:
        high = min(low + 5, ONE)
        found_low, found_high = many._power(low, high, exponent)
        wanted_low, wanted_high = part(low) ** exponent, part(high) ** exponent
        assert part(found_low) <= wanted_low
        assert part(found_high) >= wanted_high
        assert found_low > wanted_low * ONE - 2 * exponent - 1
        assert found_high < wanted_high * ONE + 2 * exponent + 1


class TestValue:
    """A loan in two draws with a pause between payments, and two flows on one day."""

    AMOUNTS = column(-70_000, -30_000, 0, 20_000, 20_000, 45_000, 30_000)
    TIMES = column(2, 5, 5, 30, 60, 60, 121)

    @pytest.mark.parametrize("shift", [0, 7, 40])
    @pytest.mark.parametrize("factor", FACTORS[:4])
    def test_encloses_the_present_value_tightly(self, shift: int, factor: int) -> None:
        low, high, slope = map(int, many._value(self.AMOUNTS, self.TIMES, shift, factor))
        flows = list(zip(self.AMOUNTS.tolist(), self.TIMES.tolist(), strict=True))
        present = sum((amount << shift) * part(factor) ** time for amount, time in flows)
        assert low <= present <= high
        # A factor is within two parts in 2**60 for each step of time; a product within one unit more.
        width = sum(2 + (abs(amount) << shift) * 4 * time / ONE for amount, time in flows)
        assert high - low <= width + len(flows)
        exact_slope = sum(time * (amount << shift) * part(factor) ** time for amount, time in flows)
        assert abs(slope - Fraction(exact_slope) / 2**15) <= int(self.TIMES.sum()) + 1


class TestShift:
    @pytest.mark.parametrize(
        ("flows", "why"),
        [
            ((-100, 60, -10, 70), "a draw after a payment"),
            ((100, 50), "nothing is paid out"),
            ((-100, 100), "no more comes back than went out"),
            ((-100, 99), "less comes back than went out"),
            ((-100,), "nothing comes back"),
            ((-LARGEST_SUM // 2, LARGEST_SUM // 2), "too large"),
            ((-1, LARGEST_SUM - 1), "too large by one"),
            ((), "no flows"),
        ],
    )
    def test_is_refused(self, flows: tuple[int, ...], why: str) -> None:
        assert many._shift_for(column(*flows)) < 0, why

    @pytest.mark.parametrize(
        "flows",
        [(-100, 101), (-1, 3), (-60, -40, 0, 50, 0, 51), (-1, 2), (0, -1, 1, 1), (-1, LARGEST_SUM - 2)],
    )
    def test_is_the_largest_that_keeps_the_sum_below_a_bound(self, flows: tuple[int, ...]) -> None:
        total, shift = sum(map(abs, flows)), many._shift_for(column(*flows))
        assert total << shift < LARGEST_SUM <= total << (shift + 1)


def level(principal: int, payment: int, count: int, apart: int) -> tuple[np.ndarray, np.ndarray]:
    """A loan and its equal payments: amounts and times."""
    return column(-principal, *[payment] * count), column(*range(0, (count + 1) * apart, apart))


LOANS = {
    "a year": (level(120_000_00, 11_000_00, 12, 30), 365, 1),
    "hardly any interest": (level(1_000_000_00, 1_000_000_01, 1, 365), 365, 1),
    "thirty years": (level(1_000_000_00, 5_000_00, 360, 30), 365, 1),
    "a week at a high price": (level(100_00, 101_00, 1, 7), 365, 1),
    "months, nominal": (level(120_000_00, 11_000_00, 12, 30), 30, 12),
    "weeks, nominal": (level(50_000_00, 1_100_00, 52, 7), 7, 52),
    "doubled in a year": (level(100, 200, 1, 365), 365, 1),
    "large": (level(10**14, 9 * 10**12, 12, 30), 365, 1),
}


class TestRoot:
    @pytest.mark.parametrize("name", [name for name in LOANS if name != "thirty years"])
    def test_the_exact_value_changes_its_sign_close_by(self, name: str) -> None:
        (amounts, times), steps, per_year = LOANS[name]
        found = int(many._root(amounts, times, many._shift_for(amounts), steps, per_year))
        flows, last = list(zip(amounts.tolist(), times.tolist(), strict=True)), int(times[-1])
        below, above = (
            sum(amount * factor**time << 60 * (last - time) for amount, time in flows)
            for factor in (found - 64, found + 64)
        )
        assert below < 0 < above

    def test_of_one_payment_is_the_ratio(self) -> None:
        amounts, times = level(1000, 1100, 1, 1)
        assert abs(many._root(amounts, times, many._shift_for(amounts), 1, 1) - ONE * 10 // 11) <= 16


class TestRate:
    @pytest.mark.parametrize("per_year", [1, 12])
    @pytest.mark.parametrize("grown", [ONE, ONE - 1, ONE * 99 // 100, ONE // 3, ONE // 7 + 5, ONE // 10**4])
    def test_is_the_nearest(self, grown: int, per_year: int) -> None:
        exact = per_year * 10**10 * (Fraction(ONE, grown) - 1)
        assert many._rate(grown, per_year) == (exact + Fraction(1, 2)) // 1

    @pytest.mark.parametrize("per_year", [1, 12])
    def test_is_not_told_where_it_is_too_large(self, per_year: int) -> None:
        least = 4 * per_year * 10**10
        for grown in (-1, 0, 1, least, least + 3):
            assert many._rate(grown, per_year) == NEEDS_PROOF
        assert many._rate(least + 4, per_year) > 0


class TestCost:
    @pytest.mark.parametrize("name", LOANS)
    def test_an_ordinary_loan_is_answered_here_as_the_exact_way_does(self, name: str) -> None:
        (amounts, times), steps, per_year = LOANS[name]
        terms = tuple(Term(int(a), int(t)) for a, t in zip(amounts, times, strict=True))
        found = many._cost(amounts, times, steps, per_year)
        assert found != NEEDS_PROOF
        assert found == solve(Equation(terms, steps, Fraction(per_year))).rate

    def test_simple_ones_by_hand(self) -> None:
        assert many._cost(*level(1000, 1100, 1, 365), 365, 1) == 10**9
        assert many._cost(*level(1000, 1010, 1, 1), 1, 12) == 12 * 10**8
        assert many._cost(*level(100, 200, 1, 365), 365, 1) == 10**10

    def test_another_kind_is_left_to_the_proof(self) -> None:
        assert many._cost(column(-100, 60, -10, 70), column(0, 1, 2, 3), 1, 1) == NEEDS_PROOF
        assert many._cost(*level(100, 90, 1, 365), 365, 1) == NEEDS_PROOF

    def test_each_contract_has_its_own_flows_rate_and_reason(self) -> None:
        """Answered here, below zero, one-sided, and more than an int64 holds."""
        loans = [[(-1000, 0), (1100, 365)], [(-1000, 0), (500, 365)], [(-1000, 0)], [(-1, 0), (10**10, 365)]]
        amounts = column(*(amount for loan in loans for amount, _ in loan))
        times = column(*(time for loan in loans for _, time in loan))
        rates, reasons = costs(amounts, times, column(0, 2, 4, 5, 7), 365)
        assert rates.tolist() == [10**9, -5 * 10**9, 0, 0]
        assert [None if reason == 0 else REASONS[reason - 1] for reason in reasons] == [
            *(None, None),
            NoRate.ONE_SIDED,
            NoRate.OUT_OF_RANGE,
        ]
        terms = (Term(-1, 0), Term(10**10, 365))
        assert solve(Equation(terms, 365)).rate == (10**10 - 1) * 10**10
