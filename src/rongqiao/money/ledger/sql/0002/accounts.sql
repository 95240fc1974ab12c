-- How each balance is kept (chart.py): on the account's row, rolled up later, or in sixteen parts.

-- The limits of `mode` are held by the writer that opens accounts: PostgreSQL reads a CHECK anew for
-- every statement.
ALTER TABLE ledger_account ADD COLUMN mode text NOT NULL DEFAULT 'plain',
                           ADD COLUMN rolled_to bigint NOT NULL DEFAULT 0;
ALTER TABLE ledger_account ALTER COLUMN mode DROP DEFAULT, ALTER COLUMN rolled_to DROP DEFAULT;
-- Every change of a row opens each index of its table, and this one served nobody.
DROP INDEX ledger_account_code_e0a3af95_like;
DROP TRIGGER no_change ON ledger_account;
-- What everybody posts to and nothing limits: all that was posted so far is in the balance.
UPDATE ledger_account SET mode = 'rolled', rolled_to = (SELECT coalesce(max(id), 0) FROM ledger_journal)
 WHERE code ~ '^(custodian-cash$|(loan-principal|(interest|penalty|fee)-(receivable|income)):)';
CREATE TRIGGER no_change
  BEFORE UPDATE OF id, code, family, currency, floor_minor, mode, opened_at ON ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();

-- The parts of a split account. None goes below zero, so the whole does not; the row of the account
-- itself stays at zero.
CREATE TABLE ledger_part (
  account_id bigint NOT NULL,
  nr smallint NOT NULL,
  balance_minor bigint NOT NULL CHECK (balance_minor BETWEEN 0 AND 4611686018427387904),
  PRIMARY KEY (account_id, nr)
) WITH (fillfactor = 50);
COMMENT ON TABLE ledger_part IS 'rights: select';
CREATE TRIGGER no_delete BEFORE DELETE ON ledger_part
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_change BEFORE UPDATE OF account_id, nr ON ledger_part
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_part
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();

-- Which journal took back which: once each. (A key over partitions would have to hold the month.)
CREATE TABLE ledger_reversal (
  reversed_id bigint NOT NULL PRIMARY KEY,
  journal_id bigint NOT NULL UNIQUE
);
COMMENT ON TABLE ledger_reversal IS 'rights: select';
INSERT INTO ledger_reversal SELECT reverses_id, id FROM ledger_journal WHERE reverses_id IS NOT NULL;
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_reversal
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_reversal
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
