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

-- Law 1 as before, and: nothing is booked into a closed month. Every writer has read that row when
-- it commits, so whoever locks its table has waited for all of them.
CREATE OR REPLACE FUNCTION ledger_prove_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  shut date;
BEGIN
  -- Two legs, the commonest journal, are proved without grouping.
  IF (SELECT one.amount_minor = -other.amount_minor AND one.currency = other.currency
             AND one.journal_id = other.journal_id AND one.value_on = other.value_on
             AND one.amount_minor BETWEEN -1000000000000000 AND 1000000000000000
             AND one.amount_minor <> 0 AND one.value_on > (SELECT through FROM ledger_closed)
             AND (SELECT count(*) FROM inserted) = 2
        FROM inserted one, inserted other WHERE one.leg = 1 AND other.leg = 2 LIMIT 1) THEN
    RETURN NULL;
  END IF;
  IF EXISTS (
    SELECT FROM inserted leg
     GROUP BY leg.journal_id
    HAVING sum(leg.amount_minor) <> 0 OR min(leg.currency) <> max(leg.currency)
        OR min(leg.value_on) <> max(leg.value_on)
        OR min(leg.leg) <> 1 OR max(leg.leg) <> count(*)
        OR bool_or(leg.amount_minor = 0 OR abs(leg.amount_minor) > 1000000000000000)) THEN
    RAISE EXCEPTION 'ledger.unbalanced' USING ERRCODE = 'RQ105';
  END IF;
  SELECT min(leg.value_on) INTO shut
    FROM inserted leg WHERE leg.value_on <= (SELECT through FROM ledger_closed);
  IF shut IS NOT NULL THEN
    PERFORM ledger_refuse('RQ120', 'ledger.period-closed',
      jsonb_build_object('period', to_char(shut, 'YYYY-MM')));
  END IF;
  RETURN NULL;
END $$;

-- Shut the books through the last month that is not open, or open them again. The proof of every
-- posting reads that row, so this waits until those that post have ended; a wait of more than five seconds is given up (55P03).
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
            FROM ledger_posting p
           WHERE p.value_on < of_month
             AND NOT EXISTS (SELECT FROM ledger_period WHERE month = before AND state = 'closed')
           GROUP BY 1
          UNION ALL
          SELECT p.account_id, 0, coalesce(-sum(p.amount_minor) FILTER (WHERE p.amount_minor < 0), 0),
                 coalesce(sum(p.amount_minor) FILTER (WHERE p.amount_minor > 0), 0)
            FROM ledger_posting p
           WHERE p.value_on >= of_month AND p.value_on < after
           GROUP BY 1) part
    GROUP BY account_id
    HAVING sum(opening) <> 0 OR sum(debits) <> 0 OR sum(credits) <> 0;
  GET DIAGNOSTICS rows = ROW_COUNT;
  RETURN rows;
END $$;
COMMENT ON FUNCTION ledger_keep_balances(date) IS 'rights: execute';
