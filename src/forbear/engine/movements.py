"""Accounting: movements as the difference of two positions, the chart of accounts, and sums of accruals.

What a day-end books on a loan is what its totals have become less what they were when they were last booked (ADR 0004). So
a late correction books itself, and the ledger always agrees with the positions. docs/reference/accounting.md has the chart.
"""

from collections.abc import Mapping
from enum import IntEnum
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from forbear.engine.layout import I8, Records
from forbear.kernel.compiled import compiled
from forbear.kernel.daycounts import THIRTY_360_US, THIRTY_E_360, index_in_period
from forbear.kernel.days import civil
from forbear.kernel.wide import mul_divmod

PRINCIPAL, INTEREST, FEE, PENALTY, CREDIT = range(5)
COMPONENT_NAMES: Final = ("principal", "interest", "fee", "penalty", "credit")


class Account(IntEnum):
    """The chart of accounts (会计科目). 1xxx assets, 2xxx liabilities, 4xxx income, 5xxx costs."""

    CASH = 1001
    LOANS = 1101
    INTEREST_DUE = 1102
    FEES_DUE = 1103
    PENALTY_DUE = 1104
    ACCRUED_INTEREST = 1111
    ACCRUED_PENALTY = 1112
    CUSTOMER_CREDIT = 2001
    SUSPENSE = 2101
    INTEREST_INCOME = 4001
    FEE_INCOME = 4002
    PENALTY_INCOME = 4003
    RECOVERY_INCOME = 4009
    WAIVERS = 5001
    WRITE_OFFS = 5002


class MovementKind(IntEnum):
    """What a movement is. ACCRUED is booked per product and day, the others per loan."""

    DISBURSED = 1
    OWED_AGAIN = 2
    CHARGED = 3
    RECEIVED = 4
    PAID = 5
    WAIVED = 6
    WRITTEN_OFF = 7
    RECOVERED = 8
    REFUNDED = 9
    CHARGED_BACK = 10
    SUSPENDED = 11
    ACCRUED = 12
    CREDITED = 13
    SOLD = 14
    CAPITALISED = 15


_DUE = {
    PRINCIPAL: Account.LOANS,
    INTEREST: Account.INTEREST_DUE,
    FEE: Account.FEES_DUE,
    PENALTY: Account.PENALTY_DUE,
}

CHART: Final[Mapping[tuple[MovementKind, int], tuple[Account, Account]]] = {
    (MovementKind.DISBURSED, PRINCIPAL): (Account.LOANS, Account.CASH),
    (MovementKind.OWED_AGAIN, PRINCIPAL): (Account.LOANS, Account.CUSTOMER_CREDIT),
    (MovementKind.CHARGED, INTEREST): (Account.INTEREST_DUE, Account.ACCRUED_INTEREST),
    (MovementKind.CHARGED, FEE): (Account.FEES_DUE, Account.FEE_INCOME),
    (MovementKind.CHARGED, PENALTY): (Account.PENALTY_DUE, Account.ACCRUED_PENALTY),
    (MovementKind.RECEIVED, CREDIT): (Account.CASH, Account.CUSTOMER_CREDIT),
    **{(MovementKind.PAID, c): (Account.CUSTOMER_CREDIT, account) for c, account in _DUE.items()},
    **{(MovementKind.WAIVED, c): (Account.WAIVERS, account) for c, account in _DUE.items()},
    **{(MovementKind.WRITTEN_OFF, c): (Account.WRITE_OFFS, account) for c, account in _DUE.items()},
    (MovementKind.RECOVERED, CREDIT): (Account.CUSTOMER_CREDIT, Account.RECOVERY_INCOME),
    (MovementKind.REFUNDED, CREDIT): (Account.CUSTOMER_CREDIT, Account.CASH),
    (MovementKind.CHARGED_BACK, CREDIT): (Account.CUSTOMER_CREDIT, Account.CASH),
    (MovementKind.CREDITED, CREDIT): (Account.WAIVERS, Account.CUSTOMER_CREDIT),
    (MovementKind.SOLD, CREDIT): (Account.CASH, Account.RECOVERY_INCOME),
    **{(MovementKind.CAPITALISED, c): (Account.LOANS, _DUE[c]) for c in (INTEREST, FEE, PENALTY)},
    (MovementKind.SUSPENDED, INTEREST): (Account.INTEREST_INCOME, Account.SUSPENSE),
    (MovementKind.SUSPENDED, PENALTY): (Account.PENALTY_INCOME, Account.SUSPENSE),
    (MovementKind.ACCRUED, INTEREST): (Account.ACCRUED_INTEREST, Account.INTEREST_INCOME),
    (MovementKind.ACCRUED, PENALTY): (Account.ACCRUED_PENALTY, Account.PENALTY_INCOME),
}
"""(kind, component) to (debit, credit). A negative movement is the same entry with a negative amount (红字)."""

