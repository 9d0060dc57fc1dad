"""The life of a loan: what may be recorded of it next, and the rule that refuses the rest.

A refusal is a value: nothing is changed by asking. The rules see a loan only as `Facts`, so they are the same for planned and
live loans. docs/reference/refusals.md lists them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from forbear.engine.batch import Batch, fold
from forbear.engine.layout import ENTRY
from forbear.engine.vocabulary import NEVER, Component, Status
from forbear.engine.vocabulary import EntryKind as K
from forbear.kernel.money import MAX_AMOUNT


@dataclass(frozen=True, slots=True)
class Target:
    """An earlier entry that a new one names. `taken_back`: minor units that charge-backs that stand have taken of it."""

    kind: K
    on: int
    amount: int
    reversed: bool = False
    taken_back: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at: a proposed entry, and its loan without it. Days are numbers, `NEVER` where there is none.

    `today`: the business day. `status`: at the end of the day `on`. `of_its_kind`: sum of the amounts of the entries of its
    kind that stand. `drawn`, `agreed`: paid out in all, and principal of the contract (0: not told). `credit`: the least of the days from
    `on` to today; `open`: of the component, due or not, that day. `pauses`: [start, end) of those of the entry's sort that
    stand. `changes`: whether any position from `on` on would be another; None: not looked at.
    """

    kind: K
    on: int
    today: int
    amount: int = 0
    until: int = 0
    status: Status = Status.ACTIVE
    drawn_on: int = NEVER
    drawn: int = 0
    agreed: int = 0
    of_its_kind: int = 0
    credit: int = 0
    open: int = 0
    charged_off_on: int = NEVER
    written_off_on: int = NEVER
    sold_on: int = NEVER
    pauses: tuple[tuple[int, int], ...] = ()
    names_target: bool = False
    target: Target | None = None
    changes: bool | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Of some kinds of entry: what must not be, in both languages, and how to mend it. `broken` sees the facts."""

    code: str
    kinds: frozenset[K]
    broken: Callable[[Facts], bool]
    says: tuple[str, str]
    mend: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A proposed entry that the life of the loan does not allow: the rule that says so, and what it was about."""

    rule: Rule
    facts: Facts


