-- The only writers of the books. The application's role may execute them and nothing else.
-- A refusal is raised with SQLSTATE RQ1nn, its stable code as message and facts as JSON detail.
--
-- Every writer locks in one order, so that none waits in a circle: accounts in descending order of
-- their codes (the wallets, then the few platform accounts that change in place), then the parts of
-- split accounts by account and number. Rolled accounts are not locked at all.

DROP FUNCTION ledger_post_transfer;

-- Post a batch of journals; a single transfer is a batch of one. Legs name their journal by its
-- place in the batch, in ascending order. Returns journal ids; NULL where a key was used for
-- another request.
CREATE OR REPLACE FUNCTION ledger_post_batch(
  keys text[], kinds text[], documents text[], value_dates date[],
  leg_journals int[], leg_accounts text[], leg_amounts bigint[], leg_currencies text[],
  actor text, booked_at timestamptz, reverses bigint DEFAULT NULL
) RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  number bigint;
  account_id bigint;
  ids bigint[] := '{0,0}';
  leg int;
BEGIN
  -- Anything but one journal between two accounts. (A missing element is NULL, and what is too long
  -- makes the sum of lengths wrong.)
  IF (cardinality(keys) = 1 AND leg_journals = '{1,1}' AND reverses IS NULL
      AND cardinality(leg_accounts) + cardinality(leg_amounts) + cardinality(leg_currencies) = 6
      AND leg_amounts[1] BETWEEN -1000000000000000 AND 1000000000000000 AND leg_amounts[1] <> 0
      AND leg_amounts[2] = -leg_amounts[1] AND leg_accounts[1] <> leg_accounts[2]) IS NOT TRUE THEN
    RETURN ledger_post_set(keys, kinds, documents, value_dates, leg_journals, leg_accounts,
      leg_amounts, leg_currencies, actor, booked_at, reverses);
  END IF;
  -- The transaction has its own number before the journal has one (horizon.sql says why).
  number := CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('ledger_journal_id_seq') END;
  -- A second caller with the same key waits here until the first commits or rolls back.
  INSERT INTO ledger_key (key, request_hash, about, answer)
    VALUES (keys[1], ledger_request_hash(kinds[1], documents[1], value_dates[1], NULL,
              leg_accounts, leg_amounts, leg_currencies), 'journal', number)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN ARRAY(SELECT CASE WHEN known.request_hash = ledger_request_hash(kinds[1], documents[1],
        value_dates[1], NULL, leg_accounts, leg_amounts, leg_currencies) THEN known.answer END
      FROM ledger_key known WHERE known.key = keys[1]);
  END IF;
  FOREACH leg IN ARRAY CASE WHEN leg_accounts[1] > leg_accounts[2] THEN '{1,2}'::int[]
                            ELSE '{2,1}' END LOOP
    UPDATE ledger_account SET balance_minor = balance_minor + leg_amounts[leg]
     WHERE code = leg_accounts[leg] AND currency = leg_currencies[leg] AND mode = 'plain'
       AND balance_minor + leg_amounts[leg] - held_minor
           BETWEEN floor_minor AND 4611686018427387904
     RETURNING id INTO account_id;
    ids[leg] := account_id;
  END LOOP;
  IF array_position(ids, NULL) IS NOT NULL THEN
    ids := ledger_post_apart(ids, leg_accounts, leg_amounts, leg_currencies);
  END IF;
  INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor)
    VALUES (number, kinds[1], documents[1], value_dates[1], booked_at, actor);
  INSERT INTO ledger_posting (journal_id, leg, account_id, amount_minor, currency, value_on)
    VALUES (number, 1, ids[1], leg_amounts[1], leg_currencies[1], value_dates[1]),
           (number, 2, ids[2], leg_amounts[2], leg_currencies[2], value_dates[1]);
  RETURN ARRAY[number];
END $$;

