"""Later versions of loans' terms, and what a position tells of a restructured loan."""

from django.db import migrations, models
from django.db.models import Q

GUARD = (
    "CREATE TRIGGER version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON version "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
)
FIELDS = (
    ("number", models.SmallIntegerField()),
    ("product_id", models.SmallIntegerField()),
    ("rate", models.BigIntegerField()),
    ("penalty_rate", models.BigIntegerField()),
    ("first_due_on", models.DateField()),
    ("count", models.SmallIntegerField()),
    ("due_day", models.SmallIntegerField()),
    ("instalment", models.BigIntegerField()),
    ("capitalised", models.SmallIntegerField()),
    ("recording_id", models.IntegerField()),
)


class Migration(migrations.Migration):
    """No loan from before has another version, and no position anything capitalised."""

    dependencies = [("store", "0006_live")]

    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                ("pk", models.CompositePrimaryKey("loan_id", "number", blank=True, editable=False, primary_key=True, serialize=False)),
                ("loan_id", models.BigIntegerField()),
                *FIELDS,
            ],
            options={"db_table": "version"},
        ),
        migrations.AddConstraint(
            "version",
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
            ),
        ),
        migrations.RunSQL(GUARD, "DROP TRIGGER version_append_only ON version;"),
        migrations.RemoveConstraint("journalentry", "journal_amount_positive"),
        migrations.AddConstraint(
            "journalentry",
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, kind__in=(8, 9, *range(10, 24), 30)),
                name="journal_amount_positive",
            ),
        ),
        *(
            migrations.AddField("position", name, models.BigIntegerField(default=0, db_default=0))
            for name in ("capitalised_interest", "capitalised_fee", "capitalised_penalty")
        ),
    ]
