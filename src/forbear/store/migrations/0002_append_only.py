"""What the tables may never do, held by the database itself."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING HINT = 'record a correcting entry instead: reversed, waived, or a payment with its own date',
              ERRCODE = 'restrict_violation';
END $$;
"""

APPEND_ONLY = ("journal", "movement", "posting", "recording", "product", "loan")

TRIGGERS = "".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();\n"
    for table in APPEND_ONLY
)

# Entries come in the order of their recording, so a block-range index finds a day's new ones almost for free.
INDEXES = """
CREATE INDEX journal_recording ON journal USING brin (recording_id) WITH (pages_per_range = 32);
CREATE UNIQUE INDEX one_open_day ON business_day ((closed_at IS NULL)) WHERE closed_at IS NULL;
"""

UNDO = (
    "DROP INDEX one_open_day; DROP INDEX journal_recording;"
    + "".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in APPEND_ONLY)
    + "DROP FUNCTION refuse_change;"
)


class Migration(migrations.Migration):
    """Append-only tables, and one open business day at most."""

    dependencies = [("store", "0001_book")]

    operations = [migrations.RunSQL(REFUSE + TRIGGERS + INDEXES, UNDO)]
