"""Multiplication, division and rounding, against exact fractions."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from forbear.kernel.compiled import python_form
from forbear.kernel.rounding import Rounding, round_fraction, round_ratio, round_to_multiple
from forbear.kernel.wide import (
    LIMIT,
    _headroom,
    checked_mul_div,
    checked_mul_divmod,
    mul_div,
    mul_divmod,
    mul_shift,
    mul_wide,
)

DRAWN = settings.default.max_examples
MANY = settings(max_examples=DRAWN if DRAWN < 100 else max(400, DRAWN))
BULK = 20_000  # cases without Hypothesis, which draws better and a hundred times slower
FORMS = (lambda f: f, python_form)

DECIMAL_MODES = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.HALF_DOWN: ROUND_HALF_DOWN,
    Rounding.UP: ROUND_UP,
    Rounding.DOWN: ROUND_DOWN,
    Rounding.CEILING: ROUND_CEILING,
    Rounding.FLOOR: ROUND_FLOOR,
}


@st.composite
def words(draw, least=0):
    """Integers of every length up to 62 bits, often at the edge of a limb or of the range."""
    bits = draw(st.integers(0, 62))
    value = draw(st.integers(0, 1 << bits))
    edge = draw(
        st.sampled_from((None, None, 1 << 31, 1 << 61, LIMIT, (1 << 61) + (1 << 31), LIMIT - (1 << 31)))
    )
    if edge is not None:
        value = edge + draw(st.integers(-3, 3))
    return min(max(value, least), LIMIT - 1)


modes = st.sampled_from(Rounding)


def slow_round(value: Fraction, mode: Rounding) -> int:
    """Rounding as the standard library's `decimal` does it, on a decimal with the same rounding behaviour."""
    floor = value.numerator // value.denominator
    part = value - floor
    half = Fraction(1, 2)
    tenths = 0 if part == 0 else 5 if part == half else 2 if part < half else 7
    context = Context(prec=60)
    same = context.add(Decimal(floor), Decimal(tenths).scaleb(-1, context))
    return int(same.to_integral_value(DECIMAL_MODES[mode], context))


@MANY
@given(words(), words(), words(1))
@example(LIMIT - 1, LIMIT - 1, LIMIT - 1)
@example(LIMIT - 1, LIMIT - 2, LIMIT - 1)
@example((1 << 31) - 1, (1 << 31) - 1, 1)
@example(1 << 31, 1 << 30, 1)
@example(LIMIT - 1, (1 << 61) + 1, (1 << 61) + (1 << 31) - 1)
def test_mul_divmod_is_exact(a, b, c):
    expected = divmod(a * b, c)
    assume(expected[0] < LIMIT)
    assert mul_divmod(a, b, c) == expected
    assert python_form(mul_divmod)(a, b, c) == expected
    with np.errstate(all="raise"):  # an overflowing NumPy scalar warns, and would be wrong
        assert python_form(mul_divmod)(np.int64(a), np.int64(b), np.int64(c)) == expected


