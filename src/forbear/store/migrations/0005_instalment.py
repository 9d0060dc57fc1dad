"""Plans of loans whose product leaves the instalments to each loan."""

from django.db import migrations, models

GUARD = (
    "CREATE TRIGGER instalment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON instalment "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
)


class Migration(migrations.Migration):
    """A table of instalments, append-only as the loans are."""

    dependencies = [("store", "0004_changes")]

    operations = [
        migrations.CreateModel(
            name="Instalment",
            fields=[
                ("pk", models.CompositePrimaryKey("loan_id", "due_on", blank=True, editable=False, primary_key=True, serialize=False)),
                ("loan_id", models.BigIntegerField()),
                ("due_on", models.DateField()),
                ("principal", models.BigIntegerField()),
            ],
            options={"db_table": "instalment"},
        ),
        migrations.AddConstraint(
            model_name="instalment",
            constraint=models.CheckConstraint(
                condition=models.Q(("principal__gte", 0)), name="instalment_principal_not_negative"
            ),
        ),
        migrations.RunSQL(GUARD, "DROP TRIGGER instalment_append_only ON instalment;"),
    ]
