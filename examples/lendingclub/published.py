"""What Lending Club published of each loan: terms, a status and a few sums; no dates of payments."""

import csv
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Final

COLUMNS: Final = (
    "loan_id",
    "loan_amount",
    "term",
    "interest_rate",
    "installment",
    "issue_month",
    "loan_status",
    "balance",
    "paid_total",
    "paid_principal",
    "paid_interest",
    "paid_late_fees",
)
MONTHS: Final = {"Jan-2018": 1, "Feb-2018": 2, "Mar-2018": 3}


class NotTheDataError(Exception):
    """The file is not the one this example is about. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Published:
    """A loan as published. Amounts are cents; `received` is exact, for some totals have ten decimals.

    Attributes:
        rate: of a month of thirty days, exactly: a twelfth of the yearly rate.
        received: paid_total less late fees.
        raw: the row as it stands in the file.
    """

    number: int
    principal: int
    count: int
    rate: Fraction
    instalment: int
    month: int
    status: str
    balance: int
    received: Fraction
    paid_principal: int
    paid_interest: int
    late_fees: int
    raw: dict[str, str]

    @property
    def total(self) -> int:
        """Received, in whole cents."""
        return half_up(self.received)

    @property
    def elapsed(self) -> int:
        """Instalments that fell due before the snapshot if every one was due a month after the last."""
        return 6 - self.month


def half_up(exact: Fraction) -> int:
    """The nearest whole number; a half goes up."""
    return floor(exact + Fraction(1, 2))


def cents(text: str) -> Fraction:
    """Dollars in decimals as exact cents."""
    return Fraction(text) * 100


def read(path: Path, first: int | None = None) -> list[Published]:
    """The loans of the file, or the `first` so many of them.

    Raises:
        NotTheDataError: there is no such file, or it is another one.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise NotTheDataError(
                    f"{path} has no column {', '.join(missing)}. Give the file `loans_full_schema` of OpenIntro "
                    "with a running `loan_id`: docs/tutorial/lending-club.md says where it comes from."
                )
            return [_loan(path, reader.line_num, row) for row, _ in zip(reader, _upto(first), strict=False)]
    except OSError as error:
        raise NotTheDataError(
            f"{path} cannot be read ({error.strerror}). docs/tutorial/lending-club.md says where the data comes from."
        ) from None
    except UnicodeDecodeError:
        raise NotTheDataError(f"{path} is not UTF-8 text. Give the CSV file as it was published.") from None


def _upto(first: int | None) -> range:
    return range(1 << 60 if first is None else first)


def _loan(path: Path, line: int, row: dict[str, str]) -> Published:
    try:
        late = cents(row["paid_late_fees"])
        return Published(
            number=int(row["loan_id"]),
            principal=int(cents(row["loan_amount"])),
            count=int(row["term"]),
            rate=Fraction(row["interest_rate"]) / 1200,
            instalment=int(cents(row["installment"])),
            month=MONTHS[row["issue_month"]],
            status=row["loan_status"],
            balance=int(cents(row["balance"])),
            received=cents(row["paid_total"]) - late,
            paid_principal=int(cents(row["paid_principal"])),
            paid_interest=int(cents(row["paid_interest"])),
            late_fees=half_up(late),
            raw=row,
        )
    except (KeyError, ValueError) as error:
        raise NotTheDataError(f"{path}, line {line}: {error} is not what this file holds there.") from None
