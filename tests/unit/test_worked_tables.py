"""The worked examples of docs/algorithms are recomputed from their own tables."""

import pytest

from tests.support.oracle import position
from tests.support.worked import examples

EXAMPLES = examples("changes.md")


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_the_page_is_right(example):
    for day, told in example.told:
        found = position(example.terms, example.entries, day)
        assert {name: found[name] for name in told} == told, day


def test_all_examples_are_read():
    assert len(EXAMPLES) == 10
    assert sum(len(example.told) for example in EXAMPLES) >= 30
