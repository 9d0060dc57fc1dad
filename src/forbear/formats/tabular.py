"""CSV and Parquet files as a stream of frames: columns of bounded length, each row with its number in the file."""

import codecs
import contextlib
import csv as plain_csv
import errno
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from pyarrow import parquet

from forbear.formats.problems import Problems

BLOCK_BYTES: Final = 8 << 20
FRAME_ROWS: Final = 1 << 17
PARQUET_SUFFIXES: Final = (".parquet", ".pq")

Progress = Callable[[int, int], None]
"""Told how far a file has been read: done, total, in bytes (CSV) or rows (Parquet)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Some rows of a file.

    Attributes:
        file: what it is called in messages.
        rows: the number of each row in the file.
        columns: Arrow arrays of equal length.
        units: units of amounts and rates that are not the schema's own, by column.
    """

    file: str
    rows: np.ndarray
    columns: dict[str, Any]
    units: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: np.ndarray) -> "Frame":
        """The rows at these places."""
        chosen = pa.array(places)
        columns = {name: array.take(chosen) for name, array in self.columns.items()}
        return Frame(self.file, self.rows[places], columns, self.units)


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """How a CSV file is written."""

    encoding: str = "utf8"
    delimiter: str = ","


@dataclass(slots=True)
class TableFile:
    """A file on disk. `names` are its columns; frames are read with `frames`."""

    path: Path
    label: str
    names: tuple[str, ...]
    style: CsvStyle = field(default_factory=CsvStyle)

    @property
    def is_parquet(self) -> bool:
        """Whether the file is Parquet; anything else is taken for CSV."""
        return self.path.suffix.lower() in PARQUET_SUFFIXES

    def frames(
        self, wanted: Sequence[str], problems: Problems, progress: Progress | None = None
    ) -> Iterator[Frame]:
        """The file's rows, with the columns `wanted` of `names` only. What cannot be read becomes a problem."""
        told = progress or (lambda *_: None)
        read = self._parquet_frames if self.is_parquet else self._csv_frames
        try:
            yield from read([name for name in self.names if name in set(wanted)], problems, told)
        except (pa.ArrowException, OSError, UnicodeError) as error:
            problems.add(self.label, *_broken(error, parquet=self.is_parquet), gap=True)

    def _parquet_frames(
        self, wanted: Sequence[str], _problems: Problems, progress: Progress
    ) -> Iterator[Frame]:
        with parquet.ParquetFile(self.path, pre_buffer=False) as file:
            total, done = file.metadata.num_rows, 0
            for batch in file.iter_batches(FRAME_ROWS, columns=list(wanted), use_threads=False):
                columns = {name: batch.column(place) for place, name in enumerate(batch.schema.names)}
                yield Frame(
                    self.label, np.arange(done + 1, done + batch.num_rows + 1, dtype=np.int64), columns
                )
                done += batch.num_rows
                progress(done, total)

    def _csv_frames(self, wanted: Sequence[str], problems: Problems, progress: Progress) -> Iterator[Frame]:
        skipped: list[int] = []
        bad: list[tuple[int, int]] = []

        def on_bad_row(row: Any) -> str:
            skipped.append(row.number)
            if row.text.strip("\r\n"):
                bad.append((row.number, row.actual_columns))
            return "skip"

        total = self.path.stat().st_size
        if _is_header_only(self.path):
            return
        with pa.OSFile(str(self.path)) as source, self._open_csv(source, wanted, on_bad_row) as reader:
            next_row = 2
            for batch in reader:
                rows = np.arange(next_row, next_row + batch.num_rows, dtype=np.int64)
                for number in skipped:  # ascending; those further on do not touch these rows
                    rows[rows >= number] += 1
                next_row += batch.num_rows
                columns = {name: batch.column(place) for place, name in enumerate(batch.schema.names)}
                yield _without_blank(Frame(self.label, rows, columns))
                with contextlib.suppress(ValueError):  # the reader closes its source at the end
                    progress(min(source.tell(), total), total)
        for number, found in bad:
            problems.add(
                self.label,
                f"this row has {found} fields, the header has {len(self.names)}",
                'put a value that has a comma or a line break into quotes ("..."), and see that every quote is closed',
                row=number,
                gap=True,
            )

    def _open_csv(self, source: Any, wanted: Sequence[str], on_bad_row: Callable[[Any], str]) -> Any:
        return arrow_csv.open_csv(
            source,
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=BLOCK_BYTES, encoding=self.style.encoding
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.style.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=on_bad_row,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(self.names, pa.binary()),
                include_columns=list(wanted),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
                check_utf8=False,
            ),
        )


