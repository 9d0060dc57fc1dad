"""Classes of loans by days past due and flags, thresholds, counters of observation, and provisions.

Pure functions over arrays. Every table is an argument: which days, classes, thresholds and rates apply is the law's and the
lender's to say, and they hand them over as data. docs/algorithms/classification.md has the rules and worked tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise

import numpy as np

from forbear.engine.vocabulary import NEVER
from forbear.kernel.compiled import compiled
from forbear.kernel.days import CLAMP, add_months
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.rounding import Rounding
from forbear.kernel.wide import mul_div

Days = np.ndarray
"""int64, one per loan."""
Flags = np.ndarray
"""bool, one per loan."""


class FirstDay(IntEnum):
    """Which day past due is number one: the day AFTER the due date, or the DUE_DATE itself if unpaid at its end."""

    AFTER = 0
    DUE_DATE = 1


def days_past_due(oldest_due_on: Days, day: int, first: FirstDay = FirstDay.AFTER) -> Days:
    """Days past due at the end of `day`, from the due date of the oldest late row (`NEVER` where there is none)."""
    return np.where(oldest_due_on <= day, day - oldest_due_on + int(first), 0)


@dataclass(frozen=True, slots=True)
class ClassTable:
    """Classes in ascending order of risk: loans with at least `bounds[i]` days past due are in `classes[i + 1]` or worse.

    `floors`: a flag and the class that a loan with the flag has at least. `ceilings`: a flag and the class that it has at
    most, for what days past due alone would say (a technical delay). A floor beats a ceiling.
    """

    classes: tuple[str, ...]
    bounds: tuple[int, ...]
    floors: Mapping[str, str] = field(default_factory=dict)
    ceilings: Mapping[str, str] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """What makes this table impossible, in words; empty if nothing does."""
        found = []
        if len(self.classes) != len(self.bounds) + 1:
            found.append(
                f"{len(self.classes)} classes need {len(self.classes) - 1} bounds, not {len(self.bounds)}"
            )
        if any(a >= b for a, b in pairwise((0, *self.bounds))):
            found.append("bounds must be ascending days past due, from 1")
        if len(set(self.classes)) != len(self.classes):
            found.append("each class has a name of its own")
        found += [
            f"flag {flag}: there is no class {name!r}"
            for flag, name in (*self.floors.items(), *self.ceilings.items())
            if name not in self.classes
        ]
        return found


def classify(table: ClassTable, days: Days, flags: Mapping[str, Flags] | None = None) -> np.ndarray:
    """The place in `table.classes` of each loan, int64.

    `flags`: bool arrays by name; those the table knows nothing of are passed over. Raises ValueError if the table has
    `problems()`.
    """
    problems = table.problems()
    if problems:
        raise ValueError("class table: " + "; ".join(problems))
    place = np.searchsorted(np.array(table.bounds, np.int64), days, side="right").astype(np.int64)
    known = flags or {}
    for flag, name in table.ceilings.items():
        if flag in known:
            place = np.where(known[flag], np.minimum(place, table.classes.index(name)), place)
    for flag, name in table.floors.items():
        if flag in known:
            place = np.where(known[flag], np.maximum(place, table.classes.index(name)), place)
    return place


# ----------------------------------------------------------------------------------------------------------------------
# Materiality and default


@dataclass(frozen=True, slots=True)
class Materiality:
    """Arrears count when above `absolute` minor units and above `relative` (in 10**-10) of the exposure: both, or
    `either`.
    """

    absolute: int
    relative: int
    either: bool = False


def material(rule: Materiality, overdue: np.ndarray, exposure: np.ndarray) -> Flags:
    """Where arrears are material. `overdue` and `exposure`: int64 minor units of one shape, up to 10**12.

    Nothing is rounded: overdue > exposure * relative is compared in whole numbers. What is above an exposure of zero is
    relatively material. Raises ValueError for a negative exposure.
    """
    above = overdue > rule.absolute
    part = provisions(exposure.ravel(), np.zeros(exposure.size, np.int64), (rule.relative,), Rounding.DOWN)
    share = overdue > part.reshape(
        exposure.shape
    )  # whole numbers: what is above the quotient is above its floor
    return above | share if rule.either else above & share


def consecutive(flags: np.ndarray) -> np.ndarray:
    """For each day of histories (loans, days): how many days in a row, up to and including it, the flag has stood."""
    days = np.arange(1, flags.shape[1] + 1)
    last_clear = np.maximum.accumulate(np.where(flags, 0, days), axis=1)
    return np.where(flags, days - last_clear, 0)


PERFORMING, DEFAULTED, ON_PROBATION = 0, 1, 2


@compiled
def _walk(material_on: np.ndarray, unlikely: np.ndarray, after: int, probation: int, out: np.ndarray) -> None:
    for loan in range(material_on.shape[0]):
        status, late, clean = PERFORMING, 0, 0
        for day in range(material_on.shape[1]):
            late = late + 1 if material_on[loan, day] else 0
            if late > after or unlikely[loan, day]:
                status, clean = DEFAULTED, 0
            elif status != PERFORMING:
                clean = 0 if material_on[loan, day] else clean + 1
                status = ON_PROBATION if clean > 0 else DEFAULTED
                if clean > probation:
                    status = PERFORMING
            out[loan, day] = status


def default_history(
    material_on: np.ndarray, unlikely: np.ndarray, *, after: int, probation: int
) -> np.ndarray:
    """Status of each day of histories (loans, days): PERFORMING, DEFAULTED or ON_PROBATION, int64.

    Default begins on the first day on which arrears have been material for more than `after` days in a row, or payment is
    `unlikely`. It ends after `probation` whole days in a row with neither: a day on probation is still a day in default,
    and any material day begins the count anew.
    """
    out = np.zeros(material_on.shape, np.int64)
    _walk(np.ascontiguousarray(material_on), np.ascontiguousarray(unlikely), after, probation, out)
    return out


# ----------------------------------------------------------------------------------------------------------------------
# Observation


@dataclass(frozen=True, slots=True)
class Observation:
    """How long a loan is watched after a restructuring or a cure: `months` and `periods` paid in a row, both."""

    months: int
    periods: int


def observed_until(rule: Observation, started_on: Days) -> Days:
    """The first day on which the months of an observation begun on `started_on` are over."""
    return np.array([add_months(int(day), rule.months, 0, CLAMP) for day in started_on], np.int64)


def under_observation(
    rule: Observation, started_on: Days, breached_on: Days, periods_kept: Days, day: int
) -> Flags:
    """Whether each loan is still watched at the end of `day`.

    The count begins on `started_on` (`NEVER`: not watched) or, after a breach, anew on `breached_on` (`NEVER`: none).
    `periods_kept`: repayment periods paid in full, in a row, since then.
    """
    breached = (breached_on != NEVER) & (breached_on >= started_on)
    begun = np.where(breached, breached_on, started_on)
    watched = started_on != NEVER
    until = observed_until(rule, np.where(watched, begun, 0))
    return watched & (begun <= day) & ((day < until) | (periods_kept < rule.periods))


# ----------------------------------------------------------------------------------------------------------------------
# Provisions


@compiled
def _provide(
    exposure: np.ndarray, place: np.ndarray, rates: np.ndarray, rounding: int, out: np.ndarray
) -> None:
    for i in range(exposure.shape[0]):
        out[i] = mul_div(exposure[i], rates[place[i]], RATE_SCALE, rounding)


def provisions(
    exposure: np.ndarray, place: np.ndarray, rates: Sequence[int], rounding: Rounding = Rounding.HALF_UP
) -> np.ndarray:
    """The provision of each loan in minor units: exposure times the rate of its class, rounded once per loan.

    `exposure`: int64 minor units, not negative; `place`: from `classify`; `rates`: one per class, in 10**-10. Raises
    ValueError for a negative exposure or a class without a rate.
    """
    if len(exposure) and exposure.min() < 0:
        raise ValueError("an exposure is negative; a credit balance is no exposure, pass zero")
    if len(place) and not 0 <= place.min() <= place.max() < len(rates):
        raise ValueError(f"a loan's class has no rate: there are {len(rates)} rates")
    out = np.zeros(len(exposure), np.int64)
    exposure, place = np.ascontiguousarray(exposure, np.int64), np.ascontiguousarray(place, np.int64)
    _provide(exposure, place, np.array(rates, np.int64), int(rounding), out)
    return out
