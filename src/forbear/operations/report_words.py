"""The report's words, in Chinese and English."""

from html import escape

Words = tuple[str, str]

MOVEMENTS: dict[str, Words] = {
    "disbursed": ("放款", "paid out"),
    "owed_again": ("重新计欠", "owed again"),
    "charged": ("应收计提", "fell due or charged"),
    "received": ("收款", "received"),
    "paid": ("还款入账", "repaid"),
    "waived": ("减免", "waived"),
    "written_off": ("核销", "written off"),
    "recovered": ("核销收回", "recovered"),
    "refunded": ("退款", "refunded"),
    "charged_back": ("退单", "charged back"),
    "credited": ("贷记", "credited"),
    "sold": ("转让", "sold"),
    "capitalised": ("转为本金", "made principal"),
    "suspended": ("转表外", "suspended"),
    "accrued": ("计提", "accrued"),
}
COMPONENTS: tuple[Words, ...] = (
    ("本金", "principal"),
    ("利息", "interest"),
    ("费用", "fees"),
    ("罚息", "penalty"),
    ("溢缴款", "credit"),
)
ACCOUNTS: dict[str, Words] = {
    "cash": ("现金", "Cash"),
    "loans": ("贷款本金", "Loans"),
    "interest_due": ("应收利息", "Interest due"),
    "fees_due": ("应收费用", "Fees due"),
    "penalty_due": ("应收罚息", "Penalty due"),
    "accrued_interest": ("应计利息", "Accrued interest"),
    "accrued_penalty": ("应计罚息", "Accrued penalty"),
    "customer_credit": ("客户溢缴款", "Customers' credit"),
    "suspense": ("暂不确认收入", "Income in suspense"),
    "interest_income": ("利息收入", "Interest income"),
    "fee_income": ("费用收入", "Fee income"),
    "penalty_income": ("罚息收入", "Penalty income"),
    "recovery_income": ("核销收回收入", "Recoveries"),
    "waivers": ("减免支出", "Waivers"),
    "write_offs": ("核销损失", "Write-offs"),
}
BUCKETS: tuple[Words, ...] = (
    ("正常", "current"),
    *((f"M{number}",) * 2 for number in range(1, 8)),
)
TARGETS: tuple[Words, ...] = (*BUCKETS, ("结清", "paid off"), ("核销", "written off"))
DAYS: tuple[str, ...] = ("0", "1–30", "31–60", "61–90", "91–120", "121–150", "151–180", "180+")


def say(words: Words) -> str:
    """Both languages as HTML; the page's switch shows one of them."""
    zh, en = words
    if zh == en:
        return escape(zh)
    return f'<span class="zh" lang="zh-CN">{escape(zh)}</span><span class="en" lang="en">{escape(en)}</span>'


def plain(words: Words) -> str:
    """Both languages for an attribute, where nothing can be switched."""
    zh, en = words
    return escape(zh if zh == en else f"{zh} {en}", quote=True)


def short(minor: int) -> str:
    """An amount in few signs, both ways of counting: 1,234.5万 and 12.3M."""
    sign, units = "-" if minor < 0 else "", abs(minor) // 100
    return say((sign + _scaled(units, ((10**8, "亿"), (10**4, "万"))), sign + _scaled(units, _THOUSANDS)))


_THOUSANDS = ((10**9, "bn"), (10**6, "m"), (10**3, "k"))


def _scaled(units: int, steps: tuple[tuple[int, str], ...]) -> str:
    for size, name in steps:
        if units >= size:
            tenths = (units * 10 + size // 2) // size
            return f"{tenths // 10:,}.{tenths % 10}{name}" if tenths < 10_000 else f"{tenths // 10:,}{name}"
    return f"{units:,}"


def percent(part: int, whole: int, places: int = 1) -> str:
    """A share, rounded half up; a dash where there is no whole."""
    if whole == 0:
        return "–"
    scaled = (part * 100 * 10**places * 2 + whole) // (2 * whole)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}%"
