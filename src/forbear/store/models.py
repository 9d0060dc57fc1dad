"""The tables. `docs/reference/tables.md` has a line for each column.

Money is bigint minor units, rates are bigint in 10**-10, days are dates. Hot columns are of fixed width and never null, so
that bulk reads and writes go through COPY without touching a row in Python; `infinity` is the date that does not come.
"""

from django.db import models
from django.db.models import Q

from forbear.engine.layout import POSITION

POSITION_DATES = frozenset({"as_of", "next_event_on", "oldest_due_on", "next_due_on", "period_start"})


class Product(models.Model):
    """A lender's product: terms that its loans share. Never edited; new terms are a new product."""

    id = models.SmallIntegerField(primary_key=True)
    code = models.TextField(unique=True)
    name = models.TextField()
    currency = models.CharField(max_length=3)
    terms = models.JSONField()

    class Meta:
        db_table = "product"


class Borrower(models.Model):
    """A borrower, by the lender's own reference. Who that is stands in `PersonalData`."""

    id = models.BigIntegerField(primary_key=True)
    reference = models.TextField(unique=True, db_collation="C")

    class Meta:
        db_table = "borrower"


class PersonalData(models.Model):
    """Name, ID number, phone, address and e-mail, each sealed (AES-256-GCM). Deleting the row erases the person."""

    borrower = models.OneToOneField(Borrower, models.DO_NOTHING, primary_key=True)
    name = models.BinaryField(null=True)
    id_number = models.BinaryField(null=True)
    phone = models.BinaryField(null=True)
    email = models.BinaryField(null=True)
    address = models.BinaryField(null=True)
    id_number_index = models.BinaryField(null=True, db_index=True)
    phone_index = models.BinaryField(null=True, db_index=True)

    class Meta:
        db_table = "personal_data"


class Recording(models.Model):
    """One act of recording: an import, a command, a request. Every journal entry belongs to one."""

    id = models.IntegerField(primary_key=True)
    recorded_at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField()
    source = models.TextField()
    entries = models.BigIntegerField()

    class Meta:
        db_table = "recording"


class Loan(models.Model):
    """A loan's own terms. Immutable, as its product's are."""

    id = models.BigIntegerField(primary_key=True)
    product = models.ForeignKey(Product, models.DO_NOTHING, db_index=False)
    borrower = models.ForeignKey(Borrower, models.DO_NOTHING, db_constraint=False)
    principal = models.BigIntegerField()
    rate = models.BigIntegerField()
    penalty_rate = models.BigIntegerField()
    first_due_on = models.DateField()
    count = models.SmallIntegerField()
    due_day = models.SmallIntegerField()
    instalment = models.BigIntegerField()
    interest_free_until = models.DateField()
    recording = models.ForeignKey(Recording, models.DO_NOTHING, db_index=False, db_constraint=False)
    reference = models.TextField(unique=True, db_collation="C")

    class Meta:
        db_table = "loan"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    principal__gt=0,
                    rate__gte=0,
                    penalty_rate__gte=0,
                    count__gt=0,
                    due_day__gte=0,
                    due_day__lte=31,
                    instalment__gte=0,
                ),
                name="loan_terms_in_range",
            )
        ]


class Instalment(models.Model):
    """What a loan plans for itself, if its product leaves that to it: a due date and the principal due on it. Immutable."""

    pk = models.CompositePrimaryKey("loan_id", "due_on")
    loan_id = models.BigIntegerField()
    due_on = models.DateField()
    principal = models.BigIntegerField()

    class Meta:
        db_table = "instalment"
        constraints = [
            models.CheckConstraint(condition=Q(principal__gte=0), name="instalment_principal_not_negative")
        ]


class Version(models.Model):
    """A later version of a loan's terms, 2 and up, in force from the entry `restructured` that names it. Immutable.

    `capitalised` has bit 1 << component for each component whose unpaid sum becomes principal.
    """

    pk = models.CompositePrimaryKey("loan_id", "number")
    loan_id = models.BigIntegerField()
    number = models.SmallIntegerField()
    product_id = models.SmallIntegerField()
    rate = models.BigIntegerField()
    penalty_rate = models.BigIntegerField()
    first_due_on = models.DateField()
    count = models.SmallIntegerField()
    due_day = models.SmallIntegerField()
    instalment = models.BigIntegerField()
    capitalised = models.SmallIntegerField()
    recording_id = models.IntegerField()

    class Meta:
        db_table = "version"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    number__gte=2,
                    rate__gte=0,
                    penalty_rate__gte=0,
                    count__gt=0,
                    due_day__gte=0,
                    due_day__lte=31,
                    instalment__gte=0,
                    capitalised__gte=0,
                    capitalised__lte=14,
                ),
                name="version_terms_in_range",
            )
        ]


