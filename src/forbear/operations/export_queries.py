"""What each export says, as SQL. Every query names its order, so that an export of the same book is the same bytes."""

# ruff: noqa: S608  what is put into the queries are our own constants

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import pyarrow as pa

from forbear.engine.movements import CHART, COMPONENT_NAMES, Account, MovementKind
from forbear.engine.vocabulary import Component, EntryKind
from forbear.engine.words import NOT_TERMS
from forbear.formats.schema import COMPANY, SCHEMA, Form
from forbear.kernel.currencies import MINOR_UNITS
from forbear.kernel.rates import RATE_SCALE
from forbear.store.book import POSITION_COLUMNS
from forbear.store.journal_wire import DETAILS

RANGE: Final = "/* range */"


class Query(NamedTuple):
    """A file of an export: its name, its rows in order, and the types of columns that are not text.

    If `by_loans`, the query is asked for a range of loans at a time, put in place of `RANGE`: a sort of millions becomes many
    small ones.
    """

    name: str
    sql: str
    types: Mapping[str, Any] = {}
    by_loans: bool = False


def _words(column: str, words: Mapping[int, str]) -> str:
    """A number of an enumeration as its word."""
    cases = " ".join(f"WHEN {number} THEN '{word}'" for number, word in words.items())
    return f"CASE {column} {cases} END"


def _values(rows: list[tuple[Any, ...]]) -> str:
    """Rows of our own constants as VALUES."""
    quoted = (", ".join(str(v) if isinstance(v, int) else f"'{v}'" for v in row) for row in rows)
    return "VALUES " + ", ".join(f"({row})" for row in quoted)


def _rate(column: str) -> str:
    return f"trim_scale({column}::numeric / {RATE_SCALE})::text"


_KINDS = {int(kind): kind.name.lower() for kind in EntryKind}
_COMPONENTS = {int(component): component.name.lower() for component in Component}
_MOVEMENTS = {int(kind): kind.name.lower() for kind in MovementKind}
_CURRENCIES = _values([(code, decimals) for code, decimals in MINOR_UNITS.items()])
_DETAIL = ", ".join(f"details.{name}" for name in DETAILS)
_TARGET = """CASE WHEN journal.target > 0 THEN (
        SELECT key FROM journal AS target WHERE target.loan_id = journal.loan_id AND target.sequence = journal.target
    ) END"""
_WITH_COMPONENT = ", ".join(str(int(kind)) for kind in COMPANY["component"].needed)
_COMPONENT_COLUMN = (  # a fee has one on a live loan
    f"CASE WHEN journal.kind IN ({_WITH_COMPONENT}) OR journal.component > 0 THEN {_words('journal.component', _COMPONENTS)} END"
)
_UNTIL = "CASE WHEN journal.until <> 0 THEN '1970-01-01'::date + journal.until END AS until"
_RATE = f"CASE WHEN journal.kind = {int(EntryKind.RATE_CHANGED)} THEN {_rate('journal.rate')} END AS rate"
_JOURNAL_FROM = f"""
FROM journal
JOIN loan ON loan.id = journal.loan_id
JOIN product ON product.id = loan.product_id
LEFT JOIN LATERAL json_to_record(journal.details::json) AS details ({", ".join(f"{name} text" for name in DETAILS)}) ON true
"""
_CURRENCY_FROM = f"JOIN ({_CURRENCIES}) AS currencies (code, decimals) ON currencies.code = product.currency"

JOURNAL: Final = Query(
    "journal",
    f"""
SELECT journal.key, loan.reference AS loan, journal.sequence, {_words("journal.kind", _KINDS)} AS kind,
    journal.effective_on, journal.amount, product.currency, {_COMPONENT_COLUMN} AS component, {_TARGET} AS target,
    {_UNTIL}, {_RATE}, nullif(journal.count, 0) AS count, {_DETAIL},
    to_char(recording.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS recorded_at,
    recording.actor, encode(journal.digest, 'hex') AS digest
{_JOURNAL_FROM} JOIN recording ON recording.id = journal.recording_id
WHERE {RANGE} ORDER BY journal.loan_id, journal.sequence""",
    {
        "sequence": pa.int32(),
        "effective_on": pa.date32(),
        "amount": pa.int64(),
        "until": pa.date32(),
        "count": pa.int16(),
    },
    by_loans=True,
)

