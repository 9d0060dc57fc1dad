"""The parts of the proven annual cost, against exact fractions, and equations whose roots are known by construction."""

import itertools
from fractions import Fraction

import pytest

from forbear.engine.cost import solve as parts
from forbear.engine.cost.solve import Cost, Equation, NoRate, Term, annual, solve
from forbear.engine.cost.solve import _Interval as Interval

BITS = 128
ONE = 1 << BITS
TERMS = (
    Term(-1000, 0),
    Term(300, 1),
    Term(-200, 1, Fraction(1, 3)),
    Term(500, 4, Fraction(17, 30)),
    Term(700, 7),
)


def fixed(number: Fraction) -> int:
    return int(number * ONE)


def number(held: int) -> Fraction:
    return Fraction(held, ONE)


def with_roots(*roots: Fraction, scale: int = 10**12) -> tuple[Term, ...]:
    """Flows whose present value is zero at these y and nowhere else: the product of (y - root), by powers of 1/y."""
    amounts = [Fraction(scale)]
    for root in roots:
        amounts = [
            a - root * b for a, b in zip([*amounts, Fraction(0)], [Fraction(0), *amounts], strict=True)
        ]
    assert all(amount.denominator == 1 for amount in amounts)
    return tuple(Term(int(amount), power) for power, amount in enumerate(amounts))


def rates_of(*roots: Fraction) -> tuple[int, ...]:
    return tuple(int((root - 1) * 10**10) for root in roots)


