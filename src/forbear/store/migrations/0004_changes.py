"""What entries that change a loan's terms say, and what a position tells of such a loan."""

from django.db import migrations, models
from django.db.models import Q

NEW = (
    *("deferred_interest", "deferred_fee", "deferred_penalty", "credited", "proceeds"),
    *("paused_days", "ageing_paused"),
)


class Migration(migrations.Migration):
    """Entries from before say nothing of the kind, and no position from before has anything deferred, paused or sold."""

    dependencies = [("store", "0003_kept_state")]

    operations = [
        migrations.AddField("journalentry", "until", models.IntegerField(default=0, db_default=0)),
        migrations.AddField("journalentry", "rate", models.BigIntegerField(default=0, db_default=0)),
        migrations.AddField("journalentry", "count", models.SmallIntegerField(default=0, db_default=0)),
        migrations.RemoveConstraint("journalentry", "journal_amount_positive"),
        migrations.AddConstraint(
            "journalentry",
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, kind__in=(8, 9, *range(10, 24))),
                name="journal_amount_positive",
            ),
        ),
        migrations.AddConstraint(
            "journalentry",
            models.CheckConstraint(
                condition=Q(kind__gte=10) | Q(until=0, rate=0, count=0), name="journal_changes_say_more"
            ),
        ),
        *(
            migrations.AddField("position", name, models.BigIntegerField(default=0, db_default=0))
            for name in NEW
        ),
    ]
