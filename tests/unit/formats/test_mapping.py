"""One malformed mapping per refusal: each is told with its line and the way to mend it."""

import pytest

from forbear.formats.mapping import Mapping, read_mapping
from forbear.formats.tabular import CsvStyle

GOOD = """\
borrowers:
  columns:
    borrower: id
    name: {from: full name, trim: true}
"""


def refusals(tmp_path, text):
    path = tmp_path / "ours.yaml"
    path.write_text(text, encoding="utf-8")
    found = read_mapping(path)
    return [] if isinstance(found, Mapping) else [str(problem) for problem in found]


def test_a_good_one_is_read(tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_text(GOOD)
    mapping = read_mapping(path)
    assert isinstance(mapping, Mapping)
    [rule] = mapping.rules("borrowers")
    assert rule is not None
    assert rule.sources() == ["id", "full name"]
    assert rule.style == CsvStyle()
    assert mapping.rules("loans") == (None,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the mapping is empty"),
        ("borrowers: [", "row 1: cannot be read as YAML"),
        ("- a\n", "row 1: the mapping is not a mapping"),
        (GOOD + "borowers: {}\n", "row 5: 'borowers' is not known in the mapping; use products"),
        (GOOD + GOOD, "row 5: 'borrowers' comes twice"),
        (GOOD + "  colums: {}\n", "row 5: 'colums' is not known in borrowers"),
        (GOOD + "    colour: x\n", "row 5: 'colour' is not known in the columns of borrowers"),
        (GOOD + "    phone: {from: tel, format: x}\n", "row 5: 'format' is not known in phone"),
        (GOOD + "    phone: {from: tel, value: x}\n", "row 5: phone is not made of exactly one thing"),
        (GOOD + "    phone: {trim: true}\n", "row 5: phone is not made of exactly one thing"),
        (GOOD + "    phone: {from: tel, trim: maybe}\n", "row 5: 'maybe' trim is neither true nor false"),
        (GOOD + "    phone: {from: tel, unit: minor}\n", "row 5: 'minor' has a unit"),
        (GOOD + "    phone: {from: tel, date: '%d'}\n", "row 5: phone is not a date"),
        (GOOD + "    phone: {text: '{tel'}\n", "row 5: '{tel' is not a template"),
        (GOOD + "    phone: [a, b]\n", "row 5: phone is not a mapping"),
        ("borrowers:\n  columns: {name: x}\n", "row 2: borrowers need the columns borrower"),
        ("csv: {delimiter: ';;'}\n" + GOOD, "row 1: ';;' the delimiter is not one character"),
        ("loans:\n  columns:\n    principal: {from: p, unit: yuan}\n", "row 3: 'yuan' is no unit"),
        ("products:\n  columns:\n    tolerance: {from: p, unit: minor}\n", "row 3: 'minor' has a unit"),
    ],
)
def test_a_bad_one_is_refused_with_its_line(text, told, tmp_path):
    found = refusals(tmp_path, text)
    assert any(told in line for line in found), found


def test_a_file_that_is_not_there_is_told(tmp_path):
    found = read_mapping(tmp_path / "none.yaml")
    assert not isinstance(found, Mapping)
    assert "No such file" in str(found[0])
