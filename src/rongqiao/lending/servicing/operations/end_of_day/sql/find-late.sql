SELECT DISTINCT part.loan_id FROM servicing_instalment AS part
WHERE part.is_due AND part.settled_on IS NULL AND part.due_on < %(opening)s
  AND part.loan_id >= %(first)s
  AND (%(before)s::uuid IS NULL OR part.loan_id < %(before)s::uuid)
  AND part.loan_id <> ALL(%(parked)s::uuid[])
