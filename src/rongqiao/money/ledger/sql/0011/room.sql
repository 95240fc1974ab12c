-- Room on each page for the changes of its accounts, without being cleared for each of them.
-- A fillfactor says how full a page is made, and also below how much free space it is cleared of what
-- was: a page made 60 % full is searched, cleared and logged again after every change. So an account is
-- written with room that its first change gives up: its page stays a third empty and is cleared once
-- in some twenty changes (docs/decisions/0015-room-for-balances.md).
ALTER TABLE ledger_account ADD COLUMN room bytea NOT NULL
  DEFAULT decode(repeat('00', 80), 'hex');
ALTER TABLE ledger_account SET (fillfactor = 90);

-- As before, and give up the room.
CREATE OR REPLACE FUNCTION ledger_move(
  leg_journals int[], leg_accounts text[], leg_amounts bigint[], leg_currencies text[],
  is_new boolean[]
) RETURNS bigint[] LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  ids bigint[];
  modes text[];
  changed bigint[];
  changes bigint[];
  is_refused boolean;
  rows bigint;
  split record;
BEGIN
  SELECT array_agg(account.id ORDER BY leg.nr), array_agg(account.mode ORDER BY leg.nr),
         bool_or(account.id IS NULL AND (is_new IS NULL OR is_new[leg.journal]))
    INTO ids, modes, is_refused
    FROM unnest(leg_accounts, leg_currencies, leg_journals) WITH ORDINALITY
         AS leg (code, currency, journal, nr)
    LEFT JOIN ledger_account account ON account.code = leg.code AND account.currency = leg.currency;
  IF is_refused IS NOT TRUE THEN
    SELECT array_agg(locked.id), array_agg(CASE WHEN change.amount
             BETWEEN -4611686018427387904 AND 4611686018427387904 THEN change.amount::bigint END),
           bool_or((locked.balance_minor + change.amount - locked.held_minor
             BETWEEN locked.floor_minor AND 4611686018427387904) IS NOT TRUE)
      INTO changed, changes, is_refused
      FROM (SELECT leg.id, sum(leg.amount) AS amount
              FROM unnest(ids, leg_amounts, leg_journals, modes) AS leg (id, amount, journal, mode)
             WHERE leg.mode = 'plain' AND (is_new IS NULL OR is_new[leg.journal])
             GROUP BY leg.id) change
      JOIN (SELECT id, balance_minor, held_minor, floor_minor FROM ledger_account
             WHERE id = ANY (ids) AND mode = 'plain' ORDER BY code DESC FOR NO KEY UPDATE) locked
        ON locked.id = change.id;
  END IF;
  IF is_refused THEN
    PERFORM ledger_refuse_change(leg_accounts, leg_amounts, leg_currencies, leg_journals, is_new);
  END IF;
  UPDATE ledger_account account SET balance_minor = account.balance_minor + change.amount, room = ''
    FROM unnest(changed, changes) AS change (id, amount) WHERE account.id = change.id;
  GET DIAGNOSTICS rows = ROW_COUNT;
  ASSERT rows = coalesce(cardinality(changed), 0), 'an account was lost';
  IF 'split' = ANY (modes) THEN
    FOR split IN
      SELECT leg.id, sum(leg.amount)::bigint AS amount
        FROM unnest(ids, leg_amounts, leg_journals, modes) AS leg (id, amount, journal, mode)
       WHERE leg.mode = 'split' AND (is_new IS NULL OR is_new[leg.journal])
       GROUP BY leg.id HAVING sum(leg.amount) <> 0 ORDER BY leg.id
    LOOP
      IF NOT ledger_move_parts(split.id, split.amount) THEN
        PERFORM ledger_refuse_change(leg_accounts, leg_amounts, leg_currencies, leg_journals, is_new);
      END IF;
    END LOOP;
  END IF;
  RETURN ids;
END $$;

CREATE OR REPLACE FUNCTION ledger_post_transfer(
  key text, kind text, document text, value_on date,
  source text, target text, amount bigint, currency text, actor text, booked_at timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  number bigint;
  source_id bigint;
  target_id bigint;
BEGIN
  IF (amount BETWEEN 1 AND 1000000000000000 AND source <> target) IS NOT TRUE THEN
    PERFORM ledger_refuse_transfer(amount);
  END IF;
  -- The transaction has its own number before the journal has one (0002/horizon.sql says why).
  number := CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('ledger_journal_id_seq') END;
  -- A second caller with the same key waits here until the first commits or rolls back.
  INSERT INTO ledger_key (key, request_hash, about, answer)
    VALUES (key, ledger_transfer_hash(kind, document, value_on, source, target, amount, currency),
            'journal', number)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN (SELECT CASE WHEN known.request_hash = ledger_transfer_hash(kind, document, value_on,
                     source, target, amount, currency) THEN known.answer END
              FROM ledger_key known WHERE known.key = key);
  END IF;
  -- Accounts are changed in descending order of their codes, as every writer does.
  IF target > source THEN
    UPDATE ledger_account account SET balance_minor = balance_minor + amount, room = ''
     WHERE code = target AND account.currency = currency AND mode = 'plain'
       AND balance_minor + amount <= 4611686018427387904
     RETURNING id INTO target_id;
    UPDATE ledger_account account SET balance_minor = balance_minor - amount, room = ''
     WHERE code = source AND account.currency = currency AND mode = 'plain'
       AND balance_minor - amount - held_minor >= floor_minor
     RETURNING id INTO source_id;
  ELSE
    UPDATE ledger_account account SET balance_minor = balance_minor - amount, room = ''
     WHERE code = source AND account.currency = currency AND mode = 'plain'
       AND balance_minor - amount - held_minor >= floor_minor
     RETURNING id INTO source_id;
    UPDATE ledger_account account SET balance_minor = balance_minor + amount, room = ''
     WHERE code = target AND account.currency = currency AND mode = 'plain'
       AND balance_minor + amount <= 4611686018427387904
     RETURNING id INTO target_id;
  END IF;
  IF source_id IS NULL OR target_id IS NULL THEN
    -- Rolled accounts are not changed here at all.
    IF source_id IS NULL THEN
      SELECT account.id INTO source_id FROM ledger_account account
       WHERE code = source AND account.currency = currency AND mode = 'rolled';
    END IF;
    IF target_id IS NULL THEN
      SELECT account.id INTO target_id FROM ledger_account account
       WHERE code = target AND account.currency = currency AND mode = 'rolled';
    END IF;
    IF source_id IS NULL OR target_id IS NULL THEN
      SELECT apart[1], apart[2] INTO source_id, target_id
        FROM ledger_post_apart(ARRAY[source_id, target_id], ARRAY[source, target],
               ARRAY[-amount, amount], ARRAY[currency, currency]) AS apart;
    END IF;
  END IF;
  INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor,
                              source_id, target_id, amount_minor, currency)
    VALUES (number, kind, document, value_on, booked_at, actor, source_id, target_id, amount, currency);
  RETURN number;
END $$;
