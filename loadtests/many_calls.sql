-- Company 1 gets `made.calls` calls of the last `made.days` days, both settings: 200 numbers of which some ring far more often than
-- others, 20 publishers, 10 buyers, three tags on two calls of three. Run as the tables' owner; a million take a minute or two.

insert into publishers (id, company_id, name) overriding system value
select n, 1, 'Publisher ' || n from generate_series(1, 20) as n;
insert into buyers (id, company_id, name) overriding system value
select n, 1, 'Buyer ' || n from generate_series(1, 10) as n;
insert into campaigns (id, company_id, name) overriding system value
select n, 1, 'Campaign ' || n from generate_series(1, 8) as n;
insert into tracking_numbers (id, company_id, campaign_id, publisher_id, number) overriding system value
select n, 1, 1 + n % 8, 1 + n % 20, '+1800555' || lpad(n::text, 4, '0')
from generate_series(1, 200) as n;
select make_partitions(now()::date - current_setting('made.days')::int - 1, current_setting('made.days')::int + 3);

insert into calls (call_uuid, hit_at, company_id, caller_number, dialed_number, campaign_id, publisher_id, status, started_at, answered_at,
                   ended_at, answered_by, disposition, duration_seconds, revenue_cents, payout_cents, tags, attribution, revision)
select md5(n::text), at, 1, '+1212' || lpad((n::bigint * 7919 % 300000)::text, 7, '0'), '+1800555' || lpad(number::text, 4, '0'), 1 + number % 8,
       1 + number % 20, 'completed', at - interval '1 second', case when answered then at + interval '9 seconds' end,
       at + interval '9 seconds' + seconds * interval '1 second', case when answered then 1 + n % 10 end,
       case when answered then 'answered' else 'busy' end, case when answered then seconds else 0 end,
       case when answered then 2500 end, case when answered then 1200 end,
       case when tagged then jsonb_build_object('zip', (n * 31 % 40000)::text, 'state', 'S' || n % 50, 'lead', 'L' || n) else '{}' end,
       case when tagged then jsonb_build_object('zip', source, 'state', source, 'lead', source) else '{}' end, 4
from (
  select n,
         date_trunc('milliseconds', now() - n * interval '1 day' * current_setting('made.days')::int / current_setting('made.calls')::int) as at,
         least(200, 1 + floor(200 * power(random(), 4)))::int as number,
         (random() * 300)::int as seconds,
         random() < 0.7 as answered,
         n % 3 > 0 as tagged
  from generate_series(1, current_setting('made.calls')::int) as n
) as made
cross join lateral (
  select jsonb_build_object('publisher_id', 1 + number % 20, 'postback_key_id', 1, 'postback_id', md5('p' || n)::uuid,
                            'posted_at', at - interval '5 minutes') as source
) as posted;
