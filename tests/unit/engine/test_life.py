"""Rules about the life of a loan: each rule refuses what it is for, and lets pass what is next to it."""

import pathlib
import re

import pytest

from forbear.engine.life import RULES, Entry, Standing, judge
from forbear.engine.live.vocabulary import Kind
from forbear.engine.refusals import LANGUAGES, SENTENCES, sentences
from forbear.engine.vocabulary import EntryKind as K
from forbear.engine.vocabulary import Status
from forbear.kernel.money import MAX_AMOUNT

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "reference" / "refusals.md"
TODAY = 100
DRAWN = Entry(sequence=1, kind=K.DISBURSED, on=10, amount=1_000)
PAID = Entry(sequence=2, kind=K.PAID, on=40, amount=300)


def loan(*more: Entry, **said) -> Standing:
    told = {"agreed": 1_000, "status": Status.ACTIVE, "credit": 50, "open": (700, 20, 0, 0)} | said
    return Standing(journal=(DRAWN, PAID, *more), **told)


def new(kind: K, on: int = 50, **said) -> Entry:
    return Entry(kind=kind, on=on, **said)


def undone(target: int, sequence: int = 9) -> Entry:
    return Entry(sequence=sequence, kind=K.REVERSED, on=60, target=target)


def was(kind: K, on: int, **said) -> Entry:
    return Entry(sequence=3, kind=kind, on=on, **said)


NONE = Standing(journal=(), agreed=1_000, status=Status.PENDING)
SOLD, LOST, DOUBTFUL = was(K.SOLD, 45), was(K.WRITTEN_OFF, 45), was(K.CHARGED_OFF, 45)
BACK = was(K.CHARGED_BACK, 45, amount=200, target=2)
STILL = was(K.INTEREST_PAUSED, 50, until=60)
PAUSED = was(K.DELINQUENCY_PAUSED, 50)
ENDED = was(K.ACCELERATED, 45)
ANEW = was(K.RESTRUCTURED, 45, count=2)
INCOME = was(Kind.INCOME_CAPITALISED, 45, amount=90)
GIVEN_BACK = Entry(sequence=4, kind=Kind.INCOME_ADJUSTED, on=50, amount=30, target=3)
ADJUST = Kind.INCOME_ADJUSTED
LATER_RATE = was(K.RATE_CHANGED, 50, component=1, rate=5)

