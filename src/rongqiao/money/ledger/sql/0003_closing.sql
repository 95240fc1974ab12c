-- A month closes: no journal is valued in it any more, and its balances are kept for reports.

INSERT INTO ledger_closed (id, through) VALUES (1, date '1999-12-31');

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_closed
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_delete BEFORE DELETE ON ledger_closed
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_periodstep
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_periodstep
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_change BEFORE UPDATE ON ledger_periodbalance
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_periodbalance
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();

-- What two people decided on stays as it was decided.
CREATE FUNCTION ledger_refuse_after_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: it was decided', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'RQ001';
END $$;
CREATE TRIGGER no_change BEFORE UPDATE ON ledger_manualjournal
  FOR EACH ROW WHEN (OLD.state IN ('posted', 'withdrawn'))
  EXECUTE FUNCTION ledger_refuse_after_decision();
CREATE TRIGGER no_change BEFORE UPDATE ON ledger_codemapping
  FOR EACH ROW WHEN (OLD.state <> 'proposed')
  EXECUTE FUNCTION ledger_refuse_after_decision();

-- Nothing is booked into a closed month. Every writer has read this row when it commits, so whoever
-- locks the table has waited for all of them.
CREATE FUNCTION ledger_prove_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  first date;
BEGIN
  SELECT min(value_on) INTO first FROM inserted;
  IF first <= (SELECT through FROM ledger_closed) THEN
    PERFORM ledger_refuse('RQ120', 'ledger.period-closed',
      jsonb_build_object('period', to_char(first, 'YYYY-MM')));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER open_proof AFTER INSERT ON ledger_journal
  REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_prove_open();

-- Shut the books through the last month that is not open, or open them again. Waits until those
-- that post have ended; a wait of more than five seconds is given up (55P03).
CREATE FUNCTION ledger_follow_periods() RETURNS date
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '5s' AS $$
DECLARE
  last date;
BEGIN
  LOCK TABLE ledger_closed IN ACCESS EXCLUSIVE MODE;
  SELECT coalesce((max(month) + interval '1 month')::date - 1, date '1999-12-31')
    INTO last FROM ledger_period WHERE state <> 'open';
  UPDATE ledger_closed SET through = last WHERE through <> last;
  RETURN last;
END $$;
COMMENT ON FUNCTION ledger_follow_periods() IS 'rights: execute';

-- Keep the balances of a closed month, or drop those of one that is open again; returns how many
-- accounts have one. Months close in order, so the month before is closed or empty.
CREATE FUNCTION ledger_keep_balances(of_month date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  rows bigint;
  before date := (of_month - interval '1 month')::date;
  after date := (of_month + interval '1 month')::date;
BEGIN
  DELETE FROM ledger_periodbalance WHERE month = of_month;
  IF NOT EXISTS (SELECT FROM ledger_period WHERE month = of_month AND state = 'closed') THEN
    RETURN 0;
  END IF;
  INSERT INTO ledger_periodbalance
    (month, account_id, opening_minor, debits_minor, credits_minor, closing_minor)
  SELECT of_month, account_id, sum(opening), sum(debits), sum(credits),
         sum(opening) - sum(debits) + sum(credits)
    FROM (SELECT account_id, closing_minor AS opening, 0 AS debits, 0 AS credits
            FROM ledger_periodbalance WHERE month = before
          UNION ALL
          SELECT p.account_id, sum(p.amount_minor), 0, 0
            FROM ledger_journal j JOIN ledger_posting p ON p.journal_id = j.id
           WHERE j.value_on < of_month
             AND NOT EXISTS (SELECT FROM ledger_period WHERE month = before AND state = 'closed')
           GROUP BY 1
          UNION ALL
          SELECT p.account_id, 0, coalesce(-sum(p.amount_minor) FILTER (WHERE p.amount_minor < 0), 0),
                 coalesce(sum(p.amount_minor) FILTER (WHERE p.amount_minor > 0), 0)
            FROM ledger_journal j JOIN ledger_posting p ON p.journal_id = j.id
           WHERE j.value_on >= of_month AND j.value_on < after
           GROUP BY 1) part
    GROUP BY account_id
    HAVING sum(opening) <> 0 OR sum(debits) <> 0 OR sum(credits) <> 0;
  GET DIAGNOSTICS rows = ROW_COUNT;
  RETURN rows;
END $$;
COMMENT ON FUNCTION ledger_keep_balances(date) IS 'rights: execute';
