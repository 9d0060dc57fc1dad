"""Entries come out of the database as they are in it, texts and nulls included."""

from itertools import pairwise

import psycopg
import pytest

from forbear.store.book import JOURNAL_COLUMNS
from forbear.store.copy import native
from forbear.store.journal_read import read_entries

pytestmark = pytest.mark.database

ROWS = [  # loan, sequence, amount, key, details
    (3, 1, 1, "k", None),
    (3, 2, 2**62, "钥匙 🔑", ""),
    (3, 3, 5, "a" * 3000, '{"payer":"甲"}'),
    (7, 1, 9, "b", "x" * 5000),
    (65_536, 1, 4, "c", None),
]


@pytest.fixture
def cursor(fresh_database):
    with psycopg.connect(fresh_database) as connection, connection.cursor() as cursor:
        for loan, sequence, amount, key, details in reversed(ROWS):
            cursor.execute(
                "INSERT INTO journal (loan_id, sequence, kind, effective_on, component, amount, target, tie, recording_id, "
                "digest, key, details) VALUES (%s, %s, 5, '1969-12-30', 3, %s, 2, %s, 8, %s, %s, %s)",
                (loan, sequence, amount, loan << 40, bytes(range(16)), key, details),
            )
        yield cursor


def texts(pair):
    return [pair[1][first:end].tobytes().decode() for first, end in pairwise(pair[0])]


def test_they_come_whole_and_in_order(cursor):
    found = read_entries(cursor, 0, 1 << 40)
    columns = dict(native(JOURNAL_COLUMNS, found.rows))
    assert [*zip(columns["loan_id"], columns["sequence"], columns["amount"], strict=True)] == [
        row[:3] for row in ROWS
    ]
    assert texts(found.keys) == [row[3] for row in ROWS]
    wanted = [row[4] for row in ROWS]
    assert [
        t if has else None for t, has in zip(texts(found.details), found.has_details, strict=True)
    ] == wanted
    assert columns["tie"].tolist() == [row[0] << 40 for row in ROWS]
    assert {
        name: set(columns[name].tolist()) for name in ("kind", "effective_on", "component", "target")
    } == {
        "kind": {5},
        "effective_on": {-2},
        "component": {3},
        "target": {2},
    }
    assert {digest.tobytes() for digest in columns["digest"]} == {bytes(range(16))}


def test_a_range_is_half_open(cursor):
    assert read_entries(cursor, 3, 7).rows["sequence"].tolist() == [1, 2, 3]
    assert read_entries(cursor, 7, 65_536).rows["loan_id"].tolist() == [7]
    nothing = read_entries(cursor, 8, 9)
    assert (len(nothing.rows), len(nothing.keys[0]), len(nothing.has_details)) == (0, 1, 0)
