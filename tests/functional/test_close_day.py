"""Closing days: what a day touches, what it leaves alone, and how it goes on after anything."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from forbear.operations import close_day, verify
from forbear.operations.close_day import CLOSER, HELPER, Refusal, TotalsDoNotTieError, close_days
from forbear.operations.status import status
from forbear.store.connect import connect
from tests.support.books import NOW, Said, SmallBook, day, disbursed, paid
from tests.support.digests import fingerprint

pytestmark = pytest.mark.database


class StoppedError(Exception):
    """What a test raises to leave a day half done."""


def stop_after(partitions: int) -> Callable[[str, int, int], None]:
    """A progress that leaves the day after so many partitions."""
    left = partitions

    def told(_label: str, _done: int, _total: int) -> None:
        nonlocal left
        if left == 0:
            raise StoppedError
        left -= 1

    return told


def leave_open(book: SmallBook, until: str, *, partitions: int = 0) -> None:
    with pytest.raises(StoppedError):
        close_days(book.url, day(until), now=NOW, progress=stop_after(partitions))


@pytest.fixture
def small_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four loans to a partition."""
    for module in (close_day, verify):
        monkeypatch.setattr(module, "LOANS_PER_PARTITION", 4)


@pytest.fixture
def book(fresh_database: str) -> SmallBook:
    """Three loans of 1,200.00, twelve months, first due on 1 February 2026."""
    book = SmallBook(fresh_database)
    for name in ("A", "B", "C"):
        book.loan(name)
    book.record(*(disbursed(name, "2026-01-01", 120_000) for name in "ABC"))
    return book


@contextlib.contextmanager
def nothing_written(book: SmallBook) -> Iterator[None]:
    before = fingerprint(book.url, clocks=True)
    yield
    assert fingerprint(book.url, clocks=True) == before


class TestFirstDay:
    def test_every_loan_with_entries_gets_its_position_and_its_movements(self, book: SmallBook) -> None:
        [closed] = book.close("2026-01-10")
        assert (closed.date, closed.closed_now) == (day("2026-01-10"), True)
        assert [closed.totals[name] for name in ("touched", "entries", "movements", "corrections")] == [
            3,
            3,
            3,
            0,
        ]
        assert book.movements() == [(loan, 1, 0, 120_000, 0, 0, 0, 0) for loan in (1, 2, 3)]
        # 9 days of 12% on 1,200.00: 355.07 cents a loan
        assert book.ledger() == {
            "accrued_interest": 1065,
            "cash": -360_000,
            "interest_income": -1065,
            "loans": 360_000,
        }
        assert book.verify().sound

    def test_a_loan_without_entries_is_in_no_total_until_its_first_entry(self, book: SmallBook) -> None:
        book.loan("D")
        [closed] = book.close("2026-01-10")
        assert closed.totals["touched"] == 3
        assert closed.totals["products"]["1"]["status"] == {"active": [3, 360_000]}
        book.record(disbursed("D", "2026-01-11", 120_000))
        [closed] = book.close("2026-01-11")
        assert closed.totals["products"]["1"]["status"] == {"active": [4, 480_000]}

    def test_a_loan_that_waits_for_its_disbursement_is_pending_until_then(self, book: SmallBook) -> None:
        book.loan("D")
        book.record(disbursed("D", "2026-01-12", 120_000))
        closed = [*book.close("2026-01-10"), *book.close("2026-01-12")]
        counts = [one.totals["products"]["1"]["status"] for one in closed]
        assert counts == [
            {"active": [3, 360_000], "pending": [1, 0]},
            {"active": [3, 360_000], "pending": [1, 0]},
            {"active": [4, 480_000], "pending": [0, 0]},
        ]

    def test_an_empty_book_can_be_closed_and_filled_later(self, fresh_database: str) -> None:
        book = SmallBook(fresh_database)
        [closed] = book.close("2026-01-10")
        assert closed.totals["touched"] == 0
        book.loan("A")
        book.record(disbursed("A", "2026-01-01", 120_000))
        [closed] = book.close("2026-01-11")
        assert closed.totals["touched"] == 1
        assert book.verify().sound


