-- The only writers of the books. The application's role may execute them and nothing else.
-- A refusal is raised with SQLSTATE RQ1nn, its stable code as message and facts as JSON detail.

CREATE FUNCTION ledger_refuse(state text, code text, facts jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', code USING ERRCODE = state, DETAIL = facts::text;
END $$;

-- What a key stands for: every word of the request, the same whether it came alone or in a batch.
CREATE FUNCTION ledger_request_hash(
  kind text, document text, value_on date, reverses bigint,
  accounts text[], amounts bigint[], currencies text[]
) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(concat_ws(E'\x1f', kind, document, value_on - date '2000-01-01', reverses,
    array_to_string(accounts, E'\x1e'), array_to_string(amounts, E'\x1e'),
    array_to_string(currencies, E'\x1e')), 'UTF8'))
$$;

-- The answers of keys of which some were taken before, and which are new. A key that was used for
-- another request answers NULL and leaves its neighbours alone.
CREATE FUNCTION ledger_known_keys(
  keys text[], hashes bytea[], fresh bigint[], OUT answers bigint[], OUT is_new boolean[]
) LANGUAGE sql STABLE AS $$
  SELECT array_agg(CASE WHEN known.request_hash = asked.hash THEN known.answer END ORDER BY asked.nr),
         array_agg(known.answer = asked.fresh ORDER BY asked.nr)
    FROM unnest(keys, hashes, fresh) WITH ORDINALITY AS asked (key, hash, fresh, nr)
    JOIN ledger_key known ON known.key = asked.key
$$;

-- Post a batch of journals; a single transfer is a batch of one. Legs name their journal by its
-- place in the batch, in ascending order. Returns journal ids; NULL where a key was used for
-- another request.
-- Plans are made once for all sizes of batch: planning anew would cost more than posting does.
CREATE FUNCTION ledger_post_batch(
  keys text[], kinds text[], documents text[], value_dates date[],
  leg_journals int[], leg_accounts text[], leg_amounts bigint[], leg_currencies text[],
  actor text, booked_at timestamptz, reverses bigint DEFAULT NULL
) RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  many int := cardinality(keys);
  hashes bytea[];
  fresh bigint[];
  answers bigint[];
  is_new boolean[];
  changed bigint[];
  changes bigint[];
  is_refused boolean;
  rows bigint;
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

  IF many = 1 AND 1 = ALL (leg_journals) THEN
    fresh := ARRAY[nextval('ledger_journal_id_seq')];
    hashes := ARRAY[ledger_request_hash(
      kinds[1], documents[1], value_dates[1], reverses,
      leg_accounts, leg_amounts, leg_currencies)];
  ELSE
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
  END IF;

  -- A second caller with the same key waits here until the first commits or rolls back. Keys are
  -- taken in their order, so that two batches that share some never wait in a circle.
  IF many = 1 THEN
    INSERT INTO ledger_key (key, request_hash, about, answer)
      VALUES (keys[1], hashes[1], 'journal', fresh[1]) ON CONFLICT DO NOTHING;
  ELSE
    INSERT INTO ledger_key (key, request_hash, about, answer)
      SELECT asked.key, asked.hash, 'journal', asked.fresh
        FROM unnest(keys, hashes, fresh) AS asked (key, hash, fresh) ORDER BY asked.key, asked.fresh
      ON CONFLICT DO NOTHING;
  END IF;
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

  IF many = 1 AND cardinality(leg_accounts) = 2 AND leg_accounts[1] <> leg_accounts[2] THEN
    PERFORM ledger_post_transfer(answers[1], kinds[1], documents[1], value_dates[1],
      leg_accounts, leg_amounts, leg_currencies, actor, booked_at, reverses);
    RETURN answers;
  END IF;

  -- Every writer locks in ascending order of ids; platform accounts have the highest.
  SELECT array_agg(locked.id), array_agg(CASE WHEN change.amount
           BETWEEN -4611686018427387904 AND 4611686018427387904 THEN change.amount::bigint END),
         bool_or((locked.balance_minor + change.amount - locked.held_minor
           BETWEEN locked.floor_minor AND 4611686018427387904) IS NOT TRUE)
    INTO changed, changes, is_refused
    FROM (SELECT leg.code, leg.currency, sum(leg.amount) AS amount
            FROM unnest(leg_accounts, leg_amounts, leg_currencies, leg_journals)
                 AS leg (code, amount, currency, journal)
           WHERE is_new IS NULL OR is_new[leg.journal] GROUP BY leg.code, leg.currency) change
    LEFT JOIN (SELECT id, code, currency, balance_minor, held_minor, floor_minor
                 FROM ledger_account
                WHERE code = ANY (leg_accounts) ORDER BY id FOR NO KEY UPDATE) locked
      ON locked.code = change.code AND locked.currency = change.currency;
  IF is_refused THEN
    PERFORM ledger_refuse_change(leg_accounts, leg_amounts, leg_currencies, leg_journals, is_new);
  END IF;
  UPDATE ledger_account account SET balance_minor = account.balance_minor + change.amount
    FROM unnest(changed, changes) AS change (id, amount) WHERE account.id = change.id;
  GET DIAGNOSTICS rows = ROW_COUNT;
  ASSERT rows = cardinality(changed), 'an account was lost';

  INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor, reverses_id)
    SELECT journal.id, journal.kind, journal.document, journal.value_on, booked_at, actor, reverses
      FROM unnest(answers, kinds, documents, value_dates) WITH ORDINALITY
           AS journal (id, kind, document, value_on, nr)
     WHERE is_new IS NULL OR is_new[journal.nr];
  INSERT INTO ledger_posting (journal_id, leg, account_id, amount_minor, currency)
    SELECT answers[leg.journal], row_number() OVER (PARTITION BY leg.journal ORDER BY leg.nr),
           account.id, leg.amount, leg.currency
      FROM unnest(leg_accounts, leg_amounts, leg_currencies, leg_journals) WITH ORDINALITY
           AS leg (code, amount, currency, journal, nr)
      JOIN ledger_account account ON account.code = leg.code
     WHERE is_new IS NULL OR is_new[leg.journal];
  GET DIAGNOSTICS rows = ROW_COUNT;
  ASSERT rows = cardinality(leg_journals) OR is_new IS NOT NULL, 'a leg was lost';
  RETURN answers;
