-- A watch that is over without anything late ends; then a non-performing loan whose arrears are
-- cleared is upgraded after months of regular payment, no further than a watch allows.
WITH graded AS (
  SELECT loan.id, coalesce(loan.watched_until <= %(opening)s, false) AS is_over,
    CASE WHEN loan.watched_until > %(opening)s THEN %(watched_at_best)s ELSE 'pass' END AS best,
    loan.risk_class = ANY(%(non_performing)s) AS is_bad,
    greatest(loan.watched_from, (
      SELECT max(part.settled_on) FROM servicing_instalment AS part
      WHERE part.loan_id = loan.id AND part.settled_on > part.due_on)
    ) + make_interval(months => %(regular_months)s) <= %(opening)s AS is_regular
  FROM servicing_loan AS loan
  WHERE loan.state = ANY(%(live)s) AND loan.days_past_due = 0 AND loan.id = ANY(%(ids)s::uuid[])
    AND (loan.risk_class = ANY(%(non_performing)s) OR loan.watched_until <= %(opening)s)
)
UPDATE servicing_loan AS loan
SET risk_class = CASE WHEN NOT is_bad OR is_regular THEN best ELSE loan.risk_class END,
    state = CASE WHEN is_over THEN 'active' ELSE loan.state END,
    watched_until = CASE WHEN is_over THEN NULL ELSE loan.watched_until END
FROM graded WHERE loan.id = graded.id AND (is_over OR is_regular)
