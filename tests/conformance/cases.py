"""Reading a folder of neutral cases, and small conversions. The format is described beside the cases."""

import datetime as dt
import json
import os
import pathlib
from decimal import Decimal

EPOCH = dt.date(1970, 1, 1).toordinal()
ROOT = pathlib.Path(__file__).resolve().parents[2]
FAMILY = "fineract"


def corpora():
    """The folder of the corpora, which may be absent."""
    return pathlib.Path(os.environ.get("FORBEAR_CORPORA", ROOT.parent / "shared" / "corpora"))


def read(folder, family=FAMILY, feature=None, case=None):
    """Cases of a family, file by file."""
    folder = pathlib.Path(folder)
    alone = folder / f"{family}.jsonl"
    for path in [alone] if alone.exists() else sorted(folder.glob(f"{family}-*.jsonl")):
        if feature and path.stem.removeprefix(f"{family}-") not in feature:
            continue
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                found = json.loads(line)
                if case is None or found["id"] == case:
                    yield found


def day(text):
    """Day number of a date; None stays None."""
    return None if text is None else dt.date.fromisoformat(text).toordinal() - EPOCH


def text_of(number):
    """Date of a day number; None stays None."""
    return None if number is None else dt.date.fromordinal(number + EPOCH).isoformat()


def cents(text):
    """Minor units of a decimal string; None counts as nothing."""
    return 0 if text is None else int((Decimal(text) * 100).to_integral_exact())


def rate(percent):
    """A percentage in 10**-10."""
    return int((Decimal(percent) * 10**8).to_integral_exact())


def table(of):
    """Rows of a {columns, rows} table as dictionaries."""
    return [dict(zip(of["columns"], row, strict=True)) for row in of["rows"]]


FIRST_TIER = (
    *("emi_calculation", "repayment_schedule", "repayment", "loan", "delinquency", "charges_cumulative_loan"),
    *("charges_disbursement", "charges_installment_fee", "charges_progressive_loan"),
    *("charges_tranche_disbursement", "chargeback", "charge_off", "reschedule", "interest_rate_change"),
    *("interest_pause", "credit_balance_refund", "write_off", "down_payment"),
)
"""Features that any exact servicing engine must reproduce."""
