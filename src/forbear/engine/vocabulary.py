"""The words of terms and journal, as small integers that compiled code and the database share.

The numbers are stored: never renumber, only add. Plain constants stand beside the enumerations because compiled code
indexes arrays with them.
"""

from enum import IntEnum
from typing import Final

PRINCIPAL: Final = 0
INTEREST: Final = 1
FEE: Final = 2
PENALTY: Final = 3
COMPONENTS: Final = 4


class Component(IntEnum):
    """What a debt is made of: principal 本金, interest 利息, fee 费用, penalty interest 罚息."""

    PRINCIPAL = PRINCIPAL
    INTEREST = INTEREST
    FEE = FEE
    PENALTY = PENALTY


DISBURSED: Final = 1
FEE_CHARGED: Final = 2
CHARGED_BACK: Final = 3
WAIVED: Final = 4
PAID: Final = 5
RECOVERED: Final = 6
REFUNDED: Final = 7
WRITTEN_OFF: Final = 8
REVERSED: Final = 9


class EntryKind(IntEnum):
    """What a journal entry records. `docs/reference/journal.md` has a line for each."""

    DISBURSED = DISBURSED
    FEE_CHARGED = FEE_CHARGED
    CHARGED_BACK = CHARGED_BACK
    WAIVED = WAIVED
    PAID = PAID
    RECOVERED = RECOVERED
    REFUNDED = REFUNDED
    WRITTEN_OFF = WRITTEN_OFF
    REVERSED = REVERSED


SAME_DAY_RANK: Final = (99, 0, 1, 2, 3, 4, 5, 6, 7, 99)
"""Place of each kind within its day, indexed by its number: what raises a debt comes before what pays it."""

EQUAL_INSTALMENT: Final = 0
EQUAL_PRINCIPAL: Final = 1
INTEREST_ONLY: Final = 2
BULLET: Final = 3
CUSTOM: Final = 4


class Amortisation(IntEnum):
    """How principal is spread over the instalments.

    EQUAL_INSTALMENT 等额本息, EQUAL_PRINCIPAL 等额本金, INTEREST_ONLY 先息后本, BULLET 一次性还本付息, CUSTOM a
    principal for each row.
    """

    EQUAL_INSTALMENT = EQUAL_INSTALMENT
    EQUAL_PRINCIPAL = EQUAL_PRINCIPAL
    INTEREST_ONLY = INTEREST_ONLY
    BULLET = BULLET
    CUSTOM = CUSTOM


DAILY_BALANCE: Final = 0
PERIOD_RATE: Final = 1
FLAT: Final = 2


class InterestMethod(IntEnum):
    """DAILY_BALANCE 按日计息: on each day's balance; PERIOD_RATE 按期计息: a fraction of the year per period; FLAT 固定费率."""

    DAILY_BALANCE = DAILY_BALANCE
    PERIOD_RATE = PERIOD_RATE
    FLAT = FLAT


DROPPED: Final = 0
CARRIED: Final = 1


class Residue(IntEnum):
    """What rounding leaves of a period's interest (尾差): DROPPED at the due date, or CARRIED into the next period."""

    DROPPED = DROPPED
    CARRIED = CARRIED


CONTINUES: Final = 0
REPLACED: Final = 1


class OverdueInterest(IntEnum):
    """Whether contract interest continues on overdue principal, or the penalty rate replaces it (罚息)."""

    CONTINUES = CONTINUES
    REPLACED = REPLACED


NO_PENALTY: Final = 0
ON_PRINCIPAL: Final = 1
ON_PRINCIPAL_AND_INTEREST: Final = 2


class PenaltyBase(IntEnum):
    """What penalty interest is charged on; with interest it is compound interest (复利)."""

    NONE = NO_PENALTY
    PRINCIPAL = ON_PRINCIPAL
    PRINCIPAL_AND_INTEREST = ON_PRINCIPAL_AND_INTEREST


NEXT: Final = 0
SHORTEN: Final = 1
LOWER: Final = 2


class Prepayment(IntEnum):
    """What money beyond the next instalment does: waits for the NEXT ones, SHORTENs the term, LOWERs the instalments."""

    NEXT = NEXT
    SHORTEN = SHORTEN
    LOWER = LOWER


PENDING: Final = 0
ACTIVE: Final = 1
CLOSED: Final = 2
WRITTEN: Final = 3


class Status(IntEnum):
    """Where a loan stands in its life: 待放款, 正常/逾期 (active), 结清, 核销."""

    PENDING = PENDING
    ACTIVE = ACTIVE
    CLOSED = CLOSED
    WRITTEN_OFF = WRITTEN


NEVER: Final = 1 << 40
"""A day that does not come: greater than any day number, so that `min` needs no special case."""
