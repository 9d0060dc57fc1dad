"""Cases that nobody here wrote, against the engine. Skipped, saying so, where the corpora are absent."""

import pytest

from tests.conformance import cases, known
from tests.conformance.__main__ import run_all, table
from tests.conformance.run import Result
from tests.conformance.systems import Engine

OPEN = cases.corpora() / "open"
PAGE = cases.ROOT / "docs" / "reference" / "conformance.md"

pytestmark = pytest.mark.skipif(
    not OPEN.is_dir(), reason=f"no cases at {OPEN}: set FORBEAR_CORPORA to the folder of the corpora"
)


@pytest.fixture(scope="module")
def results():
    return run_all(OPEN, Engine(), processes=2)


def test_what_is_not_passed_is_known_and_what_is_known_is_not_passed(results):
    told = known.differences(results, known.read())
    assert not told, "\n".join(told)


def test_every_reason_says_something(results):
    empty = [name for name, (_, reason) in known.read().items() if len(reason.split()) < 2]
    assert not empty, f"Say why these do not pass: {empty}"


def test_at_least_85_in_100_of_the_first_tier_pass(results):
    first = [r for r in results if r.feature in cases.FIRST_TIER]
    passed = sum(r.verdict == "passed" for r in first)
    assert passed * 100 >= 85 * len(first), f"{passed} of {len(first)}"


def test_the_page_shows_what_came_out(results):
    told = "`python -m tests.conformance --table` makes the table of docs/reference/conformance.md"
    assert table(results) in PAGE.read_text(encoding="utf-8"), told


@pytest.mark.parametrize(
    ("verdict", "listed", "said"), [("passed", True, "take it off"), ("failed", False, "does not pass")]
)
def test_the_list_complains_when_it_should(verdict, listed, said):
    result = Result({"id": "x", "feature": "loan"})
    result.verdict, result.reason = verdict, "schedule: period 1"
    told = known.differences([result], {"x": ["failed", "a reason"]} if listed else {})
    assert len(told) == 1
    assert said in told[0]
