-- People who sign in. They belong to no company: one login may be a collaborator of many (0006_collaborators.sql).
--
-- The admin service connects as callstamp_admin, which owns nothing: row-level security (0008_row_security.sql) holds for it. Roles
-- belong to the whole server, so it may be there already; a password, or another way in, is given to it by the operator.

do $$
begin
  if not exists (select from pg_roles where rolname = 'callstamp_admin') then
    create role callstamp_admin login nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
exception
  when duplicate_object or unique_violation then null; -- another migration was quicker
end $$;

create table users (
  id              bigint generated always as identity primary key,
  email           text not null unique check (email = lower(email) and length(email) between 3 and 254),
  name            text not null check (length(name) between 1 and 200),
  password_hash   text not null,                           -- argon2id
  totp_secret     text,                                    -- base32; null: not switched on
  totp_last_step  bigint not null default 0,               -- a code counts once
  recovery_hashes bytea[] not null default '{}',           -- of codes for who lost the other device, each counts once
  created_at      timestamptz not null default now()
);

create table sessions (
  id          bigint generated always as identity primary key,
  user_id     bigint not null references users,
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  created_at  timestamptz not null default now(),
  seen_at     timestamptz not null default now(),          -- to the minute
  idle_at     timestamptz not null,                        -- if it isn't seen again by then; as long after seen_at as at its start
  ends_at     timestamptz not null,                        -- whatever is done with it
  source_ip   inet,
  user_agent  text check (length(user_agent) <= 300)
);
create index sessions_by_user on sessions (user_id, id);
create index sessions_by_end on sessions (least(ends_at, idle_at));

create table password_resets (
  secret_hash bytea primary key check (length(secret_hash) = 32),
  user_id     bigint not null references users,
  expires_at  timestamptz not null
);
create index password_resets_by_user on password_resets (user_id);

-- Guesses at a password, counted by a hash of who is guessed at, from where, or both.
create table sign_in_tries (
  subject bytea primary key check (length(subject) = 32),
  tries   integer not null,
  since   timestamptz not null
);
create index sign_in_tries_by_age on sign_in_tries (since);

grant select, insert, update on users to callstamp_admin;
grant select, insert, update, delete on sessions, password_resets, sign_in_tries to callstamp_admin;
