-- Journals and postings lie by the month of their value date. What falls in a month that was not
-- opened lies in the default partition, and is as safe there.

ALTER TABLE ledger_journal RENAME TO ledger_journal_whole;
ALTER INDEX ledger_journal_pkey RENAME TO ledger_journal_whole_pkey;
ALTER TABLE ledger_posting RENAME TO ledger_posting_whole;
ALTER INDEX ledger_posting_pkey RENAME TO ledger_posting_whole_pkey;
ALTER INDEX ledger_posting_statement RENAME TO ledger_posting_whole_statement;

CREATE TABLE ledger_journal (
  id bigint NOT NULL,
  kind text NOT NULL,
  document text NOT NULL,
  value_on date NOT NULL,
  booked_at timestamptz NOT NULL,
  actor text NOT NULL,
  reverses_id bigint,
  PRIMARY KEY (id, value_on)
) PARTITION BY RANGE (value_on);
COMMENT ON TABLE ledger_journal IS 'rights: select';

CREATE TABLE ledger_posting (
  journal_id bigint NOT NULL,
  account_id bigint NOT NULL,
  amount_minor bigint NOT NULL,
  leg int NOT NULL,
  value_on date NOT NULL,
  currency varchar(3) NOT NULL,
  PRIMARY KEY (journal_id, leg, value_on)
) PARTITION BY RANGE (value_on);
COMMENT ON TABLE ledger_posting IS 'rights: select';
CREATE INDEX ledger_posting_statement ON ledger_posting (account_id, journal_id);

-- A trigger for statements fires on the table that is named alone, so each partition has its own.
CREATE FUNCTION ledger_guard(guarded regclass, proves boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON %s
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting()', guarded);
  EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %s
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting()', guarded);
  IF proves THEN
    EXECUTE format('CREATE TRIGGER balance_proof AFTER INSERT ON %s
      REFERENCING NEW TABLE AS inserted
      FOR EACH STATEMENT EXECUTE FUNCTION ledger_prove_balance()', guarded);
  END IF;
END $$;

-- Made apart and then attached, so that writers of other months are not kept waiting.
CREATE FUNCTION ledger_add_partition(parent text, suffix text, bounds text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  name text := parent || '_' || suffix;
BEGIN
  EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', name, parent);
  PERFORM ledger_guard(name::regclass, parent = 'ledger_posting');
  EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I %s', parent, name, bounds);
END $$;

-- Open a month before its first day; returns whether there was something to do. A month that has
-- journals in the default partition stays there. Given up (55P03) after five seconds of waiting.
CREATE FUNCTION ledger_open_month(day date) RETURNS boolean
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
  IF to_regclass('public.ledger_posting_' || suffix) IS NOT NULL
     OR EXISTS (SELECT FROM ledger_journal_default
                 WHERE value_on >= first AND value_on < after) THEN
    RETURN false;
  END IF;
  PERFORM ledger_add_partition('ledger_journal', suffix, bounds);
  PERFORM ledger_add_partition('ledger_posting', suffix, bounds);
  RETURN true;
END $$;
COMMENT ON FUNCTION ledger_open_month IS 'rights: execute';

SELECT ledger_add_partition('ledger_journal', 'default', 'DEFAULT'),
       ledger_add_partition('ledger_posting', 'default', 'DEFAULT');
SELECT count(ledger_open_month(month::date))
  FROM (SELECT date_trunc('month', min(value_on)) AS first, max(value_on) + 62 AS last
          FROM ledger_journal_whole) span, generate_series(span.first, span.last, '1 month') AS month;

-- The proof is made of what is posted from now on; what is taken over was proved when it came in.
DROP TRIGGER balance_proof ON ledger_posting_default;
INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor, reverses_id)
  SELECT id, kind, document, value_on, booked_at, actor, reverses_id FROM ledger_journal_whole;
INSERT INTO ledger_posting (journal_id, account_id, amount_minor, leg, value_on, currency)
  SELECT p.journal_id, p.account_id, p.amount_minor, p.leg, j.value_on, p.currency
    FROM ledger_posting_whole p JOIN ledger_journal_whole j ON j.id = p.journal_id;
