"""The rules of `forbear.engine.life` in sentences, English and Chinese: what is refused, and how to mend it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from forbear.engine.life import Refusal
from forbear.kernel.days import to_date
from forbear.kernel.money import format_minor

LANGUAGES: Final = ("en", "zh")


class Told(NamedTuple):
    """A sentence in each of `LANGUAGES`."""

    en: str
    zh: str


UNDO: Final = Told("reverse that entry first", "请先冲正该分录")

SENTENCES: Final[Mapping[str, tuple[Told, Told]]] = {
    "in_the_future": (
        Told("{on} is after today, {today}", "{on} 晚于今日 {today}"),
        Told("record it on its day", "请在当日登记"),
    ),
    "ends_before_it_begins": (
        Told("it ends on {until}, not after {on}", "结束日 {until} 不晚于开始日 {on}"),
        Told("give a later day", "请填写更晚的日期"),
    ),
    "target_unknown": (
        Told("there is no such entry to undo or take back", "没有可冲正或退单的该分录"),
        Told("look up its sequence in the preview or the export", "请查对分录序号"),
    ),
    "reverses_a_reversal": (
        Told("it names a reversal, which stays", "所指分录是冲正，不可再冲正"),
        Told("record the entry anew", "请重新登记原分录"),
    ),
    "reversed_already": (
        Told("entry {target} was reversed by entry {by}", "分录 {target} 已被分录 {by} 冲正"),
        Told("nothing is left to do", "无需再操作"),
    ),
    "taken_back": (
        Told("the payment has been charged back", "该笔还款已退单"),
        Told("reverse the charge-back first", "请先冲正退单"),
    ),
    "income_adjusted": (
        Told("a part of that income has been given back", "该笔收入已部分退回"),
        Told("reverse that adjustment first", "请先冲正该项调整"),
    ),
    "draw_in_use": (
        Told("entries stand that need this disbursement", "仍有分录依赖该笔放款"),
        Told("reverse those first", "请先冲正这些分录"),
    ),
    "target_no_payment": (
        Told("it names an entry that is no payment", "所指分录不是还款"),
        Told("name the payment that was taken back", "请指明被退单的还款"),
    ),
    "target_not_deferred": (
        Told("it names an entry that defers no such income", "所指分录不是此类递延收入"),
        Told("name the capitalised income or the buy-down fee", "请指明资本化收入或贴息费分录"),
    ),
    "sum_too_large": (
        Told(
            "all amounts of this kind would come to {total}, beyond {most}",
            "同类金额合计 {total}，超过上限 {most}",
        ),
        Told("check the unit of the figure", "请检查金额单位"),
    ),
    "rate_before_draw": (
        Told("the rate changes before anything is disbursed", "放款前不可调整利率"),
        Told("agree the rate with the loan, or give a later day", "请在合同中约定利率，或填写更晚的日期"),
    ),
    "before_disbursement": (
        Told("nothing is disbursed by that day", "该日尚未放款"),
        Told("correct the date, or record the disbursement first", "请更正日期，或先登记放款"),
    ),
    "sold": (Told("the loan is sold by that day", "该日贷款已转让"), UNDO),
    "written_off": (Told("the loan is written off by that day", "该日贷款已核销"), UNDO),
    "not_written_off": (
        Told("nothing is written off that could be recovered", "尚未核销，无核销后收回"),
        Told("record it as paid", "请登记为还款"),
    ),
    "charged_off_already": (Told("the loan is charged off already", "贷款已认定为坏账"), UNDO),
    "charged_off_before_money": (
        Told("money moved on {last}, after {on}", "{on} 之后，{last} 仍有资金变动"),
        Told("give that day or a later one", "请填写该日或更晚的日期"),
    ),
    "charged_off": (Told("the loan is charged off by that day", "该日贷款已认定为坏账"), UNDO),
    "schedule_stopped": (
        Told(
            "a charge-off or an early end has stopped the schedule by then",
            "该日贷款已认定为坏账或提前到期，还款计划不再变更",
        ),
        UNDO,
    ),
    "more_than_agreed": (
        Told("{asked} is more than the {left} left of what was agreed", "{asked} 超过合同剩余额度 {left}"),
        Told("draw less", "请减少放款金额"),
    ),
    "closed": (
        Told("nothing is owed any more", "贷款已结清"),
        Told("leave it out, or correct the date", "无需登记，或请更正日期"),
    ),
    "version_unknown": (
        Told("the loan has no version {count} of its terms", "该贷款没有第 {count} 版合同条款"),
        Told("import it first, in a file of versions", "请先导入该版条款（versions 文件）"),
    ),
    "version_in_use": (
        Told("entry {sequence} put version {count} in force", "分录 {sequence} 已启用第 {count} 版条款"),
        Told("agree a version of its own, or reverse that entry", "请另立新版条款，或先冲正该分录"),
    ),
    "version_begins_too_late": (
        Told("its first instalment is due on {first}, not after {on}", "其首期还款日 {first} 不晚于 {on}"),
        Told(
            "give an earlier day, or agree a later first due date", "请填写更早的日期，或约定更晚的首期还款日"
        ),
    ),
    "nothing_to_reamortise": (
        Told(
            "no principal is due and unpaid, or no instalment to come is open",
            "没有已到期未还的本金，或没有未还清的未到期期次",
        ),
        Told("leave it out, or re-age the loan", "无需登记，或请改用重设账龄"),
    ),
    "rate_set_twice": (
        Told("entry {sequence} sets a rate on {on} already", "分录 {sequence} 已在 {on} 调整利率"),
        UNDO,
    ),
    "no_interest_to_pause": (
        Told("the loan bears no interest that a pause stops", "该贷款没有可暂停的利息"),
        Told("waive interest instead", "请改用利息减免"),
    ),
    "pause_beyond_end": (
        Told(
            "the pause goes on beyond the loan, which ends before {last}",
            "暂停期超过贷款期限（{last} 前结束）",
        ),
        Told("end it by then", "请提前结束日期"),
    ),
    "pauses_overlap": (
        Told("a pause from {on} covers part of it", "与 {on} 开始的暂停期重叠"),
        Told("shorten one of them", "请缩短其中之一"),
    ),
    "not_paused": (
        Told("no pause is running on that day", "该日没有进行中的暂停"),
        Told("correct the date", "请更正日期"),
    ),
    "adjusts_before_income": (
        Told("{on} is before the income, which is of {first}", "{on} 早于该笔收入的日期 {first}"),
        Told("give that day or a later one", "请填写该日或更晚的日期"),
    ),
    "more_than_paid": (
        Told("{asked} is more than the {left} left of the payment", "{asked} 超过该笔还款余额 {left}"),
        Told("take back less", "请减少退单金额"),
    ),
    "more_than_deferred": (
        Told("{asked} is more than the {left} left of the income", "{asked} 超过该笔收入余额 {left}"),
        Told("give back less", "请减少退回金额"),
    ),
    "more_than_credit": (
        Told("{asked} is more than the credit, {left}", "{asked} 超过溢缴款 {left}"),
        Told("pay back less", "请减少退款金额"),
    ),
    "more_than_open": (
        Told("{asked} is more than the {left} that is open", "{asked} 超过未还金额 {left}"),
        Told("waive less", "请减少减免金额"),
    ),
}
"""For each rule: what is wrong, and how to mend it."""

_DAYS: Final = ("on", "today", "until", "last", "first")
_MONEY: Final = ("asked", "left", "total", "most")


def sentences(refusal: Refusal, currency: str, language: str = "en") -> tuple[str, str]:
    """What is refused and how to mend it, in one of `LANGUAGES`, with amounts of the currency."""
    says = {name: _value(name, value, currency) for name, value in refusal.says.items()}
    what, mend = (getattr(told, language).format(**says) for told in SENTENCES[refusal.rule])
    return what, mend


def _value(name: str, value: int, currency: str) -> str:
    if name in _DAYS:
        return to_date(value).isoformat() if abs(value) < 2_900_000 else "–"
    return format_minor(value, currency) if name in _MONEY else str(value)
