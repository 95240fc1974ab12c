-- The only writers of the books. The application's role may execute them and nothing else.
-- A refusal is raised with SQLSTATE RQ1nn, its stable code as message and facts as JSON detail.

CREATE FUNCTION ledger_refuse(state text, code text, facts jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', code USING ERRCODE = state, DETAIL = facts::text;
END $$;

-- Take keys: for each, the number it answers with, and whether it is new. A key that was used for
-- another request answers NULL and leaves its neighbours alone. A second caller with the same key
-- waits here until the first commits or rolls back.
CREATE FUNCTION ledger_take_keys(
  about text, keys text[], hashes bytea[], fresh bigint[], OUT answers bigint[], OUT is_new boolean[]
) LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  taken bigint;
BEGIN
  -- In the order of the keys, so that two batches that share some never wait in a circle.
  INSERT INTO ledger_key (key, request_hash, about, answer)
    SELECT asked.key, asked.hash, ledger_take_keys.about, asked.fresh
      FROM unnest(keys, hashes, fresh) AS asked (key, hash, fresh) ORDER BY asked.key, asked.fresh
    ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken = cardinality(keys) THEN
    answers := fresh;
    is_new := array_fill(true, ARRAY[cardinality(keys)]);
    RETURN;
  END IF;
  SELECT array_agg(CASE WHEN known.request_hash = asked.hash THEN known.answer END ORDER BY asked.nr),
         array_agg(known.answer = asked.fresh ORDER BY asked.nr)
    INTO STRICT answers, is_new
    FROM unnest(keys, hashes, fresh) WITH ORDINALITY AS asked (key, hash, fresh, nr)
    JOIN ledger_key known ON known.key = asked.key;
END $$;

-- Post a batch of journals; a single transfer is a batch of one. Legs name their journal by its
-- place in the batch, in ascending order. Returns journal ids; NULL where a key was used for
-- another request.
CREATE FUNCTION ledger_post_batch(
  keys text[], kinds text[], documents text[], value_dates date[],
  leg_journals int[], leg_accounts text[], leg_amounts bigint[],
  actor text, booked_at timestamptz, reverses bigint DEFAULT NULL
) RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  many int := cardinality(keys);
  hashes bytea[];
  fresh bigint[];
  answers bigint[];
  is_new boolean[];
  ids bigint[];
  short text;
  rows bigint;
  wanted bigint;
BEGIN
  IF many IS DISTINCT FROM cardinality(kinds) OR many IS DISTINCT FROM cardinality(documents)
     OR many IS DISTINCT FROM cardinality(value_dates) OR many < 1
     OR cardinality(leg_journals) IS DISTINCT FROM cardinality(leg_accounts)
     OR cardinality(leg_journals) IS DISTINCT FROM cardinality(leg_amounts)
     OR array_position(leg_amounts, NULL) IS NOT NULL THEN
    PERFORM ledger_refuse('RQ105', 'ledger.unbalanced', '{}');
  END IF;
  IF 0 = ANY (leg_amounts) OR 1000000000000000 < ANY (leg_amounts)
     OR -1000000000000000 > ANY (leg_amounts) THEN
    PERFORM ledger_refuse('RQ106', 'ledger.amount-out-of-range', '{}');
  END IF;

  SELECT array_agg(hash ORDER BY nr), array_agg(nextval('ledger_journal_id_seq') ORDER BY nr)
    INTO hashes, fresh
    FROM (
      SELECT leg.journal AS nr, sha256(convert_to(concat_ws(E'\x1f', kinds[leg.journal],
               documents[leg.journal], value_dates[leg.journal], reverses,
               string_agg(leg.account || E'\x1e' || leg.amount, E'\x1d' ORDER BY leg.nr)), 'UTF8'))
             AS hash
        FROM unnest(leg_journals, leg_accounts, leg_amounts) WITH ORDINALITY
             AS leg (journal, account, amount, nr)
       GROUP BY leg.journal
    ) journal;
  IF cardinality(fresh) IS DISTINCT FROM many THEN
    PERFORM ledger_refuse('RQ105', 'ledger.unbalanced', '{}');
  END IF;
  SELECT taken.answers, taken.is_new INTO answers, is_new
    FROM ledger_take_keys('journal', keys, hashes, fresh) taken;
  IF NOT (true = ANY (is_new)) THEN
    RETURN answers;
  END IF;

  SELECT array_agg(account.id ORDER BY leg.nr) INTO ids
    FROM unnest(leg_accounts) WITH ORDINALITY AS leg (code, nr)
    LEFT JOIN ledger_account account ON account.code = leg.code;
  IF array_position(ids, NULL) IS NOT NULL THEN
    PERFORM ledger_refuse('RQ102', 'ledger.unknown-account',
      jsonb_build_object('account', leg_accounts[array_position(ids, NULL)]));
  END IF;

  -- Every writer locks in ascending order of ids; platform accounts have the highest.
  SELECT min(locked.code) FILTER (WHERE locked.balance_minor + change.amount - locked.held_minor
             NOT BETWEEN locked.floor_minor AND 4611686018427387904), count(*)
    INTO short, wanted
    FROM (SELECT id, code, balance_minor, held_minor, floor_minor FROM ledger_account
           WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE) locked
    JOIN (SELECT leg.id, sum(leg.amount) AS amount
            FROM unnest(ids, leg_amounts, leg_journals) AS leg (id, amount, journal)
           WHERE is_new[leg.journal] GROUP BY leg.id) change ON change.id = locked.id;
  IF short IS NOT NULL THEN
    PERFORM ledger_refuse_change_of(short, ids, leg_amounts, leg_journals, is_new);
  END IF;
  UPDATE ledger_account account SET balance_minor = account.balance_minor + change.amount::bigint
    FROM (SELECT leg.id, sum(leg.amount) AS amount
            FROM unnest(ids, leg_amounts, leg_journals) AS leg (id, amount, journal)
           WHERE is_new[leg.journal] GROUP BY leg.id) change
    WHERE account.id = change.id;
  GET DIAGNOSTICS rows = ROW_COUNT;
  ASSERT rows = wanted, 'an account was not there';

  INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor, reverses_id)
    SELECT journal.id, journal.kind, journal.document, journal.value_on, booked_at, actor, reverses
      FROM unnest(answers, kinds, documents, value_dates, is_new)
           AS journal (id, kind, document, value_on, is_new)
     WHERE journal.is_new;
  INSERT INTO ledger_posting (journal_id, leg, account_id, amount_minor)
    SELECT answers[leg.journal], row_number() OVER (PARTITION BY leg.journal ORDER BY leg.nr),
           leg.id, leg.amount
      FROM unnest(ids, leg_amounts, leg_journals) WITH ORDINALITY AS leg (id, amount, journal, nr)
     WHERE is_new[leg.journal];
  RETURN answers;
