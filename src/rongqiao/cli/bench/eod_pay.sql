-- Every due instalment is paid in full, but those of each 25th loan.
WITH paid AS (
  UPDATE servicing_instalment AS part
  SET principal_paid_minor = part.principal_minor,
      interest_paid_minor = part.interest_charged_minor, settled_on = %(on)s
  FROM servicing_loan AS loan
  WHERE loan.id = part.loan_id AND part.is_due AND part.settled_on IS NULL
    AND substr(loan.number, 2)::int %% 25 <> 0
  RETURNING part.loan_id, part.no, part.principal_minor AS principal,
            part.interest_charged_minor AS interest
), entered AS (
  INSERT INTO servicing_loanentry (loan_id, kind, "on", booked_at, instalment_no,
    principal_minor, interest_minor, penalty_minor, fee_minor)
  SELECT loan_id, 'repayment', %(on)s, %(at)s, no, -principal, -interest, 0, 0 FROM paid
), lowered AS (
  UPDATE servicing_loan AS loan
  SET principal_outstanding_minor = loan.principal_outstanding_minor - paid.principal,
      interest_outstanding_minor = loan.interest_outstanding_minor - paid.interest,
      state = CASE WHEN loan.period_no IS NULL THEN 'closed' ELSE loan.state END,
      closed_on = CASE WHEN loan.period_no IS NULL THEN %(on)s::date END
  FROM paid WHERE loan.id = paid.loan_id
  RETURNING loan.product_code, paid.principal, paid.interest
)
SELECT product_code, sum(principal)::bigint, sum(interest)::bigint
FROM lowered GROUP BY 1 ORDER BY 1
