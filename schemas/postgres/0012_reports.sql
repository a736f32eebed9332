-- What the call log, reports and exports are read by.
--
-- Under row-level security an index is used for leakproof operators alone (0008_row_security.sql). What needs others is found by narrow
-- functions of the owner's, which keep to the transaction's company themselves and answer keys, never rows.

-- Publishers see calls through numbers and spans of time; started_at is in it, so that other spans' calls are passed over in the index.
create index calls_by_number on calls (company_id, dialed_number, hit_at desc, call_uuid desc) include (started_at);

-- What a tag is found by: its name, its value, and both. With the company in each, so that what is frequent elsewhere hinders nobody.
create function tag_key(company_id bigint, name text, value text) returns bigint language sql immutable parallel safe as $$
  select hashtextextended(coalesce('n' || name, '') || coalesce(e'\x01' || value, ''), company_id)
$$;
create function tag_keys(company_id bigint, tags jsonb) returns bigint[] language sql immutable parallel safe as $$
  select array(
    select hashtextextended(spelt, company_id)
    from jsonb_each_text(tags) as tag (name, value)
    cross join lateral (values ('n' || name), (e'\x01' || value), ('n' || name || e'\x01' || value)) as ways (spelt)
  )
$$;
create index calls_by_tag_key on calls using gin (tag_keys(company_id, tags)) where tags <> '{}';
drop index calls_by_tag;

-- At most so many calls that have this key, in no order; whoever gets fewer has them all. Two tags may share a key: look at the tags, too.
create function find_tagged_calls(wanted bigint, since timestamptz, until timestamptz, most integer)
  returns table (hit_at timestamptz, call_uuid text)
  language sql stable security definer
  set search_path = public set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off as $$
  select hit_at, call_uuid
    from calls
   where company_id = current_company()
     and tags <> '{}'
     and tag_keys(company_id, tags) @> array[wanted]
     and hit_at >= since
     and hit_at < until
   limit most
$$;

-- The first postbacks that reached a call.
create function find_postbacks_of_call(wanted text, most integer) returns table (id uuid, received_at timestamptz)
  language sql stable security definer set search_path = public as $$
  select id, received_at
    from postback_log
   where company_id = current_company()
     and call_uuids <> '{}'
     and call_uuids @> array[wanted]
   order by received_at, id
   limit most
$$;

do $$
declare
  door text;
begin
  foreach door in array array['find_tagged_calls(bigint, timestamptz, timestamptz, integer)', 'find_postbacks_of_call(text, integer)'] loop
    execute format('revoke execute on function %s from public', door);
    execute format('grant execute on function %s to callstamp_admin', door);
  end loop;
end $$;
