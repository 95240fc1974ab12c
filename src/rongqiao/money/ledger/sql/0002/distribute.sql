-- One amount shared among many accounts in proportion to weights, to the fen, as one journal.

-- Each share is the exact one rounded down, and the fen that remain go to the largest remainders; of
-- equal remainders to the larger weight, then to the earlier place (finance/allocation.py,
-- split_largest_remainder).
CREATE FUNCTION ledger_shares(amount bigint, weights bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(share.fen ORDER BY share.nr)
    FROM (SELECT part.nr, part.floor
                 + (row_number() OVER (ORDER BY part.rest DESC, part.weight DESC, part.nr)
                    <= amount - sum(part.floor) OVER ())::int AS fen
            FROM (SELECT asked.nr, asked.weight,
                         div(amount::numeric * asked.weight, whole.weight)::bigint AS floor,
                         mod(amount::numeric * asked.weight, whole.weight) AS rest
                    FROM unnest(weights) WITH ORDINALITY AS asked (weight, nr),
                         (SELECT sum(weight) AS weight FROM unnest(weights) AS weight) whole
                 ) part
         ) share
$$;

-- Whoever's share is nothing gets no leg.
CREATE FUNCTION ledger_distribute(
  key text, kind text, document text, value_on date, source text, amount bigint, currency text,
  holders text[], weights bigint[], actor text, booked_at timestamptz,
  OUT journal bigint, OUT shares bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  codes text[];
  amounts bigint[];
BEGIN
  IF amount IS NULL OR amount NOT BETWEEN 1 AND 1000000000000000 THEN
    PERFORM ledger_refuse('RQ106', 'ledger.amount-out-of-range', '{}');
  END IF;
  IF cardinality(weights) IS DISTINCT FROM cardinality(holders)
     OR array_position(weights, NULL) IS NOT NULL OR 0 > ANY (weights)
     OR (0 < ANY (weights)) IS NOT TRUE THEN
    PERFORM ledger_refuse('RQ118', 'ledger.weights', '{}');
  END IF;
  shares := ledger_shares(amount, weights);
  SELECT source || array_agg(part.holder ORDER BY part.nr),
         -amount || array_agg(part.fen ORDER BY part.nr)
    INTO codes, amounts
    FROM unnest(holders, shares) WITH ORDINALITY AS part (holder, fen, nr) WHERE part.fen > 0;
  journal := (ledger_post_batch(ARRAY[key], ARRAY[kind], ARRAY[document], ARRAY[value_on],
    array_fill(1, ARRAY[cardinality(codes)]), codes, amounts,
    array_fill(currency, ARRAY[cardinality(codes)]), actor, booked_at))[1];
END $$;
COMMENT ON FUNCTION ledger_distribute IS 'rights: execute';
