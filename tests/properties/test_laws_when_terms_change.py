"""The laws of the fold on cases whose terms change: a file of its own, so that it runs beside the other."""

import pytest

from tests.properties.test_laws import COUNTS, LAWS, POSITIONS, SEED, check
from tests.support.changing import changing_case
from tests.support.restructured import restructured_case


@pytest.mark.parametrize("name", POSITIONS)
@pytest.mark.parametrize("law", LAWS)
def test_law_when_terms_change(law, name):
    check(law, changing_case, POSITIONS[name], SEED, COUNTS[name])


@pytest.mark.parametrize("name", POSITIONS)
@pytest.mark.parametrize("law", LAWS)
def test_law_when_a_loan_is_restructured(law, name):
    check(law, restructured_case, POSITIONS[name], SEED, COUNTS[name] // 4)
