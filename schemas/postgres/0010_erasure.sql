-- Callers that were erased, so that what was received of them up to then and comes late is written without them.
--
-- Who was erased is kept as a hash under the company's salt: it answers whether a number was erased, and tells no number.

create table caller_salts (
  company_id bigint primary key references companies,
  salt       bytea not null default uuid_send(gen_random_uuid())
);

create table erasures (
  id          bigint generated always as identity primary key,
  company_id  bigint not null references companies,
  caller_hash bytea not null,                               -- sha256 of the salt and the number
  erased_at   timestamptz not null,                         -- by the store's clock: what was received up to then is erased
  asked_by    text not null,                                -- the name of who asked
  receipt     jsonb not null
);
create index erasures_by_caller on erasures (company_id, caller_hash, id desc);
create index erasures_by_time on erasures (erased_at);      -- which of them a batch of the drain may be about

alter table caller_salts enable row level security;
create policy of_company on caller_salts using (company_id = (select current_company()));
alter table erasures enable row level security;
create policy of_company on erasures using (company_id = (select current_company()));
grant select, insert on caller_salts, erasures to callstamp_admin;

-- What admin may change in the logs: to blank what was held of a caller, and to remove what is past its time.
grant update on postback_log, calls, call_events to callstamp_admin;

-- Empties entries that were set aside and name this number, whoever's they are: what they say of the company can't be read.
create function blank_set_aside(number text) returns bigint language plpgsql volatile security definer set search_path = public as $$
declare
  blanked bigint;
begin
  if number !~ '^\+[1-9][0-9]{7,14}$' then raise exception 'not a caller number'; end if;
  update set_aside
     set payload = '', reason = 'its caller was erased'
   where position(convert_to(number, 'UTF8') in payload) > 0;
  get diagnostics blanked = row_count;
  return blanked;
end $$;
revoke execute on function blank_set_aside(text) from public;
grant execute on function blank_set_aside(text) to callstamp_admin;
