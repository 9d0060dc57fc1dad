"""What explains a figure is what computes it: a traced fold is the fold, and every tree comes to its figure.

The trees are those of generated loans in whose lives everything happens.
"""

import random
from fractions import Fraction

import pytest

from forbear.engine.batch import fold
from forbear.engine.corrections import correction
from forbear.engine.explain import FIGURES, Node
from forbear.engine.movements import TOTALS
from forbear.engine.trace import Trace, trace
from forbear.operations.explain import LANGUAGES, SENTENCES, _Teller
from tests.support.cases import random_case
from tests.support.changing import changing_case
from tests.support.engine import batch_of
from tests.support.restructured import restructured_case

CASES = 150


def segments(notes: Trace):
    for step in notes.steps:
        yield from step.charge.segments if step.charge else ()
    for running in notes.running.values():
        yield from running


def nodes(node: Node):
    yield node
    for child in node.children:
        yield from nodes(child)


@pytest.mark.parametrize("make", [random_case, changing_case, restructured_case])
def test_a_traced_fold_is_the_fold_and_trees_come_to_their_figures(make):
    for seed in range(CASES):
        rng = random.Random(seed)
        case = make(rng)
        day = case.days(rng, 1)[0]
        batch = batch_of([case])
        notes, folded = trace(batch, day), fold(batch, day)[0]
        assert notes.position.tobytes() == folded.tobytes(), seed
        for segment in segments(notes):
            if segment.base is not None:
                accrued = Fraction(segment.base * segment.numerator * segment.units, segment.denominator)
                assert segment.amount == accrued, seed
        for name, explain_figure in FIGURES.items():
            tree = explain_figure(notes, batch)
            assert tree.amount == int(folded[name]), (seed, name)
            for node in nodes(tree):
                if node.children:
                    total = sum((child.amount for child in node.children), Fraction(0))
                    assert total == node.amount, (seed, name, node.what)
            for language in LANGUAGES:
                assert all(line.sentence for line in _Teller("CNY", language, day).lines(tree, 0))


def test_every_sentence_is_in_both_languages():
    assert all(len(told) == len(LANGUAGES) and all(told) for told in SENTENCES.values())


def test_a_correction_is_the_difference_of_what_was_and_is_known():
    """Over all days the changes of a correction add up to the difference of the two positions' totals."""
    found = 0
    for seed in range(CASES):
        rng = random.Random(seed)
        case = changing_case(rng)
        known = batch_of([case])
        day = case.days(rng, 1)[0]
        kept = [e for e in case.entries if e.kind == "disbursed" or rng.random() < 0.7]
        kept = [e for e in kept if e.kind != "reversed" or e.target in {k.key for k in kept}]
        believed = batch_of([type(case)(case.terms, tuple(kept), seed)])
        result = correction(believed, known, day)
        before, after = fold(believed, day)[0], fold(known, day)[0]
        for kind, fields in TOTALS:
            for component, field in zip(
                ("principal", "interest", "fee", "penalty", "credit"), fields, strict=True
            ):
                if field:
                    assert result.total(kind, component) == int(after[field] - before[field]), (seed, field)
        found += bool(result)
        assert not correction(known, known, day)
    assert found > CASES // 3
