"""Columns of a frame as exact NumPy arrays. What does not parse becomes a problem with its row, column and value."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forbear.formats import parsing
from forbear.formats.mapping import AMOUNT_UNITS, RATE_UNITS
from forbear.formats.problems import Problems
from forbear.formats.references import NO_TEXT, Text, empty_text, read_only
from forbear.formats.schema import SCHEMA, Form
from forbear.formats.tabular import Frame
from forbear.kernel.days import FIRST_DATE, LAST_DATE
from forbear.kernel.money import MAX_AMOUNT
from forbear.kernel.rates import MAX_RATE

RATE_DECIMALS: Final = 10
LARGEST_RATE: Final = MAX_RATE * 10**RATE_DECIMALS
FLOAT_MEND: Final = "write it as a string or a decimal: a float has lost the exact value"

Saying = Mapping[int, tuple[str, str]]

_REQUIRED: Final = ("is empty", "give a value in every row")
AMOUNT_SAYINGS: Final[Saying] = {
    parsing.EMPTY: _REQUIRED,
    parsing.MALFORMED: (
        "is not an amount",
        "write digits with at most one point and no separators: 1234.56",
    ),
    parsing.NEGATIVE: ("is negative", "leave out the sign: the kind of the entry says which way money goes"),
    parsing.TOO_FINE: (
        "has a fraction of the smallest unit of its currency",
        "round it, by a rule you can name",
    ),
    parsing.TOO_LARGE: (f"is more than {MAX_AMOUNT:,} minor units", "check the unit of the figure"),
}
RATE_SAYINGS: Final[Saying] = {
    parsing.EMPTY: _REQUIRED,
    parsing.MALFORMED: ("is not a rate", "write 0.1449 or 14.49%"),
    parsing.NEGATIVE: ("is negative", "write a rate of zero or more"),
    parsing.TOO_FINE: (
        f"has more than {RATE_DECIMALS} decimals as a ratio",
        "round it, by a rule you can name",
    ),
    parsing.TOO_LARGE: (f"is above {MAX_RATE}00%", "write 0.1449 or 14.49%; is a % missing?"),
}
DATE_SAYINGS: Final[Saying] = {
    parsing.EMPTY: _REQUIRED,
    parsing.MALFORMED: ("is not a date", "write YYYY-MM-DD: 2026-03-01; a mapping can name another form"),
    parsing.NO_SUCH_DAY: ("is no day of the calendar", "check month and day"),
    parsing.BEYOND_CALENDAR: (
        f"is outside {FIRST_DATE} .. {LAST_DATE}",
        "leave the value out if it means no end",
    ),
}
WHOLE_SAYINGS: Final[Saying] = {
    parsing.EMPTY: _REQUIRED,
    parsing.MALFORMED: ("is not a whole number", "write digits only"),
    parsing.NEGATIVE: ("is negative", "write a number of zero or more"),
    parsing.TOO_FINE: ("is not a whole number", "write digits only"),
    parsing.TOO_LARGE: ("is too large", "check the column"),
}


class Columns:
    """The columns of one frame of a file of the schema, read as what the schema says they are.

    `bad` marks the rows in which anything was wrong. Absent columns read as empty.
    """

    def __init__(self, kind: str, frame: Frame, problems: Problems) -> None:
        self.frame = frame
        self.rows = len(frame)
        self.bad = np.zeros(self.rows, np.bool_)
        self._problems = problems
        self._forms = {column.name: column.form for column in SCHEMA[kind]}
        self._texts: dict[str, Text] = {}

    def complain(
        self, place: int, column: str | None, message: str, mend: str, *, shown: bool = True
    ) -> None:
        """A problem with the row at `place`; the value is shown if the column is named and not personal."""
        value = None
        if column and shown and self._forms.get(column) != Form.PERSONAL:
            value = self.text(column).at(place) or None
        self.bad[place] = True
        self._problems.add(
            self.frame.file, message, mend, row=self.frame.rows[place], column=column, value=value
        )

    def complain_all(self, which: np.ndarray, column: str | None, message: str, mend: str) -> None:
        """A problem for each row marked in `which`."""
        for place in np.flatnonzero(which):
            self.complain(int(place), column, message, mend)

    def text(self, name: str) -> Text:
        """The column as it is written, without checks; nulls are empty."""
        if name not in self._texts:
            array = self.frame.columns.get(name)
            self._texts[name] = empty_text(self.rows) if array is None else self._as_text(name, array)
        return self._texts[name]

    def checked_text(self, name: str, *, required: bool = False) -> Text:
        """A column of names or sentences: UTF-8 without U+0000, and no control character in what identifies something."""
        text = self.text(name)
        array = self.frame.columns.get(name)
        if array is not None and pa.types.is_binary(array.type):
            self._check_encoding(name, array)
        if required:
            self.complain_all(text.lengths() == 0, name, *_REQUIRED)
            control = np.zeros(self.rows, np.bool_)
            parsing.find_controls(text.offsets, text.data, control)
            self.complain_all(control, name, "has a control character in it", "remove line breaks and tabs")
        elif (text.data[text.offsets[0] : text.offsets[-1]] == 0).any():
            for place in range(self.rows):
                if b"\0" in text.raw(place):
                    self.complain(
                        place, name, "has the character U+0000 in it", "remove it: it is no part of a text"
                    )
        return text

    def numbers(
        self, name: str, exponents: np.ndarray | int, *, largest: int, sayings: Saying, required: bool = True
    ) -> np.ndarray:
        """Whole numbers of 10**-exponent each; zero where empty, or wrong."""
        text, (out, codes) = self.text(name), self._blank()
        wide = read_only(np.ascontiguousarray(np.broadcast_to(np.asarray(exponents, np.int64), (self.rows,))))
        parsing.parse_numbers(text.offsets, text.data, wide, largest, out, codes)
        self._tell(name, codes, sayings, required)
        return out

    def amounts(
        self, name: str, exponents: np.ndarray | int, *, required: bool = True, zero: bool = False
    ) -> np.ndarray:
        """Amounts in minor units, of currencies with that many decimals; more than zero unless `zero` is fine."""
        above = AMOUNT_UNITS[self.frame.units.get(name, "major")]
        places = 0 if above is None else np.asarray(exponents) + above
        out = self.numbers(name, places, largest=MAX_AMOUNT, sayings=AMOUNT_SAYINGS, required=required)
        if not zero:
            nothing = (out == 0) & (self.text(name).lengths() > 0) & ~self.bad
            self.complain_all(nothing, name, "is nothing", "leave the row out, or give an amount above zero")
        return out

    def wholes(self, name: str, *, largest: int, required: bool = True) -> np.ndarray:
        """Whole numbers from zero up; zero where empty."""
        return self.numbers(name, 0, largest=largest, sayings=WHOLE_SAYINGS, required=required)

    def rates(self, name: str, *, required: bool = True, largest: int = LARGEST_RATE) -> np.ndarray:
        """Rates in 10**-10; zero where empty."""
        text, (out, codes) = self.text(name), self._blank()
        exponent = RATE_DECIMALS - RATE_UNITS[self.frame.units.get(name, "ratio")]
        parsing.parse_rates(text.offsets, text.data, exponent, RATE_DECIMALS - 2, largest, out, codes)
        self._tell(name, codes, RATE_SAYINGS, required)
        return out

    def dates(self, name: str, *, required: bool = True) -> np.ndarray:
        """Day numbers; zero where empty."""
        text, (out, codes) = self.text(name), self._blank()
        parsing.parse_dates(text.offsets, text.data, out, codes)
        self._tell(name, codes, DATE_SAYINGS, required)
        return out

    def words(
        self, name: str, known: Mapping[str, int], *, required: bool = True, mend: str = ""
    ) -> np.ndarray:
        """The number of each word; -1 where empty, or wrong."""
        text = self.text(name)
        lengths = text.lengths()
        if not lengths.any():
            found = np.full(self.rows, -1, np.int64)
        else:
            places = pc.index_in(
                _binary_array(text), value_set=pa.array([word.encode() for word in known], pa.binary())
            )
            numbers = np.array([*known.values(), -1], np.int64)
            found = numbers[places.fill_null(len(known)).to_numpy(zero_copy_only=False)]
        if required:
            self.complain_all(lengths == 0, name, *_REQUIRED)
        told = mend or "write one of: " + ", ".join(known)
        self.complain_all((found < 0) & (lengths > 0), name, "is not a word that is known here", told)
        return found

    def _blank(self) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros(self.rows, np.int64), np.zeros(self.rows, np.int8)

    def _tell(self, name: str, codes: np.ndarray, sayings: Saying, required: bool) -> None:
        if not codes.any():
            return
        wrong = codes != parsing.GOOD if required else codes > parsing.EMPTY
        for place in np.flatnonzero(wrong):
            self.complain(int(place), name, *sayings[int(codes[place])], shown=codes[place] != parsing.EMPTY)

    def _as_text(self, name: str, array: Any) -> Text:
        kind = array.type
        if pa.types.is_dictionary(kind):
            return self._as_text(name, array.cast(kind.value_type))
        if pa.types.is_floating(kind):
            return self._float_text(name, array)
        if pa.types.is_timestamp(kind):
            array = _try(lambda: array.cast(pa.date32()), array)
        if not (_is_text(array.type)):
            array = array.cast(pa.string())
        return _text_of(array)

    def _float_text(self, name: str, array: Any) -> Text:
        """Floats are refused but for whole numbers: a table with a gap makes a column of them floats."""
        if self._forms.get(name) in (Form.WHOLE, Form.TEXT):
            whole = _try(lambda: array.cast(pa.int64()), None)
            if whole is not None:
                return _text_of(whole.cast(pa.string()))
        shown = _text_of(array.cast(pa.string()))
        self._texts[name] = shown
        present = np.flatnonzero(shown.lengths() > 0)[:1]
        for place in present:  # one for the column says it all
            self.complain(int(place), name, "is a floating-point number", FLOAT_MEND)
        return empty_text(self.rows) if not len(present) else shown

    def _check_encoding(self, name: str, array: Any) -> None:
        try:
            array.cast(pa.string())
        except pa.ArrowInvalid:
            for place in range(self.rows):
                try:
                    self.text(name).raw(place).decode()
                except UnicodeDecodeError:
                    self.complain(
                        place,
                        name,
                        "is not in UTF-8",
                        'save the file as "CSV UTF-8", or name its encoding in a mapping (csv: encoding: gb18030)',
                    )


def _is_text(kind: Any) -> bool:
    return (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


def _try(attempt: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return attempt()
    except pa.ArrowException:
        return otherwise


def _text_of(array: Any) -> Text:
    """An Arrow array of strings or bytes as a `Text`; a null is empty."""
    if array.null_count:
        array = array.fill_null(
            "" if pa.types.is_string(array.type) or pa.types.is_large_string(array.type) else b""
        )
    _, offsets, data = array.buffers()
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    if not len(array) or offsets is None:
        return empty_text(len(array))
    ends = np.frombuffer(offsets, np.int64 if large else np.int32)[
        array.offset : array.offset + len(array) + 1
    ]
    return Text(ends.astype(np.int64), NO_TEXT if data is None else read_only(np.frombuffer(data, np.uint8)))


def _binary_array(text: Text) -> Any:
    """A `Text` as an Arrow array of bytes, without copying the bytes."""
    return pa.Array.from_buffers(
        pa.large_binary(), len(text.offsets) - 1, [None, pa.py_buffer(text.offsets), pa.py_buffer(text.data)]
    ).cast(pa.binary())
