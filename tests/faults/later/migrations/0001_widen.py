from django.db import migrations


class Migration(migrations.Migration):
    operations = [
        migrations.RunSQL(
            """ALTER TABLE ledger_account ADD COLUMN later_note text NOT NULL DEFAULT '';
               ALTER TABLE ledger_leg ADD COLUMN later_weight bigint NOT NULL DEFAULT 0;
               ALTER TABLE ledger_account ADD CONSTRAINT later_note_short
                 CHECK (length(later_note) < 100) NOT VALID;""",
            """ALTER TABLE ledger_account DROP COLUMN later_note;
               ALTER TABLE ledger_leg DROP COLUMN later_weight;""",
        )
    ]
