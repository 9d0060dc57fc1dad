"""The kept state of the fold, beside the position it belongs to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Positions from before have no state: they are folded whole when they are touched next."""

    dependencies = [("store", "0002_append_only")]

    operations = [
        migrations.AddField("position", "stamp", models.BigIntegerField(default=0, db_default=0)),
        migrations.AddField("position", "state", models.BinaryField(default=b"", db_default=b"")),
    ]
