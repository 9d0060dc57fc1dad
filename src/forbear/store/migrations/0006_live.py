"""What live loans add: what a payoff asks of rows to come, and charges that are due later than they are known."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """No position from before has rows ahead of their dates, and no charge from before a due date of its own."""

    dependencies = [("store", "0005_instalment")]

    operations = [
        *(
            migrations.AddField("position", name, models.BigIntegerField(default=0, db_default=0))
            for name in ("ahead_interest", "ahead_charges")
        ),
        migrations.RemoveConstraint("journalentry", "journal_changes_say_more"),
        migrations.AddConstraint(
            "journalentry",
            models.CheckConstraint(
                condition=Q(kind__gte=10) | Q(until=0, rate=0, count=0) | Q(kind=2, rate=0, count=0),
                name="journal_changes_say_more",
            ),
        ),
    ]