MONEY_IN: Final = frozenset(
    {
        K.PAID,
        K.PAID_TO_INSTALMENT,
        K.PAID_TO_COMPONENT,
        K.MERCHANT_REFUNDED,
        K.GOODWILL_CREDITED,
        K.INTEREST_REFUNDED,
    }
)
PAUSES: Final = frozenset({K.INTEREST_PAUSED, K.DELINQUENCY_PAUSED, K.MORATORIUM_STARTED})
ENDS: Final = {K.DELINQUENCY_RESUMED: K.DELINQUENCY_PAUSED, K.MORATORIUM_ENDED: K.MORATORIUM_STARTED}
RESCHEDULES: Final = frozenset({K.DUE_DATE_MOVED, K.PAYMENT_HOLIDAY, K.EXTENDED, K.REAMORTISED, K.REAGED})
LAST: Final = frozenset({K.ACCELERATED, K.CHARGED_OFF, K.WRITTEN_OFF, K.SOLD})
CHANGES: Final = RESCHEDULES | LAST | PAUSES | {*ENDS, K.RATE_CHANGED, K.WAIVED}
EVERY: Final = frozenset(K)
AHEAD: Final = PAUSES | RESCHEDULES | {*ENDS, K.RATE_CHANGED, K.FEE_CHARGED}
"""May be told for a day to come; everything else has happened, or has not."""


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "in_the_future",
        EVERY - AHEAD,
        lambda f: f.on > f.today,
        ("it has not happened yet: its day is after the business day", "尚未发生：生效日晚于营业日"),
        ("give the day on which it happened", "请填写实际发生日"),
    ),
    Rule(
        "ends_before_it_begins",
        EVERY - {K.PAID_TO_INSTALMENT},
        lambda f: f.until != 0 and f.until <= f.on,
        ("what it names with `until` is not after its own day", "截止日不晚于生效日"),
        ("give the first day after it, or the new date", "请填写结束后的第一天，或新的日期"),
    ),
    Rule(
        "not_drawn",
        EVERY - {K.DISBURSED, K.REVERSED},
        lambda f: f.on < f.drawn_on,
        ("nothing is paid out by that day", "该日尚未放款"),
        ("record the disbursement first, or give a later day", "请先登记放款，或填写更晚的日期"),
    ),
    Rule(
        "unknown_target",
        EVERY,
        lambda f: f.names_target and f.target is None,
        ("the entry that it names is not in the loan's journal", "所指分录不在本笔贷款的流水中"),
        ("name an entry of this loan", "请填写本笔贷款的分录"),
    ),
    Rule(
        "reversed_already",
        EVERY,
        lambda f: f.target is not None and f.target.reversed,
        ("the entry that it names is reversed already", "所指分录已被冲正"),
        ("nothing is left to do", "无需再次处理"),
    ),
    Rule(
        "reversal_of_a_reversal",
        frozenset({K.REVERSED}),
        lambda f: f.target is not None and f.target.kind == K.REVERSED,
        ("a reversal cannot be reversed", "冲正分录不能再被冲正"),
        ("record the entry that was reversed once more", "请重新登记被冲正的分录"),
    ),
    Rule(
        "taken_back",
        frozenset({K.REVERSED}),
        lambda f: f.target is not None and f.target.taken_back > 0,
        ("the payment was taken back by a charge-back", "该笔还款已被退单"),
        ("reverse the charge-back first", "请先冲正退单分录"),
    ),
    Rule(
        "not_a_payment",
        frozenset({K.CHARGED_BACK}),
        lambda f: f.target is not None and f.target.kind not in MONEY_IN,
        ("only money that came in can be taken back", "只有收到的款项可以退单"),
        ("name a payment", "请指明一笔还款"),
    ),
    Rule(
        "more_than_was_paid",
        frozenset({K.CHARGED_BACK}),
        lambda f: f.target is not None and f.amount > f.target.amount - f.target.taken_back,
        ("more than is left of the payment", "退单金额超过该笔还款的剩余金额"),
        ("give at most what is left of it", "金额不得超过剩余部分"),
    ),
    Rule(
        "sold",
        EVERY - {K.REVERSED},
        lambda f: f.sold_on < f.on or (f.sold_on == f.on and f.kind == K.SOLD),
        ("the claim is sold", "债权已转让"),
        ("reverse the sale first, if it was wrong", "如转让有误，请先冲正转让分录"),
    ),
    Rule(
        "written_off",
        EVERY - {K.REVERSED, K.RECOVERED, K.PAID, K.CHARGED_BACK, K.REFUNDED, K.SOLD},
        lambda f: f.written_off_on < f.on or (f.written_off_on == f.on and f.kind == K.WRITTEN_OFF),
        ("the loan is written off", "贷款已核销"),
        ("record what still comes in as recovered", "后续收款请登记为核销后收回"),
    ),
    Rule(
        "not_written_off",
        frozenset({K.RECOVERED}),
        lambda f: f.written_off_on > f.on,
        ("the loan is not written off", "贷款未核销"),
        ("record it as paid", "请登记为还款"),
    ),
    Rule(
        "charged_off",
        frozenset({K.DISBURSED, K.CHARGED_OFF, K.FEE_CHARGED, K.INTEREST_PAUSED}),
        lambda f: f.charged_off_on < f.on or (f.charged_off_on == f.on and f.kind == K.CHARGED_OFF),
        ("the loan is charged off", "贷款已认定坏账"),
        ("reverse the charge-off first, if it was wrong", "如认定有误，请先冲正"),
    ),
    Rule(
        "closed",
        CHANGES | {K.FEE_CHARGED},
        lambda f: f.status == Status.CLOSED,
        ("nothing is owed any more", "贷款已结清"),
        ("reverse what closed it, if it was wrong", "如结清有误，请先冲正相关分录"),
    ),
    Rule(
        "drawn_after_closing",
        frozenset({K.DISBURSED}),
        lambda f: f.status == Status.CLOSED and f.agreed > 0 and f.drawn >= f.agreed,
        ("the loan is repaid and drawn in full", "贷款已全额放款并结清"),
        ("open a new loan", "请新开一笔贷款"),
    ),
    Rule(
        "more_than_agreed",
        frozenset({K.DISBURSED}),
        lambda f: f.agreed > 0 and f.drawn + f.amount > f.agreed,
        ("more than the principal that was agreed", "超过合同约定本金"),
        ("pay out at most the rest of it", "放款不得超过剩余额度"),
    ),
    Rule(
        "too_large",
        EVERY,
        lambda f: f.of_its_kind + f.amount > MAX_AMOUNT,
        ("with it, the amounts of its kind pass what an amount may be", "累计金额超出允许的最大金额"),
        ("check the unit of the figure", "请检查金额单位"),
    ),
    Rule(
        "more_than_the_credit",
        frozenset({K.REFUNDED}),
        lambda f: f.amount > f.credit,
        ("more than the credit of the loan", "退款超过溢缴款"),
        ("refund at most the credit", "退款不得超过溢缴款"),
    ),
    Rule(
        "more_than_is_open",
        frozenset({K.WAIVED}),
        lambda f: f.amount > f.open,
        ("more than is open of that component", "减免金额超过该科目未还金额"),
        ("waive at most what is open", "减免不得超过未还金额"),
    ),
    Rule(
        "pauses_overlap",
        PAUSES,
        lambda f: any(f.on < end and (f.until or NEVER) > start for start, end in f.pauses),
        ("it overlaps a pause of the same kind", "与同类暂停期重叠"),
        ("reverse the other, or let this one begin when that ends", "请冲正另一暂停，或于其结束后开始"),
    ),
    Rule(
        "not_paused",
        frozenset(ENDS),
        lambda f: not any(start <= f.on < end for start, end in f.pauses),
        ("no such pause runs on that day", "该日没有进行中的暂停"),
        ("give a day within the pause", "请填写暂停期内的日期"),
    ),
    Rule(
        "changes_nothing",
        RESCHEDULES | {K.ACCELERATED},
        lambda f: f.changes is False,
        ("it would change nothing: no instalment is to come", "不产生任何变更：没有未到期的期次"),
        ("look at the loan's instalments first", "请先查看还款计划"),
    ),
)
"""In the order in which they are asked; the first that is broken refuses."""