_CHART = _values(
    [
        (int(kind), COMPONENT_NAMES[component], Account(debit).name.lower(), Account(credit).name.lower())
        for (kind, component), (debit, credit) in CHART.items()
    ]
)
_SPLIT = ", ".join(f"({place}, '{name}', movement.{name})" for place, name in enumerate(COMPONENT_NAMES))

MOVEMENTS: Final = Query(
    "movements",
    f"""
SELECT movement.business_date, loan.reference AS loan, product.code AS product, product.currency,
    {_words("movement.kind", _MOVEMENTS)} AS kind, part.component, part.amount, chart.debit, chart.credit,
    movement.correction
FROM movement
CROSS JOIN LATERAL (VALUES {_SPLIT}) AS part (place, component, amount)
JOIN loan ON loan.id = movement.loan_id
JOIN product ON product.id = movement.product_id
LEFT JOIN ({_CHART}) AS chart (kind, component, debit, credit)
    ON chart.kind = movement.kind AND chart.component = part.component
WHERE part.amount <> 0
ORDER BY movement.business_date, movement.loan_id, movement.kind, part.place""",
    {"business_date": pa.date32(), "amount": pa.int64(), "correction": pa.int8()},
)

POSITION_LABELS: Final = """
SELECT loan.reference, borrower.reference, product.code, product.currency
FROM position
JOIN loan ON loan.id = position.loan_id
JOIN product ON product.id = position.product_id
LEFT JOIN borrower ON borrower.id = loan.borrower_id
WHERE position.loan_id >= %s AND position.loan_id < %s ORDER BY position.loan_id"""


def _major(column: str) -> str:
    """An amount in major units, as an import reads it; empty for zero."""
    return (
        f"CASE WHEN {column} <> 0 THEN round({column}::numeric / 10::numeric ^ decimals, decimals)::text END"
    )


def _product_column(name: str, form: Form) -> str:
    """A term of a product from its JSON, as an import reads it."""
    if name in NOT_TERMS:
        return f"product.{name}"
    term = f"product.terms ->> '{name}'"
    if form == Form.AMOUNT:
        return f'round(({term})::numeric / 10::numeric ^ decimals, decimals)::text AS "{name}"'
    if form == Form.LIST:
        joined = f"SELECT string_agg(part, ' ' ORDER BY place) FROM jsonb_array_elements_text(product.terms -> '{name}')"
        return f'({joined} WITH ORDINALITY AS parts (part, place)) AS "{name}"'
    return f'{term} AS "{name}"'


_PRODUCT_COLUMNS = ",\n    ".join(_product_column(column.name, column.form) for column in SCHEMA["products"])

_CAPITALISE = "nullif(concat_ws(' ', {}), '')".format(
    ", ".join(
        f"CASE WHEN version.capitalised >> {number} & 1 = 1 THEN '{word}' END"
        for number, word in _COMPONENTS.items()
        if number
    )
)

