"""Linear accrual: exact sums that grow by a constant per unit of an index, and become money only at named points.

ADR 0003. Between two events nothing in a loan changes but these sums, so one day or ten years cost the same.
"""

from forbear.engine.layout import Record
from forbear.engine.vocabulary import INTEREST, PENALTY, PRINCIPAL
from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.rounding import round_fraction
from forbear.kernel.wide import mul_divmod


@inlined
def set_slope(line: Record, base: int, numerator: int) -> None:
    """From now on the sum grows by base * numerator / denominator per unit."""
    if base == line.slope_base and numerator == line.slope_rate:
        return
    line.slope_base = base
    line.slope_rate = numerator
    if base <= 0 or numerator == 0:
        line.slope = 0
        line.slope_remainder = 0
    else:
        line.slope, line.slope_remainder = mul_divmod(base, numerator, line.denominator)


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
    if line.slope != 0 or line.slope_remainder != 0:
        whole, remainder = mul_divmod(line.slope_remainder, units, line.denominator)
        add(line, line.slope * units + whole, remainder)


@inlined
def uncharged(line: Record, mode: int) -> int:
    """What has accrued by now, rounded to money, less what has been charged."""
    return round_fraction(line.whole, line.remainder, line.denominator, mode) - line.charged


@inlined
def projected(line: Record, units: int, mode: int) -> int:
    """The sum after `units` more of the index, rounded to money, less what has been charged; the line is unchanged."""
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


@compiled
def stop(line: Record) -> None:
    """Nothing accrues any more."""
    restart(line)
    line.slope = 0
    line.slope_remainder = 0
    line.slope_base = 0
    line.slope_rate = 0


@compiled
def headroom(loan: Record, cap: Record, with_accrued: int) -> int:
    """What may still be charged under the cost cap, never below zero; `with_accrued` is room to keep for accruals."""
    charged = loan.charged[INTEREST] + loan.charged[2] + loan.charged[PENALTY]
    return max(0, cap.whole - charged - with_accrued)


@compiled
def nothing_owed(loan: Record, interest: Record, penalty: Record, mode: int) -> bool:
    """Whether a loan that is not written off owes nothing, what has accrued and rounds to nothing left aside."""
    owed = (
        loan.undue + loan.put_off + loan.due[PRINCIPAL] + loan.due[INTEREST] + loan.due[2] + loan.due[PENALTY]
    )
    return owed == 0 and uncharged(interest, mode) == 0 and uncharged(penalty, mode) == 0


@inlined
def outstanding(loan: Record) -> int:
    """Principal outstanding, fallen due or not."""
    return loan.undue + loan.due[PRINCIPAL]
