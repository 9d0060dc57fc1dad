"""The six kinds of file of an import: their columns, in words that `docs/reference/import.md` repeats and a test compares."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from forbear.engine.live.journal import KINDS as FOLDED_LIVE
from forbear.engine.live.product import LiveProduct
from forbear.engine.live.vocabulary import Schedule
from forbear.engine.terms import AnyProduct
from forbear.engine.vocabulary import Component, EntryKind


class Form(Enum):
    """How a value is written."""

    TEXT = "text"
    PERSONAL = "text, kept encrypted"
    DATE = "date"
    AMOUNT = "amount"
    RATE = "rate"
    WHOLE = "whole number"
    WORD = "word"
    YES_NO = "true or false"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, how its values are written, whether it must be there, and what it means."""

    name: str
    form: Form
    meaning: str
    required: bool = False


FILES: Final = ("products", "borrowers", "loans", "instalments", "versions", "journal")

KINDS: Final = MappingProxyType({kind.name.lower(): int(kind) for kind in EntryKind})
COMPONENT_WORDS: Final = MappingProxyType({component.name.lower(): int(component) for component in Component})

_PRODUCTS: Final = (
    Column("code", Form.TEXT, "the product's own name, once in the book", required=True),
    Column("name", Form.TEXT, "what people call it"),
    Column("currency", Form.WORD, "ISO 4217: `CNY`, `USD`", required=True),
    Column(
        "regime", Form.WORD, "`planned` or `live`: which of the two families of terms; `planned` if empty"
    ),
    Column("preset", Form.WORD, "of a live product: whose options are the starting values"),
    Column(
        "amortisation",
        Form.WORD,
        "how principal is spread over the instalments; required, but not for a live product",
    ),
    Column("interest_method", Form.WORD, "on what interest is charged"),
    Column("day_count", Form.WORD, "how days are weighed; `daily` means that rates are per day"),
    Column("unit", Form.WORD, "unit of the period: `day`, `week`, `month`"),
    Column("every", Form.WHOLE, "units in a period"),
    Column("month_end", Form.WORD, "what becomes of a day that a month does not have"),
    Column("multiple", Form.AMOUNT, "instalments are rounded to multiples of this"),
    Column("instalment_rounding", Form.WORD, "how instalments are rounded"),
    Column("interest_rounding", Form.WORD, "how interest is rounded when it becomes money"),
    Column("interest_residue", Form.WORD, "what becomes of what rounding leaves"),
    Column("overdue_interest", Form.WORD, "whether contract interest goes on on overdue principal"),
    Column("penalty_base", Form.WORD, "what penalty interest is charged on"),
    Column("penalty_rate", Form.RATE, "penalty rate of the product's loans"),
    Column("penalty_multiple", Form.RATE, "or: penalty rate as a multiple of the loan's contract rate"),
    Column("penalty_grace", Form.WHOLE, "days after the due date without penalty"),
    Column("penalty_retroactive", Form.YES_NO, "whether a missed grace charges from the due date"),
    Column("tolerance", Form.AMOUNT, "an instalment with no more than this unpaid is not late"),
    Column("late_flat", Form.AMOUNT, "late charge: at least this"),
    Column("late_rate", Form.RATE, "late charge: this part of what is unpaid"),
    Column("late_most", Form.AMOUNT, "late charge: at most this; 0: no such limit"),
    Column("late_grace", Form.WHOLE, "days after the due date without a late charge"),
    Column("order", Form.LIST, "order in which a payment covers the components"),
    Column("vertical", Form.YES_NO, "one component over all instalments before the next component"),
    Column("order_after", Form.LIST, "another order, after so many days past due"),
    Column("order_after_days", Form.WHOLE, "how many; 0: never"),
    Column("prepayment", Form.WORD, "what money beyond the next instalment does"),
    Column("cost_cap", Form.RATE, "the most that may be charged; 0: none"),
    Column(
        "nonaccrual_after", Form.WHOLE, "days past due from which income is no longer recognised; 0: never"
    ),
    Column("repricing", Form.WORD, "what a change of the rate does to the level instalment"),
    Column("charge_off", Form.WORD, "what a charge-off does besides"),
    Column("principal_grace", Form.WHOLE, "first instalments that ask no principal"),
    Column("interest_grace", Form.WHOLE, "first instalments whose interest is deferred to the others"),
    Column("down_payment", Form.RATE, "part of each draw that is due at once"),
    Column("draw_fee_flat", Form.AMOUNT, "fee at each draw: this amount"),
    Column("draw_fee_rate", Form.RATE, "fee at each draw: and this part of it"),
    Column("row_fee_flat", Form.AMOUNT, "fee with each instalment: this amount"),
    Column(
        "row_fee_rate", Form.RATE, "fee with each instalment: and this part of its principal and interest"
    ),
    Column("buckets", Form.LIST, "first days past due of the buckets M1, M2, ..."),
    Column("schedule", Form.WORD, "whether interest is written at the draw or follows the daily balance"),
    Column("progressive", Form.YES_NO, "whether rows follow draws and changes; else all is written at once"),
    Column("allocation", Form.WORD, "how a payment walks the instalments"),
    Column("payment_rule", Form.LIST, "what a payment covers first, by timing and component"),
    Column("merchant_rule", Form.LIST, "the same for `merchant_refunded`, if otherwise"),
    Column("goodwill_rule", Form.LIST, "the same for `goodwill_credited`, if otherwise"),
    Column("interest_refund_rule", Form.LIST, "the same for `interest_refunded`, if otherwise"),
    Column("interest_on", Form.WORD, "interest on what is left, or on what was drawn"),
    Column("by_period", Form.YES_NO, "interest by the period, whatever its days"),
    Column("partial_periods", Form.YES_NO, "whether a draw within a period bears interest from its day"),
    Column("year_days", Form.WHOLE, "days of a year: 360, 364, 365; 0: those of the calendar"),
    Column("month_thirty", Form.YES_NO, "whether a month has thirty days"),
    Column("leap_day_rule", Form.YES_NO, "366 days only for a period that holds a 29 February"),
    Column("first_day_counts", Form.YES_NO, "whether a year is cut at 1 January, or at 31 December"),
    Column("equal_principal", Form.YES_NO, "equal parts of principal, where all is written at once"),
    Column("term_length", Form.WHOLE, "units from the first day to the last due date; 0: as many as periods"),
    Column("credit_order", Form.LIST, "as what a charge-back is owed again; empty: as principal"),
    Column("rest_at_due_date", Form.YES_NO, "whether every early payment bears interest to the due date"),
    Column("payoff_to_due_date", Form.YES_NO, "whether a payoff bears interest to the due date"),
    Column("past_due_earns", Form.YES_NO, "whether overdue principal keeps earning"),
    Column("row_fee_of", Form.WORD, "what `row_fee_rate` is a part of"),
    Column("reage_spread", Form.WORD, "what interest the rows of a re-ageing have"),
    Column("reamortise_spread", Form.WORD, "where a re-amortising puts interest and charges past due"),
)
_BORROWERS: Final = (
    Column("borrower", Form.TEXT, "the lender's reference of the borrower, once in the book", required=True),
    Column("name", Form.PERSONAL, "full name"),
    Column("id_number", Form.PERSONAL, "number of an identity document"),
    Column("phone", Form.PERSONAL, "telephone number with country code"),
    Column("email", Form.PERSONAL, "e-mail address"),
    Column("address", Form.PERSONAL, "postal address"),
)
_LOANS: Final = (
    Column("loan", Form.TEXT, "the lender's reference of the loan, once in the book", required=True),
    Column("borrower", Form.TEXT, "reference of the borrower", required=True),
    Column("product", Form.TEXT, "code of the product", required=True),
    Column("principal", Form.AMOUNT, "sum agreed", required=True),
    Column("rate", Form.RATE, "contract rate per year, per day if the product counts `daily`", required=True),
    Column("penalty_rate", Form.RATE, "penalty rate of this loan, before that of the product"),
    Column("first_due_on", Form.DATE, "first due date", required=True),
    Column("count", Form.WHOLE, "instalments, 1 to 1000", required=True),
    Column("due_day", Form.WHOLE, "wanted day of the month, 1 to 31; that of `first_due_on` if empty"),
    Column("instalment", Form.AMOUNT, "level instalment fixed by the contract; computed if empty"),
    Column("interest_free_until", Form.DATE, "first day that bears interest; the first of all if empty"),
)
_INSTALMENTS: Final = (
    Column(
        "loan", Form.TEXT, "reference of the loan, whose product has amortisation `custom`", required=True
    ),
    Column("due_on", Form.DATE, "due date, after that of the row before", required=True),
    Column("principal", Form.AMOUNT, "principal that falls due; may be zero", required=True),
)
_VERSIONS: Final = (
    Column("loan", Form.TEXT, "reference of the loan", required=True),
    Column("version", Form.WHOLE, "its number, from 2: the contract is version 1", required=True),
    Column("product", Form.TEXT, "code of its product, of the same currency and planned", required=True),
    Column("rate", Form.RATE, "contract rate from then on, as of a loan", required=True),
    Column("penalty_rate", Form.RATE, "penalty rate from then on, before that of the product"),
    Column("first_due_on", Form.DATE, "first due date", required=True),
    Column("count", Form.WHOLE, "instalments, 1 to 1000", required=True),
    Column("due_day", Form.WHOLE, "wanted day of the month, 1 to 31; that of `first_due_on` if empty"),
    Column("instalment", Form.AMOUNT, "level instalment fixed by the agreement; computed if empty"),
    Column("capitalise", Form.LIST, "unpaid sums that become principal: of `interest`, `fee`, `penalty`"),
)
_JOURNAL: Final = (
    Column("key", Form.TEXT, "idempotency key: names this entry, once in the book", required=True),
    Column("loan", Form.TEXT, "reference of the loan", required=True),
    Column("kind", Form.WORD, "what happened: a [kind of entry](journal.md)", required=True),
    Column("effective_on", Form.DATE, "the day from which it counts", required=True),
    Column("amount", Form.AMOUNT, "how much; for [which kinds](#which-kind-takes-what)"),
    Column("currency", Form.WORD, "if given, it must be the product's"),
    Column("component", Form.WORD, "what it is about: `principal`, `interest`, `fee`, `penalty`"),
    Column("target", Form.TEXT, "for `reversed` and `charged_back`, required: key of the entry meant"),
    Column(
        "until", Form.DATE, "the first day after a pause, a new due date, or the due date of an instalment"
    ),
    Column("rate", Form.RATE, "for `rate_changed`, required: the new rate, as the loan's"),
    Column("count", Form.WHOLE, "instalments, or periods, 1 to 1000; for `restructured`, the version"),
    Column("channel", Form.TEXT, "how the money came"),
    Column("payer", Form.TEXT, "who paid, if not the borrower"),
    Column("external_reference", Form.TEXT, "number of the transaction at the bank or channel"),
    Column("reason", Form.TEXT, "why, in words"),
)