class TestNextDays:
    def test_only_loans_with_news_or_an_event_are_touched(self, book: SmallBook) -> None:
        """Who does what:

        A   pays its first instalment on 20 January; due on 1 February, and so is nothing late
        B   falls due on 1 February and is late from the 2nd: M1 begins
        C   is paid on the due date
        """
        book.close("2026-01-15")
        book.record(paid("A", "2026-01-20", 11_223))
        book.record(paid("C", "2026-02-01", 11_223))
        touched = {
            one.date - day("2026-01-01") + 1: one.totals["touched"] for one in book.close("2026-02-04")
        }
        # the entries become known on the 16th; A's takes effect on the 20th; all three fall due on day 32, B is late on 33
        assert {date: count for date, count in touched.items() if count} == {16: 2, 20: 1, 32: 3, 33: 1}
        assert book.verify().sound

    def test_closing_again_does_nothing_and_says_the_same(self, book: SmallBook) -> None:
        first = book.close("2026-02-03")[-1]
        with nothing_written(book):
            [again] = book.close("2026-02-03")
        assert (again.date, again.closed_now, again.totals) == (first.date, False, first.totals)

    def test_missed_days_are_closed_in_order(self, book: SmallBook) -> None:
        book.close("2026-01-30")
        closed = book.close("2026-02-03")
        assert [one.date for one in closed] == list(range(day("2026-01-31"), day("2026-02-03") + 1))
        assert all(one.closed_now for one in closed)
        assert [row[0] for row in book.ask("SELECT business_date FROM posting GROUP BY 1 ORDER BY 1")] == [
            row[0] for row in book.ask("SELECT date FROM business_day ORDER BY 1")
        ]

    def test_a_day_closed_before_is_told_as_it_was(self, book: SmallBook) -> None:
        [first] = book.close("2026-01-30")
        book.close("2026-02-03")
        with nothing_written(book):
            [told] = book.close("2026-01-30")
        assert (told.date, told.closed_now, told.totals) == (first.date, False, first.totals)

    def test_a_day_before_the_first_has_no_totals(self, book: SmallBook) -> None:
        book.close("2026-01-30")
        with nothing_written(book):
            [told] = book.close("2026-01-01")
        assert (told.closed_now, told.totals) == (False, {})

    def test_an_entry_of_a_day_to_come_counts_on_its_day(self, book: SmallBook) -> None:
        book.close("2026-01-10")
        book.record(paid("A", "2026-01-13", 500))
        closed = book.close("2026-01-14")
        assert [one.totals["entries"] for one in closed] == [1, 0, 0, 0]
        assert [one.totals["movements"] for one in closed] == [0, 0, 1, 0]
        assert book.movements("2026-01-13") == [(1, 4, 0, 0, 0, 0, 0, 500)]
        assert book.verify().sound

    def test_status_says_what_is_closed_and_what_waits(self, book: SmallBook) -> None:
        book.close("2026-01-10")
        book.record(paid("A", "2026-01-11", 500))
        seen = status(book.url, day("2026-01-13"))
        assert (seen.loans, seen.recordings, seen.unbooked_recordings, seen.days_behind) == (3, 2, 1, 3)
        assert (str(seen.last_closed), seen.open_day) == ("2026-01-10", None)


class TestADayLeftOpen:
    def test_it_is_finished_first_and_gives_the_same_book(
        self, fresh_database: str, small_partitions: None
    ) -> None:
        book = many_loans(fresh_database)
        leave_open(book, "2026-02-03", partitions=1)
        assert status(book.url, day("2026-02-03")).open_day is not None
        done = {row[0] for row in book.ask("SELECT partition FROM checkpoint")}
        assert done
        assert 2 not in done, "two are closed at a time, and the third was never begun"
        [closed] = book.close("2026-02-03")
        assert closed.closed_now
        assert closed.totals["touched"] == 11
        assert book.ask("SELECT partition FROM checkpoint ORDER BY 1") == [(0,), (1,), (2,)]
        assert book.verify().sound

    def test_asking_for_an_earlier_day_finishes_it_too(self, book: SmallBook) -> None:
        book.close("2026-01-10")
        leave_open(book, "2026-01-11")
        [closed] = book.close("2026-01-05")
        assert (closed.date, closed.closed_now) == (day("2026-01-11"), True)

    def test_what_is_recorded_meanwhile_belongs_to_the_next_day(self, book: SmallBook) -> None:
        book.close("2026-01-10")
        leave_open(book, "2026-01-11")
        book.record(paid("A", "2026-01-11", 700))
        one, two = book.close("2026-01-12")
        assert (one.totals["entries"], two.totals["entries"]) == (0, 1)
        assert book.movements("2026-01-12") == [(1, 4, 1, 0, 0, 0, 0, 700)], (
            "a correction: the 11th was closed"
        )
        assert book.verify().sound

    def test_on_the_first_day_that_holds_as_well(self, book: SmallBook) -> None:
        leave_open(book, "2026-01-11")
        book.loan("D")
        book.record(paid("A", "2026-01-11", 700), disbursed("D", "2026-01-11", 120_000))
        [one] = book.close("2026-01-11")
        assert (one.totals["touched"], one.totals["entries"]) == (3, 3)
        [two] = book.close("2026-01-12")
        assert (two.totals["touched"], two.totals["entries"]) == (2, 2)
        assert book.verify().sound


