"""Compile the gate ahead of its first use, as `make setup` does."""

import datetime as dt

from forbear.law.act import Act, Contact
from forbear.law.gate import judge
from forbear.law.measured import measure
from forbear.law.packs import load
from forbear.law.resolver import resolve


def warm() -> None:
    """Judge one act and measure each finding: that compiles all there is."""
    at = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)
    rules = resolve(
        load(), jurisdictions=["cn"], product="consumer_loan", role="original_creditor", on=at.date()
    )
    act = Act("call", {"addressee": "debtor"}, "debt", "person", "point", ("Asia/Shanghai",))
    verdict = judge(act, [Contact(at - dt.timedelta(days=1), "call")], {}, rules, at)
    for finding in verdict.findings:
        measure(verdict, finding)
