"""Interest of the running period is worked out by date; a closing day writes no loan for it."""

from django.db import migrations, models

FORWARD = """
ALTER TABLE servicing_loan SET (fillfactor = 90);

-- Every loan is accrued to the business date; the default of a new column rewrites no row.
DO $$
DECLARE
  open_on date := (SELECT "on" FROM platform_businessdate);
BEGIN
  IF open_on IS NULL THEN
    ALTER TABLE servicing_loan ADD COLUMN accrued_on date;
    RETURN;
  END IF;
  EXECUTE format('ALTER TABLE servicing_loan ADD COLUMN accrued_on date DEFAULT %L', open_on);
  ALTER TABLE servicing_loan ALTER COLUMN accrued_on DROP DEFAULT;
  -- Loans of chunks that a close under way has done are a day ahead; parked ones stand behind.
  UPDATE servicing_loan AS loan SET accrued_on = open_on + 1
  FROM servicing_endofdaystep AS chunk
  WHERE chunk."on" = open_on AND chunk.step = 'accrue' AND chunk.done_at IS NOT NULL
    AND loan.id >= chunk.first_loan AND (chunk.before_loan IS NULL OR loan.id < chunk.before_loan);
  UPDATE servicing_loan AS loan
  SET accrued_on = CASE WHEN parked.step = 'accrue' THEN parked."on" ELSE parked."on" + 1 END
  FROM servicing_parkedloan AS parked
  WHERE parked.loan_id = loan.id AND parked.released_at IS NULL;
END $$;

-- Interest of the running period that is booked before a day: as the loan says, or, for later days,
-- period's interest x days used / its days, half-up (engine.interest_to). NULL without days.
CREATE FUNCTION servicing_booked(loan servicing_loan, booked_to date) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN loan.accrued_on >= booked_to OR loan.accrued_on IS NULL OR loan.period_from_on IS NULL
      THEN loan.period_accrued_minor
    WHEN loan.period_due_on > loan.period_from_on
      THEN (2 * loan.period_interest_minor
          * greatest(0, least(booked_to, loan.period_due_on) - loan.period_from_on)
          + (loan.period_due_on - loan.period_from_on))
        / (2 * (loan.period_due_on - loan.period_from_on)) END
$$;

-- Before which day a loan's interest is booked, to stay so until the transaction ends: no date's
-- closing is planned meanwhile, and the chunk of a closing date waits or is waited for.
CREATE FUNCTION servicing_hold_accrual(held uuid) RETURNS date LANGUAGE plpgsql AS $$
DECLARE
  open_on date;
  done timestamptz;
  aside date;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('servicing.days', 0));
  SELECT "on" INTO open_on FROM platform_businessdate;
  SELECT done_at INTO done FROM servicing_endofdaystep
  WHERE "on" = open_on AND step = 'accrue' AND first_loan <= held
    AND (before_loan IS NULL OR held < before_loan) FOR SHARE;
  SELECT CASE WHEN step = 'accrue' THEN "on" ELSE "on" + 1 END INTO aside
  FROM servicing_parkedloan WHERE loan_id = held AND released_at IS NULL;
  RETURN coalesce(aside, CASE WHEN done IS NULL THEN open_on ELSE open_on + 1 END);
END $$;

-- Wait for all who hold a loan's accrual, and let none begin until the transaction ends.
CREATE FUNCTION servicing_hold_days() RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(hashtextextended('servicing.days', 0))
$$;
COMMENT ON FUNCTION servicing_booked IS 'rights: execute';
COMMENT ON FUNCTION servicing_hold_accrual IS 'rights: execute';
COMMENT ON FUNCTION servicing_hold_days IS 'rights: execute'
"""
BACKWARD = """
DROP FUNCTION servicing_hold_days();
DROP FUNCTION servicing_hold_accrual(uuid);
UPDATE servicing_loan AS loan
SET period_accrued_minor = booked.minor,
    interest_outstanding_minor = interest_outstanding_minor - period_accrued_minor + booked.minor
FROM (SELECT one.id, servicing_booked(one, coalesce(
        CASE WHEN parked.step = 'accrue' THEN parked."on" ELSE parked."on" + 1 END,
        (SELECT "on" FROM platform_businessdate))) AS minor
      FROM servicing_loan AS one LEFT JOIN servicing_parkedloan AS parked
        ON parked.loan_id = one.id AND parked.released_at IS NULL) AS booked
WHERE booked.id = loan.id AND booked.minor <> loan.period_accrued_minor;
DROP FUNCTION servicing_booked(servicing_loan, date);
ALTER TABLE servicing_loan DROP COLUMN accrued_on;
ALTER TABLE servicing_loan SET (fillfactor = 70)
"""


class Migration(migrations.Migration):
    dependencies = [("servicing", "0010_corrections"), ("platform", "0001_initial")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.AddField(
                    model_name="loan", name="accrued_on", field=models.DateField(null=True)
                )
            ],
        )
    ]
