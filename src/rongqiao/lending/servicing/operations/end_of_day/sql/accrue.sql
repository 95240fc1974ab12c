-- What the day adds to each loan's earned interest, summed by product; no loan is written. A loan
-- that was changed since says before which day it is booked (accrued_on): whatever lies before is
-- not counted again. NULL where a period has no days.
WITH earned AS (
  SELECT product_code,
    servicing_booked(loan, %(opening)s) - servicing_booked(loan, %(on)s) AS added
  FROM servicing_loan AS loan
  WHERE state = ANY(%(live)s) AND id >= %(first)s
    AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
    AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s::uuid[]))
    AND id <> ALL(%(parked)s::uuid[]) AND period_no IS NOT NULL
)
SELECT product_code, count(*) FILTER (WHERE added > 0), coalesce(sum(added), 0)::bigint,
  count(*) FILTER (WHERE added IS NULL)
FROM earned GROUP BY 1 ORDER BY 1
