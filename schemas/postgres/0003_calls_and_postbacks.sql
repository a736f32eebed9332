-- What happened: the postback log, calls and their events, written by the drain alone.
--
-- Each table is partitioned by the day (UTC) of a time that never changes for a row, so an entry delivered twice meets its own primary
-- key, and old days can be dropped whole. A default partition takes what no day's partition was made for.

create table postback_log (
  id              uuid not null,                            -- the postback_id
  received_at     timestamptz not null,                     -- by the store's clock
  company_id      bigint not null,
  publisher_id    bigint not null,
  postback_key_id bigint not null,
  caller_number   text,
  call_uuids      text[] not null default '{}',             -- the calls it reached, at once or by waiting
  tag_values      json not null,                            -- json, not jsonb: keeps the order in which the tags came
  outcome         text not null check (outcome in ('stored_for_call', 'applied', 'stored', 'not_stored', 'refused')),
  code            text,                                     -- why it was refused
  expires_at      timestamptz,                              -- until when its tags wait
  source_ip       inet,
  replayed        boolean not null default false,
  occurrences     integer not null default 1,               -- more than 1: a flood of equal refusals in one row
  primary key (id, received_at)                             -- id first: a postback is looked up by its id alone
) partition by range (received_at);
create index postback_log_by_company on postback_log (company_id, received_at desc, id desc);
create index postback_log_by_publisher on postback_log (company_id, publisher_id, received_at desc, id desc);
create index postback_log_by_caller on postback_log (company_id, caller_number, received_at desc, id desc);
create index postback_log_by_outcome on postback_log (company_id, outcome, received_at desc, id desc) where outcome <> 'stored';
create index postback_log_by_call on postback_log using gin (call_uuids) where call_uuids <> '{}';

create table calls (
  call_uuid        text not null,
  hit_at           timestamptz not null,                    -- by the store's clock; fixed for ever
  company_id       bigint not null,
  caller_number    text,                                    -- null: withheld or malformed
  dialed_number    text,
  campaign_id      bigint,
  publisher_id     bigint,
  status           text not null check (status in ('in_progress', 'completed', 'expired')),
  started_at       timestamptz not null,                    -- the engine's word, else hit_at
  answered_at      timestamptz,
  ended_at         timestamptz,                             -- by the store's clock, when the first end arrived
  engine_ended_at  timestamptz,                             -- the engine's word; moves nothing
  routed_to        bigint,                                  -- the buyer tried last
  answered_by      bigint,                                  -- the buyer who answered
  disposition      text,
  duration_seconds integer,
  recording_url    text,
  revenue_cents    bigint,
  payout_cents     bigint,
  tags             jsonb not null default '{}',             -- name to value
  attribution      jsonb not null default '{}',             -- name to publisher_id, postback_key_id, postback_id, posted_at
  revision         bigint not null,                         -- grows with each change of the call; an older one never overwrites
  primary key (hit_at, company_id, call_uuid)
) partition by range (hit_at);
create index calls_by_company on calls (company_id, hit_at desc, call_uuid desc);
create index calls_by_uuid on calls (company_id, call_uuid, hit_at desc);
create index calls_by_status on calls (company_id, status, hit_at desc, call_uuid desc) where status <> 'completed'; -- the live view
create index calls_by_publisher on calls (company_id, publisher_id, hit_at desc, call_uuid desc);
create index calls_by_buyer on calls (company_id, answered_by, hit_at desc, call_uuid desc);
create index calls_by_campaign on calls (company_id, campaign_id, hit_at desc, call_uuid desc);
create index calls_by_caller on calls (company_id, caller_number, hit_at desc, call_uuid desc);
create index calls_by_tag on calls using gin (tags);       -- by name, by value and by both

create table call_events (
  company_id  bigint not null,
  call_uuid   text not null,
  revision    bigint not null,                              -- the call's revision that this event made
  happened_at timestamptz not null,                         -- by the store's clock
  kind        text not null check (kind in ('hit', 'route', 'answer', 'end', 'expire')),
  detail      jsonb not null default '{}',                  -- what the event said
  primary key (happened_at, company_id, call_uuid, revision)
) partition by range (happened_at);
create index call_events_by_call on call_events (company_id, call_uuid, happened_at, revision);

create table postback_log_rest partition of postback_log default;
create table calls_rest partition of calls default;
create table call_events_rest partition of call_events default;

-- Makes the day's partition of each table where it is missing; several may try at once.
create function make_partitions(first_day date, days integer) returns void language plpgsql as $$
declare
  day date;
  kept text;
  part text;
begin
  perform pg_advisory_xact_lock(hashtext('callstamp make_partitions'));
  for n in 0 .. days - 1 loop
    day := first_day + n;
    foreach kept in array array['postback_log', 'calls', 'call_events'] loop
      part := kept || '_' || to_char(day, 'YYYYMMDD');
      if to_regclass(part) is null then
        begin
          execute format('create table %I partition of %I for values from (%L) to (%L)', part, kept,
                         day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
        exception when check_violation then
          null; -- rows of that day are in the default partition already, and the rest of it may as well join them
        end;
      end if;
    end loop;
  end loop;
end $$;

-- Entries that could not be written, as they were delivered, until somebody looks at them.
create table set_aside (
  stream     text not null,
  entry_id   text not null,
  payload    bytea not null,
  reason     text not null,
  set_aside_at timestamptz not null default now(),
  primary key (stream, entry_id)
);
