-- Keys never expire: the table only grows, so it is spread over partitions from the start.
CREATE TABLE ledger_key (
  key text NOT NULL PRIMARY KEY,
  request_hash bytea NOT NULL,
  about text NOT NULL,
  answer bigint NOT NULL
) PARTITION BY HASH (key);
CREATE TABLE ledger_key_0 PARTITION OF ledger_key FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE ledger_key_1 PARTITION OF ledger_key FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE ledger_key_2 PARTITION OF ledger_key FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE ledger_key_3 PARTITION OF ledger_key FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE ledger_key_4 PARTITION OF ledger_key FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE ledger_key_5 PARTITION OF ledger_key FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE ledger_key_6 PARTITION OF ledger_key FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE ledger_key_7 PARTITION OF ledger_key FOR VALUES WITH (MODULUS 8, REMAINDER 7);
COMMENT ON TABLE ledger_key IS 'rights: select';
