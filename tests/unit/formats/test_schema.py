"""The documentation of import and export is the code's."""

import pathlib
import re
from dataclasses import fields

import pytest

from forbear.engine.live import words as live
from forbear.engine.live.product import STARTING_VALUES, LiveProduct
from forbear.engine.terms import Product
from forbear.engine.vocabulary import EntryKind
from forbear.engine.words import ENUMERATIONS, LOAN_DEFAULTS, NOT_TERMS, to_words
from forbear.formats.mapping import AMOUNT_UNITS, COLUMN_KEYS, RATE_UNITS, SECTION_KEYS
from forbear.formats.schema import FILES, KINDS, SCHEMA, Form, column_names

REFERENCE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "reference"
IMPORT = (REFERENCE / "import.md").read_text(encoding="utf-8")
PRODUCTS = (REFERENCE / "products.md").read_text(encoding="utf-8")


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    part = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


@pytest.mark.parametrize("file", FILES)
def test_every_column_is_documented_as_it_is(file: str) -> None:
    written = table(IMPORT, file)
    wanted = [[f"`{c.name}`", c.form.value, "yes" if c.required else "", c.meaning] for c in SCHEMA[file]]
    assert written == wanted, f"docs/reference/import.md, section {file}: make its table say this"


def test_products_are_made_of_the_terms() -> None:
    terms = {spec.name for kind in (Product, LiveProduct) for spec in fields(kind)}
    assert set(column_names("products")) == terms | LOAN_DEFAULTS | {"regime", "preset"}


def test_every_term_is_explained_with_its_default_and_words() -> None:
    rows = {row[0].strip("`"): row for row in table(PRODUCTS, "The terms")}
    terms = {spec.name for spec in fields(Product)} - NOT_TERMS
    assert set(rows) == terms | LOAN_DEFAULTS
    defaults = to_words(
        Product(code="x", currency="CNY", amortisation=next(iter(ENUMERATIONS["amortisation"])))
    )  # type: ignore[arg-type]
    for name in terms - {"amortisation", "multiple"}:
        value = defaults[name]
        shown = " ".join(map(str, value)) if isinstance(value, list) else str(value).lower()
        assert f"`{shown}`" in rows[name][1], f"{name}: the default is {shown}"
    for name, words in ENUMERATIONS.items():
        for word in words.__members__:
            assert f"`{word.lower()}`" in rows[name][2] + PRODUCTS.split("## Words")[1], (
                f"{name}: {word.lower()}"
            )


def test_every_term_of_a_live_product_is_explained_with_its_default_and_words() -> None:
    rows = {row[0].strip("`"): row for row in table(PRODUCTS, "Live products") if row[0].startswith("`")}
    terms = {spec.name for spec in fields(LiveProduct)} - NOT_TERMS
    assert set(rows) == terms | {*STARTING_VALUES}
    defaults = to_words(LiveProduct(code="x", currency="CNY"))
    for name in terms - live.WAYS - live.ORDERS:
        value = defaults[name]
        shown = " ".join(map(str, value)) if isinstance(value, list) else str(value).lower()
        assert f"`{shown}`" in rows[name][1], f"{name}: the default is {shown}"
    part = PRODUCTS.split("\n## Live products\n")[1].split("\n## ")[0]
    for name, words in live.ENUMERATIONS.items():
        for word in {*words.__members__} - ({"NOTHING", "DISBURSED"} if name == "row_fee_of" else set()):
            assert f"`{word.lower()}`" in part, f"{name}: {word.lower()}"


def test_kinds_are_the_journals() -> None:
    assert set(KINDS) == {kind.name.lower() for kind in EntryKind}
    assert all(column.form in Form for columns in SCHEMA.values() for column in columns)


def test_every_word_of_a_mapping_is_documented() -> None:
    part = IMPORT.split("\n## Mappings\n", 1)[1]
    for word in (*SECTION_KEYS, *COLUMN_KEYS, *AMOUNT_UNITS, *RATE_UNITS):
        assert re.search(rf"`{word}`", part), f"docs/reference/import.md, Mappings: explain `{word}`"
