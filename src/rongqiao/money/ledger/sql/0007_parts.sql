-- Add to a split account, or take from it; false where the whole has not enough. A credit goes to a
-- part nobody is using. A debit is taken from one such part that has enough, else from all of them,
-- locked in their order, and what is left is spread evenly, so that the next ones find enough.
CREATE OR REPLACE FUNCTION ledger_move_parts(split_id bigint, amount bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  -- Each session looks at the parts from another one on.
  mine int := pg_backend_pid() % 16;
  chosen smallint;
  rest numeric;
BEGIN
  -- A part that somebody has just drawn on is locked before it is found short, and would stay
  -- locked. What is undone here lets go of it: whoever locks all parts in their order must hold none
  -- before.
  BEGIN
    SELECT nr INTO STRICT chosen FROM ledger_part
     WHERE account_id = split_id AND balance_minor + amount BETWEEN 0 AND 4611686018427387904
     ORDER BY (nr + mine) % 16 LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
    UPDATE ledger_part SET balance_minor = balance_minor + amount
     WHERE account_id = split_id AND nr = chosen;
    RETURN true;
  EXCEPTION WHEN no_data_found THEN
    NULL;
  END;
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
