-- A journal from one account to another holds its legs itself: what the source gives the target gets,
-- in one currency and on one date, by the shape of the row. It needs no proof and no second table.
-- Other journals name no account (0) and keep their legs in `ledger_leg`, where each insert is proved.
-- Both are read through `ledger_posting`.

-- Law 1: nothing of a transfer can be left out. A CHECK would say it too, but PostgreSQL reads one
-- anew for every statement.
ALTER TABLE ledger_journal ADD COLUMN source_id bigint NOT NULL DEFAULT 0,
                           ADD COLUMN target_id bigint NOT NULL DEFAULT 0,
                           ADD COLUMN amount_minor bigint NOT NULL DEFAULT 0,
                           ADD COLUMN currency varchar(3) NOT NULL DEFAULT '';
ALTER TABLE ledger_journal ALTER COLUMN source_id DROP DEFAULT,
                           ALTER COLUMN target_id DROP DEFAULT,
                           ALTER COLUMN amount_minor DROP DEFAULT,
                           ALTER COLUMN currency DROP DEFAULT;
CREATE INDEX ledger_journal_source ON ledger_journal (source_id, id);
CREATE INDEX ledger_journal_target ON ledger_journal (target_id, id);

DROP VIEW ledger_balance;
ALTER TABLE ledger_posting RENAME TO ledger_leg;
ALTER INDEX ledger_posting_pkey RENAME TO ledger_leg_pkey;
ALTER INDEX ledger_posting_statement RENAME TO ledger_leg_statement;
DO $$
DECLARE
  part text;
BEGIN
  FOR part IN SELECT inhrelid::regclass::text FROM pg_inherits
               WHERE inhparent = 'ledger_leg'::regclass LOOP
    EXECUTE format('ALTER TABLE %I RENAME TO %I', part,
      'ledger_leg_' || substr(part, length('ledger_posting_') + 1));
  END LOOP;
END $$;

-- Every leg of every journal.
CREATE VIEW ledger_posting AS
  SELECT journal_id, leg, account_id, amount_minor, value_on, currency FROM ledger_leg
  UNION ALL
  SELECT id, 1, source_id, -amount_minor, value_on, currency
    FROM ledger_journal WHERE source_id <> 0
  UNION ALL
  SELECT id, 2, target_id, amount_minor, value_on, currency
    FROM ledger_journal WHERE target_id <> 0;
COMMENT ON VIEW ledger_posting IS 'rights: select';

-- The true balance of every account, however it is kept.
CREATE VIEW ledger_balance AS
  SELECT account.id, account.code, account.family, account.currency, account.mode,
         (account.balance_minor + coalesce(tail.amount, 0) + coalesce(parts.amount, 0))::bigint
           AS balance_minor,
         account.held_minor, account.floor_minor
    FROM ledger_account account
    LEFT JOIN LATERAL (
      SELECT sum(posting.amount_minor) AS amount FROM ledger_posting posting
       WHERE account.mode = 'rolled' AND posting.account_id = account.id
         AND posting.journal_id > account.rolled_to) tail ON true
    LEFT JOIN LATERAL (
      SELECT sum(part.balance_minor) AS amount FROM ledger_part part
       WHERE account.mode = 'split' AND part.account_id = account.id) parts ON true;
COMMENT ON VIEW ledger_balance IS 'rights: select';

-- Months, as before, of the tables as they are called now.
CREATE OR REPLACE FUNCTION ledger_add_partition(parent text, suffix text, bounds text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  name text := parent || '_' || suffix;
BEGIN
  EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', name, parent);
  PERFORM ledger_guard(name::regclass, parent = 'ledger_leg');
  EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I %s', parent, name, bounds);
END $$;

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
  RETURN true;
END $$;
