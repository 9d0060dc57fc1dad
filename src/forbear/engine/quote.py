"""The level instalment of equal periods, as it is quoted before a loan exists."""

import numpy as np

from forbear.engine.annuity import level_instalment
from forbear.engine.layout import PLAN, RATE, TERMS
from forbear.engine.vocabulary import PERIOD_RATE
from forbear.kernel.rates import RATE_SCALE


def level_instalment_of(
    principal: int, rate: int, periods_a_year: int, count: int, multiple: int, rounding: int
) -> int:
    """The amount that repays `principal` in `count` equal periods at `rate` (in 10**-10 a year), in minor units.

    The fold's own computation (docs/algorithms/fold.md, section 5), for a loan that has no dates yet. Rounded to the
    `multiple` of minor units, in the mode `rounding`.
    """
    terms = np.zeros(1, TERMS).view(np.recarray)
    terms.interest_method, terms.period_denominator = PERIOD_RATE, RATE_SCALE * periods_a_year
    terms.multiple, terms.instalment_rounding = multiple, rounding
    rates = np.zeros(1, RATE).view(np.recarray)
    rates.per_period = rate
    plan = np.zeros(count, PLAN).view(np.recarray)
    return int(level_instalment(terms[0], rates, plan, 0, count, principal, 0, 0, 0, 0, rate))
