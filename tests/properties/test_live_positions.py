"""The position of a live loan in a batch: as the oracle has it, as the ledger needs it, and unchanged until its next event."""

import random
from dataclasses import replace

import numpy as np
import pytest

from forbear.engine.batch import fold, fold_on, read_off_at
from forbear.engine.layout import POSITION
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import NEVER, Amortisation, Status
from tests.support.live.book import FIRST, batch_of, some_case
from tests.support.live.position import NAMES, position

PART = 50
MOVING = {"as_of", *(f"{line}_{part}" for line in ("interest", "penalty") for part in ("whole", "remainder"))}
COMPARED = [name for name in POSITION.names if name not in MOVING]


def cases(seeds):
    """Of each seed: the generator, a case and some days."""
    for seed in seeds:
        rng = random.Random(seed)
        case = some_case(rng)
        last = max(e.on for e in case.entries) + 130
        yield seed, case, sorted(rng.randint(case.entries[0].on - 2, last) for _ in range(3))


def in_words(row, names):
    """A position of the engine as the oracle would put it."""
    told = {name: int(row[name]) for name in names}
    told |= {n: None if told[n] >= NEVER else told[n] for n in ("oldest_due_on", "next_due_on") if n in told}
    return told | {"status": Status(told["status"])}


def compare(seeds):
    """Positions of random loans in one batch against the oracle's, one by one."""
    found = {}
    for seed, case, days in cases(seeds):
        for day in days:
            wanted = position(case, day)
            told = in_words(fold(case.batch(), day)[0], wanted)
            differ = {n: (told[n], wanted[n]) for n in wanted if told[n] != wanted[n]}
            if differ:
                found[seed, day] = differ
    assert not found, f"{len(found)}: (seed, day): (engine, oracle): {dict(list(found.items())[:3])}"


def untouched(seeds):
    """Until its next event a stored position, read off, is what the fold gives."""
    found = {}
    for seed, case, days in cases(seeds):
        batch = case.batch()
        for day in days:
            stored = fold(batch, day)
            event = int(stored["next_event_on"][0])
            assert event > day
            for later in sorted({day, *range(day + 1, min(event, day + 6)), min(event, day + 75) - 1}):
                read, anew = read_off_at(stored, later), fold(batch, later)
                differ = {n: (int(read[n][0]), int(anew[n][0])) for n in COMPARED if read[n][0] != anew[n][0]}
                if differ:
                    found[seed, day, later] = differ
                    break
    assert not found, f"{len(found)}: (seed, stored, read): (stored, folded): {dict(list(found.items())[:3])}"


def books(seeds):
    """Every account ties: what was charged is due or gone, and all money is somewhere."""
    for seed, case, days in cases(seeds):
        for day in days:
            folded = fold(case.batch(), day)[0]
            p = {name: int(folded[name]) for name in POSITION.names}
            for n in NAMES[1:]:
                gone = sum(p[f"{what}_{n}"] for what in ("paid", "waived", "written_off"))
                assert p[f"charged_{n}"] == p[f"due_{n}"] + gone, (seed, day, n)
            again = p["principal"] + p["paid_principal"] + p["waived_principal"]
            again += p["written_off_principal"] - p["disbursed"]
            came = p["received"] + p["credited"] - p["refunded"] - p["charged_back"] + again
            assert came == p["credit"] + sum(p[f"paid_{n}"] for n in NAMES) + p["recovered"], (seed, day)


@pytest.mark.parametrize("part", range(4))
def test_equals_the_oracle(part):
    compare(range(part * PART, (part + 1) * PART))


@pytest.mark.parametrize("part", range(4))
def test_untouched_means_unchanged(part):
    untouched(range(part * PART, (part + 1) * PART))


def test_the_ledger_ties():
    books(range(4 * PART))


def mixed(seeds):
    """A batch of live loans with planned ones between them, and the same loans each in a batch of its own."""
    live = [some_case(random.Random(seed)) for seed in seeds]
    one = batch_of(live)
    plain = Product(code="P", currency="CNY", amortisation=Amortisation.EQUAL_INSTALMENT)
    products = [*(case.product for case in live), plain]
    loans, parts = np.zeros(2 * len(live), LOAN_TERMS), []
    loans["loan"], loans["product"] = np.arange(1, len(loans) + 1), len(live)
    loans["rate"], loans["first_due_on"], loans["count"] = 12 * 10**8, FIRST + 31, 6
    for place, case in enumerate(live):
        mine = loans[2 * place]
        mine["product"], mine["rate"], mine["count"] = place, case.rate, case.count
        mine["first_due_on"], mine["due_day"] = case.first_due_on, case.due_day
        theirs = one.entries[one.entry_bounds[place] : one.entry_bounds[place + 1]]
        parts += [theirs, theirs[:1]]
    bounds = np.concatenate(([0], np.cumsum([len(part) for part in parts])))
    whole = compile_batch(products, loans, np.concatenate(parts), bounds)
    singles = [
        compile_batch(products, loans[place : place + 1], part, np.array([0, len(part)]))
        for place, part in enumerate(parts)
    ]
    return whole, singles


def test_a_batch_of_both_regimes_is_its_loans_one_by_one():
    whole, singles = mixed(range(20))
    for day in (FIRST - 1, FIRST + 40, FIRST + 100):
        together = fold(whole, day)
        assert np.array_equal(together, np.concatenate([fold(single, day) for single in singles]))
        went = fold_on(whole, None, day)
        assert np.array_equal(went.positions, together)
        sizes = went.kept.ends - went.kept.starts
        assert not sizes[::2].any()
        assert sizes[1::2].all()
    later = fold_on(whole, went._replace(kept=went.kept.only(np.zeros(len(whole), bool))), FIRST + 130)
    assert np.array_equal(later.positions, fold(whole, FIRST + 130))


def test_arrival_order_does_not_matter():
    for seed in range(60):
        rng = random.Random(seed)
        case = some_case(rng)
        ties = rng.sample(range(10_000), len(case.entries))
        entries = [replace(e, tie=tie) for e, tie in zip(case.entries, ties, strict=True)]
        shuffled = rng.sample(entries, len(entries))
        number = {e.sequence: place for place, e in enumerate(shuffled, 1)}
        again = [replace(e, sequence=number[e.sequence], target=number.get(e.target, 0)) for e in shuffled]
        for day in (FIRST + 20, FIRST + 90):
            one, other = (fold(replace(case, entries=tuple(told)).batch(), day) for told in (entries, again))
            assert np.array_equal(one, other), (seed, day)
