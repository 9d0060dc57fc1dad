"""The parts of the report's page, one function each: a picture, and behind it the table it was drawn from."""

from collections.abc import Callable, Sequence
from html import escape

from forbear.kernel.money import format_minor
from forbear.operations import report_charts as charts
from forbear.operations.report_model import PAID_OFF, WRITTEN_OFF, DayReport, MovementRow
from forbear.operations.report_words import (
    ACCOUNTS,
    BUCKETS,
    COMPONENTS,
    DAYS,
    MOVEMENTS,
    TARGETS,
    Words,
    percent,
    plain,
    say,
    short,
)


def _section(title: Words, about: Words, body: str, extra: str = "") -> str:
    return f'<section{extra}><h2>{say(title)}</h2><p class="about">{say(about)}</p>{body}</section>'


def _details(table: str) -> str:
    return f'<details><summary>{say(("查看数据", "Show the numbers"))}</summary><div class="scroll">{table}</div></details>'


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], foot: Sequence[str] | None = None) -> str:
    """A table whose first column is words and whose others are numbers; cells are HTML."""

    def line(cells: Sequence[str], tag: str) -> str:
        rest = "".join(f'<{tag} class="number">{cell}</{tag}>' for cell in cells[1:])
        scope = "col" if tag == "th" else "row"
        return f'<tr><th scope="{scope}">{cells[0]}</th>{rest}</tr>'

    body = "".join(line(row, "td") for row in rows)
    end = f"<tfoot>{line(foot, 'td')}</tfoot>" if foot else ""
    return f"<table><thead>{line(heads, 'th')}</thead><tbody>{body}</tbody>{end}</table>"


def _money(report: DayReport, minor: int) -> str:
    text = escape(format_minor(minor, report.currency))
    return f'<span class="negative">{text}</span>' if minor < 0 else text


