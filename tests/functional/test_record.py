"""One entry on one loan: previewed, refused, recorded, undone, on a real book of planned and live loans."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from forbear.cli.codes import Exit
from forbear.cli.main import main
from forbear.engine.movements import MovementKind
from forbear.engine.vocabulary import EntryKind
from forbear.operations.close_day import close_days
from forbear.operations.explain import Explanation, explanation
from forbear.operations.proposal import NotRecorded, Proposal
from forbear.operations.record import Changed, Recorder, preview, record
from forbear.operations.statement import UnknownLoan
from forbear.operations.verify import verify
from tests.functional.test_live_book import JOURNAL, LOANS, PRODUCTS
from tests.support.book_files import RECORDED_AT, contents, take_in, write_book
from tests.support.books import day

pytestmark = pytest.mark.database

TODAY = day("2024-03-10")
NOW = dt.datetime(2024, 3, 10, 9, tzinfo=dt.UTC)
BY = Recorder(actor="tester", reason="asked for", recorded_at=RECORDED_AT)


@pytest.fixture
def book(fresh_database: str, tmp_path: Path) -> str:
    take_in(fresh_database, write_book(tmp_path, products=PRODUCTS, loans=LOANS, journal=JOURNAL))
    close_days(fresh_database, day("2024-03-03"), now=RECORDED_AT)
    return fresh_database


def proposal(kind: str, loan: str = "L2", on: str = "2024-03-10", **said) -> Proposal:
    return Proposal(loan=loan, kind=EntryKind[kind.upper()], on=day(on), **said)


def changed(url: str, wanted: Proposal, as_of: int = TODAY) -> Changed:
    found = preview(url, wanted, as_of=as_of, today=TODAY)
    assert isinstance(found, Changed), found
    return found


def done(url: str, wanted: Proposal, by: Recorder = BY) -> Changed:
    found = record(url, wanted, by, as_of=TODAY, today=TODAY)
    assert isinstance(found, Changed), found
    return found


PLANNED = (
    proposal("due_date_moved", until=day("2024-04-15")),
    proposal("payment_holiday", count=2),
    proposal("extended", count=3),
    proposal("reaged", until=day("2024-04-15"), count=12),
    proposal("reamortised"),
    proposal("rate_changed", component="interest", rate="0.06"),
    proposal("interest_paused", until=day("2024-03-25")),
    proposal("moratorium_started", until=day("2024-03-25")),
    proposal("accelerated"),
)
LIVE = (
    proposal("due_date_moved", "L4", until=day("2024-04-15")),
    proposal("extended", "L4", count=2),
    proposal("rate_changed", "L4", component="interest", rate="0.05"),
    proposal("interest_paused", "L4", until=day("2024-03-20")),
    proposal("reaged", "L4", until=day("2024-04-15"), count=6),
    proposal("reamortised", "L4"),
    proposal("reamortised", "L3"),
    proposal("accelerated", "L4"),
    proposal("accelerated", "L3"),
    proposal("waived", "L4", component="principal", amount="120.00"),
    proposal("waived", "L4", component="interest", amount="3.00"),
    proposal("waived", "L4", component="penalty", amount="1.50"),
    proposal("waived", "L3", component="interest", amount="1.00"),
)


def name_of(one: Proposal) -> str:
    return "-".join((one.loan, one.kind.name.lower(), *([one.component] if one.component else [])))


@pytest.mark.parametrize("wanted", [*PLANNED, *LIVE], ids=name_of)
def test_changes_are_previewed_recorded_and_undone(book: str, wanted: Proposal) -> None:
    was = contents(book)
    told = changed(book, wanted)
    assert contents(book) == was
    assert told.recording is None
    assert (told.before, told.rows_before) != (told.after, told.rows_after)
    recorded = done(book, wanted)
    assert (recorded.after, recorded.rows_after) == (told.after, told.rows_after)
    assert recorded.sequence == told.sequence
    undone = done(book, proposal("reversed", wanted.loan, target=recorded.sequence))
    assert (undone.after, undone.rows_after) == (told.before, told.rows_before)
    close_days(book, day("2024-03-12"), now=RECORDED_AT)
    assert verify(book).findings == []


def test_a_late_payment_tells_what_is_known_otherwise(book: str) -> None:
    told = changed(book, proposal("paid", on="2024-02-01", amount="106.62"))
    received = [line for line in told.corrected if line.what == "received"]
    assert [(line.on, line.believed, line.known) for line in received] == [(dt.date(2024, 2, 1), 0, 10_662)]
    assert told.before["days_past_due"] > told.after["days_past_due"] == 9
    facts = {line.what: (line.believed, line.known) for line in told.corrected if not line.component}
    assert facts["payoff"] == (told.before["payoff"], told.after["payoff"])


def test_the_same_command_twice_records_once(book: str) -> None:
    wanted = proposal("paid", amount="50.00")
    first, again = done(book, wanted), done(book, wanted)
    assert (first.known, again.known) == (False, True)
    assert again.sequence == first.sequence
    other = Recorder(actor="tester", reason="a second one", recorded_at=RECORDED_AT, key="second")
    assert done(book, wanted, other).sequence == first.sequence + 1
    clash = record(book, proposal("paid", amount="51.00"), other, as_of=TODAY, today=TODAY)
    assert isinstance(clash, NotRecorded)
    assert clash.rule == "key_in_use"
    rows = [row for row in contents(book)["journal"] if row[13] == first.key]
    assert json.loads(rows[0][14]) == {"reason": "asked for"}


@pytest.mark.parametrize(
    ("wanted", "rule"),
    [
        (proposal("paid", amount="1.00", on="2024-03-11"), "in_the_future"),
        (proposal("paid", amount="1.00", on="2023-12-31"), "before_disbursement"),
        (proposal("disbursed", amount="0.01"), "more_than_agreed"),
        (proposal("disbursed", "L4", amount="0.01"), "more_than_agreed"),
        (proposal("reversed", target=1), "draw_in_use"),
        (proposal("reversed", target=9), "target_unknown"),
        (proposal("charged_off", "L1", on="2024-02-19"), "charged_off_before_money"),
        (proposal("refunded", amount="0.01"), "more_than_credit"),
        (proposal("waived", component="fee", amount="0.01"), "more_than_open"),
        (proposal("delinquency_resumed"), "not_paused"),
        (proposal("recovered", amount="1.00"), "not_written_off"),
        (proposal("charged_back", "L1", amount="30.01", target=3), "more_than_paid"),
        (proposal("interest_paused", "L4", until=day("2025-03-01")), "pause_beyond_end"),
        (proposal("extended"), "unfit"),
        (proposal("sold", "L4", amount="1.00"), "unfit"),
        (proposal("reamortised", "L1"), "nothing_to_reamortise"),
        (proposal("waived", "L4", component="penalty", amount="4.01"), "more_than_open"),
        (proposal("waived", "L4", amount="1.00"), "unfit"),
        (proposal("reaged", "L3", until=day("2024-04-15"), count=6), "unfit"),
        (proposal("paid", amount="1.005"), "unfit"),
    ],
    ids=lambda one: one if isinstance(one, str) else name_of(one),
)
def test_refused_and_nothing_changed(book: str, wanted: Proposal, rule: str) -> None:
    if wanted.kind == EntryKind.REVERSED and wanted.target == 1:
        done(book, proposal("paid", amount="1.00"))
    was = contents(book)
    found = record(book, wanted, BY, as_of=TODAY, today=TODAY, language="zh")
    assert isinstance(found, NotRecorded), found
    assert found.rule == rule
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found.what)
    assert contents(book) == was


def test_an_early_end_stops_what_varies_a_live_schedule_from_then_on(book: str) -> None:
    end = done(book, proposal("accelerated", "L4", on="2024-03-08"))
    assert end.after["due_principal"] == end.after["principal"] == 50_000
    varied = (
        proposal("rate_changed", "L4", component="interest", rate="0.05"),
        proposal("interest_paused", "L4", until=day("2024-03-20")),
        proposal("extended", "L4", count=2),
        proposal("reaged", "L4", until=day("2024-04-15"), count=6),
        proposal("reamortised", "L4"),
        proposal("accelerated", "L4"),
    )
    for wanted in varied:
        found = preview(book, wanted, as_of=TODAY, today=TODAY)
        assert isinstance(found, NotRecorded), wanted
        assert found.rule == "schedule_stopped"
    late = replace(varied[0], on=day("2024-03-05"))
    assert changed(book, late).after["payoff"] < end.after["payoff"]
    done(book, proposal("reversed", "L4", target=end.sequence))
    assert changed(book, varied[0]).after["payoff"] > 0


def test_what_is_waived_of_a_live_loan_is_booked_by_component(book: str) -> None:
    """All of the penalty, and more interest than is due: the rest is what has been earned since."""
    before = changed(book, proposal("waived", "L4", component="penalty", amount="4.00")).before
    earned = before["due_interest"] + before["accrued_interest"]
    assert before["accrued_interest"] > 0
    for component, amount in (("penalty", 400), ("interest", earned), ("principal", 10_000)):
        told = done(book, proposal("waived", "L4", component=component, amount=f"{Decimal(amount) / 100}"))
        assert told.after[f"waived_{component}"] == amount
        assert told.before["payoff"] - told.after["payoff"] == amount
    again = preview(
        book, proposal("waived", "L4", component="interest", amount="0.01"), as_of=TODAY, today=TODAY
    )
    assert isinstance(again, NotRecorded)
    close_days(book, TODAY, now=RECORDED_AT)
    with psycopg.connect(book) as connection:
        booked = connection.execute(
            "SELECT sum(principal), sum(interest), sum(fee), sum(penalty) FROM movement WHERE kind = %s",
            (int(MovementKind.WAIVED),),
        ).fetchone()
    assert booked == (10_000, earned, 0, 400)
    assert verify(book).findings == []
    told = [line.sentence for line in told_of(book, "due_principal").lines]
    assert any("principal waived by entry" in line for line in told), told


def told_of(url: str, figure: str) -> Explanation:
    found = explanation(url, "L4", TODAY, figure=figure)
    assert isinstance(found, Explanation)
    return found


def test_a_loan_that_is_not_there(book: str) -> None:
    assert isinstance(
        preview(book, proposal("paid", "L9", amount="1.00"), as_of=TODAY, today=TODAY), UnknownLoan
    )


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, list(words), obj=NOW, env={"DATABASE_URL": url})


def test_at_the_command_line(book: str) -> None:
    before = contents(book)
    shown = run(book, "preview", "L2", "extended", "--count", "3")
    assert shown.exit_code == Exit.DONE, shown.output
    assert "Nothing was recorded" in shown.output
    assert contents(book) == before
    made = run(book, "record", "L2", "extended", "--count", "3", "--reason", "hardship", "--json")
    assert made.exit_code == Exit.DONE, made.output
    told = json.loads(made.stdout)
    assert (told["sequence"], len(told["rows_after"]) - len(told["rows_before"])) == (2, 3)
    undone = run(book, "record", "L2", "reversed", "--target", "2", "--reason", "typed wrong")
    assert undone.exit_code == Exit.DONE, undone.output
    again = run(book, "record", "L2", "reversed", "--target", "2", "--reason", "typed wrong", "--key", "x")
    assert again.exit_code == Exit.REFUSED
    assert "reversed_already" in again.output
    wrong = run(book, "preview", "L2", "luck")
    assert wrong.exit_code == Exit.USAGE
    with psycopg.connect(book) as connection:
        found = connection.execute(
            "SELECT actor <> '', reason, source FROM recording WHERE id = 2"
        ).fetchone()
    assert found == (True, "hardship", "forbear record")


def test_a_closed_day_tells_what_it_corrected(book: str) -> None:
    done(book, proposal("paid", on="2024-02-01", amount="106.62"))
    done(book, proposal("fee_charged", "L4", on="2024-03-04", amount="1.00"))
    closed = run(book, "close-day", "2024-03-04", "--corrections", "--json")
    assert closed.exit_code == Exit.DONE, closed.output
    [told] = json.loads(closed.stdout)
    [loan] = told["corrected"]
    assert (told["totals"]["corrections"], loan["reference"]) == (1, "L2")
    received = [line for line in loan["learned"] if line["what"] == "received"]
    assert [(line["on"], line["believed"], line["known"]) for line in received] == [("2024-02-01", 0, 10_662)]
    shown = run(book, "close-day", "2024-03-05", "--corrections")
    assert "Corrections" not in shown.output