-- The legs of a transfer that no plain account took: an account of another mode, or a refusal.
CREATE FUNCTION ledger_post_apart(
  ids bigint[], leg_accounts text[], leg_amounts bigint[], leg_currencies text[]
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  apart record;
BEGIN
  FOR apart IN
    SELECT leg.nr, account.id, account.mode, leg.amount
      FROM unnest(leg_accounts, leg_amounts, leg_currencies, ids) WITH ORDINALITY
           AS leg (code, amount, currency, done, nr)
      LEFT JOIN ledger_account account ON account.code = leg.code
       AND account.currency = leg.currency AND account.mode <> 'plain'
     WHERE leg.done IS NULL ORDER BY account.id
  LOOP
    IF apart.id IS NULL
       OR apart.mode = 'split' AND NOT ledger_move_parts(apart.id, apart.amount) THEN
      PERFORM ledger_refuse_change(leg_accounts, leg_amounts, leg_currencies, '{1,1}', NULL);
    END IF;
    ids[apart.nr] := apart.id;
  END LOOP;
  RETURN ids;
END $$;

-- Post any batch, as a set.
-- Plans are made once for all sizes of batch: planning anew would cost more than posting does.
CREATE FUNCTION ledger_post_set(
  keys text[], kinds text[], documents text[], value_dates date[],
  leg_journals int[], leg_accounts text[], leg_amounts bigint[], leg_currencies text[],
  actor text, booked_at timestamptz, reverses bigint
) RETURNS bigint[] LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  many int := cardinality(keys);
  hashes bytea[];
  fresh bigint[];
  answers bigint[];
  is_new boolean[];
  ids bigint[];
  rows bigint;
BEGIN
  PERFORM ledger_check_shape(many, kinds, documents, value_dates, leg_journals, leg_accounts,
    leg_amounts, leg_currencies);
  PERFORM pg_current_xact_id();
  SELECT array_agg(nextval('ledger_journal_id_seq') ORDER BY journal.nr),
         array_agg(ledger_request_hash(kinds[journal.nr], documents[journal.nr],
           value_dates[journal.nr], reverses, journal.accounts, journal.amounts,
           journal.currencies) ORDER BY journal.nr)
    INTO fresh, hashes
    FROM (SELECT leg.journal AS nr, array_agg(leg.account ORDER BY leg.nr) AS accounts,
                 array_agg(leg.amount ORDER BY leg.nr) AS amounts,
                 array_agg(leg.currency ORDER BY leg.nr) AS currencies
            FROM unnest(leg_journals, leg_accounts, leg_amounts, leg_currencies) WITH ORDINALITY
                 AS leg (journal, account, amount, currency, nr)
           WHERE leg.journal BETWEEN 1 AND many GROUP BY leg.journal) journal;
  IF cardinality(fresh) IS DISTINCT FROM many THEN
    PERFORM ledger_refuse('RQ105', 'ledger.unbalanced', '{}');
  END IF;

  -- A second caller with the same key waits here until the first commits or rolls back. Keys are
  -- taken in their order, so that two batches that share some never wait in a circle.
  INSERT INTO ledger_key (key, request_hash, about, answer)
    SELECT asked.key, asked.hash, 'journal', asked.fresh
      FROM unnest(keys, hashes, fresh) AS asked (key, hash, fresh) ORDER BY asked.key, asked.fresh
    ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS rows = ROW_COUNT;
  IF rows = many THEN
    answers := fresh;
  ELSE
    SELECT known.answers, known.is_new INTO STRICT answers, is_new
      FROM ledger_known_keys(keys, hashes, fresh) known;
    IF rows = 0 THEN
      RETURN answers;
    END IF;
  END IF;

  ids := ledger_move(leg_journals, leg_accounts, leg_amounts, leg_currencies, is_new);
  INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor, reverses_id)
    SELECT journal.id, journal.kind, journal.document, journal.value_on, booked_at, actor, reverses
      FROM unnest(answers, kinds, documents, value_dates) WITH ORDINALITY
           AS journal (id, kind, document, value_on, nr)
     WHERE is_new IS NULL OR is_new[journal.nr];
  INSERT INTO ledger_posting (journal_id, leg, account_id, amount_minor, currency, value_on)
    SELECT answers[leg.journal], row_number() OVER (PARTITION BY leg.journal ORDER BY leg.nr),
           leg.id, leg.amount, leg.currency, value_dates[leg.journal]
      FROM unnest(ids, leg_amounts, leg_currencies, leg_journals) WITH ORDINALITY
           AS leg (id, amount, currency, journal, nr)
     WHERE is_new IS NULL OR is_new[leg.journal];
  IF reverses IS NOT NULL THEN
    INSERT INTO ledger_reversal (reversed_id, journal_id) VALUES (reverses, answers[1]);
  END IF;
  RETURN answers;
