"""An entry as people propose it, one at a time: read by the same table of columns as the rows of an import."""

import hashlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import Any, Final

import numpy as np

from forbear.engine.layout import ENTRY
from forbear.engine.live.terms import RATE_STEP
from forbear.engine.terms import MAX_INSTALMENTS
from forbear.engine.vocabulary import FEE, INTEREST, PENALTY, Component, EntryKind
from forbear.engine.words import scaled_rate
from forbear.formats.schema import COMPANY, COMPONENT_WORDS, LIVE_COMPANY, LIVE_KINDS, ONLY_WITH, PLANNED
from forbear.kernel.money import parse_minor
from forbear.store.chain import tie

KEY_PREFIX: Final = "record:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody wants to record on a loan. Days as numbers; amount and rate as decimal strings; None where nothing is said.

    `target` is the sequence of the entry that is undone or taken back.
    """

    loan: str
    kind: EntryKind
    on: int
    amount: str | None = None
    component: str | None = None
    target: int | None = None
    until: int | None = None
    rate: str | None = None
    count: int | None = None

    def key(self) -> str:
        """The idempotency key that follows from the content: the same proposal made twice is one entry."""
        content = "\n".join(str(part) for part in astuple(self))
        return KEY_PREFIX + hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """An entry that is refused, and nothing changed: by which rule, at which part of it, what is wrong, how to mend it."""

    rule: str
    where: str
    what: str
    mend: str


def unfit(proposal: Proposal, currency: str, regime: int, language: str) -> NotRecorded | None:
    """Why the proposal is no entry of its kind, or None. `regime` is `schema.regime_of` of the loan's product."""
    for where, english, chinese, mend, mend_zh in _unfit(proposal, currency, regime):
        told = (chinese, mend_zh) if language == "zh" else (english, mend)
        return NotRecorded("unfit", where, *told)
    return None


def _unfit(proposal: Proposal, currency: str, regime: int) -> Iterator[tuple[str, str, str, str, str]]:
    kind, live = proposal.kind, regime > PLANNED
    if live and kind not in LIVE_KINDS:
        other = ("choose another kind", "请选择其他类型")
        yield "kind", "is none that a live loan's journal has", "按日计划贷款没有此类分录", *other
    if live and regime < ONLY_WITH.get(kind, PLANNED):
        other = ("choose another kind", "请选择其他类型")
        yield "kind", "changes interest that is written at once", "利息已一次写定，不可更改", *other
    for name, takes in (LIVE_COMPANY if live else COMPANY).items():
        given = getattr(proposal, name) is not None
        if kind in takes.needed and not given:
            yield name, "is not given", "未填写", f"this kind of entry needs it: --{name}", f"请填写 --{name}"
        if given and kind not in takes.needed and kind not in takes.allowed:
            yield (
                name,
                "is not wanted for this kind of entry",
                "此类分录无需填写",
                takes.whose,
                f"请去掉 --{name}",
            )
    yield from _out_of_range(proposal, currency, live)


def _out_of_range(proposal: Proposal, currency: str, live: bool) -> Iterator[tuple[str, str, str, str, str]]:
    """Values that cannot be meant."""
    if proposal.amount is not None:
        try:
            amount = parse_minor(proposal.amount, currency)
        except (ValueError, OverflowError) as error:
            yield "amount", str(error), "不是有效金额", "write it as 1234.56", "请写成 1234.56"
            return
        if amount == 0 and proposal.kind != EntryKind.SOLD:
            yield "amount", "is nothing", "为零", "give an amount above zero", "请填写大于零的金额"
    if proposal.rate is not None:
        try:
            rate = scaled_rate(proposal.rate)
        except ValueError as error:
            yield "rate", str(error), "不是有效利率", "write it as 0.1449", "请写成 0.1449"
            return
        if live and rate % RATE_STEP:
            yield "rate", "has more than six decimals", "超过六位小数", "round it", "请四舍五入"
    if proposal.count is not None and not 1 <= proposal.count <= MAX_INSTALMENTS:
        told = (f"give 1 to {MAX_INSTALMENTS}", f"请填写 1 至 {MAX_INSTALMENTS}")
        yield "count", "is out of range", "超出范围", *told
    if proposal.kind == EntryKind.RATE_CHANGED and proposal.component is not None:
        component = COMPONENT_WORDS[proposal.component]
        if component not in (INTEREST, PENALTY) or (live and component != INTEREST):
            yield (
                "component",
                "has no rate",
                "没有利率",
                "write interest or penalty",
                "请填写 interest 或 penalty",
            )
    charged = live and proposal.kind == EntryKind.FEE_CHARGED and proposal.component is not None
    if charged and COMPONENT_WORDS[proposal.component or "fee"] not in (FEE, PENALTY):
        yield "component", "is not charged", "不可计收", "write fee or penalty", "请填写 fee 或 penalty"


def entry_row(proposal: Proposal, sequence: int, key: str, currency: str) -> np.ndarray:
    """The proposal as an ENTRY: an array of one. It must be fit."""
    row = np.zeros(1, ENTRY)
    values: dict[str, Any] = {
        "sequence": sequence,
        "kind": int(proposal.kind),
        "effective_on": proposal.on,
        "component": int(Component[proposal.component.upper()]) if proposal.component else 0,
        "amount": parse_minor(proposal.amount, currency) if proposal.amount is not None else 0,
        "target": proposal.target or 0,
        "order": tie(key),
        "until": proposal.until or 0,
        "rate": scaled_rate(proposal.rate) if proposal.rate is not None else 0,
        "count": proposal.count or 0,
    }
    for name, value in values.items():
        row[name] = value
    return row
