-- How far behind the logs are, as the drain that works last said: at most one row, of no company.

create table drain_state (
  is_only         boolean primary key default true check (is_only),
  lag_seconds     double precision not null,                -- the age of the oldest entry that isn't in PostgreSQL yet
  backlog_entries bigint not null,
  measured_at     timestamptz not null default now()
);
grant select on drain_state to callstamp_admin;
