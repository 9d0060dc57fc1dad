"""Lines of an explanation, from positions and journals made by hand."""

from fractions import Fraction

import numpy as np
import pytest

from forbear.engine.layout import POSITION
from forbear.engine.nodes import Node, credit_node, days_past_due_node, entry_words, less_credit, node
from forbear.engine.vocabulary import DISBURSED, NEVER, PAID
from tests.support.one_loan import batch_of_one


def position(**fields: int) -> np.void:
    made = np.zeros(1, POSITION)
    for name, value in fields.items():
        made[name] = value
    return made[0]


def told(line: Node) -> tuple[str, Fraction, dict]:
    return line.what, line.amount, dict(line.says)


def test_a_node_is_exact_and_keeps_its_children_in_order() -> None:
    parts = [node("a", 1), node("b", Fraction(1, 2))]
    made = node("sum", Fraction(3, 2), iter(parts), on=7)
    assert told(made) == ("sum", Fraction(3, 2), {"on": 7})
    assert made.children == tuple(parts)
    assert isinstance(node("a", 1).amount, Fraction)
    assert node("a", 1).children == ()


class TestEntryWords:
    BATCH = batch_of_one(
        {"kind": DISBURSED, "effective_on": 100, "amount": 1200, "sequence": 4},
        {"kind": PAID, "effective_on": 131, "amount": 400, "sequence": 8},
    )

    def test_of_an_entry(self) -> None:
        assert entry_words(self.BATCH, 8) == {
            "entry": "paid",
            "sequence": 8,
            "effective_on": 131,
            "said": 400,
        }
        assert entry_words(self.BATCH, 4)["entry"] == "disbursed"

    def test_of_the_day_itself(self) -> None:
        assert entry_words(self.BATCH, 5) == {"entry": "", "sequence": 0}


class TestCredit:
    PAID = {f"paid_{name}": 10**k for k, name in enumerate(("principal", "interest", "fee", "penalty"))}  # noqa: RUF012

    def test_is_what_came_less_what_was_used_and_the_rest_was_paid_out(self) -> None:
        found = credit_node(
            position(received=20_000, credited=3000, recovered=700, credit=21_000, **self.PAID)
        )
        assert (found.what, found.amount) == ("credit", 21_000)
        assert [told(part) for part in found.children] == [
            ("received", 20_000, {}),
            ("credited", 3000, {}),
            ("allocated", -1, {"component": "principal"}),
            ("allocated", -10, {"component": "interest"}),
            ("allocated", -100, {"component": "fee"}),
            ("allocated", -1000, {"component": "penalty"}),
            ("recovered", -700, {}),
            ("paid_out", 21_000 - 20_000 - 3000 + 1111 + 700, {}),
        ]

    def test_leaves_out_what_is_nothing(self) -> None:
        found = credit_node(position(received=500, paid_fee=200, credit=300))
        assert [told(part) for part in found.children] == [
            ("received", 500, {}),
            ("allocated", -200, {"component": "fee"}),
        ]

    def test_a_payoff_is_less_by_it_line_by_line(self) -> None:
        found = less_credit(position(received=500, paid_fee=200, credit=300))
        assert (found.what, found.amount) == ("less_credit", -300)
        assert [told(part) for part in found.children] == [
            ("received", -500, {}),
            ("allocated", 200, {"component": "fee"}),
        ]


class TestDaysPastDue:
    @pytest.mark.parametrize("oldest", [NEVER, NEVER + 1])
    def test_none_where_nothing_is_late(self, oldest: int) -> None:
        found = days_past_due_node(position(oldest_due_on=oldest, days_past_due=0, paused_days=3))
        assert (told(found), found.children) == (("days_past_due", 0, {}), ())

    def test_since_the_oldest_due_date(self) -> None:
        found = days_past_due_node(position(oldest_due_on=131, days_past_due=9))
        assert (told(found), [told(part) for part in found.children]) == (
            ("days_past_due", 9, {}),
            [("days_since", 9, {"due_on": 131})],
        )

    def test_less_those_of_pauses(self) -> None:
        found = days_past_due_node(position(oldest_due_on=131, days_past_due=9, paused_days=1))
        assert (found.amount, [told(part) for part in found.children]) == (
            9,
            [("days_since", 10, {"due_on": 131}), ("paused", -1, {})],
        )