def refusal(facts: Facts) -> Refusal | None:
    """The first rule that refuses the proposed entry; None if it may be recorded."""
    for rule in RULES:
        if facts.kind in rule.kinds and rule.broken(facts):
            return Refusal(rule, facts)
    return None


def with_entry(batch: Batch, entry: np.void) -> Batch:
    """The batch of one loan with one entry (ENTRY) more."""
    entries = np.concatenate((batch.entries, np.array([entry], ENTRY)))
    bounds = np.array([0, len(entries)], np.int64)
    return Batch(
        *(batch.terms, batch.rates, batch.rate_bounds, batch.plan, batch.plan_bounds),
        *(entries, bounds, batch.buckets, batch.live),
    )


def facts_of(batch: Batch, entry: np.void, today: int, *, agreed: int = 0) -> Facts:
    """The facts about a proposed entry (ENTRY) of the one loan of a batch, from all its journal that is known.

    `agreed`: principal of the contract in minor units, 0 if it is not told.
    """
    kind, on = K(int(entry["kind"])), int(entry["effective_on"])
    stands = _standing(batch.entries)
    known = batch.entries[stands]
    drawn = known[known["kind"] == K.DISBURSED]
    before = fold(batch, on)[0]
    names_target = kind in (K.REVERSED, K.CHARGED_BACK)
    return Facts(
        kind=kind,
        on=on,
        today=today,
        amount=int(entry["amount"]),
        until=int(entry["until"]),
        status=Status(int(before["status"])),
        drawn_on=int(drawn["effective_on"].min(initial=NEVER)),
        drawn=int(drawn["amount"].sum()),
        agreed=agreed,
        of_its_kind=int(known["amount"][known["kind"] == kind].sum()),
        credit=min(int(before["credit"]), int(fold(batch, max(on, today))[0]["credit"])),
        open=_open(before, Component(int(entry["component"]))),
        charged_off_on=_first(known, K.CHARGED_OFF),
        written_off_on=_first(known, K.WRITTEN_OFF),
        sold_on=_first(known, K.SOLD),
        pauses=tuple(_pauses(known, ENDS.get(kind, kind))),
        names_target=names_target,
        target=_target(batch.entries, stands, int(entry["target"])) if names_target else None,
        changes=_changes(batch, entry) if kind in RESCHEDULES | {K.ACCELERATED} else None,
    )


def _standing(entries: np.ndarray) -> np.ndarray:
    """Which entries stand: not reversed, and no reversals."""
    reversals = entries["kind"] == K.REVERSED
    return np.asarray(~reversals & ~np.isin(entries["sequence"], entries["target"][reversals]))


def _first(known: np.ndarray, kind: K) -> int:
    return int(known["effective_on"][known["kind"] == kind].min(initial=NEVER))


def _open(position: Any, component: Component) -> int:
    """What is open of a component, due, accrued, deferred or to come."""
    name = component.name.lower()
    if component == Component.PRINCIPAL:
        return int(position["principal"])
    more = sum(
        int(position[f"{what}_{name}"])
        for what in ("accrued", "deferred")
        if f"{what}_{name}" in position.dtype.names
    )
    return int(position[f"due_{name}"]) + more


def _pauses(known: np.ndarray, kind: K) -> list[tuple[int, int]]:
    """[start, end) of the pauses of a kind, cut where they were ended."""
    ends = known["effective_on"][
        np.isin(known["kind"], [int(k) for k, begun in ENDS.items() if begun == kind])
    ]
    found = []
    for entry in known[known["kind"] == kind]:
        start, end = int(entry["effective_on"]), int(entry["until"]) or NEVER
        found.append((start, min([end, *(int(day) for day in ends if start <= day < end)])))
    return found


def _target(entries: np.ndarray, stands: np.ndarray, sequence: int) -> Target | None:
    at = np.flatnonzero(entries["sequence"] == sequence)
    if sequence == 0 or not len(at):
        return None
    entry = entries[at[0]]
    back = stands & (entries["kind"] == K.CHARGED_BACK) & (entries["target"] == sequence)
    kind = K(int(entry["kind"]))
    reversed_ = not bool(stands[at[0]]) and kind != K.REVERSED
    return Target(
        kind, int(entry["effective_on"]), int(entry["amount"]), reversed_, int(entries["amount"][back].sum())
    )


def _changes(batch: Batch, entry: np.void) -> bool:
    """Whether any position from the entry's day on is another with it: on that day, on the day after the last that is known, and a
    year later.
    """
    on = int(entry["effective_on"])
    last = max(on, int(batch.entries["effective_on"].max(initial=on)))
    other = with_entry(batch, entry)
    return any(not np.array_equal(fold(batch, day), fold(other, day)) for day in (on, last + 1, last + 366))
