-- One day in micro-fen, half-up (engine.penalty_of_day), gathered, and charged in whole fen, half-up
-- (engine.fen_of_micro); none where the borrower was on hold that day. Loans are looked up one by one by their ids, as in age.sql.
WITH overdue AS (
  SELECT owed.* FROM unnest(%(ids)s::uuid[]) AS chosen (id) CROSS JOIN LATERAL (
    SELECT part.id, part.loan_id, part.no, loan.product_code, part.penalty_charged_minor AS before,
      part.penalty_micro + div(2 * (part.principal_minor - part.principal_paid_minor
        + CASE WHEN loan.is_penalty_on_interest
               THEN part.interest_charged_minor - part.interest_paid_minor ELSE 0 END)
        * loan.penalty_rate_annual * 1000000 + 360, 720)::bigint AS micro
    FROM servicing_loan AS loan JOIN servicing_instalment AS part ON part.loan_id = chosen.id
    WHERE loan.id = chosen.id AND loan.state = ANY(%(live)s)
      AND part.settled_on IS NULL AND part.is_due AND part.due_on <= %(on)s
      AND part.due_on + loan.grace_days <= %(on)s
      AND NOT EXISTS (
        SELECT FROM servicing_borrowerhold AS hold
        WHERE hold.party_id = loan.party_id AND hold.from_on <= %(on)s
          AND (hold.lifted_on IS NULL OR hold.lifted_on > %(on)s))
    OFFSET 0) AS owed
), charged AS (
  UPDATE servicing_instalment AS part
  SET penalty_micro = overdue.micro,
      penalty_charged_minor = div(2::numeric * overdue.micro + 1000000, 2000000)::bigint
  FROM overdue WHERE part.id = overdue.id AND overdue.micro > part.penalty_micro
  RETURNING overdue.loan_id, overdue.no, overdue.product_code,
            part.penalty_charged_minor - overdue.before AS added
), entered AS (
  INSERT INTO servicing_loanentry (loan_id, kind, "on", booked_at, instalment_no,
    principal_minor, interest_minor, penalty_minor, fee_minor)
  SELECT loan_id, 'penalty', %(on)s, %(at)s, no, 0, 0, added, 0
  FROM charged WHERE added > 0 ORDER BY loan_id, no
), owed AS (
  UPDATE servicing_loan AS loan
  SET penalty_outstanding_minor = loan.penalty_outstanding_minor + sums.added
  FROM (SELECT loan_id, sum(added)::bigint AS added FROM charged GROUP BY 1) AS sums
  WHERE loan.id = sums.loan_id
)
SELECT product_code, count(*), sum(added)::bigint FROM charged GROUP BY 1 ORDER BY 1