CASES = (
    ("in_the_future", loan(), new(K.PAID, 101, amount=1), loan(), new(K.PAID, 100, amount=1)),
    (
        "ends_before_it_begins",
        loan(),
        new(K.INTEREST_PAUSED, until=50),
        loan(),
        new(K.INTEREST_PAUSED, until=51),
    ),
    ("target_unknown", loan(), new(K.REVERSED, target=7), loan(), new(K.REVERSED, target=2)),
    ("reverses_a_reversal", loan(undone(2)), new(K.REVERSED, target=9), loan(), new(K.REVERSED, target=2)),
    ("reversed_already", loan(undone(2)), new(K.REVERSED, target=2), loan(), new(K.REVERSED, target=2)),
    ("taken_back", loan(BACK), new(K.REVERSED, target=2), loan(BACK, undone(3)), new(K.REVERSED, target=2)),
    (
        "income_adjusted",
        loan(INCOME, GIVEN_BACK),
        new(K.REVERSED, target=3),
        loan(INCOME, GIVEN_BACK, undone(4)),
        new(K.REVERSED, target=3),
    ),
    ("draw_in_use", loan(), new(K.REVERSED, target=1), loan(undone(2)), new(K.REVERSED, target=1)),
    (
        "target_no_payment",
        loan(),
        new(K.CHARGED_BACK, target=1, amount=1),
        loan(),
        new(K.CHARGED_BACK, target=2, amount=1),
    ),
    (
        "target_not_deferred",
        loan(INCOME),
        new(Kind.BUY_DOWN_ADJUSTED, target=3, amount=1),
        loan(INCOME),
        new(ADJUST, target=3, amount=1),
    ),
    (
        "sum_too_large",
        loan(),
        new(K.PAID, amount=MAX_AMOUNT - 299),
        loan(),
        new(K.PAID, amount=MAX_AMOUNT - 300),
    ),
    ("rate_before_draw", loan(), new(K.RATE_CHANGED, 9), loan(), new(K.RATE_CHANGED, 10)),
    ("before_disbursement", NONE, new(K.PAID, amount=1), loan(), new(K.PAID, 10, amount=1)),
    ("sold", loan(SOLD), new(K.PAID, amount=1), loan(SOLD), new(K.PAID, 44, amount=1)),
    ("written_off", loan(LOST), new(K.EXTENDED, count=1), loan(LOST), new(K.PAID, amount=1)),
    ("not_written_off", loan(), new(K.RECOVERED, amount=1), loan(LOST), new(K.RECOVERED, amount=1)),
    (
        "charged_off_already",
        loan(DOUBTFUL),
        new(K.CHARGED_OFF),
        loan(DOUBTFUL, undone(3)),
        new(K.CHARGED_OFF),
    ),
    ("charged_off_before_money", loan(), new(K.CHARGED_OFF, 39), loan(), new(K.CHARGED_OFF, 40)),
    (
        "charged_off",
        loan(DOUBTFUL, agreed=2_000),
        new(K.DISBURSED, amount=1),
        loan(DOUBTFUL),
        new(K.PAID, amount=1),
    ),
    (
        "schedule_stopped",
        loan(ENDED, stops=True),
        new(K.RATE_CHANGED, component=1),
        loan(ENDED),
        new(K.RATE_CHANGED, component=1),
    ),
    (
        "more_than_agreed",
        loan(agreed=1_500),
        new(K.DISBURSED, amount=501),
        loan(agreed=1_500),
        new(K.DISBURSED, amount=500),
    ),
    ("closed", loan(status=Status.CLOSED), new(K.EXTENDED, count=1), loan(), new(K.EXTENDED, count=1)),
    (
        "version_unknown",
        loan(),
        new(K.RESTRUCTURED, count=2),
        loan(versions={2: 80}),
        new(K.RESTRUCTURED, count=2),
    ),
    (
        "version_in_use",
        loan(ANEW, versions={2: 80}),
        new(K.RESTRUCTURED, count=2),
        loan(ANEW, versions={2: 80, 3: 90}),
        new(K.RESTRUCTURED, count=3),
    ),
    (
        "version_begins_too_late",
        loan(versions={2: 50}),
        new(K.RESTRUCTURED, count=2),
        loan(versions={2: 51}),
        new(K.RESTRUCTURED, count=2),
    ),
    ("nothing_to_reamortise", loan(reamortisable=False), new(K.REAMORTISED), loan(), new(K.REAMORTISED)),
    (
        "rate_set_twice",
        loan(LATER_RATE),
        new(K.RATE_CHANGED, component=1),
        loan(LATER_RATE),
        new(K.RATE_CHANGED, component=3),
    ),
    (
        "no_interest_to_pause",
        loan(pausable=False),
        new(K.INTEREST_PAUSED, until=60),
        loan(),
        new(K.INTEREST_PAUSED, until=60),
    ),
    (
        "pause_beyond_end",
        loan(pauses_end=60),
        new(K.INTEREST_PAUSED, until=61),
        loan(pauses_end=60),
        new(K.INTEREST_PAUSED, until=60),
    ),
    (
        "pauses_overlap",
        loan(STILL),
        new(K.INTEREST_PAUSED, 59, until=70),
        loan(STILL),
        new(K.INTEREST_PAUSED, 60, until=70),
    ),
    (
        "not_paused",
        loan(PAUSED),
        new(K.DELINQUENCY_RESUMED, 49),
        loan(PAUSED),
        new(K.DELINQUENCY_RESUMED, 51),
    ),
    (
        "adjusts_before_income",
        loan(INCOME),
        new(ADJUST, 44, target=3, amount=1),
        loan(INCOME),
        new(ADJUST, 45, target=3, amount=1),
    ),
    (
        "more_than_paid",
        loan(BACK),
        new(K.CHARGED_BACK, target=2, amount=101),
        loan(BACK),
        new(K.CHARGED_BACK, target=2, amount=100),
    ),
    (
        "more_than_deferred",
        loan(INCOME, GIVEN_BACK),
        new(ADJUST, target=3, amount=61),
        loan(INCOME, GIVEN_BACK),
        new(ADJUST, target=3, amount=60),
    ),
    ("more_than_credit", loan(), new(K.REFUNDED, amount=51), loan(), new(K.REFUNDED, amount=50)),
    (
        "more_than_open",
        loan(),
        new(K.WAIVED, component=1, amount=21),
        loan(),
        new(K.WAIVED, component=1, amount=20),
    ),
)


