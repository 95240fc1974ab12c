-- Law 1 for journals of more than two legs (or of two on one account), and: nothing is booked into a
-- closed month. Every writer has read that row when it commits, so whoever locks its table has waited
-- for all of them.
CREATE OR REPLACE FUNCTION ledger_prove_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  shut date;
BEGIN
  IF EXISTS (
    SELECT FROM inserted leg
     GROUP BY leg.journal_id
    HAVING sum(leg.amount_minor) <> 0 OR min(leg.currency) <> max(leg.currency)
        OR min(leg.value_on) <> max(leg.value_on)
        OR min(leg.leg) <> 1 OR max(leg.leg) <> count(*)
        OR bool_or(leg.amount_minor = 0 OR abs(leg.amount_minor) > 1000000000000000)) THEN
    RAISE EXCEPTION 'ledger.unbalanced' USING ERRCODE = 'RQ105';
  END IF;
  SELECT min(leg.value_on) INTO shut
    FROM inserted leg WHERE leg.value_on <= (SELECT through FROM ledger_closed);
  IF shut IS NOT NULL THEN
    PERFORM ledger_refuse_closed(shut);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ledger_refuse_closed(shut date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledger_refuse('RQ120', 'ledger.period-closed',
    jsonb_build_object('period', to_char(shut, 'YYYY-MM')));
END $$;

-- Post one journal that takes `amount` from `source` and gives it to `target`. The same as a batch of
-- this one journal under the same key, at half its cost: what the commonest call spends on arrays and
-- sets is most of it. Returns its number; NULL where the key was used for another request.
CREATE FUNCTION ledger_post_transfer(
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
    UPDATE ledger_account account SET balance_minor = balance_minor + amount
     WHERE code = target AND account.currency = currency AND mode = 'plain'
       AND balance_minor + amount <= 4611686018427387904
     RETURNING id INTO target_id;
  END IF;
  UPDATE ledger_account account SET balance_minor = balance_minor - amount
   WHERE code = source AND account.currency = currency AND mode = 'plain'
     AND balance_minor - amount - held_minor >= floor_minor
   RETURNING id INTO source_id;
  IF target < source THEN
    UPDATE ledger_account account SET balance_minor = balance_minor + amount
     WHERE code = target AND account.currency = currency AND mode = 'plain'
       AND balance_minor + amount <= 4611686018427387904
     RETURNING id INTO target_id;
  END IF;
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
  INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor,
                              source_id, target_id, amount_minor, currency)
    SELECT number, kind, document, value_on, booked_at, actor, source_id, target_id, amount, currency
      FROM ledger_closed WHERE value_on > through;
  IF NOT FOUND THEN
    PERFORM ledger_refuse_closed(value_on);
  END IF;
  RETURN number;
END $$;
COMMENT ON FUNCTION ledger_post_transfer IS 'rights: execute';

-- Refuse a transfer of nothing or of too much, or from an account to itself.
CREATE FUNCTION ledger_refuse_transfer(amount bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (amount BETWEEN 1 AND 1000000000000000) IS NOT TRUE THEN
    PERFORM ledger_refuse('RQ106', 'ledger.amount-out-of-range', '{}');
  END IF;
  PERFORM ledger_refuse('RQ105', 'ledger.unbalanced', '{}');
END $$;

-- The bytes of ledger_request_hash() for the two legs of a transfer, without arrays.
CREATE FUNCTION ledger_transfer_hash(
  kind text, document text, value_on date, source text, target text, amount bigint, currency text
) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(concat_ws(E'\x1f', kind, document, value_on - date '2000-01-01',
    source || E'\x1e' || target, concat('-', amount, E'\x1e', amount),
    currency || E'\x1e' || currency), 'UTF8'))
$$;

-- Post a batch of journals. Legs name their journal by its place in the batch. Returns journal ids;
-- NULL where a key was used for another request.
-- Plans are made once for all sizes of batch: planning anew would cost more than posting does.
DROP FUNCTION ledger_post_set;
CREATE OR REPLACE FUNCTION ledger_post_batch(
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
  -- Where the source's and the target's leg of each journal are, if it is a transfer; else 0.
  sources int[];
  targets int[];
  legs bigint;
  answers bigint[];
  is_new boolean[];
  ids bigint[];
  rows bigint;
BEGIN
  PERFORM ledger_check_shape(many, kinds, documents, value_dates, leg_journals, leg_accounts,
    leg_amounts, leg_currencies);
  -- The transaction has its own number before the journals have theirs (0002/horizon.sql says why).
  PERFORM pg_current_xact_id();
  SELECT array_agg(nextval('ledger_journal_id_seq') ORDER BY journal.nr),
         array_agg(ledger_request_hash(kinds[journal.nr], documents[journal.nr],
           value_dates[journal.nr], reverses, journal.accounts, journal.amounts,
           journal.currencies) ORDER BY journal.nr),
         array_agg(CASE WHEN journal.is_transfer THEN journal.first ELSE 0 END ORDER BY journal.nr),
         array_agg(CASE WHEN journal.is_transfer THEN journal.last ELSE 0 END ORDER BY journal.nr),
         sum(journal.legs)
    INTO fresh, hashes, sources, targets, legs
    FROM (SELECT leg.journal AS nr, array_agg(leg.account ORDER BY leg.nr) AS accounts,
                 array_agg(leg.amount ORDER BY leg.nr) AS amounts,
                 array_agg(leg.currency ORDER BY leg.nr) AS currencies,
                 min(leg.nr) AS first, max(leg.nr) AS last, count(*) AS legs,
                 count(*) = 2 AND sum(leg.amount) = 0 AND min(leg.currency) = max(leg.currency)
                   AND min(leg.account) <> max(leg.account)
                   AND (array_agg(leg.amount ORDER BY leg.nr))[1] < 0 AS is_transfer
            FROM unnest(leg_journals, leg_accounts, leg_amounts, leg_currencies) WITH ORDINALITY
                 AS leg (journal, account, amount, currency, nr)
           WHERE leg.journal BETWEEN 1 AND many GROUP BY leg.journal) journal;
  IF cardinality(fresh) IS DISTINCT FROM many OR legs <> cardinality(leg_journals) THEN
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
  PERFORM ledger_refuse_closed(min(journal.value_on))
     FROM unnest(value_dates) WITH ORDINALITY AS journal (value_on, nr)
    WHERE (is_new IS NULL OR is_new[journal.nr])
      AND journal.value_on <= (SELECT through FROM ledger_closed)
   HAVING count(*) > 0;
  INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor, reverses_id,
                              source_id, target_id, amount_minor, currency)
    SELECT journal.id, journal.kind, journal.document, journal.value_on, booked_at, actor, reverses,
           coalesce(ids[journal.source], 0), coalesce(ids[journal.target], 0),
           coalesce(leg_amounts[journal.target], 0), coalesce(leg_currencies[journal.target], '')
      FROM unnest(answers, kinds, documents, value_dates, sources, targets) WITH ORDINALITY
           AS journal (id, kind, document, value_on, source, target, nr)
     WHERE is_new IS NULL OR is_new[journal.nr];
  IF 0 = ANY (sources) THEN
    INSERT INTO ledger_leg (journal_id, leg, account_id, amount_minor, currency, value_on)
      SELECT answers[leg.journal], row_number() OVER (PARTITION BY leg.journal ORDER BY leg.nr),
             leg.id, leg.amount, leg.currency, value_dates[leg.journal]
        FROM unnest(ids, leg_amounts, leg_currencies, leg_journals) WITH ORDINALITY
             AS leg (id, amount, currency, journal, nr)
       WHERE sources[leg.journal] = 0 AND (is_new IS NULL OR is_new[leg.journal]);
  END IF;
  IF reverses IS NOT NULL THEN
    INSERT INTO ledger_reversal (reversed_id, journal_id) VALUES (reverses, answers[1]);
  END IF;
  RETURN answers;
END $$;
