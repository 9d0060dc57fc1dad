"""Linear accrual: exact sums that grow by a constant per unit of an index, and become money only at named points.

ADR 0003. Between two events nothing in a loan changes but these sums, so one day or ten years cost the same.
Below them, what a loan owes and may still be charged, which the sums are part of.
"""

from typing import Final

from forbear.engine.layout import Record
from forbear.engine.vocabulary import FEE, INTEREST, PENALTY, PRINCIPAL
from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.rounding import round_fraction
from forbear.kernel.wide import mul_divmod

MOST_BALANCE: Final = 1 << 41
MOST_UNITS: Final = 1 << 20
MOST_PENDING: Final = 1 << 61
"""Below these, which no ordinary loan reaches, balance-days add up without leaving 62 bits."""


@inlined
def set_slope(line: Record, base: int, numerator: int) -> None:
    """From now on the sum grows by base * numerator / denominator per unit, or, if base is not positive, not at all."""
    if numerator != line.rate:
        realise(line)
        line.rate = numerator
    line.balance = max(base, 0)


@inlined
def rest(line: Record) -> None:
    """From now on the sum does not grow."""
    line.balance = 0
    line.slope = 0
    line.slope_remainder = 0


@inlined
def realise(line: Record) -> None:
    """Bring the pending balance-days into the sum. Asking often changes nothing: the sum is exact."""
    if line.pending > 0:
        _add_pending(line)


@compiled
def _add_pending(line: Record) -> None:
    whole, remainder = mul_divmod(line.pending, line.rate, line.denominator)
    line.pending = 0
    add(line, whole, remainder)


@compiled
def write_slope(line: Record) -> None:
    """Write the slope that follows from balance and rate into the slope's own fields."""
    if line.rate >= 0:
        line.slope, line.slope_remainder = 0, 0
        if line.balance > 0 and line.rate > 0:
            line.slope, line.slope_remainder = mul_divmod(line.balance, line.rate, line.denominator)


@inlined
def add(line: Record, whole: int, remainder: int) -> None:
    """Add whole + remainder/denominator, 0 <= remainder < denominator."""
    line.whole += whole
    line.remainder += remainder
    if line.remainder >= line.denominator:
        line.whole += 1
        line.remainder -= line.denominator


@inlined
def advance(line: Record, units: int) -> None:
    """Let `units` of the index pass."""
    if line.rate >= 0 and line.balance < MOST_BALANCE and units < MOST_UNITS and line.pending < MOST_PENDING:
        line.pending += line.balance * units
    else:
        _advance_slope(line, units)


@compiled
def _advance_slope(line: Record, units: int) -> None:
    """As `advance`, by the slope, whatever its size."""
    realise(line)
    write_slope(line)
    if line.slope != 0 or line.slope_remainder != 0:
        whole, remainder = mul_divmod(line.slope_remainder, units, line.denominator)
        add(line, line.slope * units + whole, remainder)


@inlined
def uncharged(line: Record, mode: int) -> int:
    """What has accrued by now, rounded to money, less what has been charged."""
    realise(line)
    return round_fraction(line.whole, line.remainder, line.denominator, mode) - line.charged


@inlined
def projected(line: Record, units: int, mode: int) -> int:
    """The sum after `units` more of the index, rounded to money, less what has been charged; the sum is unchanged."""
    realise(line)
    write_slope(line)
    whole, remainder = mul_divmod(line.slope_remainder, units, line.denominator)
    whole += line.whole + line.slope * units
    remainder += line.remainder
    if remainder >= line.denominator:
        whole += 1
        remainder -= line.denominator
    return round_fraction(whole, remainder, line.denominator, mode) - line.charged


@compiled
def restart(line: Record) -> None:
    """A new period: the sum begins again at nothing. What its rounding dropped is gone, by name."""
    line.whole = 0
    line.remainder = 0
    line.charged = 0
    line.pending = 0


@compiled
def stop(line: Record) -> None:
    """Nothing accrues any more."""
    restart(line)
    rest(line)


@compiled
def headroom(loan: Record, cap: Record, with_accrued: int) -> int:
    """What may still be charged under the cost cap, never below zero; `with_accrued` is room to keep for accruals."""
    realise(cap)
    charged = loan.charged[INTEREST] + loan.charged[FEE] + loan.charged[PENALTY]
    return max(0, cap.whole - charged - with_accrued)


@compiled
def nothing_owed(loan: Record, interest: Record, penalty: Record, mode: int) -> bool:
    """Whether a loan that is not written off owes nothing, what has accrued and rounds to nothing left aside."""
    owed = (
        loan.undue
        + loan.put_off
        + loan.due[PRINCIPAL]
        + loan.due[INTEREST]
        + loan.due[FEE]
        + loan.due[PENALTY]
    )
    return owed == 0 and uncharged(interest, mode) == 0 and uncharged(penalty, mode) == 0


@inlined
def outstanding(loan: Record) -> int:
    """Principal outstanding, fallen due or not."""
    return loan.undue + loan.due[PRINCIPAL]
