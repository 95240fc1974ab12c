-- One guard a table instead of two or three, refusing the same: each statement that writes takes a copy
-- of every trigger of its table, also of those that will not fire (docs/decisions/0014).

CREATE OR REPLACE FUNCTION ledger_guard(guarded regclass, proves boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting()', guarded);
  IF proves THEN
    EXECUTE format('CREATE OR REPLACE TRIGGER balance_proof AFTER INSERT ON %s
      REFERENCING NEW TABLE AS inserted
      FOR EACH STATEMENT EXECUTE FUNCTION ledger_prove_balance()', guarded);
  END IF;
END $$;

-- In the order in which a transfer comes to them.
LOCK TABLE ledger_key, ledger_account, ledger_journal, ledger_leg IN ACCESS EXCLUSIVE MODE;
SELECT ledger_guard('ledger_key', false);
DROP TRIGGER no_truncate ON ledger_key;
CREATE OR REPLACE TRIGGER no_change
  BEFORE UPDATE OF id, code, family, currency, floor_minor, mode, opened_at OR DELETE OR TRUNCATE
  ON ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
DROP TRIGGER no_delete ON ledger_account;
DROP TRIGGER no_truncate ON ledger_account;
DO $$
DECLARE
  guarded regclass;
BEGIN
  FOR guarded IN
    SELECT relid FROM pg_partition_tree('ledger_journal')
    UNION ALL SELECT relid FROM pg_partition_tree('ledger_leg')
  LOOP
    PERFORM ledger_guard(guarded, false);
    EXECUTE format('DROP TRIGGER no_truncate ON %s', guarded);
  END LOOP;
END $$;
