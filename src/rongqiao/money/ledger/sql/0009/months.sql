-- A closed month refuses journals itself: its partition gets a guard when the month closes, so that a
-- transfer into an open month need not ask. Whoever closes a month locks its partition against those
-- who insert, and so has waited for all of them; whoever comes later meets the guard.

CREATE FUNCTION ledger_refuse_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.value_on <= (SELECT through FROM public.ledger_closed) THEN
    PERFORM public.ledger_refuse_closed(NEW.value_on);
  END IF;
  RETURN NEW;
END $$;

-- Guard a partition of the journal; it stays guarded for good: where the month is opened again the
-- guard lets pass.
CREATE FUNCTION ledger_guard_month(guarded regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', guarded);
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = guarded AND tgname = 'no_closed_month') THEN
    EXECUTE format('CREATE TRIGGER no_closed_month BEFORE INSERT ON %s
      FOR EACH ROW EXECUTE FUNCTION public.ledger_refuse_closed_month()', guarded);
  END IF;
END $$;

-- The partitions that have days after `after` and up to `through`, the default one, which may have
-- any day, last.
CREATE FUNCTION ledger_journal_months(after date, through date) RETURNS SETOF regclass
LANGUAGE sql STABLE AS $$
  SELECT month.part
    FROM (SELECT inhrelid::regclass AS part,
                 to_date(substring(relname FROM '\d{4}_\d{2}$'), 'YYYY_MM') AS first
            FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
           WHERE inhparent = 'public.ledger_journal'::regclass) month
   WHERE month.first IS NULL
      OR (month.first <= through AND month.first + interval '1 month' - interval '1 day' > after)
   ORDER BY month.first NULLS LAST
$$;
COMMENT ON FUNCTION ledger_journal_months IS 'rights: execute';

-- Shut the books through the last month that is not open, or open them again. Waits until those that
-- post into what is being shut have ended; a wait of more than five seconds is given up (55P03).
CREATE OR REPLACE FUNCTION ledger_follow_periods() RETURNS date
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '5s' AS $$
DECLARE
  before date;
  last date;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('ledger.month', 0));
  SELECT through INTO before FROM ledger_closed FOR UPDATE;
  SELECT coalesce((max(month) + interval '1 month')::date - 1, date '1999-12-31')
    INTO last FROM ledger_period WHERE state <> 'open';
  PERFORM ledger_guard_month(part) FROM ledger_journal_months(before, last) AS part;
  UPDATE ledger_closed SET through = last WHERE through <> last;
  RETURN last;
END $$;

-- As before; a month that is opened after it was shut comes with its guard.
CREATE OR REPLACE FUNCTION ledger_open_month(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '5s' AS $$
DECLARE
  first date := date_trunc('month', day);
  after date := first + interval '1 month';
  suffix text := to_char(first, 'YYYY_MM');
  bounds text := format('FOR VALUES FROM (%L) TO (%L)', first, after);
BEGIN
  IF day IS NULL OR day NOT BETWEEN date '1990-01-01' AND date '2199-12-31' THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('ledger.month', 0));
  IF to_regclass('public.ledger_journal_' || suffix) IS NOT NULL
     OR EXISTS (SELECT FROM ledger_journal_default
                 WHERE value_on >= first AND value_on < after) THEN
    RETURN false;
  END IF;
  PERFORM ledger_add_partition('ledger_journal', suffix, bounds);
  PERFORM ledger_add_partition('ledger_leg', suffix, bounds);
  IF first <= (SELECT through FROM ledger_closed) THEN
    PERFORM ledger_guard_month(('public.ledger_journal_' || suffix)::regclass);
  END IF;
  RETURN true;
END $$;

SELECT ledger_guard_month(part)
  FROM ledger_journal_months(date '0001-01-01', (SELECT through FROM ledger_closed)) AS part;
