"""The kept state of the fold, as day-ends use it: who goes on from it, who is folded whole, and that nobody can tell."""

import random

import numpy as np
import pytest

from forbear.engine.vocabulary import EntryKind
from forbear.kernel.days import to_date
from forbear.operations import partition
from forbear.store import book as store
from forbear.store import kept as stamping
from forbear.store.connect import connect
from tests.support.books import Said, SmallBook, day, disbursed, paid, reversed_
from tests.support.database import fresh
from tests.support.digests import fingerprint

pytestmark = pytest.mark.database


@pytest.fixture
def book(fresh_database: str) -> SmallBook:
    """Three loans of 1,200.00, twelve months, first due on 1 February 2026; closed to 10 January."""
    book = SmallBook(fresh_database)
    for name in ("A", "B", "C"):
        book.loan(name)
    book.record(*(disbursed(name, "2026-01-01", 120_000) for name in "ABC"))
    book.close("2026-01-10")
    return book


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the loans whose journals day-ends read whole, in the order of reading."""
    found: list[int] = []
    real = store.journal_rows

    def watched(cursor: object, **more: object) -> np.ndarray:
        wire = real(cursor, **more)  # type: ignore[arg-type]
        found.extend(np.unique(wire["loan_id"]).tolist())
        return wire

    monkeypatch.setattr(partition.book, "journal_rows", watched)
    return found


class TestWhoResumes:
    def test_new_entries_and_events_of_their_own_read_no_journal(
        self, book: SmallBook, read: list[int]
    ) -> None:
        book.record(paid("A", "2026-01-11", 500), paid("B", "2026-01-11", 700))
        first, *_ = book.close("2026-02-03")
        assert first.totals["entries"] == 2
        assert read == []
        assert book.verify().sound

    def test_an_entry_that_reaches_back_folds_its_loan_whole(self, book: SmallBook, read: list[int]) -> None:
        """On the day of the stored position as well: what is recorded later may come before what was folded that day."""
        book.record(paid("A", "2026-01-10", 500), paid("B", "2026-01-11", 700))
        book.close("2026-01-11")
        assert read == [1]
        assert book.verify().sound

    def test_an_entry_of_a_day_closed_but_not_folded_resumes(self, book: SmallBook, read: list[int]) -> None:
        """The loan's position is of the 10th: on the 12th nothing happened, so an entry of that day is still ahead of it."""
        book.close("2026-01-13")
        book.record(paid("A", "2026-01-12", 500))
        [closed] = book.close("2026-01-14")
        assert closed.totals["corrections"] == 1
        assert read == []
        assert book.verify().sound

    def test_a_reversal_folds_its_loan_whole(self, book: SmallBook, read: list[int]) -> None:
        said = paid("A", "2026-01-11", 500)
        book.record(said)
        book.close("2026-01-11")
        book.record(reversed_(said, "2026-01-12"))
        book.close("2026-01-12")
        assert read == [1]
        assert book.verify().sound

    def test_an_entry_that_waits_for_its_day_is_taken_then(self, book: SmallBook, read: list[int]) -> None:
        book.record(paid("A", "2026-01-13", 500))
        book.close("2026-01-11")
        assert read == []
        closed = book.close("2026-01-14")
        assert [one.totals["movements"] for one in closed] == [0, 1, 0]
        assert read == [1]
        book.record(paid("A", "2026-01-15", 500))
        book.close("2026-01-15")
        assert read == [1], "nothing waits any more"
        assert book.verify().sound

    def test_a_new_loan_is_folded_from_its_beginning(self, book: SmallBook, read: list[int]) -> None:
        book.loan("D")
        book.record(disbursed("D", "2026-01-11", 120_000))
        book.close("2026-01-11")
        assert read == [4]
        assert book.verify().sound

    def test_a_day_with_too_many_entries_reads_all_journals(
        self, book: SmallBook, read: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("forbear.operations.close_day.RECORDED_AT_ONCE", -1)
        book.record(paid("A", "2026-01-11", 500))
        book.close("2026-01-11")
        assert read == [1]
        assert book.verify().sound


class TestStampsThatDoNotHold:
    @pytest.mark.parametrize(
        "change",
        [
            "stamp = 0, state = ''",
            "stamp = stamp + 1",
            "state = set_byte(state, 3, get_byte(state, 3) # 1)",
            "state = ''",
            "forgone = forgone + 1",
        ],
    )
    def test_the_loan_is_folded_whole(self, book: SmallBook, read: list[int], change: str) -> None:
        """Whatever the row says, the journal is what is true."""
        with connect(book.url) as connection:
            connection.execute(f"UPDATE position SET {change} WHERE loan_id = 2")  # type: ignore[arg-type]
        book.record(paid("B", "2026-01-11", 700))
        book.close("2026-01-11")
        assert read == [2]
        assert book.verify().sound

    def test_other_code_is_not_gone_on_from(
        self, book: SmallBook, read: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stamping, "CODE", stamping.CODE[::-1])
        stamping._weights.cache_clear()
        book.record(paid("B", "2026-01-11", 700))
        book.close("2026-01-11")
        stamping._weights.cache_clear()
        assert read == [2]

    def test_verify_finds_a_wrong_state_under_a_right_stamp(self, book: SmallBook) -> None:
        """As a fold would leave it that forgot something: the next instalment already counted."""
        with connect(book.url) as connection, connection.cursor() as cursor:
            numbers = np.array([2], np.int64)
            store.touch(cursor, numbers)
            folded, _ = store.read_folded(cursor, numbers)
            octets = folded.kept.octets.copy()
            octets[5 + int(np.argmax(octets[5:] < 64))] ^= 2
            wrong = folded._replace(kept=folded.kept._replace(octets=octets))
            store.write_folded(cursor, wrong, np.array([1], np.int64))
        report = book.verify()
        assert {(finding.proof, finding.where) for finding in report.findings} == {("state", "loan 2")}


@pytest.mark.parametrize("seed", range(2))
def test_a_book_closed_day_by_day_is_the_one_that_never_resumed(
    database_server: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random days of random entries, late, ahead and reversed ones among them: every table is the same."""
    found = []
    for resumes in (True, False):
        with fresh(database_server) as url:
            if not resumes:
                monkeypatch.setattr("forbear.operations.close_day.RECORDED_AT_ONCE", -1)
            book = live(url, random.Random(seed))
            assert book.verify().sound
            found.append(fingerprint(url))
    assert found[0] == found[1]


def live(url: str, dice: random.Random) -> SmallBook:
    """Six loans over three months, closed on every third day or so."""
    book = SmallBook(url)
    names = [f"L{number}" for number in range(6)]
    for name in names:
        book.loan(name, count=dice.choice((3, 6, 12)))
    book.record(*(disbursed(name, "2026-01-01", 120_000) for name in names))
    said: list[Said] = []
    today = day("2026-01-05")
    while today < day("2026-04-01"):
        new = [entry(dice, names, today, said) for _ in range(dice.choice((0, 1, 3)))]
        said += new
        if new:
            book.record(*new)
        book.close(date_of(today))
        today += dice.choice((1, 1, 2, 7))
    return book


def entry(dice: random.Random, names: list[str], today: int, said: list[Said]) -> Said:
    on = date_of(today + dice.choice((0, 0, 0, 0, 0, -1, -20, 4)))
    free = [one for one in said if one.kind == EntryKind.PAID]
    if free and dice.random() < 0.15:
        target = dice.choice(free)
        said.remove(target)
        return reversed_(target, on)
    return paid(dice.choice(names), on, dice.choice((500, 11_223, 30_000)) + dice.randrange(10_000))


def date_of(number: int) -> str:
    return to_date(number).isoformat()
