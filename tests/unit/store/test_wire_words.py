"""Wire rows as words: what COPY sends, read in one go."""

import numpy as np
import pytest

from forbear.engine.vocabulary import NEVER
from forbear.store.copy import as_words, native, row_type

COLUMNS = {"id": "bigint", "count": "smallint", "on": "date", "digest": "digest", "number": "integer"}


def rows() -> np.ndarray:
    wire = np.zeros(4, row_type(COLUMNS))
    wire["id"] = [0, -1, 2**62, -(2**63)]
    wire["count"] = [1, -2, 32767, -32768]
    wire["on"] = [0, -10957, 2**31 - 1, 9000]
    wire["number"] = [7, -7, 2**31 - 1, -(2**31)]
    return wire


def test_words_are_the_columns() -> None:
    names = ("number", "id", "on", "count")
    words = as_words(COLUMNS, rows(), names)
    columns = dict(native(COLUMNS, rows()))
    for place, name in enumerate(names):
        assert words[:, place].tolist() == columns[name].tolist(), name
    assert words[2, 2] == NEVER


def test_rows_whose_octets_were_turned_are_refused() -> None:
    turned = np.concatenate([rows()[:2], rows()[2:]])
    with pytest.raises(ValueError, match="as they came over the wire"):
        as_words(COLUMNS, turned, ("id",))
