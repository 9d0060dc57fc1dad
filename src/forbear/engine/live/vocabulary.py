"""The words of the live schedule, as small integers. They are stored: never renumber, only add."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from forbear.engine.vocabulary import NEVER

PRINCIPAL, INTEREST, FEE, PENALTY = range(4)

FIXED: Final = 0
LIVE: Final = 1


class Schedule(IntEnum):
    """FIXED: written at the disbursement and only paid; LIVE: interest follows the day-by-day balance."""

    FIXED = FIXED
    LIVE = LIVE


DECLINING: Final = 0
FLAT: Final = 1


class InterestOn(IntEnum):
    """DECLINING: on what is left of the principal; FLAT: on what was disbursed."""

    DECLINING = DECLINING
    FLAT = FLAT


PAST_DUE: Final = 0
DUE: Final = 1
IN_ADVANCE: Final = 2


class Timing(IntEnum):
    """Whether a row is due before the day of a payment, on it, or after it."""

    PAST_DUE = PAST_DUE
    DUE = DUE
    IN_ADVANCE = IN_ADVANCE


NEXT_ROW: Final = 0
LAST_ROW: Final = 1
CURRENT_THEN_LAST: Final = 2
ALL_ROWS: Final = 3


class Advance(IntEnum):
    """Which rows early money goes to: the next one, the last one, the current one and then the last, or all alike."""

    NEXT_ROW = NEXT_ROW
    LAST_ROW = LAST_ROW
    CURRENT_THEN_LAST = CURRENT_THEN_LAST
    ALL_ROWS = ALL_ROWS


HORIZONTAL: Final = 0
VERTICAL: Final = 1
ROW_BY_ROW: Final = 2
DUE_THEN_ADVANCE: Final = 3


class Allocation(IntEnum):
    """How a payment walks the rows.

    HORIZONTAL: a row is finished before the next one; VERTICAL: a component is finished over all rows before the next
    one; ROW_BY_ROW: one order of components for rows late, due and early; DUE_THEN_ADVANCE: one order for what is due, by
    the due dates of charges too, then another for the rest.
    """

    HORIZONTAL = HORIZONTAL
    VERTICAL = VERTICAL
    ROW_BY_ROW = ROW_BY_ROW
    DUE_THEN_ADVANCE = DUE_THEN_ADVANCE


REGULAR: Final = 0
NO_INTEREST: Final = 1
ACCELERATE: Final = 2


class ChargeOff(IntEnum):
    """What a charge-off does to the rows: nothing, drop the interest after it, or bring all principal forward to it."""

    REGULAR = REGULAR
    NO_INTEREST = NO_INTEREST
    ACCELERATE = ACCELERATE


NOT_AGAIN: Final = 0
LOWER_LEVEL: Final = 1
FEWER_ROWS: Final = 2
NEXT_ROWS: Final = 3


class Recalculation(IntEnum):
    """Whether a cumulative schedule is written again after payments, and what money before its time makes less.

    NOT_AGAIN: it is written once; LOWER_LEVEL: what the rows to come ask; FEWER_ROWS: how many there are; NEXT_ROWS: what the
    next rows ask, until it is used up.
    """

    NOT_AGAIN = NOT_AGAIN
    LOWER_LEVEL = LOWER_LEVEL
    FEWER_ROWS = FEWER_ROWS
    NEXT_ROWS = NEXT_ROWS


DATED: Final = 0
PER_ROW: Final = 1
AT_DISBURSEMENT: Final = 2


class ChargeWhen(IntEnum):
    """A charge falls due on a date, with every row, or with the disbursement."""

    DATED = DATED
    PER_ROW = PER_ROW
    AT_DISBURSEMENT = AT_DISBURSEMENT


OF_NOTHING: Final = 0
OF_PRINCIPAL: Final = 1
OF_BOTH: Final = 2
OF_INTEREST: Final = 3
OF_DISBURSED: Final = 4


class ChargeOf(IntEnum):
    """What a charge is a share of: nothing (an amount), principal, principal and interest, interest, the draw."""

    NOTHING = OF_NOTHING
    PRINCIPAL = OF_PRINCIPAL
    BOTH = OF_BOTH
    INTEREST = OF_INTEREST
    DISBURSED = OF_DISBURSED


BY_BALANCE: Final = 0
EARNED_INTEREST: Final = 1
ALL_INTEREST: Final = 2
OVERDUE_INTEREST: Final = 3


class Spread(IntEnum):
    """What interest of rows made anew is.

    BY_BALANCE: what is open, and what the balance earns from then on; EARNED_INTEREST: what is earned and open, in equal parts,
    and nothing after; ALL_INTEREST: all that the rows asked, in equal parts, and nothing after; OVERDUE_INTEREST, of a
    re-amortising: what was due and is open, in equal parts, and what the balance earns from then on.
    """

    BY_BALANCE = BY_BALANCE
    EARNED_INTEREST = EARNED_INTEREST
    ALL_INTEREST = ALL_INTEREST
    OVERDUE_INTEREST = OVERDUE_INTEREST


NEXT_DUE: Final = NEVER
"""For a due date that moves: the first one after the day on which that became known."""

GOODWILL: Final = 4
INTEREST_REFUND: Final = 9
INCOME_ADJUSTMENT: Final = 11
"""Sorts of payment that are the lender's own money; the last one is that of every `INCOME_ADJUSTED`."""

DISBURSED: Final = 1
FEE_CHARGED: Final = 2
CHARGED_BACK: Final = 3
WAIVED: Final = 4
PAID: Final = 5
REFUNDED: Final = 7
WRITTEN_OFF: Final = 8
REVERSED: Final = 9
RATE_CHANGED: Final = 10
INTEREST_PAUSED: Final = 11
DUE_DATE_MOVED: Final = 16
EXTENDED: Final = 18
REAMORTISED: Final = 19
REAGED: Final = 20
ACCELERATED: Final = 21
CHARGED_OFF: Final = 22
PAYMENT_RETURNED: Final = 29
INCOME_CAPITALISED: Final = 31
INCOME_ADJUSTED: Final = 32
BOUGHT_DOWN: Final = 33
BUY_DOWN_ADJUSTED: Final = 34

ADJUSTMENTS: Final[Mapping[int, int]] = MappingProxyType(
    {INCOME_CAPITALISED: INCOME_ADJUSTED, BOUGHT_DOWN: BUY_DOWN_ADJUSTED}
)
"""Kinds of entry that defer income, and the kind that gives a part of it back."""


class Kind(IntEnum):
    """What an entry of a live loan's journal records; the numbers are those of the journal."""

    DISBURSED = DISBURSED
    FEE_CHARGED = FEE_CHARGED
    CHARGED_BACK = CHARGED_BACK
    WAIVED = WAIVED
    PAID = PAID
    REFUNDED = REFUNDED
    WRITTEN_OFF = WRITTEN_OFF
    REVERSED = REVERSED
    RATE_CHANGED = RATE_CHANGED
    INTEREST_PAUSED = INTEREST_PAUSED
    DUE_DATE_MOVED = DUE_DATE_MOVED
    EXTENDED = EXTENDED
    REAMORTISED = REAMORTISED
    REAGED = REAGED
    ACCELERATED = ACCELERATED
    CHARGED_OFF = CHARGED_OFF
    PAYMENT_RETURNED = PAYMENT_RETURNED
    INCOME_CAPITALISED = INCOME_CAPITALISED
    INCOME_ADJUSTED = INCOME_ADJUSTED
    BOUGHT_DOWN = BOUGHT_DOWN
    BUY_DOWN_ADJUSTED = BUY_DOWN_ADJUSTED
