-- Interest earned so far = interest of the period x days used / its days, half-up, the first day
-- counted and the last not: engine.interest_to. Only what the loan does not have yet is added.
WITH earned AS (
  SELECT loan.id, loan.product_code, div(2::numeric * loan.period_interest_minor
      * least(%(opening)s - loan.period_from_on, loan.period_due_on - loan.period_from_on)
      + (loan.period_due_on - loan.period_from_on),
      2 * (loan.period_due_on - loan.period_from_on))::bigint - loan.period_accrued_minor AS added
  FROM servicing_loan AS loan
  WHERE loan.state = ANY(%(live)s) AND loan.id >= %(first)s
    AND (%(before)s::uuid IS NULL OR loan.id < %(before)s::uuid)
    AND loan.period_no IS NOT NULL AND loan.period_from_on < %(opening)s
), moved AS (
  UPDATE servicing_loan AS loan
  SET period_accrued_minor = loan.period_accrued_minor + earned.added,
      interest_outstanding_minor = loan.interest_outstanding_minor + earned.added
  FROM earned WHERE loan.id = earned.id AND earned.added > 0
  RETURNING earned.product_code, earned.added
)
SELECT product_code, count(*), sum(added)::bigint FROM moved GROUP BY 1 ORDER BY 1
