"""Products from the words of a file: one row, one product."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Final

from forbear.engine.live import words as live_words
from forbear.engine.live.product import STARTING_VALUES, LiveProduct
from forbear.engine.live.vocabulary import Allocation
from forbear.engine.terms import AnyProduct, Product
from forbear.engine.vocabulary import OverdueInterest
from forbear.engine.words import (
    ENUMERATIONS,
    LIVE,
    LOAN_DEFAULTS,
    NOT_TERMS,
    ORDERS,
    PLANNED,
    RATES,
    REGIME,
    from_words,
    rate_text,
    to_words,
)
from forbear.formats.columns import Columns
from forbear.formats.problems import Problems
from forbear.formats.schema import SCHEMA, Form
from forbear.formats.tabular import Frame
from forbear.kernel.currencies import decimals_of
from forbear.kernel.money import parse_minor
from forbear.kernel.rates import RATE_SCALE, Per, Rate

YES_NO: Final = {"true": True, "false": False}
PLANNED_TERMS: Final = frozenset(spec.name for spec in fields(Product)) | LOAN_DEFAULTS
LIVE_TERMS: Final = frozenset(spec.name for spec in fields(LiveProduct))
"""The columns that each regime has a term for."""

LARGEST_WHOLE: Final = 36_500
"""A hundred years of days: more is a mistake."""


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product as imported, with what its loans' penalty rate is when they name none.

    Exactly one of `penalty_rate` (10**-10) and `penalty_multiple` (10**-10 of the contract rate) is not None; a live product has
    no penalty by the day: rate 0.
    """

    product: AnyProduct
    penalty_rate: int | None
    penalty_multiple: int | None
    file: str
    row: int

    def penalty_for(self, rate: int) -> int | None:
        """The penalty rate of a loan with this contract rate, both in 10**-10; None if it is no whole number of them."""
        if self.penalty_multiple is None:
            return self.penalty_rate
        whole, rest = divmod(rate * self.penalty_multiple, RATE_SCALE)
        return None if rest else whole

    def stored_terms(self) -> dict[str, Any]:
        """The terms as the store keeps them, the penalty beside them."""
        if isinstance(self.product, LiveProduct):
            return to_words(self.product)
        given = {"penalty_rate": self.penalty_rate, "penalty_multiple": self.penalty_multiple}
        return to_words(self.product) | {
            name: rate_text(value) for name, value in given.items() if value is not None
        }


def stored_product(code: str, currency: str, name: str, terms: dict[str, Any]) -> ProductRow:
    """A product of the book, from what `stored_terms` gave."""
    product = from_words(code, currency, terms, name)
    rate, multiple = (terms.get(field) for field in ("penalty_rate", "penalty_multiple"))
    if rate is None and multiple is None:
        return ProductRow(product, *_default_penalty(product), "the book", 0)
    return ProductRow(product, _scaled(rate), _scaled(multiple), "the book", 0)


def read_products(frames: Iterable[Frame], problems: Problems) -> list[ProductRow]:
    """The products of a file. Rows with problems are left out; a code that comes twice is one."""
    found: dict[str, ProductRow] = {}
    for frame in frames:
        columns = Columns("products", frame, problems)
        for name in ("code", "currency"):
            columns.checked_text(name, required=True)
        columns.checked_text("name")
        for place in range(columns.rows):
            if columns.bad[place]:
                continue
            row = _RowReader(columns, place).product()
            if row is None:
                continue
            if row.product.code in found:
                first = found[row.product.code].row
                columns.complain(place, "code", f"is there already, in row {first}", "name each product once")
            else:
                found[row.product.code] = row
    return list(found.values())