MOVEMENT = np.dtype([(name, I8) for name in ("loan", "product_id", "kind", "correction", *COMPONENT_NAMES)])
"""A movement of one loan: amounts by component, in minor units."""

TOTALS: Final[tuple[tuple[MovementKind, tuple[str | None, ...]], ...]] = (
    (MovementKind.DISBURSED, ("disbursed", None, None, None, None)),
    (MovementKind.CHARGED, (None, "charged_interest", "charged_fee", "charged_penalty", None)),
    (MovementKind.RECEIVED, (None, None, None, None, "received")),
    (MovementKind.PAID, ("paid_principal", "paid_interest", "paid_fee", "paid_penalty", None)),
    (MovementKind.WAIVED, ("waived_principal", "waived_interest", "waived_fee", "waived_penalty", None)),
    (
        MovementKind.WRITTEN_OFF,
        ("written_off_principal", "written_off_interest", "written_off_fee", "written_off_penalty", None),
    ),
    (MovementKind.RECOVERED, (None, None, None, None, "recovered")),
    (MovementKind.REFUNDED, (None, None, None, None, "refunded")),
    (MovementKind.CHARGED_BACK, (None, None, None, None, "charged_back")),
    (MovementKind.CREDITED, (None, None, None, None, "credited")),
    (MovementKind.SOLD, (None, None, None, None, "proceeds")),
    (
        MovementKind.CAPITALISED,
        (None, "capitalised_interest", "capitalised_fee", "capitalised_penalty", None),
    ),
)
"""For each kind that counts up: the totals of a position that its components are the differences of."""


def owed_again(positions: np.ndarray) -> np.ndarray:
    """Principal that charge-backs and refunds beyond the credit made owed again, in all."""
    gone = positions["paid_principal"] + positions["waived_principal"] + positions["written_off_principal"]
    capitalised = sum(positions[f"capitalised_{name}"] for name in ("interest", "fee", "penalty"))
    return np.asarray(positions["principal"] + gone - positions["disbursed"] - capitalised)


def suspended(positions: np.ndarray, component: str) -> np.ndarray:
    """Interest or penalty claimed whose income is not recognised, because the loan is non-accrual (非应计)."""
    claimed = positions[f"due_{component}"] + positions[f"deferred_{component}"]
    return np.asarray(claimed * positions["nonaccrual"])


def movements(old: np.ndarray, new: np.ndarray, product_id: np.ndarray, correction: np.ndarray) -> np.ndarray:
    """The movements that lead from `old` to `new`: MOVEMENT rows, without those that move nothing.

    All four arrays have one element per loan, in the same order; a loan that had no position has zeros in `old`.
    """
    blocks = []
    for kind, fields in TOTALS:
        amounts = [new[field] - old[field] if field else 0 for field in fields]
        blocks.append((kind, amounts))
    blocks.append((MovementKind.OWED_AGAIN, [owed_again(new) - owed_again(old), 0, 0, 0, 0]))
    held = [suspended(new, name) - suspended(old, name) for name in ("interest", "penalty")]
    blocks.append((MovementKind.SUSPENDED, [0, held[0], 0, held[1], 0]))
    rows = [_rows(kind, amounts, new["loan"], product_id, correction) for kind, amounts in blocks]
    return np.concatenate(rows)


def _rows(
    kind: MovementKind,
    amounts: list[np.ndarray | int],
    loans: np.ndarray,
    product_id: np.ndarray,
    correction: np.ndarray,
) -> np.ndarray:
    moved = np.zeros(len(loans), bool)
    for amount in amounts:
        if isinstance(amount, np.ndarray):
            moved |= amount != 0
    rows = np.zeros(int(moved.sum()), MOVEMENT)
    rows["loan"], rows["kind"] = loans[moved], kind
    rows["product_id"], rows["correction"] = product_id[moved], correction[moved]
    for name, amount in zip(COMPONENT_NAMES, amounts, strict=True):
        if isinstance(amount, np.ndarray):
            rows[name] = amount[moved]
    return rows


class AccrualKey(NamedTuple):
    """Loans whose accruals add up to one linear function: of one product, line, status, index and denominator."""

    product_id: int
    line: int  # INTEREST or PENALTY
    nonaccrual: int
    index_kind: int
    denominator: int


