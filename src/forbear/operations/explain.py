"""A figure of a loan explained in sentences, in English or Chinese: `forbear explain`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from forbear.engine.explain import FIGURES, explain
from forbear.engine.nodes import Node
from forbear.engine.words import rate_text
from forbear.kernel.days import to_date
from forbear.kernel.money import format_minor
from forbear.operations.statement import UnknownLoan, find_loan, load_batch
from forbear.store.connect import connect

LANGUAGES: Final = ("en", "zh")

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "payoff": ("payoff on {as_of}", "{as_of} 结清金额"),
    "principal": ("principal outstanding", "未还本金"),
    "due_principal": ("principal due and unpaid", "到期未还本金"),
    "due_interest": ("interest due and unpaid", "到期未还利息"),
    "due_fee": ("fees due and unpaid", "到期未还费用"),
    "due_penalty": ("penalty interest charged and unpaid", "已计未还罚息"),
    "undue": ("principal not yet due", "未到期本金"),
    "accrued_interest": ("interest accrued, not yet due", "已计提未到期利息"),
    "accrued_penalty": ("penalty interest accrued, not yet charged", "已计提未计收罚息"),
    "deferred_interest": ("interest deferred to instalments to come", "递延利息"),
    "deferred_fee": ("fees deferred to instalments to come", "递延费用"),
    "deferred_penalty": ("penalty interest deferred to instalments to come", "递延罚息"),
    "credit": ("credit", "溢缴款"),
    "less_credit": ("less the credit", "减：溢缴款"),
    "written_off_still_owed": ("written off and still owed", "已核销仍应偿还"),
    "days_past_due": ("days past due on {as_of}", "{as_of} 逾期天数"),
    "days_since": ("days since the oldest late due date, {due_on}", "自最早逾期到期日 {due_on} 起的天数"),
    "paused": ("days of pauses", "暂停计数的天数"),
    "row": ("instalment {number}, due {due_on}", "第 {number} 笔应还，到期日 {due_on}"),
    "ahead_interest": ("interest of instalments to come", "未到期各期利息"),
    "ahead_charges": ("fees and penalties of instalments to come", "未到期各期费用及罚息"),
    "asked": ("{component} asked by the schedule", "还款计划应还{component}"),
    "moved": (
        "{component} paid on instalments that were brought forward to this one",
        "提前到期并入本期的已还{component}",
    ),
    "given_up": ("{component} waived", "减免{component}"),
    "lost": ("{component} written off", "核销{component}"),
    "credit_left": ("credit that is left", "剩余溢缴款"),
    "claimed": ("{on}: {component} asked{by}", "{on}：应还{component}{by}"),
    "paid": ("{on}: {component} paid{by}", "{on}：偿还{component}{by}"),
    "waived": ("{on}: {component} waived{by}", "{on}：减免{component}{by}"),
    "written_off": ("{on}: {component} written off{by}", "{on}：核销{component}{by}"),
    "deferred": ("{on}: {component} deferred{by}", "{on}：递延{component}{by}"),
    "days": (
        "{start} to before {end}: {base} at {rate} a year for {weight} of it",
        "{start} 起至 {end} 前：{base}，年利率 {rate}，计息期 {weight}",
    ),
    "evenly": (
        "{start} to before {end}: the period's interest, evenly by day",
        "{start} 起至 {end} 前：本期利息按日均摊",
    ),
    "in_parts": (
        "one of {count} equal parts of {start} to before {end}: {base} at {rate} a year for {weight} of it",
        "{start} 起至 {end} 前全部利息的 {count} 分之一：{base}，年利率 {rate}，计息期 {weight}",
    ),
    "charged": ("{on}: {component} charged{by}", "{on}：计收{component}{by}"),
    "taken_back": ("taken back", "退回后重新应还"),
    "moved_up": ("asked in an earlier instalment already", "已提前并入前期"),
    "from_before": ("earned before, found no place there", "前期已计、转入本期"),
    "brought_forward": ("brought forward from later instalments", "由后期提前并入"),
    "left_for_later": (
        "less what a later instalment asks, or more as it was paid before",
        "减：留待后期（或加：已提前偿还）",
    ),
    "settled_ahead": ("settled already, of instalments to come", "未到期各期中已结清"),
    "elsewhere": (
        "of other instalments: earned and not asked yet, or asked before it was earned",
        "其他各期：已计未列，或先列后计",
    ),
    "joined": ("{start}: earned before, counted from this day", "{start}：此前应计，自本日计入"),
    "charged_before": ("charged of it before", "其中此前已计收"),
    "rounding": ("rounding to the smallest unit", "舍入到最小货币单位"),
    "kept_back": ("kept back by the cost cap", "因综合成本上限未计收"),
    "drawn": ("paid out", "放款"),
    "fallen_due": ("fallen due", "已到期"),
    "owed_again": ("owed again after a charge-back or refund", "退单或退款后重新应还"),
    "deferred_again": ("due and deferred again", "到期后递延"),
    "capitalised": ("made principal by a restructuring", "债务重组转为本金"),
    "received": ("received", "收到款项"),
    "credited": ("credited by the lender", "贷款人贷记"),
    "allocated": ("allocated to {component}", "冲销{component}"),
    "recovered": ("recovered of what was written off", "核销后收回"),
    "paid_out": ("paid back or taken back", "退款或退单"),
}
"""The sentence of each node (`forbear.engine.explain.Node.what`), in the order of `LANGUAGES`."""

COMPONENTS: Final = {"principal": "本金", "interest": "利息", "fee": "费用", "penalty": "罚息"}
DATES: Final = ("on", "start", "end", "due_on", "effective_on")
IN_DAYS: Final = ("days_past_due", "days_since", "paused")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: how deep it stands, the sentence, and what it comes to, exactly and as people read it."""

    depth: int
    sentence: str
    amount: str
    exact: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure of a loan on a day, told from the whole down to the journal."""

    reference: str
    figure: str
    as_of: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class UnknownFigure:
    """There is no such figure: a business refusal. `known` are those there are."""

    figure: str
    known: tuple[str, ...]


def explanation(
    url: str, reference: str, as_of: int, *, figure: str = "payoff", language: str = "en"
) -> Explanation | UnknownLoan | UnknownFigure:
    """Explain a figure of the loan called `reference` as of a day number; `language` is one of `LANGUAGES`."""
    if figure not in FIGURES:
        return UnknownFigure(figure, tuple(FIGURES))
    with connect(url) as connection:
        found = find_loan(connection, reference)
        if found is None:
            return UnknownLoan(reference)
        number, _, currency = found
        batch, _, _ = load_batch(connection, number)
        connection.rollback()
    tree = explain(batch, as_of, figure)
    told = _Teller(currency, language, as_of)
    return Explanation(reference, figure, to_date(as_of).isoformat(), tuple(told.lines(tree, 0)))


class _Teller:
    """Says nodes in one language and one currency."""

    def __init__(self, currency: str, language: str, as_of: int) -> None:
        self.currency = currency
        self.place = LANGUAGES.index(language)
        self.as_of = as_of

    def lines(self, node: Node, depth: int) -> Iterator[Line]:
        """The node's line, and those of its children below it."""
        yield Line(depth, self.sentence(node), self.amount(node), str(node.amount))
        for child in node.children:
            yield from self.lines(child, depth + 1)

    def sentence(self, node: Node) -> str:
        says: dict[str, Any] = {"as_of": to_date(self.as_of), "by": ""}
        for name, value in node.says.items():
            says[name] = self.value(name, value)
        if node.says.get("entry"):
            said = (
                " by entry {sequence}, {entry} of {effective_on}",
                "（分录 {sequence}，{effective_on} {entry}）",
            )
            says["by"] = said[self.place].format(**says)
        return SENTENCES[node.what][self.place].format(**says)

    def value(self, name: str, value: Any) -> Any:
        if name in DATES:
            return to_date(value).isoformat()
        if name == "base":
            return format_minor(value, self.currency)
        if name == "rate":
            return rate_text(value)
        if name == "component" and self.place:
            return COMPONENTS[value]
        return value

    def amount(self, node: Node) -> str:
        """Whole amounts as money; exact fractions with four more decimals, cut off."""
        if node.what in IN_DAYS:
            return str(node.amount)
        whole = int(abs(node.amount))
        sign = "-" if node.amount < 0 else ""
        text = sign + format_minor(whole, self.currency)
        rest = abs(node.amount) - whole
        return text if not rest else f"{text}|{int(rest * Fraction(10_000)):04d}"
