"""The baseline: a day-end as applications with an object-relational mapper do it, one transaction for each loan.

Load the loan, its instalments and its payments as model instances, work in Decimal, save the position, book an entry in
the ledger, commit. The same server and disk, tables of its own. It is written as well as its kind allows: one query per
table, rows locked, no signals, one connection kept; and it does less than Forbear's day-end, which also chains, ties and
corrects.
"""

import datetime as dt
import time
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection, models, transaction

from benchmarks import loops
from benchmarks.contest import ANSWERS, AS_OF, FAR, make_book
from forbear.kernel.days import to_date, to_day
from forbear.store.schema import configure

SAMPLE = 2000
MONEY = {"max_digits": 18, "decimal_places": 0}
RATE = {"max_digits": 12, "decimal_places": 6}


def _declared() -> dict[str, Any]:
    """The models: declared when Django has been told its settings."""

    class OrmLoan(models.Model):
        principal = models.DecimalField(**MONEY)
        level = models.DecimalField(**MONEY)
        drawn_on = models.DateField()
        rate = models.DecimalField(**RATE)
        penalty_rate = models.DecimalField(**RATE)

        class Meta:
            app_label = "benchmarks"

    class OrmInstalment(models.Model):
        loan = models.ForeignKey(OrmLoan, models.CASCADE, related_name="instalments")
        due_on = models.DateField()

        class Meta:
            app_label = "benchmarks"

    class OrmPayment(models.Model):
        loan = models.ForeignKey(OrmLoan, models.CASCADE, related_name="payments")
        paid_on = models.DateField()
        amount = models.DecimalField(**MONEY)

        class Meta:
            app_label = "benchmarks"

    class OrmLedgerEntry(models.Model):
        loan = models.ForeignKey(OrmLoan, models.CASCADE)
        booked_on = models.DateField()
        account = models.CharField(max_length=20)
        amount = models.DecimalField(**MONEY)

        class Meta:
            app_label = "benchmarks"

    columns: dict[str, Any] = {name: models.DecimalField(**MONEY, default=0) for name in ANSWERS}
    columns |= {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "benchmarks"}),
        "loan": models.OneToOneField(OrmLoan, models.CASCADE, primary_key=True),
        "as_of": models.DateField(),
    }
    position = type("OrmPosition", (models.Model,), columns)
    return {
        "loan": OrmLoan, "instalment": OrmInstalment, "payment": OrmPayment, "ledger": OrmLedgerEntry,
        "position": position,
    }  # fmt: skip


_models: dict[str, Any] = {}


def tables() -> dict[str, Any]:
    """The models, declared once."""
    if not _models:
        _models.update(_declared())
    return _models


def fill(loans: int) -> None:
    """The contest's book in tables of its own: made anew, analysed, not timed."""
    table = tables()
    with connection.schema_editor() as editor:
        for model in table.values():
            editor.execute(f'DROP TABLE IF EXISTS "{model._meta.db_table}" CASCADE')
        for model in table.values():
            editor.create_model(model)
    book = make_book(loans)
    with transaction.atomic():
        objects = loops.as_decimals(book)
        table["loan"].objects.bulk_create(
            [
                table["loan"](id=i + 1, principal=loan.principal, level=loan.level, drawn_on=to_date(loan.drawn_on),
                              rate=loan.rate, penalty_rate=loan.penalty_rate)
                for i, loan in enumerate(objects)
            ],
            batch_size=5000,
        )  # fmt: skip
        table["instalment"].objects.bulk_create(
            [
                table["instalment"](loan_id=i + 1, due_on=to_date(day))
                for i, loan in enumerate(objects) for day in loan.due if day < FAR
            ],
            batch_size=5000,
        )  # fmt: skip
        table["payment"].objects.bulk_create(
            [
                table["payment"](loan_id=i + 1, paid_on=to_date(day), amount=amount)
                for i, loan in enumerate(objects) for day, amount in loan.payments
            ],
            batch_size=5000,
        )  # fmt: skip
        table["position"].objects.bulk_create(
            [table["position"](loan_id=i + 1, as_of=to_date(AS_OF - 1)) for i in range(loans)],
            batch_size=5000,
        )
    with connection.cursor() as cursor:
        for model in table.values():
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')


def close_loan(number: int, today: dt.date) -> None:
    """The day-end of one loan, in one transaction."""
    table = tables()
    with transaction.atomic():
        row = table["loan"].objects.select_for_update().get(pk=number)
        loan = loops.Loan(
            row.principal, row.level, to_day(row.drawn_on), row.rate, row.penalty_rate,
            [to_day(instalment.due_on) for instalment in row.instalments.order_by("due_on")],
            [(to_day(p.paid_on), p.amount) for p in row.payments.filter(paid_on__lte=today).order_by("paid_on", "id")],
        )  # fmt: skip
        found = loops.live(loan, to_day(today), loops.half_up_decimal)
        position = table["position"].objects.get(pk=number)
        before = position.principal
        position.as_of = today
        for name, value in zip(ANSWERS, found, strict=True):
            setattr(position, name, value)
        position.save()
        table["ledger"].objects.create(
            loan=row, booked_on=today, account="principal", amount=position.principal - before
        )


def measure(url: str, loans: int = SAMPLE) -> dict[str, Any]:
    """Seconds per loan, on the clock and in CPU of this process; the answers are checked against the fold's."""
    configure(url)
    fill(loans)
    today = to_date(AS_OF)
    for number in range(1, min(50, loans) + 1):  # statements planned, pages in memory
        close_loan(number, today)
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(1, loans + 1):
        close_loan(number, today)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    check(loans)
    with connection.schema_editor() as editor:
        for model in reversed(tables().values()):
            editor.delete_model(model)
    connection.close()
    return {"loans": loans, "seconds_per_loan": wall / loans, "python_cpu_per_loan": cpu / loans}


def check(loans: int) -> None:
    """The baseline's positions are the contest's answers."""
    from benchmarks.contest import assert_equal
    from benchmarks.with_numpy import replay

    rows = tables()["position"].objects.order_by("loan_id").values_list(*ANSWERS)
    found = {
        name: np.array([int(Decimal(value)) for value in column], np.int64)
        for name, column in zip(ANSWERS, zip(*rows, strict=True), strict=True)
    }
    assert_equal("the ORM baseline", found, replay(make_book(loans), AS_OF))