END $$;

-- Say which account cannot take its change, and why.
CREATE FUNCTION ledger_refuse_change_of(
  refused text, ids bigint[], leg_amounts bigint[], leg_journals int[], is_new boolean[]
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  account ledger_account;
  change numeric;
BEGIN
  SELECT * INTO account FROM ledger_account WHERE code = refused;
  SELECT sum(leg.amount) INTO change
    FROM unnest(ids, leg_amounts, leg_journals) AS leg (id, amount, journal)
   WHERE is_new[leg.journal] AND leg.id = account.id;
  IF account.balance_minor + change > 4611686018427387904
     OR account.floor_minor = -4611686018427387904 THEN
    PERFORM ledger_refuse('RQ112', 'ledger.balance-out-of-range',
      jsonb_build_object('account', refused));
  END IF;
  PERFORM ledger_refuse('RQ101', 'ledger.insufficient-funds', jsonb_build_object(
    'account', refused,
    'available', (account.balance_minor - account.held_minor - account.floor_minor)::text,
    'wanted', (-change)::text));
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
  SELECT array_agg(account.code ORDER BY posting.leg), array_agg(-posting.amount_minor ORDER BY posting.leg)
    INTO codes, amounts
    FROM ledger_posting posting JOIN ledger_account account ON account.id = posting.account_id
   WHERE posting.journal_id = reversed;
  RETURN (ledger_post_batch(ARRAY[key], ARRAY['reversal'], ARRAY[document], ARRAY[value_on],
    array_fill(1, ARRAY[cardinality(codes)]), codes, amounts, actor, booked_at, reversed))[1];
END $$;