SCHEMA: Final[Mapping[str, tuple[Column, ...]]] = MappingProxyType(
    {
        "products": _PRODUCTS,
        "borrowers": _BORROWERS,
        "loans": _LOANS,
        "instalments": _INSTALMENTS,
        "versions": _VERSIONS,
        "journal": _JOURNAL,
    }
)


@dataclass(frozen=True, slots=True)
class Takes:
    """The kinds of entry that need a column and those that may have it; `whose` says the same to people."""

    needed: tuple[EntryKind, ...]
    whose: str
    allowed: tuple[EntryKind, ...] = ()


_K = EntryKind
COMPANY: Final[Mapping[str, Takes]] = MappingProxyType(
    {
        "amount": Takes(
            tuple(k for k in _K if k < _K.WRITTEN_OFF or _K.SOLD < k < _K.RESTRUCTURED),
            "only money has one, and due_date_moved and sold may",
            allowed=(_K.DUE_DATE_MOVED, _K.SOLD),
        ),
        "component": Takes(
            (_K.WAIVED, _K.RATE_CHANGED, _K.PAID_TO_COMPONENT),
            "only waived, rate_changed and paid_to_component have one",
        ),
        "target": Takes((_K.REVERSED, _K.CHARGED_BACK), "only reversed and charged_back have one"),
        "until": Takes(
            (_K.INTEREST_PAUSED, _K.DUE_DATE_MOVED, _K.REAGED, _K.PAID_TO_INSTALMENT),
            "only pauses, due_date_moved, reaged and paid_to_instalment have one",
            allowed=(_K.DELINQUENCY_PAUSED, _K.MORATORIUM_STARTED),
        ),
        "rate": Takes((_K.RATE_CHANGED,), "only rate_changed has one"),
        "count": Takes(
            (_K.PAYMENT_HOLIDAY, _K.EXTENDED, _K.REAGED, _K.RESTRUCTURED),
            "only payment_holiday, extended, reaged and restructured have one",
        ),
    }
)
"""Which kinds of entry take which columns of the journal; `docs/reference/import.md` repeats it."""

