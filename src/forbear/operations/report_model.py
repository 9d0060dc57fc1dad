"""What the report of a day shows, as plain values: amounts in minor units, nothing drawn yet."""

import datetime as dt
from dataclasses import dataclass, field

BUCKETS = 8
"""Current, and M1 to M7."""
PAID_OFF, WRITTEN_OFF = BUCKETS, BUCKETS + 1
"""Where a flow may lead besides: out of the book."""


@dataclass(frozen=True, slots=True)
class Heap:
    """Some loans: how many, their principal, and what of them is overdue."""

    loans: int = 0
    principal: int = 0
    overdue: int = 0

    def __add__(self, other: "Heap") -> "Heap":
        return Heap(self.loans + other.loans, self.principal + other.principal, self.overdue + other.overdue)


NO_HEAPS = (Heap(),) * BUCKETS


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product's active loans, by bucket."""

    code: str
    name: str
    buckets: tuple[Heap, ...] = NO_HEAPS

    @property
    def total(self) -> Heap:
        """All its active loans."""
        return sum(self.buckets, Heap())


@dataclass(frozen=True, slots=True)
class MovementRow:
    """What moved, by component: principal, interest, fee, penalty, credit."""

    kind: str
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A loan whose past has changed, when that became known, and what it booked."""

    on: dt.date
    loan: str
    product: str
    movements: tuple[MovementRow, ...]


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """An account's balance, debit positive."""

    number: int
    name: str
    balance: int


@dataclass(frozen=True, slots=True)
class ControlRow:
    """An account beside the sum of the positions that it must equal."""

    account: str
    ledger: int
    positions: int

    @property
    def ties(self) -> bool:
        """Whether they agree."""
        return self.ledger == self.positions


@dataclass(frozen=True, slots=True)
class Point:
    """A day of the past: active loans by bucket, what came in and went out, and how much was corrected."""

    date: dt.date
    buckets: tuple[Heap, ...] = NO_HEAPS
    disbursed: int = 0
    received: int = 0
    corrections: int = 0


@dataclass(frozen=True, slots=True)
class DayReport:
    """A closed day. `history` ends with the day itself; `flows` are those of the last `flow_days` days."""

    date: dt.date
    currency: str
    entries: int
    touched: int
    corrected: int
    digest: str
    history: tuple[Point, ...]
    products: tuple[ProductRow, ...] = ()
    flows: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    flow_days: int = 30
    movements: tuple[MovementRow, ...] = ()
    corrections: tuple[CorrectionRow, ...] = ()
    balances: tuple[BalanceRow, ...] = ()
    controls: tuple[ControlRow, ...] = ()

    @property
    def buckets(self) -> tuple[Heap, ...]:
        """The whole book by bucket."""
        rows = [row.buckets for row in self.products] or [NO_HEAPS]
        return tuple(sum(heaps, Heap()) for heaps in zip(*rows, strict=True))

    @property
    def total(self) -> Heap:
        """All active loans."""
        return sum(self.buckets, Heap())

    @property
    def ties(self) -> bool:
        """The trial balance is zero, and every account equals the positions."""
        return sum(row.balance for row in self.balances) == 0 and all(row.ties for row in self.controls)