@MANY
@given(words(), words(1), st.data())
def test_the_largest_quotients_are_exact(b, c, data):
    # Nearly full quotients are rare by chance: choose the quotient, then the factor that gives it.
    q = LIMIT - 1 - data.draw(st.integers(0, 5))
    assume(b > 0)
    a = min(q * c // b, LIMIT - 1)
    expected = divmod(a * b, c)
    assume(expected[0] < LIMIT)
    assert mul_divmod(a, b, c) == expected == python_form(mul_divmod)(a, b, c)


@MANY
@given(words(1))
def test_the_divisor_is_shifted_until_its_top_bit_is_set(c):
    # The bound on the quotient's estimate rests on it, although the loop would forgive a missing bit.
    for form in FORMS:
        assert LIMIT // 2 <= c << form(_headroom)(c) < LIMIT


@MANY
@given(words(), words())
def test_the_wide_product_holds_every_bit(a, b):
    for form in FORMS:
        high, low = form(mul_wide)(a, b)
        assert high * LIMIT + low == a * b
        assert 0 <= low < LIMIT


@MANY
@given(words(), words(), st.integers(1, 62))
def test_mul_shift_rounds_half_up(a, b, bits):
    expected = round_ratio(a * b, 1 << bits, Rounding.HALF_UP)
    assume(expected < LIMIT)
    assert mul_shift(a, b, bits) == expected == python_form(mul_shift)(a, b, bits)


@MANY
@given(words(), st.sampled_from((1, -1)), words(), words(1), modes)
@example(LIMIT - 1, -1, LIMIT - 1, LIMIT - 1, Rounding.HALF_EVEN)
@example(1, -1, 1, 2, Rounding.HALF_UP)
def test_mul_div_rounds_the_signed_value_once(size, sign, b, c, mode):
    assume(size * b // c + 1 < LIMIT)
    expected = slow_round(Fraction(sign * size * b, c), mode)
    for form in FORMS:
        assert form(mul_div)(sign * size, b, c, int(mode)) == expected
    assert checked_mul_div(sign * size, b, c, mode) == expected


@MANY
@given(st.integers(-2, 1 << 63), st.integers(-2, 1 << 63), st.integers(-2, 1 << 63))
def test_the_checked_forms_answer_exactly_or_refuse(a, b, c):
    fits = 0 <= a < LIMIT and 0 <= b < LIMIT and 0 < c < LIMIT and a * b // c < LIMIT
    if fits:
        assert checked_mul_divmod(a, b, c) == divmod(a * b, c)
    else:
        with pytest.raises(OverflowError, match=r"a \* b / c"):
            checked_mul_divmod(a, b, c)


@st.composite
def quotients(draw):
    """q + r/d with ties and near ties as common as anything else."""
    d = draw(words(1))
    near_half = (d // 2 + draw(st.integers(-1, 1))) % d
    r = draw(st.sampled_from((0, near_half, draw(st.integers(0, d - 1)))))
    q = draw(st.one_of(st.integers(-40, 40), st.integers(-(1 << 61), 1 << 61)))
    return q, r, d


@MANY
@given(quotients(), modes)
def test_round_fraction_agrees_with_decimal(quotient, mode):
    q, r, d = quotient
    expected = slow_round(q + Fraction(r, d), mode)
    assert [form(round_fraction)(q, r, d, int(mode)) for form in FORMS] == [expected] * 2
    assert round_ratio(q * d + r, d, mode) == expected
    assert round_ratio(-(q * d + r), -d, mode) == expected


@MANY
@given(quotients(), st.one_of(st.sampled_from((1, 2, 5, 10, 50, 100, 500)), words(1)), modes)
def test_round_to_multiple_rounds_once(quotient, multiple, mode):
    q, r, d = quotient
    expected = slow_round((q + Fraction(r, d)) / multiple, mode) * multiple
    assume(abs(expected) < 1 << 63)
    assert [form(round_to_multiple)(q, r, d, multiple, int(mode)) for form in FORMS] == [expected] * 2


@MANY
@given(quotients(), modes)
def test_rounding_moves_by_less_than_one_and_mirrors(quotient, mode):
    q, r, d = quotient
    value = q + Fraction(r, d)
    rounded = round_ratio(value.numerator, value.denominator, mode)
    assert abs(rounded - value) < 1
    opposite = {Rounding.CEILING: Rounding.FLOOR, Rounding.FLOOR: Rounding.CEILING}.get(mode, mode)
    assert round_ratio(-value.numerator, value.denominator, opposite) == -rounded


def random_word(rng, least=0):
    edge = rng.choice((None, None, None, 1 << 31, 1 << 61, LIMIT))
    value = rng.getrandbits(rng.randint(1, 62)) if edge is None else edge + rng.randint(-3, 3)
    return min(max(value, least), LIMIT - 1)


def test_a_great_many_products_divide_exactly():
    rng = Random(20261121)
    tried = 0
    while tried < BULK:
        a, b, c = random_word(rng), random_word(rng), random_word(rng, 1)
        if a * b // c + 1 >= LIMIT:
            continue
        tried += 1
        assert mul_divmod(a, b, c) == python_form(mul_divmod)(a, b, c) == divmod(a * b, c)
        mode = rng.choice(tuple(Rounding))
        sign = rng.choice((1, -1))
        assert mul_div(sign * a, b, c, int(mode)) == round_ratio(sign * a * b, c, mode)


def test_a_great_many_fractions_round_as_the_ratio_does():
    rng = Random(20261122)
    for _ in range(BULK):
        d = random_word(rng, 1)
        r = rng.choice((0, d // 2, (d + 1) // 2 % d, rng.randrange(d)))
        q = rng.choice((1, -1)) * rng.getrandbits(rng.randint(1, 60))
        multiple = rng.choice((1, 2, 5, 10, 50, 100, 1 << 60))
        mode = rng.choice(tuple(Rounding))
        expected = round_ratio(q * d + r, d * multiple, mode) * multiple
        for form in FORMS:
            assert form(round_to_multiple)(q, r, d, multiple, int(mode)) == expected
            assert form(round_fraction)(q, r, d, int(mode)) == round_ratio(q * d + r, d, mode)
