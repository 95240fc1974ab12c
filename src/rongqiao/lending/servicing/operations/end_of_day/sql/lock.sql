-- A statement of its own: the next one then sees what a repayment committed meanwhile.
SELECT count(*) FROM (
  SELECT 1 FROM servicing_loan AS loan
  WHERE loan.state = ANY(%(live)s) AND loan.id >= %(first)s
    AND (%(before)s::uuid IS NULL OR loan.id < %(before)s::uuid)
  ORDER BY loan.id FOR NO KEY UPDATE
) AS locked
