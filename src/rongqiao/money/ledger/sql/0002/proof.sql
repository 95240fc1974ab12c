-- Law 1: every journal balances to zero, in one currency and on one date, and is written whole in
-- one statement (its legs are numbered from 1 without a gap, so none can be added later). The limits
-- of an amount are held here too: a CHECK would be read anew for every statement.
CREATE OR REPLACE FUNCTION ledger_prove_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM inserted leg
     GROUP BY leg.journal_id
    HAVING sum(leg.amount_minor) <> 0 OR min(leg.currency) <> max(leg.currency)
        OR min(leg.value_on) <> max(leg.value_on)
        OR min(leg.leg) <> 1 OR max(leg.leg) <> count(*)
        OR bool_or(leg.amount_minor = 0 OR abs(leg.amount_minor) > 1000000000000000)) THEN
    RAISE EXCEPTION 'ledger.unbalanced' USING ERRCODE = 'RQ105';
  END IF;
  RETURN NULL;
END $$;

SELECT ledger_guard('ledger_journal', false), ledger_guard('ledger_posting', true);
CREATE TRIGGER balance_proof AFTER INSERT ON ledger_posting_default
  REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_prove_balance();

DROP TABLE ledger_posting_whole;
CREATE SEQUENCE ledger_journal_next_seq AS bigint;
SELECT setval('ledger_journal_next_seq', last_value, is_called) FROM ledger_journal_id_seq;
DROP TABLE ledger_journal_whole;
ALTER SEQUENCE ledger_journal_next_seq RENAME TO ledger_journal_id_seq;
