-- What belongs to a company: its publishers, buyers, campaigns and tracking numbers.
--
-- Rows are never deleted, they get a removed_at, and every row that ingest or the merger keep in memory carries
-- changed_in, the transaction that last touched it: a reader that remembers the oldest transaction still open at its
-- last look (pg_snapshot_xmin) misses no change, in whatever order transactions commit.

create function mark_change() returns trigger language plpgsql as $$
begin
  new.changed_in := pg_current_xact_id();
  return new;
end $$;

-- Wakes whoever keeps these rows in memory. A lost notification costs one polling interval, nothing else.
create function announce_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('callstamp_changes', tg_table_name);
  return null;
end $$;

create table companies (
  id                               bigint generated always as identity primary key,
  name                             text not null check (length(name) between 1 and 200),
  default_region                   text not null default 'US' check (default_region ~ '^[A-Z]{2}$'),
  default_number_cap               integer not null default 10 check (default_number_cap >= 0),
  default_storage_duration_seconds integer not null default 172800 check (default_storage_duration_seconds between 0 and 7776000),
  default_end_call_cutoff_seconds  integer not null default 3600 check (default_end_call_cutoff_seconds between 0 and 604800),
  created_at                       timestamptz not null default now(),
  changed_in                       xid8 not null default pg_current_xact_id()
);

create table publishers (
  id          bigint generated always as identity primary key,
  company_id  bigint not null references companies,
  name        text not null check (length(name) between 1 and 200),
  afid        text check (length(afid) between 1 and 200), -- the id this publisher had in the system it comes from
  number_cap  integer check (number_cap >= 0),             -- null: the company's default
  created_at  timestamptz not null default now(),
  removed_at  timestamptz,
  changed_in  xid8 not null default pg_current_xact_id(),
  unique (company_id, id)
);
create unique index publishers_by_afid on publishers (company_id, afid) where removed_at is null;

create table buyers (
  id          bigint generated always as identity primary key,
  company_id  bigint not null references companies,
  name        text not null check (length(name) between 1 and 200),
  price_cents bigint check (price_cents >= 0),             -- what an answered call earns when its end names no revenue
  paused      boolean not null default false,
  created_at  timestamptz not null default now(),
  removed_at  timestamptz,
  changed_in  xid8 not null default pg_current_xact_id(),
  unique (company_id, id)
);

create table campaigns (
  id           bigint generated always as identity primary key,
  company_id   bigint not null references companies,
  name         text not null check (length(name) between 1 and 200),
  payout_cents bigint check (payout_cents >= 0),           -- what the publisher gets for an answered call when its end names none
  created_at   timestamptz not null default now(),
  removed_at   timestamptz,
  changed_in   xid8 not null default pg_current_xact_id(),
  unique (company_id, id)
);

create table tracking_numbers (
  id           bigint generated always as identity primary key,
  company_id   bigint not null references companies,
  campaign_id  bigint not null,
  publisher_id bigint,
  number       text not null check (number ~ '^\+[1-9][0-9]{7,14}$'),
  pool         boolean not null default false,             -- pool numbers don't count for the number cap
  created_at   timestamptz not null default now(),
  removed_at   timestamptz,
  changed_in   xid8 not null default pg_current_xact_id(),
  foreign key (company_id, campaign_id) references campaigns (company_id, id),
  foreign key (company_id, publisher_id) references publishers (company_id, id),
  unique (company_id, id)
);
create unique index tracking_numbers_by_number on tracking_numbers (company_id, number) where removed_at is null;
create index tracking_numbers_by_publisher on tracking_numbers (company_id, publisher_id, id);
create index tracking_numbers_by_campaign on tracking_numbers (company_id, campaign_id, id);

do $$
declare
  kept text;
begin
  foreach kept in array array['companies', 'publishers', 'buyers', 'campaigns', 'tracking_numbers'] loop
    execute format('create index %1$s_by_change on %1$s (changed_in)', kept);
    execute format('create trigger mark before insert or update on %I for each row execute function mark_change()', kept);
    execute format('create trigger announce after insert or update on %I for each statement execute function announce_change()', kept);
  end loop;
end $$;
