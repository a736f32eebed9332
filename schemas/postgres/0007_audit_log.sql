-- Every change that somebody makes, who made it, and what was there before: written in the same transaction by the change itself.
--
-- Rows are only ever added: whoever may write here may neither change nor remove, and a trigger refuses it to everybody else.

create table audit_log (
  id         bigint generated always as identity primary key,
  company_id bigint not null references companies,
  at         timestamptz not null default now(),
  actor      jsonb not null,                               -- {"kind", "id", "name"}, as admin/permissions.py describes who asked
  action     text not null,                                -- created, changed, removed, rotated, and what services write themselves
  object     text not null,                                -- the kind of thing, e.g. publisher
  object_id  text not null,
  old        jsonb,                                        -- of a change: what changed, as it was
  new        jsonb,
  actor_kind text generated always as (actor ->> 'kind') stored,             -- to be found by; row security lets no index look into jsonb
  actor_id   bigint generated always as ((actor ->> 'id')::bigint) stored
);
create index audit_log_by_company on audit_log (company_id, at desc, id desc);
create index audit_log_by_actor on audit_log (company_id, actor_kind, actor_id, at desc, id desc);
create index audit_log_by_object on audit_log (company_id, object, object_id, at desc, id desc);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is only ever added to', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger append_only before update or delete or truncate on audit_log for each statement execute function refuse_change();

-- Writes what a row's change was, but for secrets' hashes and what the services keep for themselves; nothing else changed: no row.
-- Arguments: the kind of thing, and the columns that together are its id.
create function audit() returns trigger language plpgsql as $$
declare
  hidden constant text[] := array['changed_in', 'secret_hash', 'invite_hash', 'password_hash', 'totp_secret', 'totp_last_step',
                                  'recovery_hashes', 'caller_salt'];
  old_row jsonb := case when tg_op = 'INSERT' then null else to_jsonb(old) - hidden end;
  new_row jsonb := case when tg_op = 'DELETE' then null else to_jsonb(new) - hidden end;
  whole   jsonb := coalesce(new_row, old_row);
  id_of   text;
  done    text := case tg_op when 'INSERT' then 'created' when 'DELETE' then 'removed' else 'changed' end;
begin
  select string_agg(whole ->> tg_argv[n], '/' order by n) into id_of from generate_series(1, tg_nargs - 1) as n;
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(key, value), jsonb_object_agg(key, new_row -> key) into old_row, new_row
      from jsonb_each(old_row) where value is distinct from new_row -> key;
    if new_row is null then return null; end if;
    if coalesce(new_row ->> 'removed_at', new_row ->> 'revoked_at') is not null then done := 'removed'; end if;
  end if;
  insert into audit_log (company_id, actor, action, object, object_id, old, new)
  values ((case when tg_argv[0] = 'company' then whole ->> 'id' else whole ->> 'company_id' end)::bigint,
          coalesce(nullif(current_setting('callstamp.actor', true), ''), '{"kind": "operator", "id": null, "name": null}')::jsonb,
          done, tg_argv[0], id_of, old_row, new_row);
  return null;
end $$;

do $$
declare
  watched text[];
begin
  foreach watched slice 1 in array array[
    ['companies', 'company', 'id'], ['publishers', 'publisher', 'id'], ['buyers', 'buyer', 'id'], ['campaigns', 'campaign', 'id'],
    ['tracking_numbers', 'number', 'id'], ['postback_keys', 'postback_key', 'id'], ['engine_keys', 'engine_key', 'id'],
    ['api_tokens', 'api_token', 'id'], ['collaborators', 'collaborator', 'id'],
    ['campaign_grants', 'campaign_grant', 'id'], ['number_grants', 'number_grant', 'id']
  ] loop
    execute format('create trigger audit after insert or update or delete on %I for each row execute function audit(%L, %L)',
                   watched[1], watched[2], watched[3]);
  end loop;
end $$;
create trigger audit after insert or update or delete on permission_settings
  for each row execute function audit('permissions', 'level', 'subject_id', 'for_kind');

-- A rotated key has a new secret, of which nothing shows but how long the one before it still works; its first is part of its making.
create function audit_rotation() returns trigger language plpgsql as $$
declare
  of_company bigint;
  key_id     bigint := (to_jsonb(new) ->> tg_argv[1])::bigint;
  old_until  timestamptz;
begin
  execute format('select company_id from %I where id = $1 and created_at < now()', tg_argv[0] || 's') into of_company using key_id;
  if of_company is not null then
    execute format('select max(valid_until) from %I where %I = $1 and valid_until > now()', tg_table_name, tg_argv[1])
       into old_until using key_id;
    insert into audit_log (company_id, actor, action, object, object_id, new)
    values (of_company,
            coalesce(nullif(current_setting('callstamp.actor', true), ''), '{"kind": "operator", "id": null, "name": null}')::jsonb,
            'rotated', tg_argv[0], key_id::text, jsonb_build_object('old_secret_until', old_until));
  end if;
  return null;
end $$;
create trigger audit after insert on postback_key_secrets for each row execute function audit_rotation('postback_key', 'postback_key_id');
create trigger audit after insert on engine_key_secrets for each row execute function audit_rotation('engine_key', 'engine_key_id');

grant select, insert on audit_log to callstamp_admin;
