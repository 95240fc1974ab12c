-- How the loans of one valuation came to stand in the next one of the same version, by product and
-- stage at either end (none where a loan was lent or left in between). Of a loan that owes less in
-- the same stage, `repaid` is the share of its expected loss that went with what was paid.
SELECT coalesce(now.product_code, was.product_code), was.stage, now.stage,
  coalesce(lost.is_lost, false), count(*),
  coalesce(sum(was.expected_minor), 0)::bigint, coalesce(sum(now.expected_minor), 0)::bigint,
  coalesce(sum(div(2 * was.expected_minor::numeric * (was.exposure_minor - now.exposure_minor)
      + was.exposure_minor, 2 * was.exposure_minor))
    FILTER (WHERE was.stage = now.stage AND now.exposure_minor < was.exposure_minor), 0)::bigint
FROM (SELECT * FROM servicing_allowanceloan WHERE run_id = %(before)s) AS was
FULL JOIN (SELECT * FROM servicing_allowanceloan WHERE run_id = %(now)s) AS now USING (loan_id)
LEFT JOIN (
  SELECT DISTINCT loan_id, true AS is_lost FROM servicing_writeoff WHERE state = 'approved'
) AS lost USING (loan_id)
GROUP BY 1, 2, 3, 4
