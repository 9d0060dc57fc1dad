"""Every worked table of docs/algorithms/classification.md, and the array functions against plain loops."""

import datetime as dt
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forbear.engine.classification import (
    ClassTable,
    FirstDay,
    Materiality,
    Observation,
    classify,
    consecutive,
    days_past_due,
    default_history,
    material,
    provisions,
    under_observation,
)
from forbear.engine.vocabulary import NEVER
from forbear.kernel.days import to_day
from forbear.kernel.rounding import Rounding
from tests.support.pages import table

PAGE = "algorithms/classification.md"
LETTERS = "pdo"


def day(text: str) -> int:
    return to_day(dt.date.fromisoformat(text)) if text else NEVER


def cents(text: str) -> int:
    return int(Fraction(text) * 100)


def rate(text: str) -> int:
    return int(Fraction(text.rstrip("%")) * 10**8)


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def pairs(text: str) -> dict[str, str]:
    return dict(map(str.strip, each.split(":")) for each in text.split(";") if each.strip())


def page_tables() -> dict[str, ClassTable]:
    return {
        row["table"]: ClassTable(
            tuple(words(row["classes"])),
            tuple(int(bound) for bound in words(row["bounds"])),
            pairs(row["floors"]),
            pairs(row["ceilings"]),
        )
        for row in table(PAGE, "Worked tables")
    }


class TestPage:
    @pytest.mark.parametrize("row", table(PAGE, "1. Days past due"))
    def test_days_past_due(self, row) -> None:
        due = np.array([day(row["due"]), NEVER])
        for first in FirstDay:
            assert days_past_due(due, day(row["asked about"]), first).tolist() == [int(row[first.name]), 0]

    @pytest.mark.parametrize("row", table(PAGE, "Worked classes"))
    def test_classes(self, row) -> None:
        of = page_tables()[row["table"]]
        flags = {flag: np.array([True, False]) for flag in words(row["flags"])}
        place = classify(of, np.array([int(row["days"]), 0]), flags)
        assert [of.classes[p] for p in place] == [row["class"], of.classes[0]]

    @pytest.mark.parametrize("row", table(PAGE, "3. Material arrears"))
    def test_materiality(self, row) -> None:
        for name in ("both", "either"):
            rule = Materiality(cents(row["absolute"]), rate(row["relative"]), either=name == "either")
            found = material(rule, np.array([cents(row["overdue"])]), np.array([cents(row["exposure"])]))
            assert found.tolist() == [row[name] == "yes"]

    @pytest.mark.parametrize("row", table(PAGE, "4. Default and probation"))
    def test_default(self, row) -> None:
        days = row["days"]
        found = default_history(
            np.array([[letter == "m" for letter in days]]),
            np.array([[letter == "u" for letter in days]]),
            after=int(row["after"]),
            probation=int(row["probation"]),
        )
        assert "".join(LETTERS[status] for status in found[0]) == row["status"]

    @pytest.mark.parametrize("row", table(PAGE, "5. Observation"))
    def test_observation(self, row) -> None:
        found = under_observation(
            Observation(int(row["months"]), int(row["periods"])),
            np.array([day(row["begun"])]),
            np.array([day(row["breached"])]),
            np.array([int(row["periods kept"])]),
            day(row["day"]),
        )
        assert found.tolist() == [row["watched"] == "yes"]

    @pytest.mark.parametrize("row", table(PAGE, "6. Provisions"))
    def test_provisions(self, row) -> None:
        found = provisions(
            np.array([cents(row["exposure"])]), np.array([1]), (0, rate(row["rate"])), Rounding[row["mode"]]
        )
        assert found.tolist() == [cents(row["provision"])]


class TestRefusals:
    def test_tables_that_cannot_be(self) -> None:
        assert ClassTable(("a", "b"), (1,)).problems() == []
        assert "2 classes need 1 bounds" in ClassTable(("a", "b"), ()).problems()[0]
        assert "ascending" in ClassTable(("a", "b", "c"), (5, 5)).problems()[0]
        assert "no class 'x'" in ClassTable(("a", "b"), (1,), {"flag": "x"}).problems()[0]
        assert "name of its own" in ClassTable(("a", "a"), (1,)).problems()[0]
        with pytest.raises(ValueError, match="class table"):
            classify(ClassTable((), ()), np.zeros(1, np.int64))

    def test_provisions_that_cannot_be(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            provisions(np.array([-1]), np.array([0]), (0,))
        with pytest.raises(ValueError, match="no rate"):
            provisions(np.array([1]), np.array([1]), (0,))

    def test_no_loans(self) -> None:
        nothing = np.zeros(0, np.int64)
        assert len(classify(ClassTable(("a", "b"), (1,)), nothing)) == 0
        assert len(provisions(nothing, nothing, (0,))) == 0


def status_by_hand(days, after, probation):
    """One loan, day by day: what the page says, with lists."""
    said, in_default = [], False
    for place, letter in enumerate(days):
        begun = len(days[: place + 1]) - len("".join(days[: place + 1]).rstrip("m"))
        if begun > after or letter == "u":
            in_default, since = True, place
            said.append("d")
            continue
        if not in_default:
            said.append("p")
            continue
        run = 0
        while place - run > since and days[place - run] == ".":
            run += 1
        if run > probation:
            in_default = False
        said.append("p" if run > probation else "o" if run else "d")
    return "".join(said)


class TestAgainstLoops:
    @settings(max_examples=300, deadline=None)
    @given(
        st.lists(st.sampled_from("mmm...u"), min_size=1, max_size=40), st.integers(0, 4), st.integers(0, 4)
    )
    def test_default(self, days, after, probation) -> None:
        flags = [np.array([[letter == wanted for letter in days]]) for wanted in "mu"]
        found = default_history(*flags, after=after, probation=probation)[0]
        assert "".join(LETTERS[status] for status in found) == status_by_hand(days, after, probation)

    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=4))
    def test_consecutive(self, rows) -> None:
        found = consecutive(np.array(rows))
        for row, counted in zip(rows, found, strict=True):
            run, wanted = 0, []
            for flag in row:
                run = run + 1 if flag else 0
                wanted.append(run)
            assert counted.tolist() == wanted

    @settings(max_examples=300, deadline=None)
    @given(
        st.integers(0, 10**12),
        st.integers(0, 10**12),
        st.integers(0, 10**6),
        st.integers(0, 10**10),
        st.booleans(),
    )
    @example(0, 9_110_965_317, 0, 9_111_037_683, True)  # the product of the two passes 63 bits
    def test_materiality(self, overdue, exposure, absolute, relative, either) -> None:
        found = material(Materiality(absolute, relative, either), np.array([overdue]), np.array([exposure]))[
            0
        ]
        tests = (overdue > absolute, overdue > Fraction(exposure * relative, 10**10))
        assert bool(found) == (any(tests) if either else all(tests))