class TestIntervals:
    NUMBERS = (Fraction(1), Fraction(11, 10), Fraction(2, 3), Fraction(10**6), Fraction(1, 10**6))

    @pytest.mark.parametrize("a", NUMBERS)
    @pytest.mark.parametrize("b", NUMBERS)
    def test_products_are_rounded_outward_by_less_than_one(self, a, b) -> None:
        x, y = (Interval(fixed(n), fixed(n) + 3) for n in (a, b))
        found = parts._times(x, y, BITS)
        assert found.low == Fraction(x.low * y.low, ONE) // 1
        assert found.high == -(-Fraction(x.high * y.high, ONE) // 1)

    @pytest.mark.parametrize("a", NUMBERS)
    def test_inverses_too(self, a) -> None:
        x = Interval(fixed(a), fixed(a) + 3)
        found = parts._inverse(x, BITS)
        assert found.low == Fraction(ONE * ONE, x.high) // 1
        assert found.high == -(-Fraction(ONE * ONE, x.low) // 1)

    @pytest.mark.parametrize("exponents", [(0, 1, 2), (5, 3, 8), (13,), (365, 1)])
    def test_powers_enclose_the_exact_ones_tightly_in_any_order(self, exponents) -> None:
        base = Interval(fixed(Fraction(103, 100)), fixed(Fraction(103, 100)) + 2)
        powers = parts._Powers(base, BITS)
        for exponent in exponents:
            found = powers(exponent)
            assert number(found.low) <= number(base.low) ** exponent
            assert number(found.high) >= number(base.high) ** exponent
            assert found.high - found.low <= 10 * exponent * number(found.high)
            assert powers(exponent) == found

    @pytest.mark.parametrize("share", [Fraction(1, 3), Fraction(29, 30)])
    @pytest.mark.parametrize("at", [Fraction(1, 2), Fraction(1), Fraction(7, 5)])
    def test_growth_over_a_part_of_a_step_is_simple(self, share, at) -> None:
        y = Interval(fixed(at), fixed(at) + 5)
        found = parts._part_growth(y, share, BITS)
        assert number(found.low) <= 1 + share * (number(y.low) - 1) < number(found.low + 1)
        assert number(found.high - 1) < 1 + share * (number(y.high) - 1) <= number(found.high)

    @pytest.mark.parametrize(
        ("low", "high", "sign"),
        [(1, 2, 1), (-2, -1, -1), (0, 0, 0), (-1, 1, None), (0, 1, None), (-1, 0, None)],
    )
    def test_a_sign_is_told_where_all_numbers_have_it(self, low, high, sign) -> None:
        assert parts._sign(Interval(low, high)) == sign


class TestValue:
    @pytest.mark.parametrize("at", [Fraction(9, 10), Fraction(1), Fraction(101, 100), Fraction(3)])
    @pytest.mark.parametrize("wide", [0, 2**20])
    def test_value_and_slope_enclose_the_exact_ones(self, at, wide) -> None:
        y = Interval(fixed(at), fixed(at) + wide)
        value, slope = parts._value(TERMS, y, BITS)
        for end in y:
            exact, steep = Fraction(0), Fraction(0)
            for amount, power, share in TERMS:
                growth = 1 + share * (number(end) - 1)
                worth = amount / (growth * number(end) ** power)
                exact += worth
                steep -= worth * (power / number(end) + share / growth)
            assert value.low <= exact * ONE <= value.high
            assert slope.low <= steep * ONE <= slope.high
        assert value.high - value.low <= 10**5 * (wide + 1)
        assert slope.high - slope.low <= 10**6 * (wide + 1)


class TestRange:
    @pytest.mark.parametrize(
        "factor", [Fraction(1, 10**6), Fraction(1), Fraction(11, 10), Fraction(10**12 + 1)]
    )
    @pytest.mark.parametrize("steps", [1, 2, 12, 365])
    def test_the_root_of_a_factor(self, factor, steps) -> None:
        found = parts._root_of(factor, steps, BITS)
        slack = Fraction(2 * steps, 2**BITS)
        assert number(found) ** steps <= factor * (1 + slack * 2**30)
        assert number(found + 2) ** steps >= factor * (1 - slack)

    def test_the_ends_belong_to_the_lowest_and_the_highest_annual_rate(self) -> None:
        for per_year in (Fraction(1), Fraction(12)):
            low, high = parts._range(Equation((), 1, per_year), BITS)
            assert abs(per_year * (number(high) - 1) - 10**12) < Fraction(1, 10**20)
            assert abs(per_year * (number(low) - 1) + (1 - Fraction(1, 10**6))) < Fraction(1, 10**20)

    def test_annual_rates_of_both_ends_are_rounded(self) -> None:
        ends = Interval(fixed(Fraction(11, 10)), fixed(Fraction(6, 5)))
        assert annual(Equation((), 2, Fraction(1)), ends, BITS) == (21 * 10**8, 44 * 10**8)
        assert annual(Equation((), 1, Fraction(365, 30)), ends, BITS) == (12_166_666_667, 24_333_333_333)


class TestSeveral:
    """Flows that change their sign more than once."""

    @pytest.mark.parametrize(
        "roots",
        [
            (Fraction(11, 10), Fraction(12, 10)),
            (Fraction(1), Fraction(5, 4)),
            (Fraction(1, 2), Fraction(3, 2), Fraction(5, 2)),
            (Fraction(11, 10), Fraction(13, 10), Fraction(16, 10)),
            (Fraction(11000, 10000), Fraction(11001, 10000)),
            (Fraction(1, 10), Fraction(9, 10), Fraction(2), Fraction(100)),
        ],
        ids=str,
    )
    def test_every_root_is_found_in_order(self, roots) -> None:
        found = solve(Equation(with_roots(*roots, scale=10**16)))
        assert found == Cost(None, NoRate.SEVERAL, rates_of(*roots))

    def test_the_sign_of_the_flows_does_not_matter(self) -> None:
        terms = with_roots(Fraction(11, 10), Fraction(12, 10))
        turned = tuple(Term(-amount, power) for amount, power, _ in terms)
        assert solve(Equation(turned)) == solve(Equation(terms))

    def test_a_root_out_of_range_is_not_found(self) -> None:
        far = Fraction(2 * 10**12)
        assert solve(Equation(with_roots(Fraction(11, 10), far))) == Cost(10**9)

    def test_a_root_on_a_cut_is_found_once(self) -> None:
        """y = 1 is the middle of the range, where it is cut first."""
        equation = Equation(with_roots(Fraction(1), Fraction(6, 5)))
        assert parts._all(equation.terms, equation, ONE // 2, ONE + ONE // 2, BITS) == [0, 2 * 10**9]

    def test_a_root_at_the_start_of_a_range_is_found_and_one_at_its_end_is_not(self) -> None:
        equation = Equation(with_roots(Fraction(1), Fraction(5, 4)))
        assert parts._all(equation.terms, equation, ONE, ONE + ONE // 8, BITS) == [0]
        assert parts._all(equation.terms, equation, ONE // 2, ONE, BITS) == []

    def test_flows_that_never_balance_have_none(self) -> None:
        """y**2 - 2y + 2 is at least 1."""
        assert solve(Equation((Term(1, 0), Term(-2, 1), Term(2, 2)))) == Cost(None, NoRate.NO_ROOT)

    @pytest.mark.parametrize("bits", [128, 256])
    def test_a_root_of_even_multiplicity_is_never_settled(self, bits) -> None:
        equation = Equation(with_roots(Fraction(11, 10), Fraction(11, 10)))
        assert parts._all(equation.terms, equation, 1 << bits - 1, 1 << bits + 1, bits) is None


class TestOne:
    @pytest.mark.parametrize(
        "root", [Fraction(1, 10**3), Fraction(9, 10), Fraction(1), Fraction(11, 10), Fraction(10**9)]
    )
    def test_the_only_root_by_construction(self, root) -> None:
        assert solve(Equation(with_roots(root))) == Cost(rates_of(root)[0])

    def test_beyond_the_highest_rate_and_below_the_lowest(self) -> None:
        for root in (Fraction(10**12 + 2), Fraction(1, 2 * 10**6)):
            assert solve(Equation(with_roots(root))) == Cost(None, NoRate.OUT_OF_RANGE)

    def test_steps_and_periods_make_it_annual(self) -> None:
        terms = with_roots(Fraction(11, 10))
        assert solve(Equation(terms, 2)) == Cost(21 * 10**8)
        assert solve(Equation(terms, 1, Fraction(12))) == Cost(12 * 10**9)

    def test_newton_comes_close_from_either_side(self) -> None:
        terms = with_roots(Fraction(11, 10))
        for start in (fixed(Fraction(1001, 1000)), fixed(Fraction(2)), 0):
            low, high = ONE // 2, 4 * ONE
            [at_low] = [parts._sign(parts._value(terms, Interval(low, low), BITS)[0])]
            found = parts._newton(terms, low, high, at_low, start, BITS)
            assert abs(found - fixed(Fraction(11, 10))) <= 1 << 32


class TestTerms:
    def test_told_by_how_many_there_are(self) -> None:
        assert parts._told([]) == Cost(None, NoRate.NO_ROOT)
        assert parts._told([5]) == Cost(5)
        assert parts._told([5, 7]) == Cost(None, NoRate.SEVERAL, (5, 7))

    def test_in_whatever_order_and_from_whatever_time_on(self) -> None:
        terms = with_roots(Fraction(11, 10), Fraction(12, 10))
        for order in itertools.permutations(terms):
            later = tuple(Term(a, power + 4, share) for a, power, share in order)
            assert solve(Equation(later)) == solve(Equation(terms))
