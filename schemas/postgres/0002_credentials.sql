-- Postback keys of publishers, engine keys of call routing engines, API tokens of the admin API.
--
-- A secret is shown once and kept as its SHA-256: it holds at least 122 random bits, so there is nothing to guess or to salt.
-- A key may have two secrets at a time while it is being rotated; the older one ends at valid_until.

create table postback_keys (
  id                       bigint generated always as identity primary key,
  company_id               bigint not null references companies,
  publisher_id             bigint not null,
  name                     text not null check (length(name) between 1 and 200),
  type                     text not null default 'call_data_writing' check (type = 'call_data_writing'),
  storage_duration_seconds integer not null check (storage_duration_seconds between 0 and 7776000),
  end_call_cutoff_seconds  integer not null check (end_call_cutoff_seconds between 0 and 604800),
  apply_once               boolean not null default false,
  also_store               boolean not null default false,
  paused                   boolean not null default false,
  created_at               timestamptz not null default now(),
  revoked_at               timestamptz,
  changed_in               xid8 not null default pg_current_xact_id(),
  foreign key (company_id, publisher_id) references publishers (company_id, id),
  unique (company_id, id)
);
create index postback_keys_by_publisher on postback_keys (company_id, publisher_id, id);

create table postback_key_secrets (
  secret_hash     bytea primary key check (length(secret_hash) = 32),
  postback_key_id bigint not null references postback_keys,
  created_at      timestamptz not null default now(),
  valid_until     timestamptz                               -- null: until the key is revoked or rotated
);
create index postback_key_secrets_by_key on postback_key_secrets (postback_key_id);

create table engine_keys (
  id          bigint generated always as identity primary key,
  company_id  bigint not null references companies,
  name        text not null check (length(name) between 1 and 200),
  scopes      text[] not null default '{lookup,events}' check (scopes <@ '{lookup,events}' and cardinality(scopes) > 0),
  paused      boolean not null default false,
  created_at  timestamptz not null default now(),
  revoked_at  timestamptz,
  changed_in  xid8 not null default pg_current_xact_id(),
  unique (company_id, id)
);

create table engine_key_secrets (
  secret_hash   bytea primary key check (length(secret_hash) = 32),
  engine_key_id bigint not null references engine_keys,
  created_at    timestamptz not null default now(),
  valid_until   timestamptz
);
create index engine_key_secrets_by_key on engine_key_secrets (engine_key_id);

create table api_tokens (
  id           bigint generated always as identity primary key,
  company_id   bigint not null references companies,
  name         text not null check (length(name) between 1 and 200),
  secret_hash  bytea not null unique check (length(secret_hash) = 32),
  created_at   timestamptz not null default now(),
  revoked_at   timestamptz
);
create index api_tokens_by_company on api_tokens (company_id, id);

-- A new or shortened secret changes the key it belongs to, so that one look at changed keys finds it.
create function touch_postback_key() returns trigger language plpgsql as $$
begin
  update postback_keys set changed_in = default where id = new.postback_key_id;
  return null;
end $$;
create trigger touch after insert or update on postback_key_secrets for each row execute function touch_postback_key();

create function touch_engine_key() returns trigger language plpgsql as $$
begin
  update engine_keys set changed_in = default where id = new.engine_key_id;
  return null;
end $$;
create trigger touch after insert or update on engine_key_secrets for each row execute function touch_engine_key();

do $$
declare
  kept text;
begin
  foreach kept in array array['postback_keys', 'engine_keys'] loop
    execute format('create index %1$s_by_change on %1$s (changed_in)', kept);
    execute format('create trigger mark before insert or update on %I for each row execute function mark_change()', kept);
    execute format('create trigger announce after insert or update on %I for each statement execute function announce_change()', kept);
  end loop;
end $$;
