"""The report as one HTML page that needs nothing else: no script, no request, and a policy that would refuse both."""

import base64
import hashlib
from html import escape
from pathlib import Path

from forbear.operations.report_model import DayReport, Heap
from forbear.operations.report_sections import SECTIONS
from forbear.operations.report_words import percent, say, short

STYLE = Path(__file__).with_name("report.css")
LANGUAGES = ("zh", "en")


def page(report: DayReport, language: str = "zh") -> str:
    """The whole page; `language` is the one shown first."""
    style = STYLE.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    switches = "".join(
        f'<input class="switch" type="radio" name="language" id="{name}" aria-label="{label}"'
        f"{' checked' if name == language else ''}>"
        for name, label in zip(LANGUAGES, ("中文", "English"), strict=True)
    )
    sections = "".join(make(report) for make in SECTIONS)
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>日终报告 Day-end report {report.date}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'{switches}\n<div class="page">\n{_header(report)}\n<main>{_tiles(report)}'
        f'<div class="cards">{sections}</div></main>\n{_footer(report)}\n</div>\n</body>\n</html>\n'
    )


def _header(report: DayReport) -> str:
    ties = ("试算平衡，账实相符", "trial balance zero, ledger equals positions")
    broken = ("账实不符", "the ledger does not equal the positions")
    mark = (
        f'<span class="ties">✓ {say(ties)}</span>'
        if report.ties
        else f'<span class="ties not">✗ {say(broken)}</span>'
    )
    about = say(
        (
            f"{report.entries:,} 笔流水入账，{report.touched:,} 笔贷款重算",
            f"{report.entries:,} entries booked, {report.touched:,} loans folded",
        )
    )
    return (
        f'<header><div><h1>{say(("日终报告", "Day-end report"))} <time datetime="{report.date}">{report.date}</time></h1>'
        f'<p class="about">{escape(report.currency)} · {about} · {mark}</p></div>'
        '<div class="languages"><label for="zh">中文</label><label for="en">English</label></div></header>'
    )


def _tiles(report: DayReport) -> str:
    total = report.total
    late = sum(report.buckets[1:], Heap())
    serious = sum(report.buckets[4:], Heap())
    today = report.history[-1]
    tiles = (
        (("贷款余额", "Principal outstanding"), short(total.principal),
         say((f"{total.loans:,} 笔在贷", f"{total.loans:,} active loans"))),
        (("逾期率（本金）", "Past due, by principal"), percent(late.principal, total.principal),
         say((f"{late.loans:,} 笔逾期", f"{late.loans:,} loans"))),
        (("逾期 90 天以上", "More than 90 days"), percent(serious.principal, total.principal, 2),
         say((f"{serious.loans:,} 笔", f"{serious.loans:,} loans"))),
        (("当日收款", "Received today"), short(today.received),
         f'{say(("放款", "paid out"))} {short(today.disbursed)}'),
        (("当日更正", "Corrected today"), f"{report.corrected:,}", say(("笔贷款的过去有变", "loans whose past changed"))),
    )  # fmt: skip
    drawn = "".join(
        f'<div class="tile"><dt>{say(title)}</dt><dd>{value}<small>{note}</small></dd></div>'
        for title, value, note in tiles
    )
    return f'<dl class="tiles">{drawn}</dl>'


def _footer(report: DayReport) -> str:
    return (
        f"<footer>{say(('流水摘要', 'Journal digest'))} <code>{escape(report.digest)}</code><br>"
        f"{say(('此文件自足：不含脚本，不作任何网络请求。', 'This file is complete: no script in it, and no request out of it.'))} Forbear</footer>"
    )
