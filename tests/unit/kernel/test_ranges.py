"""Half-open ranges, by example; the laws are in tests/properties/test_kernel_dates.py."""

import datetime as dt

import pytest

from forbear.kernel.ranges import DateRange, RangeSet


def march(first, until=None):
    return DateRange(dt.date(2026, 3, first), None if until is None else dt.date(2026, 3, until))


def test_the_first_day_is_in_and_the_last_is_not():
    assert dt.date(2026, 3, 1) in march(1, 10)
    assert dt.date(2026, 3, 10) not in march(1, 10)
    assert march(1, 10).days == 9
    assert march(1).days is None
    assert dt.date(2199, 1, 1) in march(1)
    assert str(march(1, 10)) == "[2026-03-01, 2026-03-10)"
    assert str(march(1)) == "[2026-03-01, ...)"


def test_taking_the_middle_out_leaves_both_ends():
    assert march(1).difference(march(5, 8)) == (march(1, 5), march(8))
    assert march(1, 10).difference(march(1, 10)) == ()
    assert march(1, 10).difference(march(10, 12)) == (march(1, 10),)
    assert march(1, 10).intersection(march(10, 12)) is None


def test_adjoining_ranges_make_one():
    assert march(1, 5).adjoins(march(5, 9))
    assert RangeSet((march(5, 9), march(1, 5))).ranges == (march(1, 9),)
    assert RangeSet((march(1, 3), march(4, 6))).days == 4
    assert RangeSet((march(1, 3), march(4))).days is None
    assert RangeSet().days == 0
    assert not RangeSet()


def test_what_is_no_range_is_refused():
    with pytest.raises(ValueError, match="holds no day"):
        march(5, 5)
    with pytest.raises(ValueError, match="holds no day"):
        march(5, 4)
    with pytest.raises(TypeError, match=r"start .* is not a plain date"):
        DateRange(dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    with pytest.raises(TypeError, match="until '2026-03-01' is not a plain date"):
        DateRange(dt.date(2026, 1, 1), "2026-03-01")
    with pytest.raises(TypeError, match="start is None"):
        DateRange(None)
