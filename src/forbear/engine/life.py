"""Rules about the life of a loan: whether an entry may be recorded, as a value.

A fold takes any journal. Before an entry joins it, `judge` asks whether it can be meant: whether what it undoes was done, what it
pays back was received, what it pauses is running. The rules are one table, tried in its order: the first one that is broken
refuses. Nothing is changed by asking. docs/reference/refusals.md has a line for each rule.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from forbear.engine.live.vocabulary import (
    ADJUSTMENTS,
    BOUGHT_DOWN,
    BUY_DOWN_ADJUSTED,
    INCOME_ADJUSTED,
    INCOME_CAPITALISED,
    PAYMENT_RETURNED,
)
from forbear.engine.vocabulary import (
    ACCELERATED,
    CHARGED_BACK,
    CHARGED_OFF,
    DELINQUENCY_PAUSED,
    DELINQUENCY_RESUMED,
    DISBURSED,
    DUE_DATE_MOVED,
    EXTENDED,
    FEE_CHARGED,
    GOODWILL_CREDITED,
    INTEREST_PAUSED,
    INTEREST_REFUNDED,
    MERCHANT_REFUNDED,
    MORATORIUM_ENDED,
    MORATORIUM_STARTED,
    NEVER,
    PAID,
    PAID_TO_COMPONENT,
    PAID_TO_INSTALMENT,
    PAYMENT_HOLIDAY,
    RATE_CHANGED,
    REAGED,
    REAMORTISED,
    RECOVERED,
    REFUNDED,
    RESTRUCTURED,
    REVERSED,
    SAME_DAY_RANK,
    SOLD,
    WAIVED,
    WRITTEN_OFF,
    Status,
)
from forbear.kernel.money import MAX_AMOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a journal, or one that is proposed (`sequence` 0). Days as numbers, `until` excluded, money in minor units."""

    kind: int
    on: int
    sequence: int = 0
    amount: int = 0
    component: int = 0
    target: int = 0
    until: int = 0
    rate: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the rules may ask of a loan on the day of the proposed entry.

    `agreed` is the most that may be drawn in all. `credit` and `open` (by component) are minor units. `pausable` is false where
    no interest runs that a pause could stop; from `pauses_end` on no pause reaches. `stops` is true of a progressive live schedule:
    a charge-off and an early end stop it for good. `reamortisable` is false where a re-amortising would find no principal due and
    unpaid, or no open row to come. `versions` are the later versions of its terms,
    each with its first due date.
    """

    journal: tuple[Entry, ...]
    agreed: int
    status: Status
    credit: int = 0
    open: tuple[int, int, int, int] = (0, 0, 0, 0)
    pausable: bool = True
    pauses_end: int = NEVER
    stops: bool = False
    reamortisable: bool = True
    versions: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry that is refused: by which rule, at which part of the entry, and what the sentence of the rule names."""

    rule: str
    where: str
    says: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A proposed entry, the loan it is for, and the business day on which it is proposed."""

    loan: Standing
    entry: Entry
    today: int

    def standing(self, *kinds: int) -> Iterator[Entry]:
        """Entries of these kinds that have not been reversed, as recorded."""
        gone = {e.target for e in self.loan.journal if e.kind == REVERSED}
        return (e for e in self.loan.journal if e.kind in kinds and e.sequence not in gone)

    def by_then(self, *kinds: int) -> bool:
        """Whether such an entry stands that is effective by the day of the proposed one."""
        return any(e.on <= self.entry.on for e in self.standing(*kinds))

    def target(self) -> Entry | None:
        """The entry that the proposed one names."""
        return next((e for e in self.loan.journal if e.sequence == self.entry.target), None)

    def given_back(self, *kinds: int) -> int:
        """What standing entries of these kinds have taken or given back of the target."""
        return sum(e.amount for e in self.standing(*kinds) if e.target == self.entry.target)


PAYMENTS: Final = (PAID, RECOVERED, PAID_TO_COMPONENT, PAID_TO_INSTALMENT)
CREDITS: Final = (MERCHANT_REFUNDED, GOODWILL_CREDITED, INTEREST_REFUNDED)
GIVEN_BACK: Final = tuple(ADJUSTMENTS.values())
"""Kinds that give back a part of deferred income."""
LENT: Final = (DISBURSED, INCOME_CAPITALISED)
"""Kinds that add to the principal."""
DEFERRED: Final = (INCOME_CAPITALISED, BOUGHT_DOWN, INCOME_ADJUSTED, BUY_DOWN_ADJUSTED)
MONEY: Final = (DISBURSED, *PAYMENTS, *CREDITS, CHARGED_BACK, REFUNDED, PAYMENT_RETURNED, *DEFERRED)
ENDS: Final = (CHARGED_OFF, WRITTEN_OFF, SOLD)
HAPPENED: Final = (*MONEY, *ENDS, WAIVED, DELINQUENCY_RESUMED)
"""What happens on a day, and is not agreed for a day to come."""
PAUSES: Final = {
    INTEREST_PAUSED: (INTEREST_PAUSED, MORATORIUM_STARTED),
    DELINQUENCY_PAUSED: (DELINQUENCY_PAUSED, MORATORIUM_STARTED),
    MORATORIUM_STARTED: (INTEREST_PAUSED, DELINQUENCY_PAUSED, MORATORIUM_STARTED),
}
"""Each pause, and those that stop the same thing."""
RESUMES: Final = {DELINQUENCY_RESUMED: DELINQUENCY_PAUSED, MORATORIUM_ENDED: MORATORIUM_STARTED}
RESCHEDULES: Final = (
    DUE_DATE_MOVED,
    PAYMENT_HOLIDAY,
    EXTENDED,
    REAMORTISED,
    REAGED,
    ACCELERATED,
    RESTRUCTURED,
)
CHANGES: Final = (RATE_CHANGED, *PAUSES, *RESUMES, *RESCHEDULES)
ALL: Final = (*range(1, PAYMENT_RETURNED + 1), RESTRUCTURED, *DEFERRED)
NEEDS_DRAW: Final = tuple(kind for kind in ALL if kind not in (DISBURSED, REVERSED))


def pauses(asked: Question, *kinds: int) -> Iterator[tuple[int, int]]:
    """Standing pauses of these kinds as half-open intervals, each cut where it was resumed."""
    for pause in asked.standing(*kinds):
        end = pause.until or NEVER
        for resume, ended in RESUMES.items():
            if ended == pause.kind:
                end = min(end, *(e.on for e in asked.standing(resume) if e.on >= pause.on), end)
        yield pause.on, end


Broken = Callable[[Question], Mapping[str, int] | None]
"""A rule: what its sentence names if it is broken, None if it holds."""


def _when(holds: Callable[[Question], bool]) -> Broken:
    """A rule that names nothing."""
    return lambda asked: {} if holds(asked) else None


def _future(asked: Question) -> Mapping[str, int] | None:
    return {"on": asked.entry.on, "today": asked.today} if asked.entry.on > asked.today else None


def _backwards(asked: Question) -> Mapping[str, int] | None:
    entry = asked.entry
    return {"on": entry.on, "until": entry.until} if 0 < entry.until <= entry.on else None


def _reversed_already(asked: Question) -> Mapping[str, int] | None:
    target = asked.entry.target
    by = next((e for e in asked.loan.journal if e.kind == REVERSED and e.target == target), None)
    return {"target": target, "by": by.sequence} if by else None


def _used_draw(asked: Question) -> bool:
    """Whether the last draw is to be reversed while entries stand that need one."""
    target = asked.target()
    if target is None or target.kind != DISBURSED:
        return False
    others = [e.on for e in asked.standing(DISBURSED) if e.sequence != target.sequence]
    return any(e.on < min(others, default=NEVER) for e in asked.standing(*NEEDS_DRAW))


def _more_than_left(asked: Question) -> Mapping[str, int] | None:
    """More than entries of the same kind have left of the target."""
    target = asked.target()
    left = (target.amount if target else 0) - asked.given_back(asked.entry.kind)
    return {"asked": asked.entry.amount, "left": left} if asked.entry.amount > left else None


def _before_target(asked: Question) -> Mapping[str, int] | None:
    target = asked.target()
    if target is None or asked.entry.on >= target.on:
        return None
    return {"on": asked.entry.on, "first": target.on}


def _nothing_deferred(asked: Question) -> bool:
    target = asked.target()
    return target is None or ADJUSTMENTS.get(target.kind) != asked.entry.kind


def _no_payment(asked: Question) -> bool:
    target = asked.target()
    return target is not None and target.kind not in PAYMENTS


def _sum_too_large(asked: Question) -> Mapping[str, int] | None:
    total = asked.entry.amount + sum(e.amount for e in asked.standing(asked.entry.kind))
    return {"total": total, "most": MAX_AMOUNT} if total > MAX_AMOUNT else None


def _more_than_agreed(asked: Question) -> Mapping[str, int] | None:
    drawn = sum(e.amount for e in asked.standing(*LENT))
    left = max(0, asked.loan.agreed - drawn)
    return {"asked": asked.entry.amount, "left": left} if asked.entry.amount > left else None


def _later_money(asked: Question) -> Mapping[str, int] | None:
    last = max((e.on for e in asked.standing(*MONEY, FEE_CHARGED)), default=-NEVER)
    return {"on": asked.entry.on, "last": last} if last > asked.entry.on else None


def _overlap(asked: Question) -> Mapping[str, int] | None:
    start, end = asked.entry.on, asked.entry.until or NEVER
    for on, until in pauses(asked, *PAUSES[asked.entry.kind]):
        if start < until and on < end:
            return {"on": on}
    return None


def _not_paused(asked: Question) -> bool:
    running = pauses(asked, RESUMES[asked.entry.kind])
    return not any(on <= asked.entry.on < until for on, until in running)


def _second_rate(asked: Question) -> Mapping[str, int] | None:
    mine = (asked.entry.on, asked.entry.component)
    for other in asked.standing(RATE_CHANGED):
        if (other.on, other.component) == mine:
            return {"sequence": other.sequence, "on": other.on}
    return None


def _more_than_credit(asked: Question) -> Mapping[str, int] | None:
    left = asked.loan.credit
    return {"asked": asked.entry.amount, "left": left} if asked.entry.amount > left else None


def _more_than_open(asked: Question) -> Mapping[str, int] | None:
    left = asked.loan.open[asked.entry.component]
    return {"asked": asked.entry.amount, "left": left} if asked.entry.amount > left else None


def _pause_too_long(asked: Question) -> Mapping[str, int] | None:
    end = asked.loan.pauses_end
    return {"until": asked.entry.until or NEVER, "last": end} if (asked.entry.until or NEVER) > end else None


def _version_unknown(asked: Question) -> Mapping[str, int] | None:
    return None if asked.entry.count in asked.loan.versions else {"count": asked.entry.count}


def _version_in_use(asked: Question) -> Mapping[str, int] | None:
    by = next((e for e in asked.standing(RESTRUCTURED) if e.count == asked.entry.count), None)
    return {"count": asked.entry.count, "sequence": by.sequence} if by else None


def _version_too_late(asked: Question) -> Mapping[str, int] | None:
    first = asked.loan.versions[asked.entry.count]
    return {"on": asked.entry.on, "first": first} if first <= asked.entry.on else None


def _stopped(asked: Question) -> bool:
    """Whether a charge-off or an early end that is folded before the entry has stopped the schedule."""
    place = (asked.entry.on, SAME_DAY_RANK[asked.entry.kind])
    ends = asked.standing(CHARGED_OFF, ACCELERATED)
    return asked.loan.stops and any((e.on, SAME_DAY_RANK[e.kind]) <= place for e in ends)


def _closed(asked: Question) -> bool:
    return asked.loan.status == Status.CLOSED


RULES: Final[tuple[tuple[str, tuple[int, ...], str, Broken], ...]] = (
    ("in_the_future", HAPPENED, "effective_on", _future),
    ("ends_before_it_begins", (*PAUSES, DUE_DATE_MOVED, REAGED), "until", _backwards),
    (
        "target_unknown",
        (REVERSED, CHARGED_BACK, *GIVEN_BACK),
        "target",
        _when(lambda asked: asked.target() is None),
    ),
    (
        "reverses_a_reversal",
        (REVERSED, CHARGED_BACK),
        "target",
        _when(lambda asked: any(e.kind == REVERSED for e in (asked.target(),) if e)),
    ),
    ("reversed_already", (REVERSED, CHARGED_BACK, *GIVEN_BACK), "target", _reversed_already),
    ("taken_back", (REVERSED,), "target", _when(lambda asked: asked.given_back(CHARGED_BACK) > 0)),
    ("income_adjusted", (REVERSED,), "target", _when(lambda asked: asked.given_back(*GIVEN_BACK) > 0)),
    ("draw_in_use", (REVERSED,), "target", _when(_used_draw)),
    ("target_no_payment", (CHARGED_BACK,), "target", _when(_no_payment)),
    ("target_not_deferred", GIVEN_BACK, "target", _when(_nothing_deferred)),
    ("sum_too_large", (*MONEY, FEE_CHARGED, WAIVED), "amount", _sum_too_large),
    ("rate_before_draw", (RATE_CHANGED,), "effective_on", _when(lambda asked: not asked.by_then(DISBURSED))),
    ("before_disbursement", NEEDS_DRAW, "effective_on", _when(lambda asked: not asked.by_then(DISBURSED))),
    (
        "sold",
        tuple(kind for kind in ALL if kind != REVERSED),
        "kind",
        _when(lambda asked: asked.by_then(SOLD)),
    ),
    (
        "written_off",
        (*LENT, FEE_CHARGED, BOUGHT_DOWN, WAIVED, *CHANGES, CHARGED_OFF, WRITTEN_OFF),
        "kind",
        _when(lambda asked: asked.by_then(WRITTEN_OFF)),
    ),
    ("not_written_off", (RECOVERED,), "kind", _when(lambda asked: not asked.by_then(WRITTEN_OFF))),
    ("charged_off_already", (CHARGED_OFF,), "kind", _when(lambda asked: any(asked.standing(CHARGED_OFF)))),
    ("charged_off_before_money", (CHARGED_OFF,), "effective_on", _later_money),
    (
        "charged_off",
        (DISBURSED, FEE_CHARGED, INTEREST_PAUSED, REAGED, REAMORTISED, RESTRUCTURED),
        "kind",
        _when(lambda asked: asked.by_then(CHARGED_OFF)),
    ),
    (
        "schedule_stopped",
        (RATE_CHANGED, INTEREST_PAUSED, EXTENDED, REAMORTISED, REAGED, ACCELERATED),
        "kind",
        _when(_stopped),
    ),
    ("more_than_agreed", LENT, "amount", _more_than_agreed),
    ("closed", (*CHANGES, *ENDS, BOUGHT_DOWN), "kind", _when(_closed)),
    ("version_unknown", (RESTRUCTURED,), "count", _version_unknown),
    ("version_in_use", (RESTRUCTURED,), "count", _version_in_use),
    ("version_begins_too_late", (RESTRUCTURED,), "effective_on", _version_too_late),
    ("nothing_to_reamortise", (REAMORTISED,), "kind", _when(lambda asked: not asked.loan.reamortisable)),
    ("rate_set_twice", (RATE_CHANGED,), "effective_on", _second_rate),
    ("no_interest_to_pause", (INTEREST_PAUSED,), "kind", _when(lambda asked: not asked.loan.pausable)),
    ("pause_beyond_end", (INTEREST_PAUSED,), "until", _pause_too_long),
    ("pauses_overlap", tuple(PAUSES), "effective_on", _overlap),
    ("not_paused", tuple(RESUMES), "effective_on", _when(_not_paused)),
    ("adjusts_before_income", GIVEN_BACK, "effective_on", _before_target),
    ("more_than_paid", (CHARGED_BACK,), "amount", _more_than_left),
    ("more_than_deferred", GIVEN_BACK, "amount", _more_than_left),
    ("more_than_credit", (REFUNDED,), "amount", _more_than_credit),
    ("more_than_open", (WAIVED,), "amount", _more_than_open),
)
"""Each rule: its code, the kinds of entry that it is about, the column it points at, and the test. The first broken one refuses."""


def judge(loan: Standing, entry: Entry, today: int) -> Refusal | None:
    """Why the entry may not be recorded on the business day `today`, or None if it may."""
    asked = Question(loan, entry, today)
    for code, kinds, where, broken in RULES:
        if entry.kind in kinds and (says := broken(asked)) is not None:
            return Refusal(code, where, says)
    return None
