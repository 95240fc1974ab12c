-- All parts see the rows as they were; the loan turns to its next period in the same statement.
-- Interest that no accrual caught (there is none on a normal day) is made up for here.
-- Loans are looked up one by one by their ids, as in age.sql.
WITH falling AS (
  SELECT turning.* FROM unnest(%(ids)s::uuid[]) AS chosen (id) CROSS JOIN LATERAL (
    SELECT loan.id, loan.product_code, loan.period_no, loan.period_accrued_minor,
           part.interest_minor, part.fee_minor,
           part.interest_minor - servicing_booked(loan, %(opening)s) AS missing
    FROM servicing_loan AS loan
    JOIN servicing_instalment AS part ON part.loan_id = chosen.id AND part.no = loan.period_no
    WHERE loan.id = chosen.id AND loan.state = ANY(%(live)s)
      AND loan.period_due_on <= %(opening)s
    OFFSET 0) AS turning
), charged AS (
  UPDATE servicing_instalment AS part
  SET is_due = true, interest_charged_minor = part.interest_minor,
      fee_charged_minor = part.fee_minor,
      settled_on = CASE WHEN part.principal_minor + part.interest_minor + part.fee_minor = 0
                        THEN %(opening)s::date END
  FROM falling WHERE part.loan_id = falling.id AND part.no = falling.period_no
), entered AS (
  INSERT INTO servicing_loanentry (loan_id, kind, "on", booked_at, instalment_no,
    principal_minor, interest_minor, penalty_minor, fee_minor)
  SELECT id, 'fall-due', %(opening)s, %(at)s, period_no, 0, interest_minor, 0, fee_minor
  FROM falling WHERE interest_minor + fee_minor > 0 ORDER BY id
), turned AS (
  UPDATE servicing_loan AS loan
  SET interest_outstanding_minor = loan.interest_outstanding_minor
        - falling.period_accrued_minor + falling.interest_minor,
      fee_outstanding_minor = loan.fee_outstanding_minor + falling.fee_minor,
      period_no = following.no, period_from_on = following.from_on,
      period_due_on = following.due_on, period_accrued_minor = 0, accrued_on = %(opening)s,
      period_interest_minor = coalesce(following.interest_minor, 0)
  FROM falling LEFT JOIN servicing_instalment AS following
    ON following.loan_id = falling.id AND following.no = falling.period_no + 1
  WHERE loan.id = falling.id
)
SELECT product_code, count(*), sum(missing)::bigint, sum(fee_minor)::bigint
FROM falling GROUP BY 1 ORDER BY 1
