-- The second wall between companies: whatever a statement of the admin service forgets to say, it sees and changes rows of one company
-- only, the one that its transaction was opened for (admin/database.py). Without one it sees no company's rows at all.
--
-- Policies hold for callstamp_admin, not for the tables' owner, as whom ingest, merger, drain and migrations connect. Under them
-- PostgreSQL uses an index only for operators that are leakproof: =, < and > of numbers, text, times and uuids are; @> and ? are not.

create function current_company() returns bigint language sql stable parallel safe as $$
  select nullif(current_setting('callstamp.company_id', true), '')::bigint
$$;

do $$
declare
  walled text;
begin
  foreach walled in array array['publishers', 'buyers', 'campaigns', 'tracking_numbers', 'postback_keys', 'engine_keys', 'api_tokens',
                                'collaborators', 'campaign_grants', 'number_grants', 'permission_settings', 'mails', 'audit_log',
                                'postback_log', 'calls', 'call_events'] loop
    execute format('alter table %I enable row level security', walled);
    execute format('create policy of_company on %I using (company_id = (select current_company()))', walled);
  end loop;
end $$;
alter table companies enable row level security;
create policy of_company on companies using (id = (select current_company()));
alter table postback_key_secrets enable row level security;
create policy of_company on postback_key_secrets using (exists (select from postback_keys where id = postback_key_id));
alter table engine_key_secrets enable row level security;
create policy of_company on engine_key_secrets using (exists (select from engine_keys where id = engine_key_id));
-- The letter of a password reset is no company's.
create policy of_nobody on mails using (company_id is null and current_company() is null);

-- The narrow doors through the wall: by whom a request comes is known before its company is.

create function find_api_token(hash bytea)
  returns table (api_token_id bigint, name text, company_id bigint, collaborator_id bigint)
  language sql stable security definer set search_path = public as $$
  select id, name, company_id, collaborator_id from api_tokens where secret_hash = hash and revoked_at is null
$$;

create function find_collaborations(person bigint)
  returns table (collaborator_id bigint, company_id bigint, company_name text, role text)
  language sql stable security definer set search_path = public as $$
  select collaborators.id, companies.id, companies.name, collaborators.role
    from collaborators
    join companies on companies.id = collaborators.company_id
   where user_id = person and removed_at is null
   order by companies.id
$$;

create function find_invite(hash bytea) returns table (company_id bigint, collaborator_id bigint)
  language sql stable security definer set search_path = public as $$
  select company_id, id from collaborators where invite_hash = hash
$$;

-- Takes the next letter that is due and puts off its next try, so that whoever dies with it in hand leaves it to others.
create function take_mail() returns table (mail_id bigint, kind text, company_id bigint, collaborator_id bigint, user_id bigint, tries integer)
  language sql volatile security definer set search_path = public as $$
  update mails
     set tries = mails.tries + 1,
         next_try_at = now() + least(interval '1 minute' * 2 ^ mails.tries, interval '1 hour')
   where id = (select id from mails
                where sent_at is null and given_up_at is null and next_try_at <= now()
                order by next_try_at limit 1 for update skip locked)
  returning id, mails.kind, mails.company_id, mails.collaborator_id, mails.user_id, mails.tries
$$;

do $$
declare
  door text;
begin
  foreach door in array array['find_api_token(bytea)', 'find_collaborations(bigint)', 'find_invite(bytea)', 'take_mail()'] loop
    execute format('revoke execute on function %s from public', door);
    execute format('grant execute on function %s to callstamp_admin', door);
  end loop;
end $$;

grant select, insert, update on companies, publishers, buyers, campaigns, tracking_numbers, postback_keys, postback_key_secrets,
                                engine_keys, engine_key_secrets, api_tokens to callstamp_admin;
grant delete on postback_key_secrets, engine_key_secrets to callstamp_admin;
grant select on postback_log, calls, call_events to callstamp_admin;
grant usage on all sequences in schema public to callstamp_admin;
