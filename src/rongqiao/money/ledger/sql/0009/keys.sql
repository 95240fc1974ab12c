-- One table of keys. Over eight partitions each transfer paid for finding its own anew, and every
-- process kept eight tables and eight indexes in mind (docs/decisions/0014-one-table-of-keys.md).
ALTER TABLE ledger_key RENAME TO ledger_key_parts;
ALTER INDEX ledger_key_pkey RENAME TO ledger_key_parts_pkey;
CREATE TABLE ledger_key (
  key text NOT NULL,
  request_hash bytea NOT NULL,
  about text NOT NULL,
  answer bigint NOT NULL
);
COMMENT ON TABLE ledger_key IS 'rights: select';
INSERT INTO ledger_key (key, request_hash, about, answer)
  SELECT key, request_hash, about, answer FROM ledger_key_parts;
ALTER TABLE ledger_key ADD PRIMARY KEY (key);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_key
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_key
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
DROP TABLE ledger_key_parts;
