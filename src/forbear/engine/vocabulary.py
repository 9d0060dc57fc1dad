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
RATE_CHANGED: Final = 10
INTEREST_PAUSED: Final = 11
DELINQUENCY_PAUSED: Final = 12
DELINQUENCY_RESUMED: Final = 13
MORATORIUM_STARTED: Final = 14
MORATORIUM_ENDED: Final = 15
DUE_DATE_MOVED: Final = 16
PAYMENT_HOLIDAY: Final = 17
EXTENDED: Final = 18
REAMORTISED: Final = 19
REAGED: Final = 20
ACCELERATED: Final = 21
CHARGED_OFF: Final = 22
SOLD: Final = 23
MERCHANT_REFUNDED: Final = 24
GOODWILL_CREDITED: Final = 25
INTEREST_REFUNDED: Final = 26
PAID_TO_COMPONENT: Final = 27
PAID_TO_INSTALMENT: Final = 28
# 29 and 31 to 34 are taken by kinds of `forbear.engine.live.vocabulary` that a book's journal does not have.
RESTRUCTURED: Final = 30


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
    RATE_CHANGED = RATE_CHANGED
    INTEREST_PAUSED = INTEREST_PAUSED
    DELINQUENCY_PAUSED = DELINQUENCY_PAUSED
    DELINQUENCY_RESUMED = DELINQUENCY_RESUMED
    MORATORIUM_STARTED = MORATORIUM_STARTED
    MORATORIUM_ENDED = MORATORIUM_ENDED
    DUE_DATE_MOVED = DUE_DATE_MOVED
    PAYMENT_HOLIDAY = PAYMENT_HOLIDAY
    EXTENDED = EXTENDED
    REAMORTISED = REAMORTISED
    REAGED = REAGED
    ACCELERATED = ACCELERATED
    CHARGED_OFF = CHARGED_OFF
    SOLD = SOLD
    MERCHANT_REFUNDED = MERCHANT_REFUNDED
    GOODWILL_CREDITED = GOODWILL_CREDITED
    INTEREST_REFUNDED = INTEREST_REFUNDED
    PAID_TO_COMPONENT = PAID_TO_COMPONENT
    PAID_TO_INSTALMENT = PAID_TO_INSTALMENT
    RESTRUCTURED = RESTRUCTURED


# fmt: off
SAME_DAY_RANK: Final = (
    99, 0, 7, 8, 9, 12, 13, 17, 26, 99,
    1, 4, 6, 5, 3, 2, 18, 19, 20, 21, 22, 24, 25, 27, 14, 15, 16, 11, 10, 99, 23,
)
# fmt: on
"""Place of each kind within its day, indexed by its number: what raises a debt comes before what pays it; refunds, and what
spreads the rest anew, come after.
"""

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


RELEVEL: Final = 0
KEEP: Final = 1


class Repricing(IntEnum):
    """What a change of the rate does to the level instalment: RELEVEL computes it anew, KEEP leaves it."""

    RELEVEL = RELEVEL
    KEEP = KEEP


REGULAR: Final = 0
ZERO_INTEREST: Final = 1
ACCELERATE: Final = 2


class ChargeOff(IntEnum):
    """What a charge-off does: nothing else (REGULAR), no interest any more (ZERO_INTEREST), all falls due (ACCELERATE)."""

    REGULAR = REGULAR
    ZERO_INTEREST = ZERO_INTEREST
    ACCELERATE = ACCELERATE


# Not WRITTEN_OFF, CHARGED_OFF and SOLD: those are kinds of entry.
PENDING: Final = 0
ACTIVE: Final = 1
CLOSED: Final = 2
WRITTEN: Final = 3
DOUBTFUL: Final = 4
GONE: Final = 5


class Status(IntEnum):
    """Where a loan stands in its life: 待放款, 正常/逾期 (active), 结清, 核销, 坏账认定, 已转让."""

    PENDING = PENDING
    ACTIVE = ACTIVE
    CLOSED = CLOSED
    WRITTEN_OFF = WRITTEN
    CHARGED_OFF = DOUBTFUL
    SOLD = GONE


M_BUCKETS: Final = (1, 31, 61, 91, 121, 151, 181)
"""M1 to M7: 1 to 30 days past due, 31 to 60, ... more than 180."""

NEVER: Final = 1 << 40
"""A day that does not come: greater than any day number, so that `min` needs no special case."""