LIVE_COMPANY: Final[Mapping[str, Takes]] = MappingProxyType(
    {
        **COMPANY,
        "component": Takes(
            (_K.WAIVED, _K.RATE_CHANGED),
            "on a live loan waived and rate_changed have one, and fee_charged may",
            allowed=(_K.FEE_CHARGED,),
        ),
        "until": Takes(
            (_K.INTEREST_PAUSED, _K.DUE_DATE_MOVED, _K.REAGED),
            "on a live loan pauses, due_date_moved and reaged have one, and fee_charged may",
            allowed=(_K.FEE_CHARGED,),
        ),
    }
)
"""The same for the journals of live loans."""

LIVE_KINDS: Final = tuple(kind for kind in _K if kind in (*FOLDED_LIVE, _K.REVERSED))
"""Kinds of entry that the journal of a live loan may have."""

PLANNED, WRITTEN, PROGRESSIVE, LIVE = range(4)

ONLY_WITH: Final = MappingProxyType(
    {_K.RATE_CHANGED: PROGRESSIVE, _K.REAGED: PROGRESSIVE, _K.INTEREST_PAUSED: LIVE}
)
"""Kinds that change interest, and the least regime (`regime_of`) of a live product that lets them."""


def regime_of(product: AnyProduct) -> int:
    """PLANNED, or how much of a live product's schedule can change: WRITTEN at once, PROGRESSIVE, LIVE."""
    if not isinstance(product, LiveProduct):
        return PLANNED
    if product.schedule == Schedule.LIVE:
        return LIVE
    return PROGRESSIVE if product.progressive else WRITTEN


def column_names(file: str) -> tuple[str, ...]:
    """The names of a file's columns, in the order of the documentation."""
    return tuple(column.name for column in SCHEMA[file])


def required_names(file: str) -> tuple[str, ...]:
    """The names of the columns that a file must have."""
    return tuple(column.name for column in SCHEMA[file] if column.required)
