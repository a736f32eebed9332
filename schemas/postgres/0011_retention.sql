-- How long a company keeps what: days by kind of data, null for ever. See admin/retention.py.
--
-- Certificate tags, e.g. of consent, have an age of their own, and a legal hold keeps them whatever that says; a row that bears one stays
-- as long as it.

alter table companies
  add column postback_log_days     integer check (postback_log_days between 1 and 36500),
  add column calls_days            integer check (calls_days between 1 and 36500),
  add column tags_days             integer check (tags_days between 1 and 36500),
  add column certificate_tags_days integer check (certificate_tags_days between 1 and 36500),
  add column certificate_tag_names text[] not null default '{}' check (cardinality(certificate_tag_names) <= 100),
  add column legal_hold            boolean not null default false;

-- Until when a company's tags were blanked already, so that each hour looks at an hour. What comes late, out of a spool, is older than
-- that: now and then all is looked at again, and so it is once the company wants something else.
create table tags_blanked (
  company_id    bigint not null references companies,
  kind          text not null check (kind in ('calls_tags', 'calls_certificates', 'postbacks_tags', 'postbacks_certificates')),
  blanked_until timestamptz not null,
  begun_at      timestamptz not null default now(),
  primary key (company_id, kind)
);
alter table tags_blanked enable row level security;
create policy of_company on tags_blanked using (company_id = (select current_company()));
grant select, insert, update, delete on tags_blanked to callstamp_admin;
grant delete on postback_log, calls, call_events to callstamp_admin;

-- The companies that don't keep all for ever: the job that sees to it works for one company after the other.
create function find_retaining_companies() returns setof bigint
  language sql stable security definer set search_path = public as $$
  select id
    from companies
   where coalesce(postback_log_days, calls_days, tags_days, certificate_tags_days) is not null
   order by id
$$;
revoke execute on function find_retaining_companies() from public;
grant execute on function find_retaining_companies() to callstamp_admin;

-- Drops the days' partitions before a day that nothing is left in; one that is in use at this moment is left for the next time.
create function drop_empty_partitions(before date) returns integer language plpgsql as $$
declare
  part text;
  dropped integer := 0;
  is_empty boolean;
begin
  perform set_config('lock_timeout', '200ms', true);
  for part in
    select child.relname
      from pg_inherits
      join pg_class as child on child.oid = inhrelid
     where inhparent in ('postback_log'::regclass, 'calls'::regclass, 'call_events'::regclass)
       and child.relname ~ '_[0-9]{8}$'
       and to_date(right(child.relname, 8), 'YYYYMMDD') < before
     order by child.relname
  loop
    execute format('select not exists (select from %I)', part) into is_empty;
    if is_empty then
      begin
        execute format('lock table %I in access exclusive mode', part);
        execute format('select not exists (select from %I)', part) into is_empty; -- now nobody can add to it
        if is_empty then
          execute format('drop table %I', part);
          dropped := dropped + 1;
        end if;
      exception when lock_not_available then
        null;
      end;
    end if;
  end loop;
  return dropped;
end $$;
