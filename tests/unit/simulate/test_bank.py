"""A made-up lender: the same for the same seed, consistent with itself, and nobody in it is real."""

import datetime as dt

import numpy as np
import pyarrow.csv
import pytest
from pyarrow import parquet

from forbear.engine.batch import fold
from forbear.engine.terms import compile_batch
from forbear.engine.vocabulary import REVERSED, EntryKind, Status
from forbear.formats.schema import SCHEMA, required_names
from forbear.kernel.days import to_day
from forbear.simulate import people
from forbear.simulate.bank import Bank, chunks
from forbear.simulate.catalogue import OFFERS, products
from forbear.simulate.feed import write_bank
from forbear.simulate.personas import PERSONAS

OPENS = to_day(dt.date(2026, 5, 1))
BANK = Bank(seed=7, loans=9000, opens_on=OPENS, until=OPENS + 179)


@pytest.fixture(scope="module")
def made():
    return list(chunks(BANK, threads=2))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    bank = Bank(seed=3, loans=400, opens_on=OPENS, until=OPENS + 20)
    return write_bank(bank, tmp_path_factory.mktemp("bank"))


def positions(chunk, day):
    known = (chunk.arrives <= day) & (chunk.entries["effective_on"] <= day)
    entries, owner = chunk.entries[known], chunk.owner[known]
    first = chunk.terms["loan"][0]
    bounds = np.searchsorted(owner, np.arange(first, first + len(chunk.terms) + 1))
    return fold(compile_batch(products(), chunk.terms, entries, bounds), day)


def test_the_same_seed_is_the_same_lender(made):
    for again, chunk in zip(chunks(BANK, threads=1), made, strict=True):
        assert again.entries.tobytes() == chunk.entries.tobytes()
        assert again.terms.tobytes() == chunk.terms.tobytes()


def test_another_seed_is_another_lender(made):
    other = next(chunks(Bank(8, 9000, OPENS, BANK.until)))
    assert other.entries.tobytes() != made[0].entries.tobytes()


def test_loans_are_numbered_through(made):
    assert np.concatenate([chunk.terms["loan"] for chunk in made]).tolist() == list(range(1, 9001))


def test_everything_happens_to_somebody(made):
    """But for changes of the terms: this lender grants none."""
    kinds = {EntryKind(kind) for chunk in made for kind in np.unique(chunk.entries["kind"])}
    assert kinds == {kind for kind in EntryKind if kind < EntryKind.RATE_CHANGED}


def test_some_entries_arrive_late_and_none_early(made):
    for chunk in made:
        days = chunk.arrives - chunk.entries["effective_on"]
        assert days.min() >= 0
        assert (days > 0).sum() > 50
        assert chunk.arrives.max() <= BANK.until


def test_a_reversal_arrives_after_what_it_reverses(made):
    for chunk in made:
        arrived = {
            (loan, entry["sequence"]): day
            for loan, entry, day in zip(chunk.owner, chunk.entries, chunk.arrives, strict=True)
        }
        for loan, entry, day in zip(chunk.owner, chunk.entries, chunk.arrives, strict=True):
            if entry["kind"] == REVERSED:
                assert arrived[loan, entry["target"]] < day


def test_the_book_looks_like_one(made):
    """Most loans are current, some are in each bucket, some are written off, many are paid off."""
    found = positions(made[0], BANK.until)
    active = found[found["status"] == Status.ACTIVE]
    late = np.bincount(active["bucket"], minlength=8)
    assert 0.8 < late[0] / len(active) < 0.97
    assert (late[1:] > 0).all()
    assert (found["status"] == Status.WRITTEN_OFF).sum() > 20
    assert (found["status"] == Status.CLOSED).sum() > 1000


def test_who_pays_what_is_asked_ends_with_nothing_owed(made):
    found = positions(made[0], BANK.until)
    closed = found[found["status"] == Status.CLOSED]
    assert (closed["payoff"] == 0).all()
    assert (closed["credit"] > 0).mean() < 0.02


def test_shares_add_up():
    assert PERSONAS["share"].sum() == 1_000_000
    assert sum(offer.share for offer in OFFERS) == 100
    assert not [problem for product in products() for problem in product.problems()]


class TestNobody:
    numbers = np.arange(1, 50_000)

    def test_id_numbers_have_a_right_check_digit_and_no_place(self):
        weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        for text in people.id_numbers(self.numbers[:3000]).to_pylist():
            assert text.startswith("999999")
            total = sum(int(digit) * weight for digit, weight in zip(text[:17], weights, strict=True))
            assert text[17] == "10X98765432"[total % 11]
            dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))

    def test_id_numbers_differ(self):
        assert len(people.id_numbers(self.numbers).unique()) == len(self.numbers)

    def test_phones_are_no_mobile_numbers(self):
        assert {text[:3] for text in people.phones(self.numbers[:1000]).to_pylist()} == {"105"}

    def test_names_are_two_or_three_signs(self):
        assert {len(name) for name in people.names(self.numbers[:2000]).to_pylist()} == {2, 3}


class TestFiles:
    def test_columns_are_those_of_the_schema(self, files):
        for path in sorted(files.opening.iterdir()):
            names = set(parquet.read_schema(path).names)
            assert names <= {column.name for column in SCHEMA[path.stem]}
            assert set(required_names(path.stem)) <= names

    def test_a_folder_for_each_day(self, files):
        assert [date for date, _ in files.days] == [
            dt.date(2026, 5, 1) + dt.timedelta(days=n) for n in range(21)
        ]

    def test_keys_are_new_or_were_delivered_the_day_before(self, files):
        seen = set(parquet.read_table(files.opening / "journal.parquet")["key"].to_pylist())
        before = seen
        for _, folder in files.days:
            if (folder / "journal.csv").exists():
                keys = set(pyarrow.csv.read_csv(folder / "journal.csv")["key"].to_pylist())
                assert keys & seen <= before
                seen |= keys
                before = keys

    def test_loans_and_borrowers_come_before_their_entries(self, files):
        loans = set(parquet.read_table(files.opening / "loans.parquet")["loan"].to_pylist())
        borrowers = set(parquet.read_table(files.opening / "borrowers.parquet")["borrower"].to_pylist())
        for _, folder in files.days:
            for path, column, known in (
                (folder / "borrowers.csv", "borrower", borrowers),
                (folder / "loans.csv", "loan", loans),
            ):
                if path.exists():
                    known |= set(pyarrow.csv.read_csv(path)[column].to_pylist())
            if (folder / "loans.csv").exists():
                assert set(pyarrow.csv.read_csv(folder / "loans.csv")["borrower"].to_pylist()) <= borrowers
            if (folder / "journal.csv").exists():
                assert set(pyarrow.csv.read_csv(folder / "journal.csv")["loan"].to_pylist()) <= loans
