-- Interest earned so far = interest of the period x days used / its days, half-up, the first day
-- counted and the last not: engine.interest_to. Only what the loan does not have yet is added.
-- No loan is locked beforehand: one that was changed meanwhile is left, and taken the next time
-- round. Both sides of the join find a loan by its key, whatever the planner believes: no list is
-- read through for each loan.
WITH moved AS (
  UPDATE servicing_loan AS loan
  SET period_accrued_minor = loan.period_accrued_minor + earned.added,
      interest_outstanding_minor = loan.interest_outstanding_minor + earned.added
  FROM (
    SELECT id, product_code, period_no, period_accrued_minor AS had,
      (2 * period_interest_minor
          * least(%(opening)s - period_from_on, period_due_on - period_from_on)
        + (period_due_on - period_from_on))
        / (2 * (period_due_on - period_from_on)) - period_accrued_minor AS added
    FROM servicing_loan
    WHERE state = ANY(%(live)s) AND id >= %(first)s
      AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
      AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s::uuid[]))
      AND id <> ALL(%(parked)s::uuid[])
      AND period_no IS NOT NULL AND period_from_on < %(opening)s
  ) AS earned
  WHERE loan.id = earned.id AND earned.added > 0 AND loan.state = ANY(%(live)s)
    -- Said again, so that only the chunk is read to find them.
    AND loan.id >= %(first)s AND (%(before)s::uuid IS NULL OR loan.id < %(before)s::uuid)
    AND loan.period_no = earned.period_no AND loan.period_accrued_minor = earned.had
  RETURNING earned.product_code, earned.added
)
SELECT product_code, count(*), sum(added)::bigint FROM moved GROUP BY 1 ORDER BY 1