def _dates(report: DayReport) -> list[str]:
    points = report.history
    places = sorted({0, len(points) // 3, 2 * len(points) // 3, len(points) - 1})
    return [f"{points[place].date:%m-%d}" for place in places]


def _growth(report: DayReport) -> str:
    stacks = [
        (f"b{bucket}", [point.buckets[bucket].principal for point in report.history])
        for bucket in range(len(BUCKETS))
    ]
    top = charts.round_top(
        max((sum(h.principal for h in point.buckets) for point in report.history), default=0)
    )
    plot = charts.areas(
        stacks, top, ("各日贷款余额，按逾期阶段", "Principal outstanding day by day, by bucket")
    )
    scale = [short(top * place // 4) for place in (4, 3, 2, 1, 0)]
    marks = [(f"b{number}", words) for number, words in enumerate(BUCKETS)]
    return _section(
        ("贷款余额", "Principal outstanding"),
        (f"最近 {len(report.history)} 天，按逾期阶段", f"the last {len(report.history)} days, by bucket"),
        charts.framed(plot, scale, _dates(report)) + charts.legend(marks),
    )


def _lateness(report: DayReport) -> str:
    def shares(first: int) -> list[int]:
        found = []
        for point in report.history:
            whole = sum(heap.principal for heap in point.buckets)
            found.append(
                10_000 * sum(heap.principal for heap in point.buckets[first:]) // whole if whole else 0
            )
        return found

    series = [("b1", shares(1)), ("b3", shares(2)), ("b7", shares(4))]
    top = charts.round_top(max((max(values) for _, values in series), default=0))
    plot = charts.lines(series, top, ("逾期率走势", "Share past due, day by day"))
    scale = [percent(top * place // 4, 10_000) for place in (4, 3, 2, 1, 0)]
    marks = (
        ("b2", ("逾期 1 天以上", "1 day or more")),
        ("b4", ("30 天以上", "more than 30")),
        ("b7", ("90 天以上", "more than 90")),
    )
    return _section(
        ("逾期率", "Share past due"),
        ("占贷款余额的比例", "of the principal outstanding"),
        charts.framed(plot, scale, _dates(report)) + charts.legend(marks),
    )


def _products(report: DayReport) -> str:
    top = max((row.total.principal for row in report.products), default=0)
    bars = []
    for row in report.products:
        parts = [(f"b{bucket}", heap.principal) for bucket, heap in enumerate(row.buckets)]
        late = row.total.principal - row.buckets[0].principal
        told = plain(
            (
                f"{row.name}：逾期 {percent(late, row.total.principal)}",
                f"{percent(late, row.total.principal)} past due",
            )
        )
        bars.append(
            f"<dt>{escape(row.name)}<small><code>{escape(row.code)}</code></small></dt>"
            f'<dd class="chart">{charts.bar(parts, top, told)}</dd>'
            f'<dd class="value">{short(row.total.principal)}<small>{percent(late, row.total.principal)} '
            f"{say(('逾期', 'past due'))}</small></dd>"
        )
    heads = [say(("产品", "product")), *(say(words) for words in BUCKETS), say(("合计", "total"))]
    rows = [
        [
            escape(row.name),
            *(_money(report, heap.principal) for heap in row.buckets),
            _money(report, row.total.principal),
        ]
        for row in report.products
    ]
    return _section(
        ("按产品", "The book by product"),
        ("在贷本金，按逾期阶段着色", "principal of active loans, coloured by bucket"),
        f'<dl class="bars product">{"".join(bars)}</dl>' + _details(_table(heads, rows)),
    )


def _buckets(report: DayReport) -> str:
    top = max((heap.principal for heap in report.buckets[1:]), default=0)
    total = report.total
    bars = "".join(
        f"<dt>{say(BUCKETS[number])}<small>{DAYS[number]} {say(('天', 'days'))}</small></dt>"
        f'<dd class="chart">{charts.bar([(f"b{number}", heap.principal)], top, plain(BUCKETS[number]))}</dd>'
        f'<dd class="value">{short(heap.principal)}<small>{say((f"{heap.loans:,} 笔", f"{heap.loans:,} loans"))} · '
        f"{percent(heap.principal, total.principal, 2)}</small></dd>"
        for number, heap in enumerate(report.buckets)
        if number
    )
    heads = [
        say(words)
        for words in (
            ("逾期天数", "days past due"),
            ("笔数", "loans"),
            ("本金", "principal"),
            ("逾期金额", "overdue"),
        )
    ]
    rows = [
        [
            f"{say(BUCKETS[number])} {DAYS[number]}",
            f"{heap.loans:,}",
            _money(report, heap.principal),
            _money(report, heap.overdue),
        ]
        for number, heap in enumerate(report.buckets)
    ]
    foot = [
        say(("合计", "total")),
        f"{total.loans:,}",
        _money(report, total.principal),
        _money(report, total.overdue),
    ]
    return _section(
        ("逾期账龄", "Arrears by bucket"),
        ("逾期贷款的全部未还本金", "all outstanding principal of loans past due"),
        f'<dl class="bars">{bars}</dl>' + _details(_table(heads, rows, foot)),
    )


def _flow_matrix(report: DayReport) -> str:
    top = max((loans for loans, _ in report.flows.values()), default=0)
    ends = [place for place in (PAID_OFF, WRITTEN_OFF) if any(after == place for _, after in report.flows)]
    targets = [*range(len(BUCKETS)), *ends]
    head = "".join(f'<th scope="col">{say(TARGETS[after])}</th>' for after in targets)
    rows = []
    for before in range(len(BUCKETS)):
        cells = "".join(
            '<td class="same">·</td>'
            if before == after
            else _flow(report.flows.get((before, after), (0, 0))[0], top)
            for after in targets
        )
        rows.append(f'<tr><th scope="row">{say(BUCKETS[before])}</th>{cells}</tr>')
    corner = f'<th scope="col"><span class="unseen">{say(("由（行）至（列）", "from (row) to (column)"))}</span></th>'
    return _section(
        ("账龄迁徙", "Flows between buckets"),
        (
            f"最近 {report.flow_days} 天的笔数：往右恶化，往左好转",
            f"loans, last {report.flow_days} days: to the right is worse, to the left is better",
        ),
        f'<div class="scroll"><table class="heat"><thead><tr>{corner}{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>",
    )


def _flow(loans: int, top: int) -> str:
    return f'<td class="h{charts.heat_level(loans, top)}">{loans or "·"}</td>'


def _moved(report: DayReport) -> str:
    top = max((sum(map(abs, row.amounts)) for row in report.movements), default=0)
    bars = "".join(
        f"<dt>{say(MOVEMENTS[row.kind])}</dt>"
        f'<dd class="chart">{charts.bar([(f"c{c}", abs(n)) for c, n in enumerate(row.amounts)], top, plain(MOVEMENTS[row.kind]))}</dd>'
        f'<dd class="value">{short(sum(row.amounts))}</dd>'
        for row in report.movements
    )
    marks = [(f"c{number}", words) for number, words in enumerate(COMPONENTS)]
    heads = [say(("发生额", "movement")), *(say(words) for words in COMPONENTS)]
    rows = [
        [say(MOVEMENTS[row.kind]), *(_money(report, amount) for amount in row.amounts)]
        for row in report.movements
    ]
    return _section(
        ("当日发生额", "Movements of the day"),
        ("按类型与科目成分", "by kind and component"),
        f'<dl class="bars">{bars}</dl>' + charts.legend(marks) + _details(_table(heads, rows)),
    )


def _told(report: DayReport, row: MovementRow) -> str:
    parts = ", ".join(
        f"{say(COMPONENTS[place])} {_money(report, amount)}"
        for place, amount in enumerate(row.amounts)
        if amount
    )
    return f"{say(MOVEMENTS[row.kind])} {parts}"


def _corrections(report: DayReport) -> str:
    counts = [point.corrections for point in report.history]
    plot = charts.columns(counts, "c0", ("每日更正的贷款数", "Loans corrected, day by day"))
    top = max(counts, default=0)
    picture = f'<div class="low">{charts.framed(plot, [f"{top:,}", "0"], _dates(report))}</div>'
    rows = "".join(
        f'<tr><th scope="row"><time>{row.on:%m-%d}</time></th><td><code>{escape(row.loan)}</code></td>'
        f"<td>{escape(row.product)}</td>"
        f"<td>{'; '.join(_told(report, moved) for moved in row.movements)}</td></tr>"
        for row in report.corrections
    )
    heads = "".join(
        f'<th scope="col">{say(words)}</th>'
        for words in (
            ("得知日", "known on"),
            ("借据", "loan"),
            ("产品", "product"),
            ("入账的差额", "what it booked"),
        )
    )
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    nothing = (
        f'<p class="none">{say(("最近七天无更正。", "Nothing was corrected in the last seven days."))}</p>'
    )
    return _section(
        ("有什么变了", "What changed"),
        (
            "迟到或冲正的流水改变了过去：差额记在得知之日",
            "entries that arrived late or were reversed changed the past; the difference is booked on the day it became known",
        ),
        picture + (f'<div class="scroll">{table}</div>' if rows else nothing),
        ' class="wide"',
    )


def _trial_balance(report: DayReport) -> str:
    heads = [say(words) for words in (("科目", "account"), ("借方", "debit"), ("贷方", "credit"))]
    rows = [
        [
            f"<code>{row.number}</code> {say(ACCOUNTS[row.name])}",
            _money(report, row.balance) if row.balance > 0 else "",
            _money(report, -row.balance) if row.balance < 0 else "",
        ]
        for row in report.balances
    ]
    debit = sum(max(row.balance, 0) for row in report.balances)
    credit = sum(max(-row.balance, 0) for row in report.balances)
    foot = [say(("合计", "total")), _money(report, debit), _money(report, credit)]
    return _section(
        ("试算平衡", "Trial balance"),
        ("自开账以来的余额", "balances since the book was opened"),
        f'<div class="scroll">{_table(heads, rows, foot)}</div>',
    )


def _controls(report: DayReport) -> str:
    heads = [
        say(words)
        for words in (("科目", "account"), ("总账", "ledger"), ("各贷款合计", "sum of loans"), ("", ""))
    ]
    rows = [
        [
            say(ACCOUNTS[row.account]),
            _money(report, row.ledger),
            _money(report, row.positions),
            '<span class="ties">✓</span>' if row.ties else '<span class="ties not">✗</span>',
        ]
        for row in report.controls
    ]
    return _section(
        ("控制总数", "Control totals"),
        (
            "总账余额等于逐笔贷款之和，营业日才会前进",
            "the date moves on only when the ledger equals the sum of the loans",
        ),
        f'<div class="scroll">{_table(heads, rows)}</div>',
    )


SECTIONS: tuple[Callable[[DayReport], str], ...] = (
    _growth,
    _lateness,
    _products,
    _buckets,
    _flow_matrix,
    _moved,
    _corrections,
    _trial_balance,
    _controls,
)
