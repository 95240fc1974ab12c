-- Every live loan in its stage, and what of it is expected to be lost (expected_loss.py). A curve is
-- what of one fen exposed for 0, 1, ... months is lost, in billionths; arrays count from 1.
WITH curve AS MATERIALIZED (
  SELECT no, product_code, stage, rate, losses::bigint[] AS losses
  FROM unnest(%(products)s::text[], %(stages)s::int[], %(rates)s::int[], %(losses)s::text[])
    WITH ORDINALITY AS one(product_code, stage, rate, losses, no)
), lately AS (
  SELECT DISTINCT loan_id FROM servicing_loanmonth
  WHERE "on" > %(cured_since)s AND "on" <= %(on)s
    AND (bucket = ANY(%(late)s) OR risk_class = ANY(%(non_performing)s))
), live AS MATERIALIZED (
  SELECT loan.id, loan.product_code, loan.risk_class,
    round(loan.rate_annual * 10000)::int AS rate,
    loan.principal_outstanding_minor AS principal,
    loan.principal_outstanding_minor + loan.penalty_outstanding_minor
      + loan.fee_outstanding_minor + {interest} AS exposure,
    CASE WHEN loan.days_past_due > %(days_impaired)s
           OR loan.risk_class = ANY(%(non_performing)s) THEN 3
         WHEN loan.days_past_due > %(days_increased)s OR loan.watched_until IS NOT NULL
           OR lately.loan_id IS NOT NULL
           OR (%(is_watch_increased)s AND loan.risk_class = 'special-mention') THEN 2
         ELSE 1 END AS stage,
    (date_part('year', loan.matures_on) - %(year)s)::int * 12
      + date_part('month', loan.matures_on)::int - %(month)s AS months
  FROM {loans} LEFT JOIN lately ON lately.loan_id = loan.id
  WHERE loan.state = ANY(%(live)s)
), graded AS MATERIALIZED (
  SELECT live.*, curve.no,
    least(CASE WHEN live.stage = 2 THEN greatest(12, live.months) ELSE 12 END,
      %(furthest)s) AS horizon
  FROM live JOIN curve USING (product_code, stage, rate)
), ahead AS (
  SELECT graded.id, sum(due.left_minor)::bigint AS planned,
    sum(due.left_minor::numeric * curve.losses[1 + least(greatest(1,
      (date_part('year', due.due_on) - %(year)s)::int * 12
        + date_part('month', due.due_on)::int - %(month)s), graded.horizon)]) AS lost
  FROM graded JOIN curve USING (no) JOIN (
    SELECT loan_id, due_on, principal_minor - principal_paid_minor AS left_minor
    FROM servicing_instalment WHERE settled_on IS NULL AND due_on > %(on)s
  ) AS due ON due.loan_id = graded.id
  GROUP BY graded.id
), valued AS (
  INSERT INTO servicing_allowanceloan (run_id, loan_id, product_code, stage, risk_class,
    principal_minor, exposure_minor, expected_minor)
  SELECT %(run)s, graded.id, graded.product_code, graded.stage, graded.risk_class, graded.principal,
    graded.exposure,
    div(2 * (coalesce(ahead.lost, 0) + (graded.exposure - coalesce(ahead.planned, 0))::numeric
      * curve.losses[1 + graded.horizon]) + %(unit)s, 2 * %(unit)s)::bigint
  FROM graded JOIN curve USING (no) LEFT JOIN ahead ON ahead.id = graded.id
  RETURNING 1
)
SELECT (SELECT count(*) FROM valued), (SELECT count(*) FROM live)