END $$;

-- Refuse lists of unequal lengths, and amounts of nothing or of too much.
CREATE FUNCTION ledger_check_shape(
  many int, kinds text[], documents text[], value_dates date[],
  leg_journals int[], leg_accounts text[], leg_amounts bigint[], leg_currencies text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF many IS DISTINCT FROM cardinality(kinds) OR many IS DISTINCT FROM cardinality(documents)
     OR many IS DISTINCT FROM cardinality(value_dates) OR many < 1
     OR cardinality(leg_journals) IS DISTINCT FROM cardinality(leg_accounts)
     OR cardinality(leg_journals) IS DISTINCT FROM cardinality(leg_amounts)
     OR cardinality(leg_journals) IS DISTINCT FROM cardinality(leg_currencies)
     OR cardinality(leg_journals) = 0 OR array_position(leg_amounts, NULL) IS NOT NULL THEN
    PERFORM ledger_refuse('RQ105', 'ledger.unbalanced', '{}');
  END IF;
  IF 0 = ANY (leg_amounts) OR 1000000000000000 < ANY (leg_amounts)
     OR -1000000000000000 > ANY (leg_amounts) THEN
    PERFORM ledger_refuse('RQ106', 'ledger.amount-out-of-range', '{}');
  END IF;
END $$;

-- Change the balances that the new legs change, each account once by their sum; returns the ids of
-- the legs' accounts.
CREATE FUNCTION ledger_move(
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
  UPDATE ledger_account account SET balance_minor = account.balance_minor + change.amount
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

-- Say which account cannot take its change, and why.
CREATE OR REPLACE FUNCTION ledger_refuse_change(
  leg_accounts text[], leg_amounts bigint[], leg_currencies text[], leg_journals int[],
  is_new boolean[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  refused record;
BEGIN
  SELECT change.code, change.currency AS wanted, change.amount, account.id, account.currency,
         account.floor_minor,
         account.balance_minor - account.held_minor - account.floor_minor AS available
    INTO refused
    FROM (SELECT leg.code, leg.currency, sum(leg.amount) AS amount
            FROM unnest(leg_accounts, leg_amounts, leg_currencies, leg_journals)
                 AS leg (code, amount, currency, journal)
           WHERE is_new IS NULL OR is_new[leg.journal] GROUP BY leg.code, leg.currency) change
    LEFT JOIN ledger_balance account ON account.code = change.code
   WHERE account.id IS NULL OR account.currency IS DISTINCT FROM change.currency
      -- In numeric: what is looked for here may be beyond bigint.
      OR account.mode <> 'rolled'
         AND (account.balance_minor::numeric + change.amount > 4611686018427387904
           OR account.balance_minor::numeric + change.amount - account.held_minor
              < account.floor_minor)
   ORDER BY account.id NULLS FIRST, account.currency IS NOT DISTINCT FROM change.currency,
            change.code LIMIT 1;
  IF NOT FOUND THEN
    -- What was lacking has come meanwhile: the operation is tried again.
    RAISE EXCEPTION 'the balance changed meanwhile' USING ERRCODE = '40001';
  ELSIF refused.id IS NULL THEN
    PERFORM ledger_refuse('RQ102', 'ledger.unknown-account',
      jsonb_build_object('account', refused.code));
  ELSIF refused.currency IS DISTINCT FROM refused.wanted THEN
    PERFORM ledger_refuse('RQ116', 'ledger.currency', jsonb_build_object(
      'account', refused.code, 'currency', refused.currency, 'given', refused.wanted));
  ELSIF refused.amount > 0 OR refused.floor_minor = -4611686018427387904 THEN
    PERFORM ledger_refuse('RQ112', 'ledger.balance-out-of-range',
      jsonb_build_object('account', refused.code));
  END IF;
  PERFORM ledger_refuse('RQ101', 'ledger.insufficient-funds', jsonb_build_object(
    'account', refused.code, 'available', refused.available::text,
    'wanted', (-refused.amount)::text));
END $$;
