-- Sixteen parts behind one code, so that those who draw on one account need not stand in line.

-- Add to a split account, or take from it; false where the whole has not enough. A credit goes to a
-- part nobody is using. A debit is taken from one such part that has enough, else from all of them,
-- locked in their order, and what is left is spread evenly, so that the next ones find enough.
CREATE FUNCTION ledger_move_parts(split_id bigint, amount bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  -- Each session looks at the parts from another one on.
  mine int := pg_backend_pid() % 16;
  chosen smallint;
  rest numeric;
BEGIN
  SELECT nr INTO chosen FROM ledger_part
   WHERE account_id = split_id AND balance_minor + amount BETWEEN 0 AND 4611686018427387904
   ORDER BY (nr + mine) % 16 LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
  IF FOUND THEN
    UPDATE ledger_part SET balance_minor = balance_minor + amount
     WHERE account_id = split_id AND nr = chosen;
    RETURN true;
  END IF;
  SELECT sum(locked.balance_minor) + amount INTO rest
    FROM (SELECT balance_minor FROM ledger_part WHERE account_id = split_id
           ORDER BY nr FOR NO KEY UPDATE) locked;
  IF rest NOT BETWEEN 0 AND 4611686018427387904 THEN
    RETURN false;
  END IF;
  UPDATE ledger_part SET balance_minor = div(rest, 16) + (nr < mod(rest, 16))::int
   WHERE account_id = split_id;
  RETURN true;
END $$;

-- Spread split accounts evenly where one part holds far more than its share, unless somebody is just
-- drawing on them; so that a large sum that came in at once can be drawn by many at once.
CREATE FUNCTION ledger_level_parts() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  uneven record;
  free int;
BEGIN
  FOR uneven IN
    SELECT account_id, sum(balance_minor) AS whole FROM ledger_part
     GROUP BY account_id HAVING max(balance_minor) > sum(balance_minor) / 8 + 16
     ORDER BY account_id
  LOOP
    SELECT count(*), sum(locked.balance_minor) INTO free, uneven.whole
      FROM (SELECT balance_minor FROM ledger_part WHERE account_id = uneven.account_id
             ORDER BY nr FOR NO KEY UPDATE SKIP LOCKED) locked;
    IF free = 16 THEN
      UPDATE ledger_part SET balance_minor = div(uneven.whole, 16) + (nr < mod(uneven.whole, 16))::int
       WHERE account_id = uneven.account_id;
    END IF;
  END LOOP;
END $$;

-- Open accounts under codes; codes that exist are left alone, unless they are of another kind.
DROP FUNCTION ledger_open_accounts;
CREATE FUNCTION ledger_open_accounts(
  codes text[], families text[], currencies text[], floors bigint[], of_platform boolean[],
  opened_at timestamptz, modes text[] DEFAULT NULL
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  opened bigint;
  other text;
BEGIN
  modes := coalesce(modes, array_fill('plain'::text, ARRAY[cardinality(codes)]));
  -- A balance that is summed up later cannot be held to a floor, and is looked for among those of
  -- the platform; parts are held to zero.
  IF EXISTS (SELECT FROM unnest(modes, floors, of_platform) AS asked (mode, floor, of_platform)
              WHERE (asked.mode = 'plain'
                     OR asked.mode = 'rolled' AND asked.of_platform
                        AND asked.floor = -4611686018427387904
                     OR asked.mode = 'split' AND asked.of_platform AND asked.floor = 0)
                    IS NOT TRUE) THEN
    RAISE EXCEPTION 'an account of this mode has no such floor' USING ERRCODE = '22023';
  END IF;
  WITH made AS (
    INSERT INTO ledger_account (id, code, family, currency, balance_minor, held_minor, floor_minor,
                                opened_at, mode, rolled_to)
      SELECT nextval(CASE WHEN asked.of_platform THEN 'ledger_platform_account_seq'
                          ELSE 'ledger_party_account_seq' END::regclass),
             asked.code, asked.family, asked.currency, 0, 0, asked.floor, opened_at, asked.mode, 0
        FROM unnest(codes, families, currencies, floors, of_platform, modes)
             AS asked (code, family, currency, floor, of_platform, mode)
       WHERE NOT EXISTS (SELECT FROM ledger_account known WHERE known.code = asked.code)
       ORDER BY asked.code
      ON CONFLICT (code) DO NOTHING RETURNING id, mode
  ), parts AS (
    INSERT INTO ledger_part (account_id, nr, balance_minor)
      SELECT made.id, nr, 0 FROM made, generate_series(0, 15) AS nr WHERE made.mode = 'split'
  )
  SELECT count(*) INTO opened FROM made;
  SELECT asked.code INTO other
    FROM unnest(codes, families, currencies, floors, modes)
         AS asked (code, family, currency, floor, mode)
    JOIN ledger_account known ON known.code = asked.code
   WHERE (known.family, known.currency, known.floor_minor, known.mode)
         IS DISTINCT FROM (asked.family, asked.currency, asked.floor, asked.mode)
   LIMIT 1;
  IF FOUND THEN
    PERFORM ledger_refuse('RQ113', 'ledger.account-differs', jsonb_build_object('account', other));
  END IF;
  RETURN opened;
END $$;
COMMENT ON FUNCTION ledger_open_accounts IS 'rights: execute';