@pytest.mark.parametrize(("rule", "stands", "bad", "beside", "good"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_refuses_what_it_is_for(rule, stands, bad, beside, good):
    refused = judge(stands, bad, TODAY)
    assert refused is not None
    assert refused.rule == rule
    for language in LANGUAGES:
        assert all(text and "{" not in text for text in sentences(refused, "CNY", language))
    assert judge(beside, good, TODAY) is None


def test_every_rule_has_a_case_and_its_sentences():
    codes = [code for code, *_ in RULES]
    assert codes == [case[0] for case in CASES]
    assert codes == list(SENTENCES)


def test_the_page_has_the_rules_in_their_order():
    rows = re.findall(r"^\| `(\w+)` \|.*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [code for code, *_ in RULES]
    text = PAGE.read_text(encoding="utf-8")
    for code, (what, mend) in SENTENCES.items():
        assert f"{what.en}<br>{what.zh} | {mend.en}<br>{mend.zh}" in text, code


def test_a_pause_that_was_resumed_ends_there():
    resumed = Entry(sequence=4, kind=K.DELINQUENCY_RESUMED, on=55)
    assert judge(loan(PAUSED, resumed), new(K.DELINQUENCY_PAUSED, 55), TODAY) is None
    refused = judge(loan(PAUSED, resumed), new(K.DELINQUENCY_PAUSED, 54), TODAY)
    assert refused is not None
    assert refused.rule == "pauses_overlap"


STOPPED = ("rate_changed", "interest_paused", "extended", "reamortised", "reaged", "accelerated")


@pytest.mark.parametrize("name", STOPPED)
def test_nothing_varies_a_live_schedule_that_has_stopped(name):
    """From the day after on; of the same day only what is folded after the end. A late truth from before is taken."""
    kind = K[name.upper()]
    for end in (ENDED, DOUBTFUL):
        refused = judge(loan(end, stops=True), new(kind, 46, until=60, count=1), TODAY)
        assert refused is not None
        assert refused.rule in ("schedule_stopped", "charged_off")
        for on, stands in ((44, loan(end, stops=True)), (46, loan(end, undone(3), stops=True))):
            assert judge(stands, new(kind, on, until=60, count=1), TODAY) is None


@pytest.mark.parametrize(
    ("end", "name", "counts"),
    [
        (ENDED, "rate_changed", True),
        (ENDED, "reamortised", True),
        (ENDED, "accelerated", False),
        (DOUBTFUL, "extended", True),
        (DOUBTFUL, "accelerated", True),
    ],
)
def test_on_its_day_an_end_stops_what_is_folded_after_it(end, name, counts):
    refused = judge(loan(end, stops=True), new(K[name.upper()], 45, count=1), TODAY)
    assert (refused is None) == counts


@pytest.mark.parametrize("kind", [K.DUE_DATE_MOVED, K.CHARGED_OFF, K.FEE_CHARGED, K.WAIVED, K.PAID])
def test_what_still_counts_after_an_early_end_is_taken(kind):
    assert judge(loan(ENDED, stops=True), new(kind, 46, until=60, amount=1), TODAY) is None


def test_income_counts_as_lent_and_what_was_given_back_makes_no_room():
    stands = loan(INCOME, GIVEN_BACK, agreed=1_500)
    for kind in (K.DISBURSED, Kind.INCOME_CAPITALISED):
        assert judge(stands, new(kind, amount=410), TODAY) is None
        refused = judge(stands, new(kind, amount=411), TODAY)
        assert refused is not None
        assert (refused.rule, refused.says["left"]) == ("more_than_agreed", 410)


def test_income_of_a_loan_that_ended():
    closed = loan(agreed=2_000, status=Status.CLOSED)
    assert judge(closed, new(Kind.INCOME_CAPITALISED, amount=1), TODAY) is None
    refused = judge(closed, new(Kind.BOUGHT_DOWN, amount=1), TODAY)
    assert refused is not None
    assert refused.rule == "closed"
    for kind in (Kind.INCOME_CAPITALISED, Kind.BOUGHT_DOWN):
        refused = judge(loan(LOST, agreed=2_000), new(kind, amount=1), TODAY)
        assert refused is not None
        assert refused.rule == "written_off"
