"""Products of an import: those of the files beside those of the book."""

from dataclasses import dataclass, field

import numpy as np
from psycopg.types.json import Jsonb

from forbear.engine.terms import shared_terms
from forbear.engine.vocabulary import Amortisation
from forbear.formats.products import ProductRow, read_products, stored_product
from forbear.formats.schema import regime_of
from forbear.kernel.currencies import MINOR_UNITS, decimals_of
from forbear.operations.import_run import Run
from forbear.store.loading import next_number

CURRENCIES = {code: place for place, code in enumerate(MINOR_UNITS)}


@dataclass(slots=True)
class Shelf:
    """Products by place. `numbers` are their ids in the book."""

    rows: list[ProductRow] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def put(self, row: ProductRow, number: int) -> None:
        """Add a product with its id."""
        self.places[row.product.code] = len(self.rows)
        self.rows.append(row)
        self.numbers.append(number)

    def decimals(self) -> np.ndarray:
        """Decimals of each product's currency."""
        return np.array([decimals_of(row.product.currency) for row in self.rows], np.int64)

    def currencies(self) -> np.ndarray:
        """Each product's currency as a number of `CURRENCIES`."""
        return np.array([CURRENCIES[row.product.currency] for row in self.rows], np.int64)

    def custom(self) -> np.ndarray:
        """Whether each product leaves the instalments to its loans."""
        return np.array(
            [shared_terms(row.product).amortisation == Amortisation.CUSTOM for row in self.rows], np.bool_
        )

    def regimes(self) -> np.ndarray:
        """How much of the schedule of each product's loans can change: `forbear.formats.schema.regime_of`."""
        return np.array([regime_of(row.product) for row in self.rows], np.int64)

    def periods(self) -> np.ndarray:
        """Units in a period, unit, and month end of each product."""
        found = np.zeros((len(self.rows), 3), np.int64)
        for place, row in enumerate(self.rows):
            month_end = shared_terms(row.product).month_end
            found[place] = row.product.every, int(row.product.unit), int(month_end)
        return found

    def place_of_number(self) -> dict[int, int]:
        """The place of each id."""
        return {number: place for place, number in enumerate(self.numbers)}


def take_products(run: Run) -> Shelf:
    """Read the products of files and book, write the new ones, and complain of one that differs from the book's."""
    shelf = Shelf()
    if "product" in run.full:
        run.lookup.execute("SELECT id, code, currency, name, terms FROM product ORDER BY id")
        for number, code, currency, name, terms in run.lookup.fetchall():
            shelf.put(stored_product(code, currency, name, terms), number)
    count = run.count("products")
    number = next_number(run.cursor, "product")
    for row in read_products(run.frames("products"), run.problems):
        place = shelf.places.get(row.product.code)
        if place is not None:
            count.known += 1
            _compare(run, row, shelf.rows[place])
            continue
        shelf.put(row, number)
        count.new += 1
        if run.may_write:
            run.cursor.execute(
                "INSERT INTO product (id, code, name, currency, terms) VALUES (%s, %s, %s, %s, %s)",
                (number, row.product.code, row.product.name, row.product.currency, Jsonb(row.stored_terms())),
            )
        number += 1
    return shelf


def _compare(run: Run, row: ProductRow, known: ProductRow) -> None:
    if row.product == known.product and row.stored_terms() == known.stored_terms():
        return
    ours, theirs = row.stored_terms(), known.stored_terms()
    ours["currency"], theirs["currency"] = row.product.currency, known.product.currency
    differing = sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
    run.problems.add(
        row.file,
        f"the book has this product with other terms ({', '.join(differing)})",
        "give the new terms a new code: loans made under the old ones keep them",
        row=row.row,
        column="code",
        value=row.product.code,
    )
