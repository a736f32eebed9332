-- What was made under an Idempotency-Key, for 24 hours: a repeat finds its row, makes nothing and gets the first answer.
-- The row is of the transaction that made it, so both are there or neither is. Secrets aren't in the reply. See admin/once.py.

create table done_once (
  company_id  bigint not null references companies,
  asker       text not null,                       -- 'api_token 3', 'person 7'
  name_hash   bytea not null,                      -- of the Idempotency-Key
  fingerprint bytea not null,
  reply       json,                                -- null for as long as it is being made, which nobody else sees
  done_at     timestamptz not null default now(),
  primary key (company_id, asker, name_hash)
);
create index done_once_by_age on done_once (done_at);
alter table done_once enable row level security;
create policy of_company on done_once using (company_id = (select current_company()));
grant select, insert, update on done_once to callstamp_admin;

-- An hour later than a repeat counts as new, so that nobody's row goes while they read it.
create function remove_old_done_once() returns void
  language sql volatile security definer set search_path = public as $$
  delete from done_once where done_at < now() - interval '25 hours'
$$;
revoke execute on function remove_old_done_once() from public;
grant execute on function remove_old_done_once() to callstamp_admin;