def open_table(
    path: Path, problems: Problems, style: CsvStyle | None = None, label: str | None = None
) -> TableFile | None:
    """The file, opened far enough to know its columns; None if that already is a problem."""
    style = style or CsvStyle()
    file = TableFile(path, label or path.name, (), style)
    if odd := _strange(path, parquet=file.is_parquet):
        problems.add(file.label, *odd, gap=True)
        return None
    try:
        file.names = _parquet_names(path) if file.is_parquet else _csv_names(path, style)
    except (pa.ArrowException, OSError, UnicodeError, LookupError) as error:
        problems.add(
            file.label,
            *_broken(error, parquet=file.is_parquet),
            row=1 if isinstance(error, UnicodeError) else None,
            gap=True,
        )
        return None
    twice = sorted({name for name in file.names if file.names.count(name) > 1})
    for name in twice:
        problems.add(
            file.label,
            "two columns have this name",
            "name each column once",
            column=name,
            row=_header(file),
            gap=True,
        )
    if not file.names:
        problems.add(
            file.label, "the file is empty", "write the names of the columns into its first row", gap=True
        )
    return None if twice or not file.names else file


MAGIC: Final = (
    (b"\x1f\x8b", "the file is compressed (gzip)", "unpack it first: gunzip"),
    (b"PK\x03\x04", "the file is a workbook or an archive (zip)", 'save its sheet as "CSV UTF-8"'),
    (b"\xd0\xcf\x11\xe0", "the file is a workbook (xls)", 'save its sheet as "CSV UTF-8"'),
    (b"PAR1", "the file is Parquet", "give it a name that ends in .parquet"),
)
"""Beginnings of files that are taken for CSV by mistake."""


def _strange(path: Path, *, parquet: bool) -> tuple[str, str] | None:
    """What to say of something that is no file, or of another kind than its name says."""
    try:
        if path.exists() and not path.is_file():
            return "this is a folder or a device, no file", "name a file, or copy it to one"
        if parquet:
            return None
        with path.open("rb") as file:
            beginning = file.read(8)
    except OSError:
        return None  # said when it is opened
    return next(((what, mend) for magic, what, mend in MAGIC if beginning.startswith(magic)), None)


def _is_header_only(path: Path) -> bool:
    """Whether the file is one line without an end, which Arrow does not take for a table without rows."""
    with path.open("rb") as file:
        beginning = file.read(BLOCK_BYTES)
    return len(beginning) < BLOCK_BYTES and b"\n" not in beginning and b"\r" not in beginning


def _header(file: TableFile) -> int | None:
    return None if file.is_parquet else 1


def _parquet_names(path: Path) -> tuple[str, ...]:
    with parquet.ParquetFile(path) as file:
        return tuple(file.schema_arrow.names)


def _csv_names(path: Path, style: CsvStyle) -> tuple[str, ...]:
    encoding = "utf-8-sig" if codecs.lookup(style.encoding).name == "utf-8" else style.encoding
    with path.open(
        encoding=encoding, newline="", errors="surrogateescape"
    ) as lines:  # reads ahead of the header
        names = tuple(next(plain_csv.reader(lines, delimiter=style.delimiter), []))
    for name in names:
        name.encode(encoding)  # raises UnicodeError for what was escaped
    return names


def _without_blank(frame: Frame) -> Frame:
    """The frame without rows that say nothing: a blank line reads as a row of empty values."""
    blank = np.ones(len(frame), np.bool_)
    for array in frame.columns.values():
        blank &= pc.binary_length(array).to_numpy(zero_copy_only=False) == 0
        if not blank.any():
            return frame
    return frame.take(np.flatnonzero(~blank))


def _broken(error: Exception, *, parquet: bool) -> tuple[str, str]:
    """What to say of a file that cannot be read at all."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file", "check the name and the folder"
    if isinstance(error, PermissionError):
        return "the file may not be read by this user", "allow it, or copy the file"
    if isinstance(error, UnicodeError):
        return (
            "the file is not in UTF-8",
            'save it as "CSV UTF-8", or name its encoding in a mapping (csv: encoding: gb18030, utf-16, ...)',
        )
    if isinstance(error, LookupError):
        return "the mapping names an encoding that Python does not know", "write utf8, gb18030, latin-1, ..."
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return "the file is a link that leads to itself", "name the file that is meant"
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    if parquet:
        return f"this is not a whole Parquet file ({reason})", "write or copy it again, to its end"
    return f"this cannot be read as CSV ({reason})", "check that it is a text file with one row a line"
