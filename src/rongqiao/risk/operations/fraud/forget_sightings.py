"""Delete a batch of sightings that are older than their term and that nothing still needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import connection

from rongqiao.platform.clock import CHINA
from rongqiao.platform.operations import Call, operation
from rongqiao.risk.fraud.attributes import BEARINGS
from rongqiao.risk.fraud.farm import Ruling
from rongqiao.risk.fraud.retention import NOT_COUNTED_BY_TERM, TELLING, kept_from
from rongqiao.risk.models.fraud import OPEN, Trace

# A transaction of a fraction of a second: sightings of people who are here now wait for none.
BATCH = 5000
# Numbers in a row share their first nine digits: there are a hundred of them.
_BLOCK = 100


@dataclass(frozen=True, kw_only=True)
class ForgetSightings:
    """The business date whose term counts, and which batch of that night it is, from 1."""

    on: date
    batch: int


@dataclass(frozen=True, kw_only=True)
class SightingsForgotten:
    """How many older than `before` went with this batch; the last one also tells how many stay."""

    before: datetime
    deleted: int
    is_last: bool
    kept: int | None


@operation("risk.forget-sightings", restore=SightingsForgotten)
def forget_sightings(command: ForgetSightings, _call: Call) -> SightingsForgotten:
    """Delete the oldest that are neither needed nor within the term (PIPL art. 19).

    Needed is what an open case, a ring under investigation or confirmed as fraud, a pay-out that is
    held, and an entry of the black or grey list look at.
    """
    before = kept_from(datetime.combine(command.on, time.min, CHINA))
    with connection.cursor() as cursor:
        # While rings are gathered nothing of theirs goes.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('risk.gather-rings'))")
        cursor.execute(
            _FORGET,
            {
                "before": before,
                "on": command.on,
                "batch": BATCH,
                "open": list(OPEN),
                "weighty": [*OPEN, "confirmed"],
                "hold": Ruling.HOLD.value,
                "by_themselves": [kind.value for kind in NOT_COUNTED_BY_TERM],
                "kinds": [kind.value for kind in TELLING],
                "most": [BEARINGS[kind].most or _BLOCK for kind in TELLING],
            },
        )
        deleted = cursor.rowcount
    is_last = deleted < BATCH
    kept = Trace.objects.filter(seen_at__lt=before).count() if is_last else None
    return SightingsForgotten(before=before, deleted=deleted, is_last=is_last, kept=kept)


# Of whom the cases, rings and pay-outs are, with their log-ins; and what these share with others,
# unless so many have it that it tells nothing.
_FORGET = """
WITH held AS (
  SELECT referrer_id, referee_id FROM (
    SELECT DISTINCT ON (payout_id) ruling, referrer_id, referee_id
    FROM risk_payoutrulingrecord ORDER BY payout_id, ruled_at DESC, id DESC) AS latest
  WHERE ruling = %(hold)s),
people AS (
  SELECT referrer_id AS id FROM held UNION SELECT referee_id FROM held
  UNION SELECT referee_id FROM risk_referral
        WHERE referrer_id IN (SELECT referrer_id FROM held)
  UNION SELECT subject_id FROM risk_fraudcase WHERE about = 'party' AND state = ANY(%(open)s)),
named AS (
  SELECT id FROM people
  UNION SELECT party_id FROM risk_tracedaccount WHERE account_id IN (SELECT id FROM people)),
rings AS (
  SELECT subject_id AS id FROM risk_fraudcase WHERE about = 'ring' AND state = ANY(%(weighty)s)
  UNION SELECT ring_id FROM risk_ringmember WHERE subject_id IN (SELECT id FROM named)),
parties AS (
  SELECT id FROM named
  UNION SELECT subject_id FROM risk_ringmember WHERE ring_id IN (SELECT id FROM rings)),
subjects AS MATERIALIZED (
  SELECT id FROM parties
  UNION SELECT account_id FROM risk_tracedaccount WHERE party_id IN (SELECT id FROM parties)),
own AS (
  SELECT DISTINCT trace.kind, trace.index FROM risk_trace AS trace
  JOIN subjects ON subjects.id = trace.subject_id WHERE trace.kind = ANY(%(kinds)s)),
marks AS MATERIALIZED (
  SELECT own.kind, own.index FROM own
  JOIN unnest(%(kinds)s::text[], %(most)s::int[]) AS bounds(kind, most) USING (kind)
  WHERE bounds.most >= (SELECT count(*) FROM (
    SELECT DISTINCT coalesce(account.party_id, trace.subject_id) FROM risk_trace AS trace
    LEFT JOIN risk_tracedaccount AS account ON account.account_id = trace.subject_id
    WHERE trace.kind = own.kind AND trace.index = own.index LIMIT bounds.most + 1) AS holders)
  UNION SELECT kind, index FROM risk_listentry
  WHERE standing IN ('black', 'grey') AND state IN ('waiting', 'in-force')
    AND until_on >= %(on)s)
DELETE FROM risk_trace WHERE id IN (
  SELECT trace.id FROM risk_trace AS trace
  WHERE trace.seen_at < %(before)s AND trace.kind <> ALL(%(by_themselves)s)
    AND NOT EXISTS (SELECT 1 FROM subjects WHERE subjects.id = trace.subject_id)
    AND NOT EXISTS (
      SELECT 1 FROM marks WHERE marks.kind = trace.kind AND marks.index = trace.index)
  ORDER BY trace.id LIMIT %(batch)s)
"""
