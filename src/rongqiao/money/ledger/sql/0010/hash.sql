-- The same hash of the same words by fewer functions: each is looked up anew for every transfer.
CREATE OR REPLACE FUNCTION ledger_transfer_hash(
  kind text, document text, value_on date, source text, target text, amount bigint, currency text
) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(concat(kind, E'\x1f', document, E'\x1f', value_on - date '2000-01-01',
    E'\x1f', source, E'\x1e', target, E'\x1f-', amount, E'\x1e', amount,
    E'\x1f', currency, E'\x1e', currency), 'UTF8'))
$$;
