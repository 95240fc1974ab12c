SELECT loan.id FROM servicing_loan AS loan
WHERE loan.state = ANY(%(live)s) AND loan.period_due_on = ANY(%(dates)s::date[])
  AND loan.id >= %(first)s AND (%(before)s::uuid IS NULL OR loan.id < %(before)s::uuid)
  AND loan.id <> ALL(%(parked)s::uuid[])
ORDER BY loan.id FOR NO KEY UPDATE