class _RowReader:
    """One row of the file, value by value; complains to the columns it came from."""

    def __init__(self, columns: Columns, place: int) -> None:
        self.columns = columns
        self.place = place
        self.good = True

    def product(self) -> ProductRow | None:
        code, currency = self.text("code"), self.text("currency")
        try:
            decimals_of(currency)
        except ValueError:
            self.complain("currency", "is not a current ISO 4217 currency", "write CNY, USD, ...")
            return None
        regime = self.regime()
        if regime is None:
            return None
        words = self.words(currency, regime)
        rate, multiple = self.rate("penalty_rate"), self.rate("penalty_multiple")
        if rate is not None and multiple is not None:
            self.complain("penalty_multiple", "is given beside penalty_rate", "give one of the two")
        if not self.good:
            return None
        product = from_words(code, currency, words, self.text("name"))
        for told in product.problems():
            self.columns.complain(self.place, None, f"product {code}: {told}", "change one of the terms")
            self.good = False
        if rate is None and multiple is None:
            rate, multiple = _default_penalty(product)
        row = int(self.columns.frame.rows[self.place])
        return ProductRow(product, rate, multiple, self.columns.frame.file, row) if self.good else None

    def regime(self) -> str | None:
        """Which family of terms the row is about; None after a complaint."""
        told, preset = self.text("regime"), self.text("preset")
        if told not in ("", PLANNED, LIVE):
            self.complain("regime", *_one_of([PLANNED, LIVE]))
            return None
        if preset and preset not in STARTING_VALUES:
            self.complain("preset", *_one_of(list(STARTING_VALUES)))
            return None
        if preset and told == PLANNED:
            self.complain("preset", "is of live products", "leave it empty, or make the regime live")
            return None
        regime = LIVE if preset or told == LIVE else PLANNED
        if regime == PLANNED and not self.text("amortisation"):
            self.complain("amortisation", "is empty", "say how principal is spread, or make the regime live")
            return None
        return regime

    def words(self, currency: str, regime: str) -> dict[str, Any]:
        """The terms that the row gives, over those of the preset it starts from; complains of a term of the other regime."""
        words: dict[str, Any] = {}
        mine = LIVE_TERMS if regime == LIVE else PLANNED_TERMS
        for column in SCHEMA["products"]:
            name = column.name
            if name in (REGIME, "preset", *NOT_TERMS) or not self.text(name):
                continue
            if name not in mine:
                other = PLANNED if regime == LIVE else LIVE
                self.complain(
                    name, f"is a term of {other} products", f"leave it empty, or make the regime {other}"
                )
            elif name not in LOAN_DEFAULTS:
                words[name] = self.value(name, column.form, currency, regime)
        if regime == PLANNED or not self.good:
            return words
        start = dict(STARTING_VALUES[self.text("preset")]) if self.text("preset") else {}
        begun = to_words(LiveProduct(code="", currency=currency, **start))
        if words.get("allocation", begun["allocation"]) != begun["allocation"]:
            del begun["payment_rule"]  # an order for one way of walking the rows says nothing for another
        words = begun | words
        allocation = Allocation[words["allocation"].upper()]
        for name in live_words.WAYS & words.keys():
            try:
                live_words.way_from(words[name], allocation)
            except ValueError as error:
                message, _, mend = str(error).partition(": ")
                self.complain(name, f"does not say an order: {message}", mend)
        return words

    def text(self, name: str) -> str:
        return self.columns.text(name).at(self.place)

    def complain(self, name: str, message: str, mend: str) -> None:
        self.good = False
        self.columns.complain(self.place, name, message, mend)

    def refuse(self, name: str, message: str, mend: str) -> Any:
        """Complain, and give nothing."""
        self.complain(name, message, mend)

    def value(self, name: str, form: Form, currency: str, regime: str) -> Any:
        """The value as `forbear.engine.words` writes it; None after a complaint."""
        text = self.text(name)
        enumerations: Mapping[str, type[IntEnum]] = (
            live_words.ENUMERATIONS if regime == LIVE else ENUMERATIONS
        )
        if name in enumerations:
            known = [word.lower() for word in enumerations[name].__members__]
            return text if text in known else self.refuse(name, *_one_of(known))
        if name in live_words.WAYS:
            return text.split()
        if name in RATES | live_words.RATES:
            scaled = self.rate(name)
            return None if scaled is None else rate_text(scaled)
        if name in ORDERS | live_words.ORDERS:
            wanted = ["fee", "interest", "penalty", "principal"]
            return (
                text.split()
                if sorted(text.split()) == wanted
                else self.refuse(
                    name,
                    "is not an order of the components",
                    "name penalty, fee, interest and principal once each",
                )
            )
        if name == "buckets":
            parts = text.split()
            return (
                [int(part) for part in parts]
                if all(part.isdecimal() and part.isascii() and len(part) < 6 for part in parts)
                else self.refuse(name, "is not a list of days", 'write ascending days past due: "1 31 61"')
            )
        if form == Form.YES_NO:
            return YES_NO[text] if text in YES_NO else self.refuse(name, *_one_of(list(YES_NO)))
        if form == Form.AMOUNT:
            return self.amount(name, text, currency)
        if text.isdecimal() and text.isascii() and len(text) < 6 and int(text) <= LARGEST_WHOLE:
            return int(text)
        return self.refuse(name, f"is not a whole number up to {LARGEST_WHOLE}", "write digits only")

    def amount(self, name: str, text: str, currency: str) -> int | None:
        try:
            return parse_minor(text, currency)
        except (ValueError, OverflowError) as error:
            message, _, mend = str(error).partition("; ")
            return self.refuse(name, message, mend)

    def rate(self, name: str) -> int | None:
        """A rate in 10**-10, or None if the column is empty or wrong."""
        text = self.text(name)
        if not text:
            return None
        try:
            rate = Rate.parse(text, per=Per.YEAR)
        except ValueError as error:
            message, _, mend = str(error).removeprefix("Rate.parse: ").partition("; ")
            return self.refuse(name, message, mend or "write 0.05 or 5%")
        return rate.numerator * RATE_SCALE // rate.denominator  # exact: at most ten decimals


def _default_penalty(product: AnyProduct) -> tuple[int | None, int | None]:
    """Nothing agreed: what is overdue goes on at the contract rate, neither more nor less."""
    if isinstance(product, Product) and product.overdue_interest == OverdueInterest.REPLACED:
        return None, RATE_SCALE
    return 0, None


def _scaled(text: str | None) -> int | None:
    if text is None:
        return None
    rate = Rate.parse(text, per=Per.YEAR)
    return rate.numerator * RATE_SCALE // rate.denominator


def _one_of(known: list[str]) -> tuple[str, str]:
    return "is not a word that is known here", "write one of: " + ", ".join(known)