class AccrualSum(NamedTuple):
    """whole + slope * G + (remainder + slope_remainder * G) / denominator, with G the index of the key."""

    whole: int
    remainder: int
    slope: int
    slope_remainder: int

    def at(self, key: AccrualKey, day: int) -> Fraction:
        """What the group has accrued and not charged by the start of `day`, exactly."""
        place = index_in_period(key.index_kind, 0, day)
        parts = Fraction(self.remainder + self.slope_remainder * place, key.denominator)
        return self.whole + self.slope * place + parts

    def plus(self, other: "AccrualSum", sign: int = 1) -> "AccrualSum":
        """The sum (or, with sign -1, the difference) of two groups."""
        return AccrualSum(*(a + sign * b for a, b in zip(self, other, strict=True)))


NO_ACCRUAL: Final = AccrualSum(0, 0, 0, 0)


@compiled
def _add_lines(
    positions: Records, prefix_is_interest: bool, groups: np.ndarray, index: np.ndarray, sums: np.ndarray
) -> None:
    """Add each loan's line, moved to the origin of its index, to its group's row of `sums`; remainders carry."""
    for i in range(positions.shape[0]):
        position = positions[i]
        if prefix_is_interest:
            whole, remainder = (
                position.interest_whole - position.interest_charged,
                position.interest_remainder,
            )
            slope, part = position.interest_slope, position.interest_slope_remainder
            denominator = position.interest_denominator
        else:
            whole, remainder = position.penalty_whole - position.penalty_charged, position.penalty_remainder
            slope, part = position.penalty_slope, position.penalty_slope_remainder
            denominator = position.penalty_denominator
        place = index_in_period(index[i], 0, position.as_of)
        back, back_part = mul_divmod(part, place, denominator)
        whole -= slope * place + back
        remainder -= back_part
        row = sums[groups[i]]
        row[0] += whole
        row[1] += remainder
        row[2] += slope
        row[3] += part
        if row[1] < 0:
            row[0] -= 1
            row[1] += denominator
        if row[1] >= denominator:
            row[0] += 1
            row[1] -= denominator
        if row[3] >= denominator:
            row[2] += 1
            row[3] -= denominator


@compiled
def _free_index(index: np.ndarray, period_start: np.ndarray) -> None:
    """Replace 30/360 (US) of a period that began on a 30th or 31st by the index it then follows, 30E/360."""
    for i in range(index.shape[0]):
        if index[i] == THIRTY_360_US and civil(period_start[i])[2] > 29:
            index[i] = THIRTY_E_360


@compiled
def _find_groups(keys: np.ndarray, slots: np.ndarray, groups: np.ndarray, firsts: np.ndarray) -> int:
    """Number the distinct columns of `keys`; returns how many there are. `slots` is a hash table, all -1, larger than that."""
    count = 0
    for i in range(groups.shape[0]):
        at = (keys[0, i] * 8191 + keys[1, i] * 4093 + keys[2, i] * 509 + keys[3, i]) % slots.shape[0]
        while slots[at] >= 0:
            first = firsts[slots[at]]
            if (
                keys[0, first] == keys[0, i]
                and keys[1, first] == keys[1, i]
                and keys[2, first] == keys[2, i]
                and keys[3, first] == keys[3, i]
            ):
                break
            at = (at + 1) % slots.shape[0]
        if slots[at] < 0:
            slots[at] = count
            firsts[count] = i
            count += 1
        groups[i] = slots[at]
    return count


def _grouped(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The group of each column of `keys` (4 x N), equal columns being one, and the first column of each group."""
    loans = keys.shape[1]
    groups, firsts = np.zeros(loans, np.int64), np.zeros(loans, np.int64)
    count = _find_groups(keys, np.full(2 * loans + 1, -1, np.int64), groups, firsts)
    return groups, firsts[:count]


def accrual_sums(positions: np.ndarray, product_id: np.ndarray) -> dict[AccrualKey, AccrualSum]:
    """The accruals of these positions, summed by group. Costs a few operations per loan, whatever their number of days."""
    found: dict[AccrualKey, AccrualSum] = {}
    for line, prefix, index_field in (
        (INTEREST, "interest", "interest_index"),
        (PENALTY, "penalty", "day_count"),
    ):
        index = positions[index_field].copy()
        _free_index(index, np.ascontiguousarray(positions["period_start"]))
        keys = np.stack((product_id, positions["nonaccrual"], index, positions[f"{prefix}_denominator"]))
        groups, firsts = _grouped(keys)
        sums = np.zeros((len(firsts), 4), np.int64)
        _add_lines(positions.view(np.recarray), line == INTEREST, groups, index, sums)
        for first, total in zip(firsts.tolist(), sums.tolist(), strict=True):
            if any(total):
                product, nonaccrual, kind, denominator = keys[:, first].tolist()
                found[AccrualKey(product, line, nonaccrual, kind, denominator)] = AccrualSum(*total)
    return found