class JournalEntry(models.Model):
    """What happened to a loan. Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE.

    `digest` chains the entries of a loan in the order of their recording; `tie` orders entries of one day and kind and is
    made of `key`, so it does not depend on when they arrived.
    """

    pk = models.CompositePrimaryKey("loan_id", "sequence")
    loan_id = models.BigIntegerField()
    sequence = models.IntegerField()
    kind = models.SmallIntegerField()
    effective_on = models.DateField()
    component = models.SmallIntegerField()
    amount = models.BigIntegerField()
    target = models.IntegerField()
    until = models.IntegerField(default=0, db_default=0)  # a day number, 0: none
    rate = models.BigIntegerField(default=0, db_default=0)  # 10**-10, as the loan's
    count = models.SmallIntegerField(default=0, db_default=0)
    tie = models.BigIntegerField()
    recording_id = models.IntegerField()
    digest = models.BinaryField()
    key = models.TextField(db_collation="C")
    details = models.TextField(null=True)

    class Meta:
        db_table = "journal"
        constraints = [
            models.UniqueConstraint(fields=["key"], name="journal_key_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, kind__in=(8, 9, *range(10, 24), 30)),
                name="journal_amount_positive",
            ),
            models.CheckConstraint(
                condition=Q(kind__gte=10) | Q(until=0, rate=0, count=0) | Q(kind=2, rate=0, count=0),
                name="journal_changes_say_more",
            ),
        ]


class Position(models.Model):
    """The position of each loan as of its last event: the fold's own record, kept so that it need not be asked again.

    The columns are the fields of `forbear.engine.layout.POSITION`, added below. `state` is the kept state of the fold
    (`forbear.engine.kept`), `stamp` tells whether it may be gone on from (`forbear.store.kept`).
    """

    loan = models.OneToOneField(Loan, models.DO_NOTHING, primary_key=True, db_constraint=False)
    product_id = models.SmallIntegerField()
    stamp = models.BigIntegerField(default=0, db_default=0)
    state = models.BinaryField(default=b"", db_default=b"")

    class Meta:
        db_table = "position"
        indexes = [models.Index(fields=["next_event_on"], name="position_next_event")]


for _name in POSITION.names or ():
    if _name in POSITION_DATES:
        Position.add_to_class(_name, models.DateField())
    elif _name != "loan":
        Position.add_to_class(_name, models.BigIntegerField())


class Movement(models.Model):
    """What a day-end booked on one loan: the difference of two positions, by kind and component (ADR 0004)."""

    pk = models.CompositePrimaryKey("business_date", "loan_id", "kind")
    business_date = models.DateField()
    loan_id = models.BigIntegerField()
    kind = models.SmallIntegerField()
    product_id = models.SmallIntegerField()
    correction = models.SmallIntegerField()
    principal = models.BigIntegerField()
    interest = models.BigIntegerField()
    fee = models.BigIntegerField()
    penalty = models.BigIntegerField()
    credit = models.BigIntegerField()

    class Meta:
        db_table = "movement"


class Accrual(models.Model):
    """The accruals of all loans of a group as one linear function of their index (ADR 0003): sums of their lines.

    On day d the group has accrued whole + slope * G(d) + (remainder + slope_remainder * G(d)) / denominator.
    """

    pk = models.CompositePrimaryKey("product_id", "line", "nonaccrual", "index", "denominator")
    product_id = models.SmallIntegerField()
    line = models.SmallIntegerField()
    nonaccrual = models.SmallIntegerField()
    index = models.SmallIntegerField()
    denominator = models.BigIntegerField()
    whole = models.DecimalField(max_digits=60, decimal_places=0)
    remainder = models.DecimalField(max_digits=60, decimal_places=0)
    slope = models.DecimalField(max_digits=60, decimal_places=0)
    slope_remainder = models.DecimalField(max_digits=60, decimal_places=0)

    class Meta:
        db_table = "accrual"


class Posting(models.Model):
    """The general ledger's side of a day: double entries, summed per product, kind and component."""

    pk = models.CompositePrimaryKey("business_date", "product_id", "kind", "component", "debit", "credit")
    business_date = models.DateField()
    product_id = models.SmallIntegerField()
    kind = models.SmallIntegerField()
    component = models.SmallIntegerField()
    debit = models.SmallIntegerField()
    credit = models.SmallIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "posting"


class BusinessDay(models.Model):
    """A day of the book. At most one is open; a closed one never opens again."""

    date = models.DateField(primary_key=True)
    recordings = models.IntegerField()  # recordings up to this number are in the day
    started_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    totals = models.JSONField(null=True)
    journal_digest = models.BinaryField(null=True)

    class Meta:
        db_table = "business_day"


class Checkpoint(models.Model):
    """A partition of a day-end that has been done: written in the transaction that did it."""

    pk = models.CompositePrimaryKey("business_date", "partition")
    business_date = models.DateField()
    partition = models.IntegerField()
    totals = models.JSONField()

    class Meta:
        db_table = "checkpoint"