BOOK: Final = (
    Query(
        "products",
        f"SELECT {_PRODUCT_COLUMNS}\nFROM product {_CURRENCY_FROM} ORDER BY product.id",
    ),
    Query("borrowers", "SELECT reference AS borrower FROM borrower ORDER BY id"),
    Query(
        "loans",
        f"""
SELECT loan.reference AS loan, borrower.reference AS borrower, product.code AS product,
    {_major("loan.principal")} AS principal, {_rate("loan.rate")} AS rate, {_rate("loan.penalty_rate")} AS penalty_rate,
    loan.first_due_on, loan.count, nullif(loan.due_day, 0) AS due_day, {_major("loan.instalment")} AS instalment,
    CASE WHEN isfinite(loan.interest_free_until) AND loan.interest_free_until > '1970-01-01'
        THEN loan.interest_free_until END AS interest_free_until
FROM loan
JOIN borrower ON borrower.id = loan.borrower_id
JOIN product ON product.id = loan.product_id {_CURRENCY_FROM}
ORDER BY loan.id""",
        {
            "first_due_on": pa.date32(),
            "count": pa.int16(),
            "due_day": pa.int16(),
            "interest_free_until": pa.date32(),
        },
    ),
    Query(
        "instalments",
        f"""
SELECT loan.reference AS loan, instalment.due_on,
    round(instalment.principal::numeric / 10::numeric ^ decimals, decimals)::text AS principal
FROM instalment
JOIN loan ON loan.id = instalment.loan_id
JOIN product ON product.id = loan.product_id {_CURRENCY_FROM}
ORDER BY instalment.loan_id, instalment.due_on""",
        {"due_on": pa.date32()},
    ),
    Query(
        "versions",
        f"""
SELECT loan.reference AS loan, version.number AS version, product.code AS product, {_rate("version.rate")} AS rate,
    {_rate("version.penalty_rate")} AS penalty_rate, version.first_due_on, version.count,
    nullif(version.due_day, 0) AS due_day, {_major("version.instalment")} AS instalment, {_CAPITALISE} AS capitalise
FROM version
JOIN loan ON loan.id = version.loan_id
JOIN product ON product.id = version.product_id {_CURRENCY_FROM}
ORDER BY version.loan_id, version.number""",
        {"version": pa.int16(), "first_due_on": pa.date32(), "count": pa.int16(), "due_day": pa.int16()},
    ),
    Query(
        "journal",
        f"""
SELECT journal.key, loan.reference AS loan, {_words("journal.kind", _KINDS)} AS kind, journal.effective_on,
    {_major("journal.amount")} AS amount, product.currency, {_COMPONENT_COLUMN} AS component, {_TARGET} AS target,
    {_UNTIL}, {_RATE}, nullif(journal.count, 0) AS count, {_DETAIL}
{_JOURNAL_FROM} {_CURRENCY_FROM}
WHERE {RANGE} ORDER BY journal.loan_id, journal.sequence""",
        {"effective_on": pa.date32(), "until": pa.date32(), "count": pa.int16()},
        by_loans=True,
    ),
)
"""The book in the schema of an import, personal data left out: it can be imported again elsewhere."""

LOGICAL: Final = (
    Query("product", "SELECT id, code, name, currency, terms FROM product ORDER BY id"),
    Query("borrower", "SELECT id, reference FROM borrower ORDER BY id"),
    Query("loan", "SELECT * FROM loan ORDER BY id"),
    Query("instalment", "SELECT * FROM instalment ORDER BY loan_id, due_on"),
    Query("version", "SELECT * FROM version ORDER BY loan_id, number"),
    Query("recording", "SELECT id, actor, reason, source, entries FROM recording ORDER BY id"),
    Query("journal", "SELECT * FROM journal ORDER BY loan_id, sequence"),
    Query("position", f"SELECT {', '.join(POSITION_COLUMNS)} FROM position ORDER BY loan_id"),
    Query("movement", "SELECT * FROM movement ORDER BY business_date, loan_id, kind"),
    Query(
        "posting", "SELECT * FROM posting ORDER BY business_date, product_id, kind, component, debit, credit"
    ),
    Query("accrual", 'SELECT * FROM accrual ORDER BY product_id, line, nonaccrual, "index", denominator'),
    Query("business_day", "SELECT date, recordings, totals, journal_digest FROM business_day ORDER BY date"),
)
"""Everything that matters, with numbers and digests, without the moments of recording and what only the code that wrote it can
read (kept states): two books are the same if these are."""
