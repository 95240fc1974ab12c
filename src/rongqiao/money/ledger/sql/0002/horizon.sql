-- The horizon: the highest journal number below which no transaction can still commit.
--
-- Numbers are given out in order but commit in any order. A writer takes its transaction id before
-- its number; so whoever reads the last number and takes a transaction id of his own after that
-- knows: each number up to the one he read belongs to an older transaction than his. Once all older
-- ones have ended, the numbers up to there are as they will always be.

CREATE TABLE ledger_horizon (
  id smallint NOT NULL PRIMARY KEY CHECK (id = 1),
  observed_id bigint NOT NULL,
  observed_by xid8 NOT NULL,
  proven_id bigint NOT NULL CHECK (proven_id <= observed_id)
) WITH (fillfactor = 10);
COMMENT ON TABLE ledger_horizon IS 'rights: select';
CREATE TRIGGER no_delete BEFORE DELETE ON ledger_horizon
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_horizon
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_rewriting();
CREATE TRIGGER no_return BEFORE UPDATE ON ledger_horizon
  FOR EACH ROW WHEN (NEW.proven_id < OLD.proven_id OR NEW.observed_id < OLD.observed_id)
  EXECUTE FUNCTION ledger_refuse_rewriting();
-- Nobody writes while a migration takes the journals over.
INSERT INTO ledger_horizon
  SELECT 1, last, pg_current_xact_id(), last
    FROM (SELECT coalesce(max(id), 0) AS last FROM ledger_journal) known;

-- Whether every transaction of this database that is older than `since` has ended. Those of the
-- server's other databases hold the oldest snapshot up as well, but have no numbers of ours: where
-- they do, it is asked who holds an older transaction's lock. (One that is not to be seen there has
-- ended, so whoever looks next sees what it did; or it has no number yet, and gets a later one.)
CREATE FUNCTION ledger_all_over(since xid8) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF since <= pg_snapshot_xmin(pg_current_snapshot()) THEN
    RETURN true;
  END IF;
  RETURN current_setting('transaction_isolation') = 'read committed' AND NOT EXISTS (
    SELECT FROM pg_locks older LEFT JOIN pg_stat_activity holder ON holder.pid = older.pid
     WHERE older.locktype = 'transactionid' AND older.mode = 'ExclusiveLock' AND older.granted
       AND (holder.datid = (SELECT oid FROM pg_database WHERE datname = current_database()))
           IS NOT FALSE
       -- Numbers of transactions go round at 2^32.
       AND (since::text::numeric - older.transactionid::text::numeric + 4294967296) % 4294967296
           BETWEEN 1 AND 2147483648);
END $$;

-- Move the horizon as far as can be proven and return it. To be called in a transaction that has
-- written nothing yet: one that has a transaction id already can prove, but not observe.
CREATE FUNCTION ledger_prove_horizon() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  is_new boolean := pg_current_xact_id_if_assigned() IS NULL;
  last bigint;
  known ledger_horizon;
BEGIN
  SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO last
    FROM ledger_journal_id_seq;
  SELECT * INTO STRICT known FROM ledger_horizon;
  IF known.proven_id >= last OR NOT ledger_all_over(known.observed_by) THEN
    RETURN known.proven_id;
  END IF;
  -- Of several who prove at once, one does.
  UPDATE ledger_horizon
     SET proven_id = observed_id,
         observed_id = CASE WHEN is_new THEN greatest(last, observed_id) ELSE observed_id END,
         observed_by = CASE WHEN is_new THEN pg_current_xact_id() ELSE observed_by END
   WHERE observed_by = known.observed_by;
  RETURN known.observed_id;
END $$;
COMMENT ON FUNCTION ledger_prove_horizon() IS 'rights: execute';

-- Bring rolled accounts up to the horizon; returns how many had moved. Law 2 holds at every commit:
-- what leaves the tail of postings enters the balance in the same one. Split accounts are levelled.
CREATE FUNCTION ledger_roll_up() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  horizon bigint := ledger_prove_horizon();
  rows bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('ledger.roll-up', 0)) THEN
    RETURN 0;
  END IF;
  UPDATE ledger_account account
     SET balance_minor = account.balance_minor + moved.amount, rolled_to = horizon
    FROM (SELECT rolled.id, sum(posting.amount_minor)::bigint AS amount
            FROM ledger_account rolled
            JOIN ledger_posting posting ON posting.account_id = rolled.id
             AND posting.journal_id > rolled.rolled_to AND posting.journal_id <= horizon
           WHERE rolled.id >= 4611686018427387904 AND rolled.mode = 'rolled'
           GROUP BY rolled.id) moved
   WHERE account.id = moved.id;
  GET DIAGNOSTICS rows = ROW_COUNT;
  PERFORM ledger_level_parts();
  RETURN rows;
END $$;
COMMENT ON FUNCTION ledger_roll_up() IS 'rights: execute';

-- The true balance of every account, however it is kept.
CREATE VIEW ledger_balance AS
  SELECT account.id, account.code, account.family, account.currency, account.mode,
         (account.balance_minor + coalesce(tail.amount, 0) + coalesce(parts.amount, 0))::bigint
           AS balance_minor,
         account.held_minor, account.floor_minor
    FROM ledger_account account
    LEFT JOIN LATERAL (
      SELECT sum(posting.amount_minor) AS amount FROM ledger_posting posting
       WHERE account.mode = 'rolled' AND posting.account_id = account.id
         AND posting.journal_id > account.rolled_to) tail ON true
    LEFT JOIN LATERAL (
      SELECT sum(part.balance_minor) AS amount FROM ledger_part part
       WHERE account.mode = 'split' AND part.account_id = account.id) parts ON true;
COMMENT ON VIEW ledger_balance IS 'rights: select';
