"""Applying a mapping: frames of a lender's own columns become frames of the schema's."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forbear.formats.mapping import ColumnRule, FileMapping
from forbear.formats.problems import Problems
from forbear.formats.tabular import Frame

Rewrite = Callable[[str], str | None]
"""A value to what it becomes; None if it cannot be."""


def rewrite(rules: FileMapping, frame: Frame, problems: Problems, only: Sequence[str] | None = None) -> Frame:
    """The frame with the schema's columns. Values that a rule does not cover become problems and read as empty."""
    frame = _chosen_rows(rules, frame)
    columns: dict[str, Any] = {}
    units: dict[str, str] = {}
    for rule in rules.chosen(only):
        array = _made(rule, frame)
        steps = _steps(rule)
        columns[rule.name] = _rewritten(rule, frame, array, steps, problems) if steps else array
        if rule.unit:
            units[rule.name] = rule.unit
    return Frame(frame.file, frame.rows, columns, units)


def _chosen_rows(rules: FileMapping, frame: Frame) -> Frame:
    keep = np.ones(len(frame), np.bool_)
    for wanted, conditions in ((True, rules.where), (False, rules.skip)):
        for name, values in conditions:
            texts = _as_bytes(frame.columns[name])
            found = pc.is_in(texts, value_set=pa.array([value.encode() for value in values], pa.binary()))
            keep &= found.to_numpy(zero_copy_only=False) == wanted
    return frame if keep.all() else frame.take(np.flatnonzero(keep))


def _made(rule: ColumnRule, frame: Frame) -> Any:
    if rule.source is not None:
        return frame.columns[rule.source]
    if rule.value is not None:
        return pa.repeat(pa.scalar(rule.value, pa.string()), len(frame))
    pieces: list[Any] = []
    for literal, name in rule.parts or ():
        pieces.append(pa.scalar(literal.encode(), pa.binary()))
        if name:
            pieces.append(_as_bytes(frame.columns[name]))
    joined = pc.binary_join_element_wise(*pieces, pa.scalar(b"", pa.binary()))
    return joined if isinstance(joined, pa.Array) else pa.repeat(joined, len(frame))


def _as_bytes(array: Any) -> Any:
    """A column as bytes, nulls as empty ones."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if not pa.types.is_binary(array.type):
        array = array.cast(pa.string()).cast(pa.binary())
    return array.fill_null(b"")


def _steps(rule: ColumnRule) -> list[tuple[Rewrite, str, str]]:
    """What is done to each value, in order, with what to say where it cannot be."""
    steps: list[tuple[Rewrite, str, str]] = []
    if rule.trim:
        steps.append((str.strip, "", ""))
    if rule.remove:
        dropped = {ord(character): None for character in rule.remove}
        steps.append((lambda text: text.translate(dropped), "", ""))
    if rule.codes is not None:
        table = dict(rule.codes)
        steps.append(
            (
                lambda text: table.get(text, rule.otherwise if text else ""),
                "has no code in the mapping",
                f"add it to the codes of {rule.name}, line {rule.line}",
            )
        )
    if rule.date is not None:
        form = rule.date
        steps.append(
            (lambda text: _iso(text, form), f"is not a date of the form {form}", "correct it, or the mapping")
        )
    return steps


def _iso(text: str, form: str) -> str | None:
    if not text:
        return ""
    try:
        return dt.datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007  only its date is kept
    except ValueError:
        return None


def _rewritten(
    rule: ColumnRule, frame: Frame, array: Any, steps: list[tuple[Rewrite, str, str]], problems: Problems
) -> Any:
    """Each distinct value once: columns of codes and dates have few."""
    encoded = _as_bytes(array).dictionary_encode()
    values: list[str] = []
    failed: dict[int, tuple[str, str]] = {}
    for place, raw in enumerate(encoded.dictionary.to_pylist()):
        text: str | None = raw.decode("utf-8", "backslashreplace")
        for step, message, mend in steps:
            text = step(text or "")
            if text is None:
                failed[place] = (message, mend)
                break
        values.append(text or "")
    if failed:
        indices = encoded.indices.to_numpy()
        for row in np.flatnonzero(np.isin(indices, list(failed))):
            shown = encoded.dictionary[int(indices[row])].as_py().decode("utf-8", "backslashreplace")
            message, mend = failed[int(indices[row])]
            problems.add(
                frame.file, message, mend, row=frame.rows[row], column=", ".join(rule.sources()), value=shown
            )
    return pa.array(values, pa.string()).take(encoded.indices)
