"""The chart of accounts and its page."""

import re
from pathlib import Path

from forbear.engine.movements import CHART, COMPONENT_NAMES, Account, MovementKind

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "accounting.md"


def rows(columns: int) -> list[list[str]]:
    lines = [
        line.strip().strip("|").split("|") for line in PAGE.read_text().splitlines() if line.startswith("|")
    ]
    return [[cell.strip() for cell in line] for line in lines if len(line) == columns]


class TestThePage:
    """docs/reference/accounting.md says what the code does."""

    def test_lists_every_account(self) -> None:
        told = {
            (int(number), name.strip("`")) for number, name, *_ in rows(4) if re.fullmatch(r"\d{4}", number)
        }
        assert told == {(account.value, account.name.lower()) for account in Account}

    def test_lists_every_double_entry(self) -> None:
        told = {
            (kind.split()[0].strip("`"), component, debit, credit)
            for kind, component, debit, credit in rows(4)
            if kind.startswith("`")
        }
        charted = {
            (kind.name.lower(), COMPONENT_NAMES[component], debit.name.lower(), credit.name.lower())
            for (kind, component), (debit, credit) in CHART.items()
        }
        assert told == charted


class TestTheChart:
    """Every movement is double entry."""

    def test_debits_and_credits_different_accounts(self) -> None:
        assert all(debit != credit for debit, credit in CHART.values())

    def test_gives_every_kind_an_entry(self) -> None:
        assert {kind for kind, _ in CHART} == set(MovementKind)
