"""A book as one number: two books are the same if their fingerprints are."""

import hashlib

from psycopg import sql

from forbear.store.connect import connect

CLOCKS = {"recording": ("recorded_at",), "business_day": ("started_at", "closed_at")}
TABLES = (
    "product",
    "borrower",
    "loan",
    "recording",
    "journal",
    "position",
    "movement",
    "posting",
    "accrual",
    "checkpoint",
    "business_day",
)


def fingerprints(url: str, *, clocks: bool = False) -> dict[str, str]:
    """A digest of each table's rows in an order of their own content; without the columns that hold the clock."""
    found = {}
    with connect(url) as connection:
        for table in TABLES:
            hidden = () if clocks else CLOCKS.get(table, ())
            rows = connection.execute(
                sql.SQL("SELECT (to_jsonb({0}) - %s::text[])::text FROM {0} ORDER BY 1").format(
                    sql.Identifier(table)
                ),
                (list(hidden),),
            )
            digest = hashlib.sha256()
            for (row,) in rows:
                digest.update(row.encode() + b"\n")
            found[table] = digest.hexdigest()[:16]
        connection.rollback()
    return found


def fingerprint(url: str, *, clocks: bool = False) -> str:
    """All tables in one number; personal data, which is sealed anew each time, is left out."""
    return hashlib.sha256(repr(fingerprints(url, clocks=clocks)).encode()).hexdigest()