END $$;

-- One journal between two accounts, the commonest: row by row it costs half of what a set does.
CREATE FUNCTION ledger_post_transfer(
  number bigint, kind text, document text, value_on date, accounts text[], amounts bigint[],
  currencies text[], actor text, booked_at timestamptz, reverses bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  ids bigint[2];
  leg int;
BEGIN
  ids := (SELECT ARRAY[source.id, target.id] FROM ledger_account source, ledger_account target
           WHERE source.code = accounts[1] AND source.currency = currencies[1]
             AND target.code = accounts[2] AND target.currency = currencies[2]);
  -- The lower id first, as every writer does; where an account is missing nothing is changed.
  FOREACH leg IN ARRAY CASE WHEN ids[1] < ids[2] THEN ARRAY[1, 2] ELSE ARRAY[2, 1] END LOOP
    UPDATE ledger_account SET balance_minor = balance_minor + amounts[leg]
     WHERE id = ids[leg] AND balance_minor + amounts[leg] - held_minor
           BETWEEN floor_minor AND 4611686018427387904;
    IF NOT FOUND THEN
      PERFORM ledger_refuse_change(accounts, amounts, currencies, ARRAY[1, 1], NULL);
    END IF;
  END LOOP;
  INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor, reverses_id)
    VALUES (number, kind, document, value_on, booked_at, actor, reverses);
  INSERT INTO ledger_posting (journal_id, leg, account_id, amount_minor, currency)
    VALUES (number, 1, ids[1], amounts[1], currencies[1]),
           (number, 2, ids[2], amounts[2], currencies[2]);
END $$;

-- Say which account cannot take its change, and why.
CREATE FUNCTION ledger_refuse_change(
  leg_accounts text[], leg_amounts bigint[], leg_currencies text[], leg_journals int[],
  is_new boolean[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  refused record;
BEGIN
  SELECT change.code, change.amount, account.id, account.floor_minor,
         account.balance_minor - account.held_minor - account.floor_minor AS available
    INTO STRICT refused
    FROM (SELECT leg.code, leg.currency, sum(leg.amount) AS amount
            FROM unnest(leg_accounts, leg_amounts, leg_currencies, leg_journals)
                 AS leg (code, amount, currency, journal)
           WHERE is_new IS NULL OR is_new[leg.journal] GROUP BY leg.code, leg.currency) change
    LEFT JOIN ledger_account account
      ON account.code = change.code AND account.currency = change.currency
   WHERE account.id IS NULL
      -- In numeric: what is looked for here may be beyond bigint.
      OR account.balance_minor::numeric + change.amount > 4611686018427387904
      OR account.balance_minor::numeric + change.amount - account.held_minor < account.floor_minor
   ORDER BY account.id NULLS FIRST, change.code LIMIT 1;
  IF refused.id IS NULL THEN
    PERFORM ledger_refuse('RQ102', 'ledger.unknown-account',
      jsonb_build_object('account', refused.code));
  ELSIF refused.amount > 0 OR refused.floor_minor = -4611686018427387904 THEN
    PERFORM ledger_refuse('RQ112', 'ledger.balance-out-of-range',
      jsonb_build_object('account', refused.code));
  END IF;
  PERFORM ledger_refuse('RQ101', 'ledger.insufficient-funds', jsonb_build_object(
    'account', refused.code, 'available', refused.available::text,
    'wanted', (-refused.amount)::text));
END $$;

-- Open accounts under codes; codes that exist are left alone, unless they are of another kind.
CREATE FUNCTION ledger_open_accounts(
  codes text[], families text[], currencies text[], floors bigint[], of_platform boolean[],
  opened_at timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  opened bigint;
  other text;
BEGIN
  INSERT INTO ledger_account (id, code, family, currency, balance_minor, held_minor, floor_minor,
                              opened_at)
    SELECT nextval(CASE WHEN asked.of_platform THEN 'ledger_platform_account_seq'
                        ELSE 'ledger_party_account_seq' END::regclass),
           asked.code, asked.family, asked.currency, 0, 0, asked.floor, opened_at
      FROM unnest(codes, families, currencies, floors, of_platform)
           AS asked (code, family, currency, floor, of_platform)
     WHERE NOT EXISTS (SELECT FROM ledger_account known WHERE known.code = asked.code)
     ORDER BY asked.code
    ON CONFLICT (code) DO NOTHING;
  GET DIAGNOSTICS opened = ROW_COUNT;
  SELECT asked.code INTO other
    FROM unnest(codes, families, currencies, floors) AS asked (code, family, currency, floor)
    JOIN ledger_account known ON known.code = asked.code
   WHERE (known.family, known.currency, known.floor_minor)
         IS DISTINCT FROM (asked.family, asked.currency, asked.floor)
   LIMIT 1;
  IF FOUND THEN
    PERFORM ledger_refuse('RQ113', 'ledger.account-differs', jsonb_build_object('account', other));
  END IF;
  RETURN opened;
END $$;

-- Post the opposite of a journal. One journal is reversed once, and a reversal never.
CREATE FUNCTION ledger_reverse(
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
  IF NOT FOUND AND EXISTS (SELECT FROM ledger_journal WHERE reverses_id = reversed) THEN
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
