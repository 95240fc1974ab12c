-- Holds stand on the account's row, so they are for plain accounts alone.

CREATE OR REPLACE FUNCTION ledger_hold(
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
  IF account.mode <> 'plain' THEN
    PERFORM ledger_refuse('RQ117', 'ledger.never-held', jsonb_build_object('account', account_code));
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

-- Capture: the hold ends, and a journal takes at most what it held from its account.
CREATE OR REPLACE FUNCTION ledger_capture_hold(
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
    -- The hold, then accounts in the order of every writer, before the held one is changed.
    PERFORM FROM ledger_hold WHERE id = hold_id FOR NO KEY UPDATE;
    PERFORM FROM ledger_account WHERE code = ANY (leg_accounts) AND mode = 'plain'
      ORDER BY code DESC FOR NO KEY UPDATE;
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
CREATE OR REPLACE FUNCTION ledger_release_expired(at timestamptz, most int) RETURNS bigint
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
     WHERE account.id IN (SELECT account_id FROM due) ORDER BY account.code DESC FOR NO KEY UPDATE
  ), lowered AS (
    UPDATE ledger_account account SET held_minor = account.held_minor - part.amount
      FROM (SELECT due.account_id, sum(due.amount_minor)::bigint AS amount
              FROM due JOIN locked ON locked.id = due.account_id GROUP BY 1) part
     WHERE account.id = part.account_id
  )
  SELECT count(*) INTO freed FROM due;
  RETURN freed;
END $$;

-- Post the opposite of a journal. One journal is reversed once, and a reversal never.
CREATE OR REPLACE FUNCTION ledger_reverse(
  key text, reversed bigint, document text, value_on date, actor text, booked_at timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  found_journal ledger_journal;
  earlier ledger_key;
  codes text[];
  amounts bigint[];
  currencies text[];
BEGIN
  SELECT * INTO found_journal FROM ledger_journal WHERE id = reversed;
  IF NOT FOUND THEN
    PERFORM ledger_refuse('RQ111', 'ledger.unknown-journal',
      jsonb_build_object('journal', reversed::text));
  END IF;
  IF found_journal.reverses_id IS NOT NULL THEN
    PERFORM ledger_refuse('RQ114', 'ledger.reversal-of-reversal',
      jsonb_build_object('journal', reversed::text));
  END IF;
  -- Two callers who reverse one journal stand in line here.
  PERFORM pg_advisory_xact_lock(hashtextextended('ledger.reverse', reversed));
  SELECT * INTO earlier FROM ledger_key k WHERE k.key = ledger_reverse.key;
  IF NOT FOUND AND EXISTS (SELECT FROM ledger_reversal WHERE reversed_id = reversed) THEN
    PERFORM ledger_refuse('RQ104', 'ledger.already-reversed',
      jsonb_build_object('journal', reversed::text));
  END IF;
  SELECT array_agg(account.code ORDER BY posting.leg),
         array_agg(-posting.amount_minor ORDER BY posting.leg),
         array_agg(posting.currency ORDER BY posting.leg)
    INTO codes, amounts, currencies
    FROM ledger_posting posting JOIN ledger_account account ON account.id = posting.account_id
   WHERE posting.journal_id = reversed;
  RETURN (ledger_post_batch(ARRAY[key], ARRAY['reversal'], ARRAY[document], ARRAY[value_on],
    array_fill(1, ARRAY[cardinality(codes)]), codes, amounts, currencies, actor, booked_at,
    reversed))[1];
END $$;
