"""The explanation of a live loan's figure comes to the figure, line by line, for generated loans; nearly all of it down to days."""

import random
from fractions import Fraction

import pytest

from forbear.engine.batch import fold
from forbear.engine.explain import FIGURES
from forbear.engine.explain_live import LIVE_FIGURES
from forbear.engine.live.trace import trace_live
from forbear.operations.explain import LANGUAGES, _Teller
from tests.support.live.book import some_case

CASES = 25


def nodes(node):
    yield node
    for child in node.children:
        yield from nodes(child)


def test_the_figures_are_those_of_every_loan():
    assert LIVE_FIGURES.keys() == FIGURES.keys()


@pytest.mark.parametrize("part", range(4))
def test_trees_come_to_their_figures(part):
    asked, led_to_days, accrued, elsewhere = 0, 0, 0, 0
    for seed in range(part * CASES, (part + 1) * CASES):
        rng = random.Random(seed)
        case = some_case(rng)
        day = rng.randint(case.entries[0].on, max(e.on for e in case.entries) + 60)
        batch = case.batch()
        notes, position = trace_live(batch.live, batch.entries, day), fold(batch, day)[0]
        for name, explain_figure in LIVE_FIGURES.items():
            tree = explain_figure(notes, position, batch)
            assert tree.amount == int(position[name]), (seed, name)
            for node in nodes(tree):
                if node.children:
                    total = sum((child.amount for child in node.children), Fraction(0))
                    assert total == node.amount, (seed, name, node.what)
                if node.what == "asked" and node.says["component"] == "interest":
                    asked, led_to_days = asked + 1, led_to_days + bool(node.children)
            for language in LANGUAGES:
                assert all(line.sentence for line in _Teller("CNY", language, day).lines(tree, 0))
        tree = LIVE_FIGURES["accrued_interest"](notes, position, batch)
        accrued += bool(tree.amount)
        elsewhere += any(child.what == "elsewhere" for child in tree.children)
    assert led_to_days > 0.9 * asked
    assert elsewhere <= 0.2 * accrued
