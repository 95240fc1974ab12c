-- A non-performing loan whose arrears are cleared is upgraded after months of regular payment.
UPDATE servicing_loan AS loan SET risk_class = 'pass'
WHERE loan.state = ANY(%(live)s) AND loan.risk_class = ANY(%(non_performing)s)
  AND loan.days_past_due = 0
  AND loan.id = ANY(%(ids)s::uuid[])
  AND (SELECT max(part.settled_on) + make_interval(months => %(regular_months)s)
       FROM servicing_instalment AS part
       WHERE part.loan_id = loan.id AND part.settled_on > part.due_on) <= %(opening)s