class TestOneCloserAtATime:
    def test_a_second_one_is_refused_and_told_why(self, book: SmallBook) -> None:
        with connect(book.url) as first:
            first.execute("SELECT pg_advisory_lock(%s)", (CLOSER,))
            with nothing_written(book):
                refused = close_days(book.url, day("2026-01-10"), now=NOW)
        assert isinstance(refused, Refusal)
        assert "another day-end" in refused.reason
        assert refused.mend

    def test_the_lock_goes_with_the_one_who_held_it(self, book: SmallBook) -> None:
        leave_open(book, "2026-01-10")
        assert book.close("2026-01-10")[0].closed_now

    def test_the_helper_of_one_who_was_killed_is_waited_for(self, book: SmallBook) -> None:
        """Its server process may still be writing a partition when the next closer begins."""
        leave_open(book, "2026-01-10")
        with connect(book.url) as helper, ThreadPoolExecutor(1) as pool:
            helper.execute("SELECT pg_advisory_lock_shared(%s)", (HELPER,))
            closing = pool.submit(book.close, "2026-01-10")
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while book.ask(waits) == [(0,)]:
                assert not closing.done()
            assert book.ask("SELECT count(*) FROM checkpoint") == [(0,)]
            helper.execute("SELECT pg_advisory_unlock_all()")
            assert closing.result()[0].closed_now

    def test_the_database_itself_allows_one_open_day(self, book: SmallBook) -> None:
        leave_open(book, "2026-01-10")
        with pytest.raises(psycopg.errors.UniqueViolation, match="one_open_day"):
            book.ask(
                "INSERT INTO business_day (date, recordings, started_at) VALUES ('2026-01-11', 1, now()) RETURNING 1"
            )


class TestTotalsThatDoNotTie:
    @pytest.mark.parametrize(
        ("field", "account"),
        [
            ("due_interest", "interest_due"),
            ("due_fee", "fees_due"),
            ("due_penalty", "penalty_due"),
            ("credit", "customer_credit"),
            ("charged_interest", "interest_due"),
        ],
    )
    def test_a_position_changed_by_hand_keeps_the_day_open(
        self, book: SmallBook, field: str, account: str
    ) -> None:
        book.close("2026-02-03")
        with connect(book.url) as connection:
            connection.execute(f"UPDATE position SET {field} = {field} + 7 WHERE loan_id = 2")  # type: ignore[arg-type]
        book.record(paid("B", "2026-02-04", 500))
        with pytest.raises(TotalsDoNotTieError, match=f"account {account} has") as told:
            book.close("2026-02-04")
        assert "2026-02-04 is not closed" in str(told.value)
        assert "forbear verify" in str(told.value)
        assert status(book.url, day("2026-02-04")).open_day is not None
        assert book.ask("SELECT count(*) FROM posting WHERE business_date = '2026-02-04'") == [(0,)]


def many_loans(url: str) -> SmallBook:
    """Eleven loans in partitions of four; every other one pays on its first due date."""
    book = SmallBook(url)
    said: list[Said] = []
    for number in range(1, 12):
        name = f"L{number}"
        book.loan(name, principal=10_000 * number, count=number)
        said.append(disbursed(name, "2026-01-05", 10_000 * number))
        if number % 2:
            said.append(paid(name, "2026-02-01", 10_000))
    book.record(*said)
    return book
