"""A day's report made up for tests: every part of the page has something in it."""

import datetime as dt

from forbear.operations.report_model import (
    BalanceRow,
    ControlRow,
    CorrectionRow,
    DayReport,
    Heap,
    MovementRow,
    Point,
    ProductRow,
)

PRODUCTS = (
    ("draw-annuity", "随借随还 等额本息", 8),
    ("draw-interest-first", "随借随还 先息后本", 3),
    ("micro-principal", "小额信用 等额本金", 6),
    ("bank-consumer", "银行消费贷 等额本息", 9),
    ("flat-instalment", "场景分期 <固定费率>", 1),
)
LATE = (9000, 420, 170, 110, 80, 60, 45, 115)


def heaps(size: int, day: int = 180) -> tuple[Heap, ...]:
    """Loans by bucket, growing with `size` and `day`."""
    sums = [share * size * (400 + day) * 211 for share in LATE]
    return tuple(
        Heap(amount // 900_000, amount, amount // 7 if place else 0) for place, amount in enumerate(sums)
    )


def sample(**changes: object) -> DayReport:
    """The report of 27 October 2026, with `changes`."""
    start = dt.date(2026, 5, 1)
    values: dict[str, object] = {
        "date": dt.date(2026, 10, 27),
        "currency": "CNY",
        "entries": 412,
        "touched": 655,
        "corrected": 3,
        "digest": "5f" * 32,
        "history": tuple(
            Point(
                start + dt.timedelta(days=day),
                tuple(heap for heap in heaps(27, day + (day * 7919) % 23)),
                disbursed=day * 90_000,
                received=3_000_000_00 + day * 100_000,
                corrections=(day * 7) % 11,
            )
            for day in range(180)
        ),
        "products": tuple(ProductRow(code, name, heaps(size)) for code, name, size in PRODUCTS),
        "flows": {
            (before, after): (max(1, 240 >> (2 * before)) if after == before + 1 else 60 >> before, 10_000_00)
            for before in range(8)
            for after in ({before + 1, 0} - {before, 8})
        },
        "movements": (
            MovementRow("disbursed", (2_350_000_00, 0, 0, 0, 0)),
            MovementRow("charged", (0, 418_220_31, 1_200_00, 21_310_05, 0)),
            MovementRow("received", (0, 0, 0, 0, 3_118_400_11)),
            MovementRow("paid", (2_700_100_00, 402_000_11, 900_00, 15_400_00, 0)),
            MovementRow("waived", (0, 0, 0, -310_00, 0)),
            MovementRow("accrued", (0, 391_000_12, 0, 20_015_77, 0)),
        ),
        "corrections": (
            CorrectionRow(dt.date(2026, 10, 26), "L000000042", "draw-annuity", (MovementRow("charged", (0, 0, 0, -1_25, 0)),
                                                         MovementRow("received", (0, 0, 0, 0, 812_40)))),
            CorrectionRow(dt.date(2026, 10, 26), "L000001907", "micro-principal", (MovementRow("received", (0, 0, 0, 0, -500_00)),)),
        ),
        "balances": (
            BalanceRow(1001, "cash", -64_000_000_00),
            BalanceRow(1101, "loans", 61_000_000_00),
            BalanceRow(4001, "interest_income", 3_000_000_00 - 0),
        ),
        "controls": (
            ControlRow("loans", 61_000_000_00, 61_000_000_00),
            ControlRow("customer_credit", -3_211_00, -3_211_00),
        ),
    }  # fmt: skip
    return DayReport(**(values | changes))  # type: ignore[arg-type]
