"""Compile what an import runs, ahead of its first use: `python -m forbear.operations.import_warm`.

The machine code is kept beside the sources, as that of the engine is.
"""

import sys

import numpy as np
import pyarrow as pa

from forbear.formats.columns import Columns
from forbear.formats.problems import Problems
from forbear.formats.references import References, Text
from forbear.formats.tabular import Frame
from forbear.operations.import_journal import number
from forbear.operations.import_loans import blank_state, last_due
from forbear.store.chain import ENTRY_FIELDS, chain
from forbear.store.journal_wire import DETAILS, NEW_ENTRY, encode_entries
from forbear.store.loading import encode_rows, packed


def warm() -> None:
    """Read, number, chain and encode one entry and one loan, from memory that may be written and memory that may not."""
    for binary in (pa.binary(), pa.string()):
        frame = Frame(
            "warm", np.array([1]), {"key": pa.array(["k"], binary), "amount": pa.array(["1"], binary)}
        )
        columns = Columns("journal", frame, Problems())
        columns.amounts("amount", np.array([2]))
        columns.dates("effective_on", required=False)
        columns.checked_text("key", required=True)
        Columns("loans", frame, Problems()).rates("rate", required=False)
    key = columns.text("key")
    nothing = columns.text("reason")
    owned = Text(key.offsets.copy(), key.data.copy())
    rows, state = np.zeros(1, NEW_ENTRY), blank_state(1)
    place = np.zeros(1, np.int64)
    number(rows.view(np.recarray), place, place, place, 0, state.view(np.recarray))
    for text, detail in ((key, key), (key, nothing), (owned, owned)):
        references = References()
        references.add(text)
        references.find(text)
        text.hashes()
        text.take(place)
        details = [nothing, nothing, detail, nothing]
        encode_entries(rows, text, details[: len(DETAILS)], recording=1, heads=np.zeros((1, 2), np.uint64))
        encode_rows({"id": "bigint"}, {"id": place}, [text, packed([b"x"])], 1)
        chain(dict.fromkeys(ENTRY_FIELDS, place), text, text, np.ones(1, np.bool_))
    last_due(place, place, place, np.zeros((1, 3), np.int64), np.zeros(1, np.int64))


if __name__ == "__main__":
    warm()
    sys.stdout.write("The import is compiled.\n")
