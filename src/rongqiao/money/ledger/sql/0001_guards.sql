-- What the books refuse from anybody, their owner included.

-- Room on each page, so that a balance changes in place (HOT) and no index grows.
ALTER TABLE ledger_account SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE ledger_hold SET (fillfactor = 80);

CREATE SEQUENCE ledger_party_account_seq AS bigint;
CREATE SEQUENCE ledger_platform_account_seq AS bigint START 4611686018427387904;

CREATE FUNCTION ledger_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: the books are append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'RQ001';
END $$;

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_journal
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_journal
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_posting
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_posting
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_key
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_key
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_delete BEFORE DELETE ON ledger_hold
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_change BEFORE UPDATE OF id, account_id, amount_minor, document, made_at, expires_at
  ON ledger_hold FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_hold
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_delete BEFORE DELETE ON ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_change
  BEFORE UPDATE OF id, code, family, currency, floor_minor, opened_at ON ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();

-- Law 1: every journal balances to zero, in one currency, and is written whole in one statement
-- (its legs are numbered from 1 without a gap, so none can be added later). The limits of an amount
-- are held here too: a CHECK would be read anew for every statement.
CREATE FUNCTION ledger_prove_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  is_sound boolean;
  bad bigint;
BEGIN
  -- One journal alone is proved without grouping.
  SELECT sum(amount_minor) = 0 AND min(journal_id) = max(journal_id)
         AND min(currency) = max(currency) AND min(leg) = 1 AND max(leg) = count(*)
         AND NOT bool_or(amount_minor = 0 OR abs(amount_minor) > 1000000000000000)
    INTO is_sound FROM inserted;
  IF is_sound THEN
    RETURN NULL;
  END IF;
  SELECT leg.journal_id INTO bad
    FROM inserted leg
    GROUP BY leg.journal_id
    HAVING sum(leg.amount_minor) <> 0 OR min(leg.currency) <> max(leg.currency)
        OR min(leg.leg) <> 1 OR max(leg.leg) <> count(*)
        OR bool_or(leg.amount_minor = 0 OR abs(leg.amount_minor) > 1000000000000000)
    LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger.unbalanced' USING ERRCODE = 'RQ105';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER balance_proof AFTER INSERT ON ledger_posting
  REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_prove_balance();
