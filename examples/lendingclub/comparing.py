"""What the engine says beside what was published, loan by loan."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from examples.lendingclub.entries import Case, dollars

MEASURES: Final = ("balance", "principal", "interest", "late fees")
VERDICTS: Final = ("to the cent", "within 2 cents", "not")
STATUSES: Final = (
    "Current",
    "In Grace Period",
    "Late (16-30 days)",
    "Late (31-120 days)",
    "Charged Off",
    "Fully Paid",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One loan: amounts in cents by measure, as published and as folded."""

    case: Case
    published: Mapping[str, int]
    folded: Mapping[str, int]

    def verdict(self, measure: str) -> str:
        """How well a measure is reproduced."""
        off = abs(self.folded[measure] - self.published[measure])
        return VERDICTS[0] if off == 0 else VERDICTS[1] if off <= 2 else VERDICTS[2]


def positions(path: Path) -> dict[str, dict[str, str]]:
    """The exported positions by loan."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["loan"]: row for row in csv.DictReader(file)}


def compare(cases: Sequence[Case], folded: Mapping[str, Mapping[str, str]]) -> list[Compared]:
    """Every loan beside its position."""
    return [_compare(case, folded[case.reference]) for case in cases]


def _compare(case: Case, position: Mapping[str, str]) -> Compared:
    """Balance is what interest runs on: principal less money kept for the next instalment."""
    loan, have = case.loan, {name: int(position[name]) for name in FIELDS}
    return Compared(
        case,
        {
            "balance": loan.balance,
            "principal": loan.paid_principal,
            "interest": loan.paid_interest,
            "late fees": loan.late_fees,
        },
        {
            "balance": have["principal"] - have["credit"],
            "principal": have["paid_principal"] + have["credit"],
            "interest": have["paid_interest"],
            "late fees": have["paid_fee"],
        },
    )


FIELDS: Final = ("principal", "credit", "paid_principal", "paid_interest", "paid_fee")


def tally(rows: Sequence[Compared], measure: str) -> dict[str, int]:
    """How many loans have each verdict."""
    found = dict.fromkeys(VERDICTS, 0)
    for row in rows:
        found[row.verdict(measure)] += 1
    return found


def by_status(rows: Sequence[Compared]) -> Iterator[tuple[str, str, dict[str, int]]]:
    """(status, measure, tally), for the statuses there are."""
    for status in STATUSES:
        mine = [row for row in rows if row.case.loan.status == status]
        for measure in MEASURES if mine else ():
            yield status, measure, tally(mine, measure)


def by_cause(rows: Sequence[Compared]) -> Iterator[tuple[str, str, dict[str, int]]]:
    """(status, cause, tally of balances, or of interest where the balance is 0 anyhow), for those there are."""
    for status in STATUSES:
        mine = [row for row in rows if row.case.loan.status == status]
        measure = "interest" if status in ("Fully Paid", "Charged Off") else "balance"
        for cause in dict.fromkeys(sorted(row.case.history.cause for row in mine)):
            yield status, cause, tally([row for row in mine if row.case.history.cause == cause], measure)


def write_report(path: Path, rows: Sequence[Compared]) -> Path:
    """Every loan with what was inferred, published, folded, and the verdicts."""
    heads = ["loan", "status", "explained_by", "instalments_paid"]
    for measure in MEASURES:
        name = measure.replace(" ", "_")
        heads += [f"{name}_published", f"{name}_folded", f"{name}_verdict"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        for row in rows:
            line = [
                row.case.reference,
                row.case.loan.status,
                row.case.history.cause,
                row.case.history.months,
            ]
            for measure in MEASURES:
                line += [
                    dollars(row.published[measure]),
                    dollars(row.folded[measure]),
                    row.verdict(measure),
                ]
            writer.writerow(line)
    return path
