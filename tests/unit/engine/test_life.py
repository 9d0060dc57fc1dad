"""The rules of a loan's life, each broken by one fact and by no other."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from forbear.engine.life import CHANGES, RULES, Facts, Target, refusal
from forbear.engine.vocabulary import NEVER, EntryKind, Status
from forbear.kernel.money import MAX_AMOUNT

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "refusals.md"
K = EntryKind
PAYMENT = Target(K.PAID, on=120, amount=5000)


def facts(kind: EntryKind, **more: object) -> Facts:
    """A loan drawn on day 100, healthy, and an entry on day 150, today."""
    usual = Facts(kind=kind, on=150, today=150, drawn_on=100, drawn=1000, agreed=1000, open=500, credit=500)
    return replace(usual, **more)  # type: ignore[arg-type]


PAUSE = ((140, 160),)
BROKEN = [
    ("in_the_future", facts(K.PAID, on=151)),
    ("ends_before_it_begins", facts(K.INTEREST_PAUSED, until=150)),
    ("not_drawn", facts(K.PAID, drawn_on=NEVER)),
    ("not_drawn", facts(K.PAID, drawn_on=151)),
    ("unknown_target", facts(K.REVERSED, names_target=True)),
    ("reversed_already", facts(K.REVERSED, names_target=True, target=replace(PAYMENT, reversed=True))),
    (
        "reversal_of_a_reversal",
        facts(K.REVERSED, names_target=True, target=replace(PAYMENT, kind=K.REVERSED)),
    ),
    ("taken_back", facts(K.REVERSED, names_target=True, target=replace(PAYMENT, taken_back=1))),
    ("not_a_payment", facts(K.CHARGED_BACK, names_target=True, target=replace(PAYMENT, kind=K.WAIVED))),
    ("more_than_was_paid", facts(K.CHARGED_BACK, amount=5001, names_target=True, target=PAYMENT)),
    (
        "more_than_was_paid",
        facts(K.CHARGED_BACK, amount=2, names_target=True, target=replace(PAYMENT, taken_back=4999)),
    ),
    ("sold", facts(K.PAID, sold_on=149)),
    ("sold", facts(K.SOLD, sold_on=150)),
    ("written_off", facts(K.EXTENDED, written_off_on=149)),
    ("written_off", facts(K.WRITTEN_OFF, written_off_on=150)),
    ("not_written_off", facts(K.RECOVERED)),
    ("charged_off", facts(K.CHARGED_OFF, charged_off_on=150)),
    ("charged_off", facts(K.DISBURSED, charged_off_on=149, drawn=0)),
    ("charged_off", facts(K.FEE_CHARGED, charged_off_on=149)),
    *(("closed", facts(kind, status=Status.CLOSED)) for kind in sorted(CHANGES | {K.FEE_CHARGED})),
    ("drawn_after_closing", facts(K.DISBURSED, status=Status.CLOSED)),
    ("more_than_agreed", facts(K.DISBURSED, drawn=900, amount=101)),
    ("too_large", facts(K.PAID, amount=1, of_its_kind=MAX_AMOUNT)),
    ("more_than_the_credit", facts(K.REFUNDED, amount=501)),
    ("more_than_is_open", facts(K.WAIVED, amount=501)),
    *(
        ("pauses_overlap", facts(K.INTEREST_PAUSED, on=on, today=on, until=until, pauses=PAUSE))
        for on, until in (
            (150, 155),
            (130, 141),
            (159, 200),
            (130, 0),
        )
    ),
    ("not_paused", facts(K.DELINQUENCY_RESUMED)),
    ("not_paused", facts(K.MORATORIUM_ENDED, on=160, today=160, pauses=PAUSE)),
    ("changes_nothing", facts(K.EXTENDED, changes=False)),
]
ALLOWED = [
    facts(K.PAID),
    facts(K.PAID, status=Status.CLOSED),
    facts(K.PAID, written_off_on=120),
    facts(K.PAID, amount=MAX_AMOUNT),
    facts(K.RECOVERED, written_off_on=150),
    facts(K.REVERSED, names_target=True, target=PAYMENT, sold_on=120),
    facts(K.CHARGED_BACK, amount=5000, names_target=True, target=PAYMENT),
    facts(K.DISBURSED, drawn=0, drawn_on=NEVER, amount=1000, status=Status.PENDING),
    facts(K.DISBURSED, drawn=10**9, agreed=0, status=Status.CLOSED),
    facts(K.REFUNDED, amount=500),
    facts(K.WAIVED, amount=500),
    facts(K.RATE_CHANGED, on=200),
    facts(K.INTEREST_PAUSED, on=160, until=170, pauses=PAUSE),
    facts(K.INTEREST_PAUSED, on=130, until=140, pauses=PAUSE),
    facts(K.DELINQUENCY_RESUMED, on=140, today=150, pauses=PAUSE),
    facts(K.EXTENDED, changes=True),
    facts(K.SOLD, written_off_on=120),
]


@pytest.mark.parametrize(("code", "case"), BROKEN)
def test_a_broken_rule_refuses(code: str, case: Facts) -> None:
    found = refusal(case)
    assert found is not None
    assert found.rule.code == code


@pytest.mark.parametrize("case", ALLOWED)
def test_what_breaks_no_rule_is_allowed(case: Facts) -> None:
    assert refusal(case) is None


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert {code for code, _ in BROKEN} == {rule.code for rule in RULES}


def test_every_rule_is_on_its_page_in_order() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == [(rule.code, *rule.says, rule.mend[0]) for rule in RULES]
