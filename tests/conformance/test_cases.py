"""Every worked case beside the rules, and the proof that each rule has one that it decides and one that it does not."""

import pytest

from forbear.law.cases import read_cases, run, unproven
from forbear.law.packs import load, packaged

PACKS = load()
CASES = read_cases(packaged(), PACKS)
PLACES = sorted(PACKS.jurisdictions)


@pytest.fixture(scope="module")
def ran():
    return [run(case, PACKS) for case in CASES]


@pytest.mark.parametrize("place", PLACES)
def test_every_case_comes_out_as_it_says(ran, place):
    told = [
        f"{each.case.table.file}:{each.case.table.line}: {each.case.words.en}: {difference}"
        for each in ran
        if each.case.rule.jurisdiction == place
        for difference in each.differences
    ]
    assert not told, "\n".join(told)


def test_every_rule_is_proven(ran):
    told = [f"{rule.file}: {lacking}" for rule, lacking in unproven(ran, PACKS)]
    assert not told, "\n".join(told)


def test_there_are_as_many_as_were_asked_for(ran):
    """At least 80 for China, and about a hundred of the official commentary to Regulation F."""
    chinese = [each for each in CASES if each.rule.jurisdiction == "cn"]
    commentary = {
        each.table["cite"] for each in CASES if str(each.table.get("cite", "")).startswith("comment ")
    }
    assert len(chinese) >= 80
    assert len(commentary) >= 60
