-- Two-phase movement: hold, then release or capture. Each ends a hold once.

-- Take one key; tell whether it is new. A second caller waits until the first commits.
CREATE FUNCTION ledger_take_key(key text, request text, about text, answer bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_key (key, request_hash, about, answer)
    VALUES (key, sha256(convert_to(request, 'UTF8')), about, answer) ON CONFLICT DO NOTHING;
  RETURN FOUND;
END $$;

-- What a key answered; NULL if it was used for another request.
CREATE FUNCTION ledger_known_answer(asked text, request text) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT answer FROM ledger_key
   WHERE key = asked AND request_hash = sha256(convert_to(request, 'UTF8'))
$$;

CREATE FUNCTION ledger_hold(
  key text, account_code text, amount bigint, document text, made_at timestamptz, lasts interval
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  answer bigint;
  account ledger_account;
BEGIN
  IF amount IS NULL OR amount NOT BETWEEN 1 AND 1000000000000000 THEN
    PERFORM ledger_refuse('RQ106', 'ledger.amount-out-of-range', '{}');
  END IF;
  answer := nextval('ledger_hold_id_seq');
  IF NOT ledger_take_key(key, concat_ws(E'\x1f', 'hold', account_code, amount, document,
      extract(epoch FROM lasts)), 'hold', answer) THEN
    RETURN ledger_known_answer(key, concat_ws(E'\x1f', 'hold', account_code, amount, document,
      extract(epoch FROM lasts)));
  END IF;
  SELECT * INTO account FROM ledger_account WHERE code = account_code FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM ledger_refuse('RQ102', 'ledger.unknown-account',
      jsonb_build_object('account', account_code));
  END IF;
  IF account.balance_minor - account.held_minor - account.floor_minor < amount THEN
    PERFORM ledger_refuse('RQ101', 'ledger.insufficient-funds', jsonb_build_object(
      'account', account_code,
      'available', (account.balance_minor - account.held_minor - account.floor_minor)::text,
      'wanted', amount::text));
  END IF;
  UPDATE ledger_account SET held_minor = held_minor + amount WHERE id = account.id;
  INSERT INTO ledger_hold (id, account_id, amount_minor, document, state, made_at, expires_at)
    VALUES (answer, account.id, amount, document, 'open', made_at, clock_timestamp() + lasts);
  RETURN answer;
END $$;

-- End a hold in a state, giving back what it held; refused if it has ended, or expired.
CREATE FUNCTION ledger_end_hold(hold_id bigint, new_state text, at timestamptz)
RETURNS ledger_hold LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  hold ledger_hold;
BEGIN
  SELECT * INTO hold FROM ledger_hold WHERE id = hold_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM ledger_refuse('RQ108', 'ledger.unknown-hold', jsonb_build_object('hold', hold_id::text));
  END IF;
  IF hold.state <> 'open' THEN
    PERFORM ledger_refuse('RQ109', 'ledger.hold-ended',
      jsonb_build_object('hold', hold_id::text, 'state', hold.state));
  END IF;
  IF new_state = 'captured' AND hold.expires_at <= clock_timestamp() THEN
    PERFORM ledger_refuse('RQ110', 'ledger.hold-expired',
      jsonb_build_object('hold', hold_id::text));
  END IF;
  UPDATE ledger_hold SET state = new_state, ended_at = at WHERE id = hold_id;
  UPDATE ledger_account SET held_minor = held_minor - hold.amount_minor WHERE id = hold.account_id;
  RETURN hold;
END $$;

CREATE FUNCTION ledger_release_hold(key text, hold_id bigint, at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF ledger_take_key(key, 'release ' || hold_id, 'release', hold_id) THEN
    PERFORM ledger_end_hold(hold_id, 'released', at);
  END IF;
  RETURN ledger_known_answer(key, 'release ' || hold_id);
END $$;

-- Capture: the hold ends, and a journal takes at most what it held from its account.
CREATE FUNCTION ledger_capture_hold(
  hold_id bigint, key text, kind text, document text, value_on date,
  leg_accounts text[], leg_amounts bigint[], leg_currencies text[], actor text, booked_at timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  hold ledger_hold;
  taken numeric;
BEGIN
  -- The same capture asked twice at once: the second waits here, then finds the first one's key.
  PERFORM pg_advisory_xact_lock(hashtextextended('ledger.hold', hold_id));
  IF NOT EXISTS (SELECT FROM ledger_key known WHERE known.key = ledger_capture_hold.key) THEN
    hold := ledger_end_hold(hold_id, 'captured', booked_at);
    SELECT -sum(leg.amount) INTO taken
      FROM unnest(leg_accounts, leg_amounts) AS leg (code, amount)
      JOIN ledger_account account ON account.code = leg.code AND account.id = hold.account_id;
    IF taken IS NULL OR taken < 1 OR taken > hold.amount_minor THEN
      PERFORM ledger_refuse('RQ115', 'ledger.more-than-held', jsonb_build_object(
        'hold', hold_id::text, 'held', hold.amount_minor::text,
        'wanted', coalesce(taken, 0)::text));
    END IF;
  END IF;
  RETURN (ledger_post_batch(ARRAY[key], ARRAY[kind], ARRAY[document], ARRAY[value_on],
    array_fill(1, ARRAY[cardinality(leg_accounts)]), leg_accounts, leg_amounts,
    leg_currencies, actor, booked_at))[1];
END $$;

-- Free what expired, by the database's clock. Many sweepers share the work without waiting.
CREATE FUNCTION ledger_release_expired(at timestamptz, most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  freed bigint;
BEGIN
  WITH due AS (
    SELECT id, account_id, amount_minor FROM ledger_hold
     WHERE state = 'open' AND expires_at <= clock_timestamp()
     ORDER BY expires_at LIMIT most FOR NO KEY UPDATE SKIP LOCKED
  ), ended AS (
    UPDATE ledger_hold hold SET state = 'expired', ended_at = at FROM due WHERE hold.id = due.id
  ), locked AS (
    SELECT account.id FROM ledger_account account
     WHERE account.id IN (SELECT account_id FROM due) ORDER BY account.id FOR NO KEY UPDATE
  ), lowered AS (
    UPDATE ledger_account account SET held_minor = account.held_minor - part.amount
      FROM (SELECT due.account_id, sum(due.amount_minor)::bigint AS amount
              FROM due JOIN locked ON locked.id = due.account_id GROUP BY 1) part
     WHERE account.id = part.account_id
  )
  SELECT count(*) INTO freed FROM due;
  RETURN freed;
END $$;

COMMENT ON FUNCTION ledger_post_batch IS 'rights: execute';
COMMENT ON FUNCTION ledger_open_accounts IS 'rights: execute';
COMMENT ON FUNCTION ledger_reverse IS 'rights: execute';
COMMENT ON FUNCTION ledger_hold IS 'rights: execute';
COMMENT ON FUNCTION ledger_release_hold IS 'rights: execute';
COMMENT ON FUNCTION ledger_capture_hold IS 'rights: execute';
COMMENT ON FUNCTION ledger_release_expired IS 'rights: execute';
