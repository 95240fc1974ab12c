-- Generated loans; their numbers come from the row number alone, so every run has the same ones.
-- Ids grow as those of loans lent one after the other do.
CREATE UNLOGGED TABLE bench_plan AS
SELECT n, lpad(to_hex(n), 32, '0')::uuid AS id, method, terms, day, elapsed, principal, rate,
  -- Where the first day to close is before this month's due day, that is the next one.
  (date_trunc('month', first)
    + make_interval(months => (least(day, 28) <= extract(day FROM first))::int - elapsed - 1)
  )::date AS start_month, first,
  CASE WHEN n % 25 = 0 AND method <> 'bullet' AND elapsed > 0
       THEN 1 + (n / 25) % least(elapsed, 4) ELSE 0 END AS late
FROM (
  SELECT n, first, (ARRAY['equal_instalment', 'equal_instalment', 'equal_principal',
      'interest_only', 'equal_instalment', 'equal_instalment', 'equal_principal',
      'interest_only', 'equal_instalment', 'bullet'])[1 + n % 10] AS method, terms,
    1 + (n * 7919::bigint % 31)::int AS day, (n / 40) % terms AS elapsed,
    100000 + n * 104729::bigint % 29900000 AS principal,
    (0.0345 + (n % 97) * 0.002)::numeric(12, 8) AS rate
  FROM generate_series(1, current_setting('bench.loans')::int) AS n,
    LATERAL (SELECT current_setting('bench.first')::date AS first,
                    least((ARRAY[3, 6, 9, 12])[1 + n / 10 % 4],
                          current_setting('bench.terms')::int) AS terms) AS chosen
) AS drawn;

-- One row per instalment: dates on the loan's day of the month, or its last one; the balance of a
-- level plan in closed form, so that the principals add up to what was lent.
CREATE UNLOGGED TABLE bench_part AS
SELECT id, no, from_on, due_on, method, late, elapsed,
  before - after AS principal, after AS balance,
  round(before * rate / 12 * (CASE WHEN method = 'bullet' THEN terms ELSE 1 END))::bigint AS interest
FROM (
  SELECT plan.*, no,
    bench_from.on AS from_on, bench_due.on AS due_on,
    CASE WHEN method = 'bullet' OR method = 'interest_only' OR no = 1 THEN principal
         WHEN method = 'equal_principal' THEN principal - div(principal * (no - 1), terms)::bigint
         ELSE round(principal * (power(grow, terms) - power(grow, no - 1))
                    / (power(grow, terms) - 1))::bigint END AS before,
    CASE WHEN method = 'bullet' OR no = terms THEN 0
         WHEN method = 'interest_only' THEN principal
         WHEN method = 'equal_principal' THEN principal - div(principal * no, terms)::bigint
         ELSE round(principal * (power(grow, terms) - power(grow, no))
                    / (power(grow, terms) - 1))::bigint END AS after
  FROM bench_plan AS plan,
    LATERAL (SELECT 1 + rate::float8 / 12 AS grow) AS growth,
    LATERAL generate_series(1, CASE WHEN method = 'bullet' THEN 1 ELSE terms END) AS no,
    LATERAL (SELECT (start_month + make_interval(months => no - 1))::date AS month) AS m1,
    LATERAL (SELECT (start_month + make_interval(
      months => CASE WHEN method = 'bullet' THEN terms ELSE no END))::date AS month) AS m2,
    LATERAL (SELECT least(m1.month + day - 1,
      (m1.month + interval '1 month' - interval '1 day')::date) AS on) AS bench_from,
    LATERAL (SELECT least(m2.month + day - 1,
      (m2.month + interval '1 month' - interval '1 day')::date) AS on) AS bench_due
) AS dated;

INSERT INTO servicing_loan (id, number, party_id, agreement_id, product_code, product_version,
  method, rate_annual, penalty_rate_annual, grace_days, is_penalty_on_interest, allocation_order,
  state, principal_minor, disbursed_at, disbursed_on, matures_on, principal_outstanding_minor,
  interest_outstanding_minor, period_no, period_from_on, period_due_on, period_interest_minor,
  period_accrued_minor, accrued_on)
SELECT plan.id, 'B' || plan.n, plan.id, plan.id, plan.method, 1, plan.method, plan.rate,
  plan.rate * 1.5, 3, plan.n % 2 = 0, 'by_instalment', 'active', plan.principal, sums.started,
  sums.started, sums.matures, sums.principal_left, sums.interest_left + running.accrued,
  running.no, running.from_on, running.due_on, running.interest, running.accrued,
  current_setting('bench.first')::date
FROM bench_plan AS plan JOIN (
  SELECT id, min(from_on) AS started, max(due_on) AS matures,
    sum(principal) FILTER (WHERE due_on > current_setting('bench.first')::date
      OR no > elapsed - late)::bigint AS principal_left,
    coalesce(sum(interest) FILTER (WHERE due_on <= current_setting('bench.first')::date
      AND no > elapsed - late), 0)::bigint AS interest_left
  FROM bench_part GROUP BY 1) AS sums ON sums.id = plan.id
JOIN (
  SELECT part.id, no, from_on, due_on, interest, (2 * interest * (first - from_on)
    + (due_on - from_on)) / (2 * (due_on - from_on)) AS accrued
  FROM bench_part AS part JOIN bench_plan USING (id)
  WHERE due_on > first AND from_on <= first) AS running ON running.id = plan.id
ORDER BY plan.id;

INSERT INTO servicing_instalment (loan_id, no, from_on, due_on, days, principal_minor,
  interest_minor, balance_minor, is_due, interest_charged_minor, principal_paid_minor,
  interest_paid_minor, settled_on)
SELECT id, no, from_on, due_on, due_on - from_on, principal, interest, balance, is_past,
  CASE WHEN is_past THEN interest ELSE 0 END,
  CASE WHEN is_paid THEN principal ELSE 0 END, CASE WHEN is_paid THEN interest ELSE 0 END,
  CASE WHEN is_paid THEN due_on END
FROM bench_part, LATERAL (SELECT due_on <= current_setting('bench.first')::date AS is_past) AS a,
  LATERAL (SELECT is_past AND no <= elapsed - late AS is_paid) AS b
ORDER BY id, no;

INSERT INTO servicing_loanentry (loan_id, kind, "on", booked_at, principal_minor, interest_minor,
  penalty_minor, fee_minor)
SELECT id, 'disbursement', disbursed_on, disbursed_at, principal_outstanding_minor,
  interest_outstanding_minor - period_accrued_minor, 0, 0
FROM servicing_loan ORDER BY id;

DROP TABLE bench_plan, bench_part
