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
    loan.principal_outstanding_minor AS principal, loan.principal_minor AS lent,
    loan.days_past_due > 0 AS is_late,
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
), drawn AS (
  SELECT loan_id, count(*) AS times FROM servicing_furtherdraw WHERE drawn_at IS NOT NULL
  GROUP BY loan_id
), promised AS (
  -- Drawn on after the valuation's date at the soonest; whoever is in default is lent no more.
  INSERT INTO servicing_commitmentloan (run_id, loan_id, product_code, stage, undrawn_minor,
    expected_minor)
  SELECT %(run)s, graded.id, graded.product_code, graded.stage, room.agreed_minor - graded.lent,
    div(2 * (room.agreed_minor - graded.lent)::numeric * %(conversion)s
      * curve.losses[1 + least(graded.horizon, greatest(1, graded.months), %(furthest)s)]
      + 100 * %(unit)s::numeric, 200 * %(unit)s::numeric)::bigint
  FROM graded JOIN curve USING (no) JOIN servicing_drawroom AS room ON room.loan_id = graded.id
    LEFT JOIN drawn ON drawn.loan_id = graded.id
  WHERE room.last_on > %(on)s AND room.agreed_minor > graded.lent
    AND 1 + coalesce(drawn.times, 0) < room.most
    AND NOT (graded.stage = 3 AND graded.is_late)
  RETURNING 1
)
SELECT (SELECT count(*) FROM valued), (SELECT count(*) FROM live)
