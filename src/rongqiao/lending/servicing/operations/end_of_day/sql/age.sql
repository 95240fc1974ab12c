-- Days past due count from the oldest instalment left open; the class follows them, but what is
-- non-performing does not improve while anything is past due. A watch begins anew with every day
-- late.
-- Every loan is looked up by its id, whatever the planner believes of the tables (OFFSET 0): a list
-- of ids that is checked against each row costs the square of its length.
WITH late AS (
  SELECT chosen.id, had.was, had.oldest_due_on
  FROM unnest(%(ids)s::uuid[]) AS chosen (id) CROSS JOIN LATERAL (
    SELECT loan.state AS was, (
        SELECT min(part.due_on) FROM servicing_instalment AS part
        WHERE part.loan_id = chosen.id AND part.settled_on IS NULL AND part.is_due
          AND part.due_on < %(opening)s) AS oldest_due_on
    FROM servicing_loan AS loan WHERE loan.id = chosen.id AND loan.state = ANY(%(live)s)
    OFFSET 0) AS had
  WHERE had.oldest_due_on IS NOT NULL
)
UPDATE servicing_loan AS loan
SET days_past_due = %(opening)s - late.oldest_due_on, state = 'overdue',
    watched_until = CASE WHEN loan.watched_until IS NOT NULL THEN greatest(loan.watched_until,
      (%(opening)s + make_interval(months => %(watch_months)s))::date) END,
    days_past_due_worst = greatest(loan.days_past_due_worst, %(opening)s - late.oldest_due_on),
    risk_class = (%(ladder)s::text[])[greatest(
      CASE WHEN loan.risk_class = ANY(%(non_performing)s)
        THEN array_position(%(ladder)s::text[], loan.risk_class::text) ELSE 1 END,
      (SELECT array_position(%(ladder)s::text[], tier.name)
       FROM unnest(%(tiers)s::text[], %(floors)s::int[]) AS tier (name, days_over)
       WHERE %(opening)s - late.oldest_due_on > tier.days_over ORDER BY tier.days_over DESC LIMIT 1))]
FROM late WHERE loan.id = late.id
RETURNING late.was, late.oldest_due_on, loan.id, loan.party_id, loan.agreement_id, loan.drawing_id
