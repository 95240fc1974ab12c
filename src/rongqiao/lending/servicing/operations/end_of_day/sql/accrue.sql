-- Interest earned so far = interest of the period x days used / its days, half-up, the first day
-- counted and the last not: engine.interest_to. Only what the loan does not have yet is added.
-- No loan is locked beforehand: one that was changed meanwhile is left, and taken the next time
-- round, which is why the number of loans found is told beside the number moved.
WITH earned AS (
  SELECT loan.id, loan.product_code, loan.period_no, loan.period_accrued_minor AS had,
    (2 * loan.period_interest_minor
        * least(%(opening)s - loan.period_from_on, loan.period_due_on - loan.period_from_on)
      + (loan.period_due_on - loan.period_from_on))
      / (2 * (loan.period_due_on - loan.period_from_on)) - loan.period_accrued_minor AS added
  FROM servicing_loan AS loan
  WHERE loan.state = ANY(%(live)s) AND loan.id >= %(first)s
    AND (%(before)s::uuid IS NULL OR loan.id < %(before)s::uuid)
    AND (%(ids)s::uuid[] IS NULL OR loan.id = ANY(%(ids)s::uuid[]))
    AND loan.id <> ALL(%(parked)s::uuid[])
    AND loan.period_no IS NOT NULL AND loan.period_from_on < %(opening)s
), moved AS (
  UPDATE servicing_loan AS loan
  SET period_accrued_minor = loan.period_accrued_minor + earned.added,
      interest_outstanding_minor = loan.interest_outstanding_minor + earned.added
  FROM earned
  WHERE loan.id = earned.id AND earned.added > 0 AND loan.state = ANY(%(live)s)
    -- Said again, so that only the chunk is read to find them.
    AND loan.id >= %(first)s AND (%(before)s::uuid IS NULL OR loan.id < %(before)s::uuid)
    AND loan.period_no = earned.period_no AND loan.period_accrued_minor = earned.had
  RETURNING earned.product_code, earned.added
)
SELECT product_code, count(*), sum(added)::bigint FROM moved GROUP BY 1
UNION ALL SELECT NULL, count(*), 0 FROM earned WHERE added > 0
ORDER BY 1 NULLS FIRST
