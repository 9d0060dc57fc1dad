"""The level instalment of every loan, computed by the engine from amount, rate and term alone."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from examples.lendingclub.dating import SNAPSHOT
from examples.lendingclub.published import Published
from forbear.engine.batch import fold
from forbear.engine.layout import ENTRY
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import DISBURSED
from forbear.engine.words import from_words
from forbear.kernel.days import to_day
from forbear.kernel.rates import RATE_SCALE

RULE = Path(__file__).with_name("products.csv")


class Odd(NamedTuple):
    """An instalment that is not the annuity: `rest` is the number of months over which it repays what is owed now."""

    loan: Published
    computed: int
    rest: int | None


def product() -> Product:
    """The product of `products.csv`, as far as instalments go."""
    with RULE.open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    names = ("amortisation", "interest_method", "day_count", "month_end", "instalment_rounding")
    return from_words(row["code"], row["currency"], {name: row[name] for name in names})


def level(principals: Sequence[int], counts: Sequence[int], rates: Sequence[int]) -> list[int]:
    """What the first instalment of such loans asks for: cents, for cents and rates of 10**-10."""
    loans, given = np.zeros(len(principals), LOAN_TERMS), np.zeros(len(principals), ENTRY)
    start, first = to_day(SNAPSHOT.replace(day=1)), to_day(SNAPSHOT.replace(month=SNAPSHOT.month + 1, day=1))
    loans["loan"], loans["rate"], loans["count"] = np.arange(len(loans)), rates, counts
    loans["first_due_on"] = first
    given["sequence"], given["kind"], given["effective_on"] = 1, DISBURSED, start
    given["amount"] = principals
    batch = compile_batch([product()], loans, given, np.arange(len(loans) + 1))
    amounts: list[int] = fold(batch, start)["next_due_amount"].tolist()
    return amounts


def odd_instalments(loans: Sequence[Published]) -> list[Odd]:
    """The loans whose published instalment is not the annuity, with what it is instead."""
    scaled = [int(loan.rate * 12 * RATE_SCALE) for loan in loans]
    computed = level([loan.principal for loan in loans], [loan.count for loan in loans], scaled)
    return [
        Odd(loan, amount, _rest(loan, rate))
        for loan, amount, rate in zip(loans, computed, scaled, strict=True)
        if amount != loan.instalment
    ]


def _rest(loan: Published, rate: int) -> int | None:
    """Months left, if the instalment repays today's balance in them."""
    for rest in (loan.count - loan.elapsed, loan.count - loan.elapsed + 1):
        if level([loan.balance], [rest], [rate]) == [loan.instalment]:
            return rest
    return None
