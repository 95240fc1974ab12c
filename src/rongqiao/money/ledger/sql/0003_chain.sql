-- The chain of journals: each link holds the digest of a journal with all its legs, and the hash of
-- the link before it. One sealer adds links in the order of the journals' numbers, and only below
-- the horizon under which no transaction can still commit.

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger_link
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_link
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();

-- What a journal says of itself, without its legs: the same bytes under any session's settings, and
-- no two journals alike (every text comes with its length). STABLE, as what it calls, or it would not
-- be read into the query that calls it.
CREATE FUNCTION ledger_digest_head(
  id bigint, kind text, document text, value_on date, booked_at timestamptz, actor text,
  reverses bigint
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to(concat_ws(':', id, value_on - date '2000-01-01',
    floor(extract(epoch FROM booked_at) * 1000000)::bigint, coalesce(reverses, 0),
    length(kind), length(document), length(actor), kind || document || actor), 'UTF8'))
$$;

-- What one leg says.
CREATE FUNCTION ledger_digest_leg(
  leg int, account_id bigint, account_code text, amount bigint, currency text, value_on date
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to(concat_ws(':', leg, account_id, amount, currency,
    value_on - date '2000-01-01', coalesce(account_code, '')), 'UTF8'))
$$;

-- The digests of the journals numbered above `after`, at most `most` of them, none above `last`.
-- `parts`: eight bytes of the head's and of each leg's digest.
CREATE FUNCTION ledger_digests(after bigint, last bigint, most bigint)
RETURNS TABLE (journal_id bigint, digest bytea, parts bytea)
LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH span AS MATERIALIZED (
    SELECT max(id) AS upto
      FROM (SELECT id FROM ledger_journal WHERE id > after AND id <= last ORDER BY id LIMIT most) s),
  heads AS (
    SELECT j.id, ledger_digest_head(j.id, j.kind, j.document, j.value_on, j.booked_at, j.actor,
             j.reverses_id) AS digest
      FROM ledger_journal j WHERE j.id > after AND j.id <= (SELECT upto FROM span)),
  legs AS (
    SELECT leg.journal_id, string_agg(leg.digest, '' ORDER BY leg.leg, leg.digest) AS digest,
           string_agg(substr(leg.digest, 1, 8), '' ORDER BY leg.leg, leg.digest) AS parts
      FROM (SELECT p.journal_id, p.leg, ledger_digest_leg(
                     p.leg, p.account_id, a.code, p.amount_minor, p.currency, p.value_on) AS digest
              FROM ledger_posting p LEFT JOIN ledger_account a ON a.id = p.account_id
             WHERE p.journal_id > after AND p.journal_id <= (SELECT upto FROM span)) leg
     GROUP BY leg.journal_id)
  SELECT heads.id, sha256(heads.digest || coalesce(legs.digest, '')),
         substr(heads.digest, 1, 8) || coalesce(legs.parts, '')
    FROM heads LEFT JOIN legs ON legs.journal_id = heads.id
   ORDER BY heads.id
$$;

COMMENT ON FUNCTION ledger_digest_head(bigint, text, text, date, timestamptz, text, bigint)
  IS 'rights: execute';
COMMENT ON FUNCTION ledger_digest_leg(int, bigint, text, bigint, text, date) IS 'rights: execute';
COMMENT ON FUNCTION ledger_digests(bigint, bigint, bigint) IS 'rights: execute';

-- Add up to `most` links; returns how many. A second sealer finds nothing to do. A transaction of its
-- own, or the horizon stands still.
CREATE FUNCTION ledger_seal_books(most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  head ledger_link;
  next record;
  journals bigint[];
  hashes bytea[];
  parts bytea[];
  sealed int := 0;
  horizon bigint := ledger_prove_horizon();
BEGIN
  IF NOT pg_try_advisory_xact_lock(24226) THEN
    RETURN 0;
  END IF;
  SELECT * INTO head FROM ledger_link ORDER BY position DESC LIMIT 1;
  head.position := coalesce(head.position, 0);
  head.hash := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
  FOR next IN SELECT * FROM ledger_digests(coalesce(head.journal_id, 0), horizon, most) LOOP
    head.hash := sha256(head.hash || next.digest);
    sealed := sealed + 1;
    journals[sealed] := next.journal_id;
    hashes[sealed] := head.hash;
    parts[sealed] := next.parts;
  END LOOP;
  INSERT INTO ledger_link (position, journal_id, hash, parts)
    SELECT head.position + link.nr, link.journal_id, link.hash, link.parts
      FROM unnest(journals, hashes, parts) WITH ORDINALITY AS link (journal_id, hash, parts, nr);
  RETURN sealed;
END $$;
COMMENT ON FUNCTION ledger_seal_books(bigint) IS 'rights: execute';
