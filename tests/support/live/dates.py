"""Dates and shares of a year of a live schedule, in exact fractions. docs/algorithms/live-schedule.md, sections 2 and 3."""

import datetime as dt
from fractions import Fraction
from functools import cache, lru_cache

EPOCH = dt.date(1970, 1, 1)
DAY, WEEK, MONTH, YEAR = range(4)


def date(day):
    """The calendar date of a day number."""
    return EPOCH + dt.timedelta(day)


def number(when):
    """The day number of a calendar date."""
    return (when - EPOCH).days


def last_of_month(year, month):
    """28 to 31."""
    return (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(1)).day


@cache
def plus(day, count, unit):
    """`count` units after `day`; a month keeps the day of the month, or takes its last one."""
    if unit in (DAY, WEEK):
        return day + count * (7 if unit == WEEK else 1)
    when = date(day)
    year, month = divmod(when.year * 12 + when.month - 1 + count * (12 if unit == YEAR else 1), 12)
    return number(dt.date(year, month + 1, min(when.day, last_of_month(year, month + 1))))


def year_length(day):
    """365 or 366, of the year of `day`."""
    year = date(day).year
    return 366 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 365


def holds_leap_day(start, end):
    """Whether a 29 February lies after `start` and not after `end`."""
    for year in range(date(start).year, date(end).year + 1):
        first = number(dt.date(year, 1, 1))
        if year_length(first) == 366 and start < first + 59 <= end:
            return True
    return False


def split_years(start, end, first_day_counts):
    """The share of a year from start to end, each day over the length of its year; a year ends on 31 December."""
    total = Fraction(0)
    for year in range(date(start).year, date(end).year + 1):
        first = number(dt.date(year, 1, 1))
        length = year_length(first)
        stop = end if year == date(end).year else first + length - (0 if first_day_counts else 1)
        total += Fraction(stop - start, length)
        start = stop
    return total


def whole_units(start, end, unit):
    """How many whole units fit between two days."""
    if unit in (DAY, WEEK):
        return (end - start) // (7 if unit == WEEK else 1)
    a, b = date(start), date(end)
    months = (b.year - a.year) * 12 + b.month - a.month - (1 if b.day < a.day else 0)
    return months // 12 if unit == YEAR else months


@cache
def units_in(seed, start, end, every, unit):
    """How many units the period [start, end) holds, a part of one counted by its days."""
    calculated, k = seed, 0
    while calculated < end:
        k += 1
        calculated = plus(seed, k, unit)
    if not (calculated == end and plus(calculated, -every, unit) == start):
        seed = start
    shift = 0
    if unit == MONTH:
        s = date(start)
        if s.day == last_of_month(s.year, s.month) and date(seed).day > s.day:
            shift = 1
    before = whole_units(seed, start + shift, unit)
    k = before + 1
    while plus(seed, k, unit) < end:
        k += 1
    if plus(seed, k, unit) == end:
        return Fraction(k - before)
    whole = k - 1 - before
    floor = plus(seed, whole, unit)
    return whole + Fraction(end - floor, plus(seed, k, unit) - floor)


@lru_cache(maxsize=100_000)
def share_of_year(terms, period_start, period_end, start, end, seed, level):
    """What part of the yearly rate [start, end) earns; `level`: for the level amount, where a month is `every` months."""
    length, full = end - start, period_end - period_start
    if full == 0:
        return Fraction(0)
    if terms.by_period and terms.unit in (MONTH, WEEK):
        return Fraction(terms.every, 12 if terms.unit == MONTH else 52) * length / full
    crosses = date(start).year != date(end).year
    basis = terms.year_days
    if basis == 0:
        basis = year_length(start)
        if basis == 366 and terms.leap_day_rule:
            basis = 366 if holds_leap_day(period_start, period_end) else 365
        if crosses and (not terms.leap_day_rule or holds_leap_day(period_start, period_end)):
            return split_years(start, end, terms.first_day_counts)
    if not terms.month_thirty:
        return Fraction(length, basis)
    days = {DAY: 1, WEEK: 7, MONTH: 30}[terms.unit]
    units = terms.every if level else units_in(seed, period_start, period_end, terms.every, terms.unit)
    return days * units / Fraction(basis) * length / full
