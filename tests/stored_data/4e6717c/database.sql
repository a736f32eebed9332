--
-- PostgreSQL database dump
--


-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: announce_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.announce_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  perform pg_notify('callstamp_changes', tg_table_name);
  return null;
end $$;


--
-- Name: audit(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audit() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: audit_rotation(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audit_rotation() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
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
end $_$;


--
-- Name: blank_set_aside(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.blank_set_aside(number text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public'
    AS $_$
declare
  blanked bigint;
begin
  if number !~ '^\+[1-9][0-9]{7,14}$' then raise exception 'not a caller number'; end if;
  update set_aside
     set payload = '', reason = 'its caller was erased'
   where position(convert_to(number, 'UTF8') in payload) > 0;
  get diagnostics blanked = row_count;
  return blanked;
end $_$;


--
-- Name: current_company(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.current_company() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
  select nullif(current_setting('callstamp.company_id', true), '')::bigint
$$;


--
-- Name: drop_empty_partitions(date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.drop_empty_partitions(before date) RETURNS integer
    LANGUAGE plpgsql
    AS $_$
declare
  part text;
  dropped integer := 0;
  is_empty boolean;
begin
  perform set_config('lock_timeout', '200ms', true);
  for part in
    select child.relname
      from pg_inherits
      join pg_class as child on child.oid = inhrelid
     where inhparent in ('postback_log'::regclass, 'calls'::regclass, 'call_events'::regclass)
       and child.relname ~ '_[0-9]{8}$'
       and to_date(right(child.relname, 8), 'YYYYMMDD') < before
     order by child.relname
  loop
    execute format('select not exists (select from %I)', part) into is_empty;
    if is_empty then
      begin
        execute format('lock table %I in access exclusive mode', part);
        execute format('select not exists (select from %I)', part) into is_empty; -- now nobody can add to it
        if is_empty then
          execute format('drop table %I', part);
          dropped := dropped + 1;
        end if;
      exception when lock_not_available then
        null;
      end;
    end if;
  end loop;
  return dropped;
end $_$;


--
-- Name: find_api_token(bytea); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.find_api_token(hash bytea) RETURNS TABLE(api_token_id bigint, name text, company_id bigint, collaborator_id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
  select id, name, company_id, collaborator_id from api_tokens where secret_hash = hash and revoked_at is null
$$;


--
-- Name: find_collaborations(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.find_collaborations(person bigint) RETURNS TABLE(collaborator_id bigint, company_id bigint, company_name text, role text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
  select collaborators.id, companies.id, companies.name, collaborators.role
    from collaborators
    join companies on companies.id = collaborators.company_id
   where user_id = person and removed_at is null
   order by companies.id
$$;


--
-- Name: find_invite(bytea); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.find_invite(hash bytea) RETURNS TABLE(company_id bigint, collaborator_id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
  select company_id, id from collaborators where invite_hash = hash
$$;


--
-- Name: find_postbacks_of_call(text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.find_postbacks_of_call(wanted text, most integer) RETURNS TABLE(id uuid, received_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
  select id, received_at
    from postback_log
   where company_id = current_company()
     and call_uuids <> '{}'
     and call_uuids @> array[wanted]
   order by received_at, id
   limit most
$$;


--
-- Name: find_retaining_companies(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.find_retaining_companies() RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
  select id
    from companies
   where coalesce(postback_log_days, calls_days, tags_days, certificate_tags_days) is not null
   order by id
$$;


--
-- Name: find_tagged_calls(bigint, timestamp with time zone, timestamp with time zone, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.find_tagged_calls(wanted bigint, since timestamp with time zone, until timestamp with time zone, most integer) RETURNS TABLE(hit_at timestamp with time zone, call_uuid text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public'
    SET enable_seqscan TO 'off'
    SET enable_indexscan TO 'off'
    SET enable_indexonlyscan TO 'off'
    AS $$
  select hit_at, call_uuid
    from calls
   where company_id = current_company()
     and tags <> '{}'
     and tag_keys(company_id, tags) @> array[wanted]
     and hit_at >= since
     and hit_at < until
   limit most
$$;


--
-- Name: make_partitions(date, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.make_partitions(first_day date, days integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: mark_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.mark_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  new.changed_in := pg_current_xact_id();
  return new;
end $$;


--
-- Name: refuse_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% is only ever added to', tg_table_name using errcode = 'insufficient_privilege';
end $$;


--
-- Name: remove_old_done_once(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.remove_old_done_once() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
  delete from done_once where done_at < now() - interval '25 hours'
$$;


--
-- Name: revoke_grants(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.revoke_grants() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if tg_table_name = 'tracking_numbers' then
    update number_grants set revoked_at = greatest(now(), granted_at)
     where company_id = new.company_id and number_id = new.id and revoked_at is null;
  elsif tg_table_name = 'campaigns' then
    update campaign_grants set revoked_at = greatest(now(), granted_at)
     where company_id = new.company_id and campaign_id = new.id and revoked_at is null;
  else
    update number_grants set revoked_at = greatest(now(), granted_at)
     where company_id = new.company_id and publisher_id = new.id and revoked_at is null;
    update campaign_grants set revoked_at = greatest(now(), granted_at)
     where company_id = new.company_id and publisher_id = new.id and revoked_at is null;
  end if;
  return null;
end $$;


--
-- Name: tag_key(bigint, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.tag_key(company_id bigint, name text, value text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  select hashtextextended(coalesce('n' || name, '') || coalesce(e'\x01' || value, ''), company_id)
$$;


--
-- Name: tag_keys(bigint, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.tag_keys(company_id bigint, tags jsonb) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  select array(
    select hashtextextended(spelt, company_id)
    from jsonb_each_text(tags) as tag (name, value)
    cross join lateral (values ('n' || name), (e'\x01' || value), ('n' || name || e'\x01' || value)) as ways (spelt)
  )
$$;


--
-- Name: take_mail(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.take_mail() RETURNS TABLE(mail_id bigint, kind text, company_id bigint, collaborator_id bigint, user_id bigint, tries integer)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
  update mails
     set tries = mails.tries + 1,
         next_try_at = now() + least(interval '1 minute' * 2 ^ mails.tries, interval '1 hour')
   where id = (select id from mails
                where sent_at is null and given_up_at is null and next_try_at <= now()
                order by next_try_at limit 1 for update skip locked)
  returning id, mails.kind, mails.company_id, mails.collaborator_id, mails.user_id, mails.tries
$$;


--
-- Name: touch_engine_key(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.touch_engine_key() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  update engine_keys set changed_in = default where id = new.engine_key_id;
  return null;
end $$;


--
-- Name: touch_postback_key(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.touch_postback_key() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  update postback_keys set changed_in = default where id = new.postback_key_id;
  return null;
end $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: api_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_tokens (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    collaborator_id bigint,
    CONSTRAINT api_tokens_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT api_tokens_secret_hash_check CHECK ((length(secret_hash) = 32))
);


--
-- Name: api_tokens_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.api_tokens ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: audit_log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_log (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor jsonb NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    object_id text NOT NULL,
    old jsonb,
    new jsonb,
    actor_kind text GENERATED ALWAYS AS ((actor ->> 'kind'::text)) STORED,
    actor_id bigint GENERATED ALWAYS AS (((actor ->> 'id'::text))::bigint) STORED
);


--
-- Name: audit_log_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: buyers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.buyers (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    name text NOT NULL,
    price_cents bigint,
    paused boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone,
    changed_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT buyers_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT buyers_price_cents_check CHECK ((price_cents >= 0))
);


--
-- Name: buyers_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.buyers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.buyers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: call_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_events (
    company_id bigint NOT NULL,
    call_uuid text NOT NULL,
    revision bigint NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT call_events_kind_check CHECK ((kind = ANY (ARRAY['hit'::text, 'route'::text, 'answer'::text, 'end'::text, 'expire'::text])))
)
PARTITION BY RANGE (happened_at);


--
-- Name: call_events_20261126; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_events_20261126 (
    company_id bigint CONSTRAINT call_events_company_id_not_null NOT NULL,
    call_uuid text CONSTRAINT call_events_call_uuid_not_null NOT NULL,
    revision bigint CONSTRAINT call_events_revision_not_null NOT NULL,
    happened_at timestamp with time zone CONSTRAINT call_events_happened_at_not_null NOT NULL,
    kind text CONSTRAINT call_events_kind_not_null NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb CONSTRAINT call_events_detail_not_null NOT NULL,
    CONSTRAINT call_events_kind_check CHECK ((kind = ANY (ARRAY['hit'::text, 'route'::text, 'answer'::text, 'end'::text, 'expire'::text])))
);


--
-- Name: call_events_20261127; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_events_20261127 (
    company_id bigint CONSTRAINT call_events_company_id_not_null NOT NULL,
    call_uuid text CONSTRAINT call_events_call_uuid_not_null NOT NULL,
    revision bigint CONSTRAINT call_events_revision_not_null NOT NULL,
    happened_at timestamp with time zone CONSTRAINT call_events_happened_at_not_null NOT NULL,
    kind text CONSTRAINT call_events_kind_not_null NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb CONSTRAINT call_events_detail_not_null NOT NULL,
    CONSTRAINT call_events_kind_check CHECK ((kind = ANY (ARRAY['hit'::text, 'route'::text, 'answer'::text, 'end'::text, 'expire'::text])))
);


--
-- Name: call_events_20261128; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_events_20261128 (
    company_id bigint CONSTRAINT call_events_company_id_not_null NOT NULL,
    call_uuid text CONSTRAINT call_events_call_uuid_not_null NOT NULL,
    revision bigint CONSTRAINT call_events_revision_not_null NOT NULL,
    happened_at timestamp with time zone CONSTRAINT call_events_happened_at_not_null NOT NULL,
    kind text CONSTRAINT call_events_kind_not_null NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb CONSTRAINT call_events_detail_not_null NOT NULL,
    CONSTRAINT call_events_kind_check CHECK ((kind = ANY (ARRAY['hit'::text, 'route'::text, 'answer'::text, 'end'::text, 'expire'::text])))
);


--
-- Name: call_events_20261129; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_events_20261129 (
    company_id bigint CONSTRAINT call_events_company_id_not_null NOT NULL,
    call_uuid text CONSTRAINT call_events_call_uuid_not_null NOT NULL,
    revision bigint CONSTRAINT call_events_revision_not_null NOT NULL,
    happened_at timestamp with time zone CONSTRAINT call_events_happened_at_not_null NOT NULL,
    kind text CONSTRAINT call_events_kind_not_null NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb CONSTRAINT call_events_detail_not_null NOT NULL,
    CONSTRAINT call_events_kind_check CHECK ((kind = ANY (ARRAY['hit'::text, 'route'::text, 'answer'::text, 'end'::text, 'expire'::text])))
);


--
-- Name: call_events_20261130; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_events_20261130 (
    company_id bigint CONSTRAINT call_events_company_id_not_null NOT NULL,
    call_uuid text CONSTRAINT call_events_call_uuid_not_null NOT NULL,
    revision bigint CONSTRAINT call_events_revision_not_null NOT NULL,
    happened_at timestamp with time zone CONSTRAINT call_events_happened_at_not_null NOT NULL,
    kind text CONSTRAINT call_events_kind_not_null NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb CONSTRAINT call_events_detail_not_null NOT NULL,
    CONSTRAINT call_events_kind_check CHECK ((kind = ANY (ARRAY['hit'::text, 'route'::text, 'answer'::text, 'end'::text, 'expire'::text])))
);


--
-- Name: call_events_20261201; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_events_20261201 (
    company_id bigint CONSTRAINT call_events_company_id_not_null NOT NULL,
    call_uuid text CONSTRAINT call_events_call_uuid_not_null NOT NULL,
    revision bigint CONSTRAINT call_events_revision_not_null NOT NULL,
    happened_at timestamp with time zone CONSTRAINT call_events_happened_at_not_null NOT NULL,
    kind text CONSTRAINT call_events_kind_not_null NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb CONSTRAINT call_events_detail_not_null NOT NULL,
    CONSTRAINT call_events_kind_check CHECK ((kind = ANY (ARRAY['hit'::text, 'route'::text, 'answer'::text, 'end'::text, 'expire'::text])))
);


--
-- Name: call_events_20261202; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_events_20261202 (
    company_id bigint CONSTRAINT call_events_company_id_not_null NOT NULL,
    call_uuid text CONSTRAINT call_events_call_uuid_not_null NOT NULL,
    revision bigint CONSTRAINT call_events_revision_not_null NOT NULL,
    happened_at timestamp with time zone CONSTRAINT call_events_happened_at_not_null NOT NULL,
    kind text CONSTRAINT call_events_kind_not_null NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb CONSTRAINT call_events_detail_not_null NOT NULL,
    CONSTRAINT call_events_kind_check CHECK ((kind = ANY (ARRAY['hit'::text, 'route'::text, 'answer'::text, 'end'::text, 'expire'::text])))
);


--
-- Name: call_events_20261203; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_events_20261203 (
    company_id bigint CONSTRAINT call_events_company_id_not_null NOT NULL,
    call_uuid text CONSTRAINT call_events_call_uuid_not_null NOT NULL,
    revision bigint CONSTRAINT call_events_revision_not_null NOT NULL,
    happened_at timestamp with time zone CONSTRAINT call_events_happened_at_not_null NOT NULL,
    kind text CONSTRAINT call_events_kind_not_null NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb CONSTRAINT call_events_detail_not_null NOT NULL,
    CONSTRAINT call_events_kind_check CHECK ((kind = ANY (ARRAY['hit'::text, 'route'::text, 'answer'::text, 'end'::text, 'expire'::text])))
);


--
-- Name: call_events_rest; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_events_rest (
    company_id bigint CONSTRAINT call_events_company_id_not_null NOT NULL,
    call_uuid text CONSTRAINT call_events_call_uuid_not_null NOT NULL,
    revision bigint CONSTRAINT call_events_revision_not_null NOT NULL,
    happened_at timestamp with time zone CONSTRAINT call_events_happened_at_not_null NOT NULL,
    kind text CONSTRAINT call_events_kind_not_null NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb CONSTRAINT call_events_detail_not_null NOT NULL,
    CONSTRAINT call_events_kind_check CHECK ((kind = ANY (ARRAY['hit'::text, 'route'::text, 'answer'::text, 'end'::text, 'expire'::text])))
);


--
-- Name: caller_salts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.caller_salts (
    company_id bigint NOT NULL,
    salt bytea DEFAULT uuid_send(gen_random_uuid()) NOT NULL
);


--
-- Name: calls; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls (
    call_uuid text NOT NULL,
    hit_at timestamp with time zone NOT NULL,
    company_id bigint NOT NULL,
    caller_number text,
    dialed_number text,
    campaign_id bigint,
    publisher_id bigint,
    status text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    engine_ended_at timestamp with time zone,
    routed_to bigint,
    answered_by bigint,
    disposition text,
    duration_seconds integer,
    recording_url text,
    revenue_cents bigint,
    payout_cents bigint,
    tags jsonb DEFAULT '{}'::jsonb NOT NULL,
    attribution jsonb DEFAULT '{}'::jsonb NOT NULL,
    revision bigint NOT NULL,
    is_answered boolean GENERATED ALWAYS AS (((answered_at IS NOT NULL) OR (answered_by IS NOT NULL) OR COALESCE((disposition = 'answered'::text), false))) STORED NOT NULL,
    has_tags boolean GENERATED ALWAYS AS ((tags <> '{}'::jsonb)) STORED NOT NULL,
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'expired'::text])))
)
PARTITION BY RANGE (hit_at);


--
-- Name: calls_20261126; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls_20261126 (
    call_uuid text CONSTRAINT calls_call_uuid_not_null NOT NULL,
    hit_at timestamp with time zone CONSTRAINT calls_hit_at_not_null NOT NULL,
    company_id bigint CONSTRAINT calls_company_id_not_null NOT NULL,
    caller_number text,
    dialed_number text,
    campaign_id bigint,
    publisher_id bigint,
    status text CONSTRAINT calls_status_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT calls_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    engine_ended_at timestamp with time zone,
    routed_to bigint,
    answered_by bigint,
    disposition text,
    duration_seconds integer,
    recording_url text,
    revenue_cents bigint,
    payout_cents bigint,
    tags jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_tags_not_null NOT NULL,
    attribution jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_attribution_not_null NOT NULL,
    revision bigint CONSTRAINT calls_revision_not_null NOT NULL,
    is_answered boolean GENERATED ALWAYS AS (((answered_at IS NOT NULL) OR (answered_by IS NOT NULL) OR COALESCE((disposition = 'answered'::text), false))) STORED CONSTRAINT calls_is_answered_not_null NOT NULL,
    has_tags boolean GENERATED ALWAYS AS ((tags <> '{}'::jsonb)) STORED CONSTRAINT calls_has_tags_not_null NOT NULL,
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'expired'::text])))
);


--
-- Name: calls_20261127; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls_20261127 (
    call_uuid text CONSTRAINT calls_call_uuid_not_null NOT NULL,
    hit_at timestamp with time zone CONSTRAINT calls_hit_at_not_null NOT NULL,
    company_id bigint CONSTRAINT calls_company_id_not_null NOT NULL,
    caller_number text,
    dialed_number text,
    campaign_id bigint,
    publisher_id bigint,
    status text CONSTRAINT calls_status_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT calls_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    engine_ended_at timestamp with time zone,
    routed_to bigint,
    answered_by bigint,
    disposition text,
    duration_seconds integer,
    recording_url text,
    revenue_cents bigint,
    payout_cents bigint,
    tags jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_tags_not_null NOT NULL,
    attribution jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_attribution_not_null NOT NULL,
    revision bigint CONSTRAINT calls_revision_not_null NOT NULL,
    is_answered boolean GENERATED ALWAYS AS (((answered_at IS NOT NULL) OR (answered_by IS NOT NULL) OR COALESCE((disposition = 'answered'::text), false))) STORED CONSTRAINT calls_is_answered_not_null NOT NULL,
    has_tags boolean GENERATED ALWAYS AS ((tags <> '{}'::jsonb)) STORED CONSTRAINT calls_has_tags_not_null NOT NULL,
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'expired'::text])))
);


--
-- Name: calls_20261128; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls_20261128 (
    call_uuid text CONSTRAINT calls_call_uuid_not_null NOT NULL,
    hit_at timestamp with time zone CONSTRAINT calls_hit_at_not_null NOT NULL,
    company_id bigint CONSTRAINT calls_company_id_not_null NOT NULL,
    caller_number text,
    dialed_number text,
    campaign_id bigint,
    publisher_id bigint,
    status text CONSTRAINT calls_status_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT calls_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    engine_ended_at timestamp with time zone,
    routed_to bigint,
    answered_by bigint,
    disposition text,
    duration_seconds integer,
    recording_url text,
    revenue_cents bigint,
    payout_cents bigint,
    tags jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_tags_not_null NOT NULL,
    attribution jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_attribution_not_null NOT NULL,
    revision bigint CONSTRAINT calls_revision_not_null NOT NULL,
    is_answered boolean GENERATED ALWAYS AS (((answered_at IS NOT NULL) OR (answered_by IS NOT NULL) OR COALESCE((disposition = 'answered'::text), false))) STORED CONSTRAINT calls_is_answered_not_null NOT NULL,
    has_tags boolean GENERATED ALWAYS AS ((tags <> '{}'::jsonb)) STORED CONSTRAINT calls_has_tags_not_null NOT NULL,
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'expired'::text])))
);


--
-- Name: calls_20261129; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls_20261129 (
    call_uuid text CONSTRAINT calls_call_uuid_not_null NOT NULL,
    hit_at timestamp with time zone CONSTRAINT calls_hit_at_not_null NOT NULL,
    company_id bigint CONSTRAINT calls_company_id_not_null NOT NULL,
    caller_number text,
    dialed_number text,
    campaign_id bigint,
    publisher_id bigint,
    status text CONSTRAINT calls_status_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT calls_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    engine_ended_at timestamp with time zone,
    routed_to bigint,
    answered_by bigint,
    disposition text,
    duration_seconds integer,
    recording_url text,
    revenue_cents bigint,
    payout_cents bigint,
    tags jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_tags_not_null NOT NULL,
    attribution jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_attribution_not_null NOT NULL,
    revision bigint CONSTRAINT calls_revision_not_null NOT NULL,
    is_answered boolean GENERATED ALWAYS AS (((answered_at IS NOT NULL) OR (answered_by IS NOT NULL) OR COALESCE((disposition = 'answered'::text), false))) STORED CONSTRAINT calls_is_answered_not_null NOT NULL,
    has_tags boolean GENERATED ALWAYS AS ((tags <> '{}'::jsonb)) STORED CONSTRAINT calls_has_tags_not_null NOT NULL,
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'expired'::text])))
);


--
-- Name: calls_20261130; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls_20261130 (
    call_uuid text CONSTRAINT calls_call_uuid_not_null NOT NULL,
    hit_at timestamp with time zone CONSTRAINT calls_hit_at_not_null NOT NULL,
    company_id bigint CONSTRAINT calls_company_id_not_null NOT NULL,
    caller_number text,
    dialed_number text,
    campaign_id bigint,
    publisher_id bigint,
    status text CONSTRAINT calls_status_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT calls_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    engine_ended_at timestamp with time zone,
    routed_to bigint,
    answered_by bigint,
    disposition text,
    duration_seconds integer,
    recording_url text,
    revenue_cents bigint,
    payout_cents bigint,
    tags jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_tags_not_null NOT NULL,
    attribution jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_attribution_not_null NOT NULL,
    revision bigint CONSTRAINT calls_revision_not_null NOT NULL,
    is_answered boolean GENERATED ALWAYS AS (((answered_at IS NOT NULL) OR (answered_by IS NOT NULL) OR COALESCE((disposition = 'answered'::text), false))) STORED CONSTRAINT calls_is_answered_not_null NOT NULL,
    has_tags boolean GENERATED ALWAYS AS ((tags <> '{}'::jsonb)) STORED CONSTRAINT calls_has_tags_not_null NOT NULL,
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'expired'::text])))
);


--
-- Name: calls_20261201; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls_20261201 (
    call_uuid text CONSTRAINT calls_call_uuid_not_null NOT NULL,
    hit_at timestamp with time zone CONSTRAINT calls_hit_at_not_null NOT NULL,
    company_id bigint CONSTRAINT calls_company_id_not_null NOT NULL,
    caller_number text,
    dialed_number text,
    campaign_id bigint,
    publisher_id bigint,
    status text CONSTRAINT calls_status_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT calls_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    engine_ended_at timestamp with time zone,
    routed_to bigint,
    answered_by bigint,
    disposition text,
    duration_seconds integer,
    recording_url text,
    revenue_cents bigint,
    payout_cents bigint,
    tags jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_tags_not_null NOT NULL,
    attribution jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_attribution_not_null NOT NULL,
    revision bigint CONSTRAINT calls_revision_not_null NOT NULL,
    is_answered boolean GENERATED ALWAYS AS (((answered_at IS NOT NULL) OR (answered_by IS NOT NULL) OR COALESCE((disposition = 'answered'::text), false))) STORED CONSTRAINT calls_is_answered_not_null NOT NULL,
    has_tags boolean GENERATED ALWAYS AS ((tags <> '{}'::jsonb)) STORED CONSTRAINT calls_has_tags_not_null NOT NULL,
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'expired'::text])))
);


--
-- Name: calls_20261202; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls_20261202 (
    call_uuid text CONSTRAINT calls_call_uuid_not_null NOT NULL,
    hit_at timestamp with time zone CONSTRAINT calls_hit_at_not_null NOT NULL,
    company_id bigint CONSTRAINT calls_company_id_not_null NOT NULL,
    caller_number text,
    dialed_number text,
    campaign_id bigint,
    publisher_id bigint,
    status text CONSTRAINT calls_status_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT calls_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    engine_ended_at timestamp with time zone,
    routed_to bigint,
    answered_by bigint,
    disposition text,
    duration_seconds integer,
    recording_url text,
    revenue_cents bigint,
    payout_cents bigint,
    tags jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_tags_not_null NOT NULL,
    attribution jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_attribution_not_null NOT NULL,
    revision bigint CONSTRAINT calls_revision_not_null NOT NULL,
    is_answered boolean GENERATED ALWAYS AS (((answered_at IS NOT NULL) OR (answered_by IS NOT NULL) OR COALESCE((disposition = 'answered'::text), false))) STORED CONSTRAINT calls_is_answered_not_null NOT NULL,
    has_tags boolean GENERATED ALWAYS AS ((tags <> '{}'::jsonb)) STORED CONSTRAINT calls_has_tags_not_null NOT NULL,
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'expired'::text])))
);


--
-- Name: calls_20261203; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls_20261203 (
    call_uuid text CONSTRAINT calls_call_uuid_not_null NOT NULL,
    hit_at timestamp with time zone CONSTRAINT calls_hit_at_not_null NOT NULL,
    company_id bigint CONSTRAINT calls_company_id_not_null NOT NULL,
    caller_number text,
    dialed_number text,
    campaign_id bigint,
    publisher_id bigint,
    status text CONSTRAINT calls_status_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT calls_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    engine_ended_at timestamp with time zone,
    routed_to bigint,
    answered_by bigint,
    disposition text,
    duration_seconds integer,
    recording_url text,
    revenue_cents bigint,
    payout_cents bigint,
    tags jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_tags_not_null NOT NULL,
    attribution jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_attribution_not_null NOT NULL,
    revision bigint CONSTRAINT calls_revision_not_null NOT NULL,
    is_answered boolean GENERATED ALWAYS AS (((answered_at IS NOT NULL) OR (answered_by IS NOT NULL) OR COALESCE((disposition = 'answered'::text), false))) STORED CONSTRAINT calls_is_answered_not_null NOT NULL,
    has_tags boolean GENERATED ALWAYS AS ((tags <> '{}'::jsonb)) STORED CONSTRAINT calls_has_tags_not_null NOT NULL,
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'expired'::text])))
);


--
-- Name: calls_rest; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls_rest (
    call_uuid text CONSTRAINT calls_call_uuid_not_null NOT NULL,
    hit_at timestamp with time zone CONSTRAINT calls_hit_at_not_null NOT NULL,
    company_id bigint CONSTRAINT calls_company_id_not_null NOT NULL,
    caller_number text,
    dialed_number text,
    campaign_id bigint,
    publisher_id bigint,
    status text CONSTRAINT calls_status_not_null NOT NULL,
    started_at timestamp with time zone CONSTRAINT calls_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    engine_ended_at timestamp with time zone,
    routed_to bigint,
    answered_by bigint,
    disposition text,
    duration_seconds integer,
    recording_url text,
    revenue_cents bigint,
    payout_cents bigint,
    tags jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_tags_not_null NOT NULL,
    attribution jsonb DEFAULT '{}'::jsonb CONSTRAINT calls_attribution_not_null NOT NULL,
    revision bigint CONSTRAINT calls_revision_not_null NOT NULL,
    is_answered boolean GENERATED ALWAYS AS (((answered_at IS NOT NULL) OR (answered_by IS NOT NULL) OR COALESCE((disposition = 'answered'::text), false))) STORED CONSTRAINT calls_is_answered_not_null NOT NULL,
    has_tags boolean GENERATED ALWAYS AS ((tags <> '{}'::jsonb)) STORED CONSTRAINT calls_has_tags_not_null NOT NULL,
    CONSTRAINT calls_status_check CHECK ((status = ANY (ARRAY['in_progress'::text, 'completed'::text, 'expired'::text])))
);


--
-- Name: campaign_grants; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.campaign_grants (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    publisher_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    granted_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT campaign_grants_check CHECK ((revoked_at >= granted_at))
);


--
-- Name: campaign_grants_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.campaign_grants ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.campaign_grants_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: campaigns; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.campaigns (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    name text NOT NULL,
    payout_cents bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone,
    changed_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT campaigns_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT campaigns_payout_cents_check CHECK ((payout_cents >= 0))
);


--
-- Name: campaigns_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.campaigns ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.campaigns_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: collaborators; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.collaborators (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    user_id bigint,
    role text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    publisher_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    buyer_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    invite_hash bytea,
    invited_at timestamp with time zone DEFAULT now() NOT NULL,
    invite_expires_at timestamp with time zone,
    accepted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone,
    CONSTRAINT collaborators_check CHECK (((user_id IS NULL) = (accepted_at IS NULL))),
    CONSTRAINT collaborators_email_check CHECK (((email = lower(email)) AND ((length(email) >= 3) AND (length(email) <= 254)))),
    CONSTRAINT collaborators_invite_hash_check CHECK ((length(invite_hash) = 32)),
    CONSTRAINT collaborators_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT collaborators_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'superuser'::text, 'collaborator'::text])))
);


--
-- Name: collaborators_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.collaborators ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.collaborators_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: companies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.companies (
    id bigint NOT NULL,
    name text NOT NULL,
    default_region text DEFAULT 'US'::text NOT NULL,
    default_number_cap integer DEFAULT 10 NOT NULL,
    default_storage_duration_seconds integer DEFAULT 172800 NOT NULL,
    default_end_call_cutoff_seconds integer DEFAULT 3600 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    rate_limit_per_second integer,
    postback_log_days integer,
    calls_days integer,
    tags_days integer,
    certificate_tags_days integer,
    certificate_tag_names text[] DEFAULT '{}'::text[] NOT NULL,
    legal_hold boolean DEFAULT false NOT NULL,
    CONSTRAINT companies_calls_days_check CHECK (((calls_days >= 1) AND (calls_days <= 36500))),
    CONSTRAINT companies_certificate_tag_names_check CHECK ((cardinality(certificate_tag_names) <= 100)),
    CONSTRAINT companies_certificate_tags_days_check CHECK (((certificate_tags_days >= 1) AND (certificate_tags_days <= 36500))),
    CONSTRAINT companies_default_end_call_cutoff_seconds_check CHECK (((default_end_call_cutoff_seconds >= 0) AND (default_end_call_cutoff_seconds <= 604800))),
    CONSTRAINT companies_default_number_cap_check CHECK ((default_number_cap >= 0)),
    CONSTRAINT companies_default_region_check CHECK ((default_region ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT companies_default_storage_duration_seconds_check CHECK (((default_storage_duration_seconds >= 0) AND (default_storage_duration_seconds <= 7776000))),
    CONSTRAINT companies_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT companies_postback_log_days_check CHECK (((postback_log_days >= 1) AND (postback_log_days <= 36500))),
    CONSTRAINT companies_rate_limit_per_second_check CHECK (((rate_limit_per_second >= 1) AND (rate_limit_per_second <= 1000000))),
    CONSTRAINT companies_tags_days_check CHECK (((tags_days >= 1) AND (tags_days <= 36500)))
);


--
-- Name: companies_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.companies ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.companies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: done_once; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.done_once (
    company_id bigint NOT NULL,
    asker text NOT NULL,
    name_hash bytea NOT NULL,
    fingerprint bytea NOT NULL,
    reply json,
    done_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: drain_state; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.drain_state (
    is_only boolean DEFAULT true NOT NULL,
    lag_seconds double precision NOT NULL,
    backlog_entries bigint NOT NULL,
    measured_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT drain_state_is_only_check CHECK (is_only)
);


--
-- Name: engine_key_secrets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.engine_key_secrets (
    secret_hash bytea NOT NULL,
    engine_key_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    valid_until timestamp with time zone,
    CONSTRAINT engine_key_secrets_secret_hash_check CHECK ((length(secret_hash) = 32))
);


--
-- Name: engine_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.engine_keys (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    name text NOT NULL,
    scopes text[] DEFAULT '{lookup,events}'::text[] NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    changed_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT engine_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT engine_keys_scopes_check CHECK (((scopes <@ '{lookup,events}'::text[]) AND (cardinality(scopes) > 0)))
);


--
-- Name: engine_keys_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.engine_keys ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.engine_keys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: erasures; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.erasures (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    caller_hash bytea NOT NULL,
    erased_at timestamp with time zone NOT NULL,
    asked_by text NOT NULL,
    receipt jsonb NOT NULL
);


--
-- Name: erasures_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.erasures ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.erasures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: mails; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.mails (
    id bigint NOT NULL,
    kind text NOT NULL,
    company_id bigint,
    collaborator_id bigint,
    user_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    next_try_at timestamp with time zone DEFAULT now() NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    sent_at timestamp with time zone,
    given_up_at timestamp with time zone,
    CONSTRAINT mails_check CHECK ((((kind = 'invite'::text) = (collaborator_id IS NOT NULL)) AND ((kind = 'password_reset'::text) = (user_id IS NOT NULL)))),
    CONSTRAINT mails_kind_check CHECK ((kind = ANY (ARRAY['invite'::text, 'password_reset'::text])))
);


--
-- Name: mails_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.mails ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.mails_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.migrations (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: number_grants; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.number_grants (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    publisher_id bigint NOT NULL,
    number_id bigint NOT NULL,
    number text NOT NULL,
    granted_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT number_grants_check CHECK ((revoked_at >= granted_at))
);


--
-- Name: number_grants_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.number_grants ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.number_grants_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: password_resets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.password_resets (
    secret_hash bytea NOT NULL,
    user_id bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT password_resets_secret_hash_check CHECK ((length(secret_hash) = 32))
);


--
-- Name: permission_settings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.permission_settings (
    company_id bigint NOT NULL,
    level text NOT NULL,
    subject_id bigint NOT NULL,
    for_kind text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT permission_settings_check CHECK (((level = 'company'::text) = (subject_id = 0))),
    CONSTRAINT permission_settings_check1 CHECK (((level <> ALL (ARRAY['publisher'::text, 'buyer'::text])) OR (level = for_kind))),
    CONSTRAINT permission_settings_for_kind_check CHECK ((for_kind = ANY (ARRAY['publisher'::text, 'buyer'::text]))),
    CONSTRAINT permission_settings_level_check CHECK ((level = ANY (ARRAY['company'::text, 'collaborator'::text, 'publisher'::text, 'buyer'::text])))
);


--
-- Name: postback_key_secrets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_key_secrets (
    secret_hash bytea NOT NULL,
    postback_key_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    valid_until timestamp with time zone,
    CONSTRAINT postback_key_secrets_secret_hash_check CHECK ((length(secret_hash) = 32))
);


--
-- Name: postback_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_keys (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    publisher_id bigint NOT NULL,
    name text NOT NULL,
    type text DEFAULT 'call_data_writing'::text NOT NULL,
    storage_duration_seconds integer NOT NULL,
    end_call_cutoff_seconds integer NOT NULL,
    apply_once boolean DEFAULT false NOT NULL,
    also_store boolean DEFAULT false NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    changed_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    allow_read_back boolean DEFAULT false NOT NULL,
    opaque_status boolean DEFAULT false NOT NULL,
    allowed_origins text[],
    allowed_networks cidr[],
    rate_limit_per_second integer,
    CONSTRAINT no_reading_back_in_public CHECK (((NOT allow_read_back) OR (allowed_origins IS NULL))),
    CONSTRAINT postback_keys_allowed_networks_check CHECK (((cardinality(allowed_networks) >= 1) AND (cardinality(allowed_networks) <= 100))),
    CONSTRAINT postback_keys_allowed_origins_check CHECK (((cardinality(allowed_origins) >= 1) AND (cardinality(allowed_origins) <= 100))),
    CONSTRAINT postback_keys_end_call_cutoff_seconds_check CHECK (((end_call_cutoff_seconds >= 0) AND (end_call_cutoff_seconds <= 604800))),
    CONSTRAINT postback_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT postback_keys_rate_limit_per_second_check CHECK (((rate_limit_per_second >= 1) AND (rate_limit_per_second <= 1000000))),
    CONSTRAINT postback_keys_storage_duration_seconds_check CHECK (((storage_duration_seconds >= 0) AND (storage_duration_seconds <= 7776000))),
    CONSTRAINT postback_keys_type_check CHECK ((type = 'call_data_writing'::text))
);


--
-- Name: postback_keys_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.postback_keys ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.postback_keys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: postback_log; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_log (
    id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    company_id bigint NOT NULL,
    publisher_id bigint NOT NULL,
    postback_key_id bigint NOT NULL,
    caller_number text,
    call_uuids text[] DEFAULT '{}'::text[] NOT NULL,
    tag_values json NOT NULL,
    outcome text NOT NULL,
    code text,
    expires_at timestamp with time zone,
    source_ip inet,
    replayed boolean DEFAULT false NOT NULL,
    occurrences integer DEFAULT 1 NOT NULL,
    CONSTRAINT postback_log_outcome_check CHECK ((outcome = ANY (ARRAY['stored_for_call'::text, 'applied'::text, 'stored'::text, 'not_stored'::text, 'refused'::text])))
)
PARTITION BY RANGE (received_at);


--
-- Name: postback_log_20261126; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_log_20261126 (
    id uuid CONSTRAINT postback_log_id_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT postback_log_received_at_not_null NOT NULL,
    company_id bigint CONSTRAINT postback_log_company_id_not_null NOT NULL,
    publisher_id bigint CONSTRAINT postback_log_publisher_id_not_null NOT NULL,
    postback_key_id bigint CONSTRAINT postback_log_postback_key_id_not_null NOT NULL,
    caller_number text,
    call_uuids text[] DEFAULT '{}'::text[] CONSTRAINT postback_log_call_uuids_not_null NOT NULL,
    tag_values json CONSTRAINT postback_log_tag_values_not_null NOT NULL,
    outcome text CONSTRAINT postback_log_outcome_not_null NOT NULL,
    code text,
    expires_at timestamp with time zone,
    source_ip inet,
    replayed boolean DEFAULT false CONSTRAINT postback_log_replayed_not_null NOT NULL,
    occurrences integer DEFAULT 1 CONSTRAINT postback_log_occurrences_not_null NOT NULL,
    CONSTRAINT postback_log_outcome_check CHECK ((outcome = ANY (ARRAY['stored_for_call'::text, 'applied'::text, 'stored'::text, 'not_stored'::text, 'refused'::text])))
);


--
-- Name: postback_log_20261127; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_log_20261127 (
    id uuid CONSTRAINT postback_log_id_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT postback_log_received_at_not_null NOT NULL,
    company_id bigint CONSTRAINT postback_log_company_id_not_null NOT NULL,
    publisher_id bigint CONSTRAINT postback_log_publisher_id_not_null NOT NULL,
    postback_key_id bigint CONSTRAINT postback_log_postback_key_id_not_null NOT NULL,
    caller_number text,
    call_uuids text[] DEFAULT '{}'::text[] CONSTRAINT postback_log_call_uuids_not_null NOT NULL,
    tag_values json CONSTRAINT postback_log_tag_values_not_null NOT NULL,
    outcome text CONSTRAINT postback_log_outcome_not_null NOT NULL,
    code text,
    expires_at timestamp with time zone,
    source_ip inet,
    replayed boolean DEFAULT false CONSTRAINT postback_log_replayed_not_null NOT NULL,
    occurrences integer DEFAULT 1 CONSTRAINT postback_log_occurrences_not_null NOT NULL,
    CONSTRAINT postback_log_outcome_check CHECK ((outcome = ANY (ARRAY['stored_for_call'::text, 'applied'::text, 'stored'::text, 'not_stored'::text, 'refused'::text])))
);


--
-- Name: postback_log_20261128; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_log_20261128 (
    id uuid CONSTRAINT postback_log_id_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT postback_log_received_at_not_null NOT NULL,
    company_id bigint CONSTRAINT postback_log_company_id_not_null NOT NULL,
    publisher_id bigint CONSTRAINT postback_log_publisher_id_not_null NOT NULL,
    postback_key_id bigint CONSTRAINT postback_log_postback_key_id_not_null NOT NULL,
    caller_number text,
    call_uuids text[] DEFAULT '{}'::text[] CONSTRAINT postback_log_call_uuids_not_null NOT NULL,
    tag_values json CONSTRAINT postback_log_tag_values_not_null NOT NULL,
    outcome text CONSTRAINT postback_log_outcome_not_null NOT NULL,
    code text,
    expires_at timestamp with time zone,
    source_ip inet,
    replayed boolean DEFAULT false CONSTRAINT postback_log_replayed_not_null NOT NULL,
    occurrences integer DEFAULT 1 CONSTRAINT postback_log_occurrences_not_null NOT NULL,
    CONSTRAINT postback_log_outcome_check CHECK ((outcome = ANY (ARRAY['stored_for_call'::text, 'applied'::text, 'stored'::text, 'not_stored'::text, 'refused'::text])))
);


--
-- Name: postback_log_20261129; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_log_20261129 (
    id uuid CONSTRAINT postback_log_id_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT postback_log_received_at_not_null NOT NULL,
    company_id bigint CONSTRAINT postback_log_company_id_not_null NOT NULL,
    publisher_id bigint CONSTRAINT postback_log_publisher_id_not_null NOT NULL,
    postback_key_id bigint CONSTRAINT postback_log_postback_key_id_not_null NOT NULL,
    caller_number text,
    call_uuids text[] DEFAULT '{}'::text[] CONSTRAINT postback_log_call_uuids_not_null NOT NULL,
    tag_values json CONSTRAINT postback_log_tag_values_not_null NOT NULL,
    outcome text CONSTRAINT postback_log_outcome_not_null NOT NULL,
    code text,
    expires_at timestamp with time zone,
    source_ip inet,
    replayed boolean DEFAULT false CONSTRAINT postback_log_replayed_not_null NOT NULL,
    occurrences integer DEFAULT 1 CONSTRAINT postback_log_occurrences_not_null NOT NULL,
    CONSTRAINT postback_log_outcome_check CHECK ((outcome = ANY (ARRAY['stored_for_call'::text, 'applied'::text, 'stored'::text, 'not_stored'::text, 'refused'::text])))
);


--
-- Name: postback_log_20261130; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_log_20261130 (
    id uuid CONSTRAINT postback_log_id_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT postback_log_received_at_not_null NOT NULL,
    company_id bigint CONSTRAINT postback_log_company_id_not_null NOT NULL,
    publisher_id bigint CONSTRAINT postback_log_publisher_id_not_null NOT NULL,
    postback_key_id bigint CONSTRAINT postback_log_postback_key_id_not_null NOT NULL,
    caller_number text,
    call_uuids text[] DEFAULT '{}'::text[] CONSTRAINT postback_log_call_uuids_not_null NOT NULL,
    tag_values json CONSTRAINT postback_log_tag_values_not_null NOT NULL,
    outcome text CONSTRAINT postback_log_outcome_not_null NOT NULL,
    code text,
    expires_at timestamp with time zone,
    source_ip inet,
    replayed boolean DEFAULT false CONSTRAINT postback_log_replayed_not_null NOT NULL,
    occurrences integer DEFAULT 1 CONSTRAINT postback_log_occurrences_not_null NOT NULL,
    CONSTRAINT postback_log_outcome_check CHECK ((outcome = ANY (ARRAY['stored_for_call'::text, 'applied'::text, 'stored'::text, 'not_stored'::text, 'refused'::text])))
);


--
-- Name: postback_log_20261201; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_log_20261201 (
    id uuid CONSTRAINT postback_log_id_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT postback_log_received_at_not_null NOT NULL,
    company_id bigint CONSTRAINT postback_log_company_id_not_null NOT NULL,
    publisher_id bigint CONSTRAINT postback_log_publisher_id_not_null NOT NULL,
    postback_key_id bigint CONSTRAINT postback_log_postback_key_id_not_null NOT NULL,
    caller_number text,
    call_uuids text[] DEFAULT '{}'::text[] CONSTRAINT postback_log_call_uuids_not_null NOT NULL,
    tag_values json CONSTRAINT postback_log_tag_values_not_null NOT NULL,
    outcome text CONSTRAINT postback_log_outcome_not_null NOT NULL,
    code text,
    expires_at timestamp with time zone,
    source_ip inet,
    replayed boolean DEFAULT false CONSTRAINT postback_log_replayed_not_null NOT NULL,
    occurrences integer DEFAULT 1 CONSTRAINT postback_log_occurrences_not_null NOT NULL,
    CONSTRAINT postback_log_outcome_check CHECK ((outcome = ANY (ARRAY['stored_for_call'::text, 'applied'::text, 'stored'::text, 'not_stored'::text, 'refused'::text])))
);


--
-- Name: postback_log_20261202; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_log_20261202 (
    id uuid CONSTRAINT postback_log_id_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT postback_log_received_at_not_null NOT NULL,
    company_id bigint CONSTRAINT postback_log_company_id_not_null NOT NULL,
    publisher_id bigint CONSTRAINT postback_log_publisher_id_not_null NOT NULL,
    postback_key_id bigint CONSTRAINT postback_log_postback_key_id_not_null NOT NULL,
    caller_number text,
    call_uuids text[] DEFAULT '{}'::text[] CONSTRAINT postback_log_call_uuids_not_null NOT NULL,
    tag_values json CONSTRAINT postback_log_tag_values_not_null NOT NULL,
    outcome text CONSTRAINT postback_log_outcome_not_null NOT NULL,
    code text,
    expires_at timestamp with time zone,
    source_ip inet,
    replayed boolean DEFAULT false CONSTRAINT postback_log_replayed_not_null NOT NULL,
    occurrences integer DEFAULT 1 CONSTRAINT postback_log_occurrences_not_null NOT NULL,
    CONSTRAINT postback_log_outcome_check CHECK ((outcome = ANY (ARRAY['stored_for_call'::text, 'applied'::text, 'stored'::text, 'not_stored'::text, 'refused'::text])))
);


--
-- Name: postback_log_20261203; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_log_20261203 (
    id uuid CONSTRAINT postback_log_id_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT postback_log_received_at_not_null NOT NULL,
    company_id bigint CONSTRAINT postback_log_company_id_not_null NOT NULL,
    publisher_id bigint CONSTRAINT postback_log_publisher_id_not_null NOT NULL,
    postback_key_id bigint CONSTRAINT postback_log_postback_key_id_not_null NOT NULL,
    caller_number text,
    call_uuids text[] DEFAULT '{}'::text[] CONSTRAINT postback_log_call_uuids_not_null NOT NULL,
    tag_values json CONSTRAINT postback_log_tag_values_not_null NOT NULL,
    outcome text CONSTRAINT postback_log_outcome_not_null NOT NULL,
    code text,
    expires_at timestamp with time zone,
    source_ip inet,
    replayed boolean DEFAULT false CONSTRAINT postback_log_replayed_not_null NOT NULL,
    occurrences integer DEFAULT 1 CONSTRAINT postback_log_occurrences_not_null NOT NULL,
    CONSTRAINT postback_log_outcome_check CHECK ((outcome = ANY (ARRAY['stored_for_call'::text, 'applied'::text, 'stored'::text, 'not_stored'::text, 'refused'::text])))
);


--
-- Name: postback_log_rest; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.postback_log_rest (
    id uuid CONSTRAINT postback_log_id_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT postback_log_received_at_not_null NOT NULL,
    company_id bigint CONSTRAINT postback_log_company_id_not_null NOT NULL,
    publisher_id bigint CONSTRAINT postback_log_publisher_id_not_null NOT NULL,
    postback_key_id bigint CONSTRAINT postback_log_postback_key_id_not_null NOT NULL,
    caller_number text,
    call_uuids text[] DEFAULT '{}'::text[] CONSTRAINT postback_log_call_uuids_not_null NOT NULL,
    tag_values json CONSTRAINT postback_log_tag_values_not_null NOT NULL,
    outcome text CONSTRAINT postback_log_outcome_not_null NOT NULL,
    code text,
    expires_at timestamp with time zone,
    source_ip inet,
    replayed boolean DEFAULT false CONSTRAINT postback_log_replayed_not_null NOT NULL,
    occurrences integer DEFAULT 1 CONSTRAINT postback_log_occurrences_not_null NOT NULL,
    CONSTRAINT postback_log_outcome_check CHECK ((outcome = ANY (ARRAY['stored_for_call'::text, 'applied'::text, 'stored'::text, 'not_stored'::text, 'refused'::text])))
);


--
-- Name: publishers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.publishers (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    name text NOT NULL,
    afid text,
    number_cap integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone,
    changed_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT publishers_afid_check CHECK (((length(afid) >= 1) AND (length(afid) <= 200))),
    CONSTRAINT publishers_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT publishers_number_cap_check CHECK ((number_cap >= 0))
);


--
-- Name: publishers_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.publishers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.publishers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sessions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    idle_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    source_ip inet,
    user_agent text,
    CONSTRAINT sessions_secret_hash_check CHECK ((length(secret_hash) = 32)),
    CONSTRAINT sessions_user_agent_check CHECK ((length(user_agent) <= 300))
);


--
-- Name: sessions_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.sessions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: set_aside; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.set_aside (
    stream text NOT NULL,
    entry_id text NOT NULL,
    payload bytea NOT NULL,
    reason text NOT NULL,
    set_aside_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: sign_in_tries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sign_in_tries (
    subject bytea NOT NULL,
    tries integer NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_tries_subject_check CHECK ((length(subject) = 32))
);


--
-- Name: tags_blanked; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tags_blanked (
    company_id bigint NOT NULL,
    kind text NOT NULL,
    blanked_until timestamp with time zone NOT NULL,
    begun_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tags_blanked_kind_check CHECK ((kind = ANY (ARRAY['calls_tags'::text, 'calls_certificates'::text, 'postbacks_tags'::text, 'postbacks_certificates'::text])))
);


--
-- Name: tracking_numbers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tracking_numbers (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    publisher_id bigint,
    number text NOT NULL,
    pool boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone,
    changed_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT tracking_numbers_number_check CHECK ((number ~ '^\+[1-9][0-9]{7,14}$'::text))
);


--
-- Name: tracking_numbers_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.tracking_numbers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.tracking_numbers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    id bigint NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    totp_secret text,
    totp_last_step bigint DEFAULT 0 NOT NULL,
    recovery_hashes bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_email_check CHECK (((email = lower(email)) AND ((length(email) >= 3) AND (length(email) <= 254)))),
    CONSTRAINT users_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);


--
-- Name: users_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: call_events_20261126; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events ATTACH PARTITION public.call_events_20261126 FOR VALUES FROM ('2026-11-26 00:00:00+00') TO ('2026-11-27 00:00:00+00');


--
-- Name: call_events_20261127; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events ATTACH PARTITION public.call_events_20261127 FOR VALUES FROM ('2026-11-27 00:00:00+00') TO ('2026-11-28 00:00:00+00');


--
-- Name: call_events_20261128; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events ATTACH PARTITION public.call_events_20261128 FOR VALUES FROM ('2026-11-28 00:00:00+00') TO ('2026-11-29 00:00:00+00');


--
-- Name: call_events_20261129; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events ATTACH PARTITION public.call_events_20261129 FOR VALUES FROM ('2026-11-29 00:00:00+00') TO ('2026-11-30 00:00:00+00');


--
-- Name: call_events_20261130; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events ATTACH PARTITION public.call_events_20261130 FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: call_events_20261201; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events ATTACH PARTITION public.call_events_20261201 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');


--
-- Name: call_events_20261202; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events ATTACH PARTITION public.call_events_20261202 FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');


--
-- Name: call_events_20261203; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events ATTACH PARTITION public.call_events_20261203 FOR VALUES FROM ('2026-12-03 00:00:00+00') TO ('2026-12-04 00:00:00+00');


--
-- Name: call_events_rest; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events ATTACH PARTITION public.call_events_rest DEFAULT;


--
-- Name: calls_20261126; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_20261126 FOR VALUES FROM ('2026-11-26 00:00:00+00') TO ('2026-11-27 00:00:00+00');


--
-- Name: calls_20261127; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_20261127 FOR VALUES FROM ('2026-11-27 00:00:00+00') TO ('2026-11-28 00:00:00+00');


--
-- Name: calls_20261128; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_20261128 FOR VALUES FROM ('2026-11-28 00:00:00+00') TO ('2026-11-29 00:00:00+00');


--
-- Name: calls_20261129; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_20261129 FOR VALUES FROM ('2026-11-29 00:00:00+00') TO ('2026-11-30 00:00:00+00');


--
-- Name: calls_20261130; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_20261130 FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: calls_20261201; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_20261201 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');


--
-- Name: calls_20261202; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_20261202 FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');


--
-- Name: calls_20261203; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_20261203 FOR VALUES FROM ('2026-12-03 00:00:00+00') TO ('2026-12-04 00:00:00+00');


--
-- Name: calls_rest; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ATTACH PARTITION public.calls_rest DEFAULT;


--
-- Name: postback_log_20261126; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log ATTACH PARTITION public.postback_log_20261126 FOR VALUES FROM ('2026-11-26 00:00:00+00') TO ('2026-11-27 00:00:00+00');


--
-- Name: postback_log_20261127; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log ATTACH PARTITION public.postback_log_20261127 FOR VALUES FROM ('2026-11-27 00:00:00+00') TO ('2026-11-28 00:00:00+00');


--
-- Name: postback_log_20261128; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log ATTACH PARTITION public.postback_log_20261128 FOR VALUES FROM ('2026-11-28 00:00:00+00') TO ('2026-11-29 00:00:00+00');


--
-- Name: postback_log_20261129; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log ATTACH PARTITION public.postback_log_20261129 FOR VALUES FROM ('2026-11-29 00:00:00+00') TO ('2026-11-30 00:00:00+00');


--
-- Name: postback_log_20261130; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log ATTACH PARTITION public.postback_log_20261130 FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: postback_log_20261201; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log ATTACH PARTITION public.postback_log_20261201 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');


--
-- Name: postback_log_20261202; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log ATTACH PARTITION public.postback_log_20261202 FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');


--
-- Name: postback_log_20261203; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log ATTACH PARTITION public.postback_log_20261203 FOR VALUES FROM ('2026-12-03 00:00:00+00') TO ('2026-12-04 00:00:00+00');


--
-- Name: postback_log_rest; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log ATTACH PARTITION public.postback_log_rest DEFAULT;


--
-- Data for Name: api_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_tokens OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'first token', '\x5621ed0e99a010ed175a7f156d52d111989e79f0965352b6027c05c5988a88c3', '2026-11-27 02:03:25.195257+00', NULL, NULL),
	(2, 1, 'Another token', '\xc43c5a70cdca12e528440de544949f3bcad1056b39a82f27ea8ef35ec23842d6', '2026-11-27 02:03:25.468972+00', NULL, NULL);


--
-- Data for Name: audit_log; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_log OVERRIDING SYSTEM VALUE VALUES
	(1, 1, '2026-11-27 02:03:25.195257+00', '{"id": null, "kind": "operator", "name": null}', 'created', 'company', '1', NULL, '{"id": 1, "name": "Acme", "tags_days": null, "calls_days": null, "created_at": "2026-11-27T02:03:25.195257+00:00", "legal_hold": false, "default_region": "US", "postback_log_days": null, "default_number_cap": 10, "certificate_tag_names": [], "certificate_tags_days": null, "rate_limit_per_second": null, "default_end_call_cutoff_seconds": 3600, "default_storage_duration_seconds": 172800}', DEFAULT, DEFAULT),
	(2, 1, '2026-11-27 02:03:25.195257+00', '{"id": null, "kind": "operator", "name": null}', 'created', 'api_token', '1', NULL, '{"id": 1, "name": "first token", "company_id": 1, "created_at": "2026-11-27T02:03:25.195257+00:00", "revoked_at": null, "collaborator_id": null}', DEFAULT, DEFAULT),
	(3, 1, '2026-11-27 02:03:25.195257+00', '{"id": null, "kind": "operator", "name": null}', 'created', 'collaborator', '1', NULL, '{"id": 1, "name": "Jane Roe", "role": "owner", "email": "owner@example.com", "user_id": 1, "buyer_ids": [], "company_id": 1, "created_at": "2026-11-27T02:03:25.195257+00:00", "invited_at": "2026-11-27T02:03:25.195257+00:00", "removed_at": null, "accepted_at": "2026-11-27T02:03:25.195257+00:00", "publisher_ids": [], "invite_expires_at": null}', DEFAULT, DEFAULT),
	(4, 1, '2026-11-27 02:03:25.355486+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'publisher', '1', NULL, '{"id": 1, "afid": null, "name": "Publisher", "company_id": 1, "created_at": "2026-11-27T02:03:25.355486+00:00", "number_cap": null, "removed_at": null}', DEFAULT, DEFAULT),
	(5, 1, '2026-11-27 02:03:25.368626+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'campaign', '1', NULL, '{"id": 1, "name": "Campaign", "company_id": 1, "created_at": "2026-11-27T02:03:25.368626+00:00", "removed_at": null, "payout_cents": null}', DEFAULT, DEFAULT),
	(6, 1, '2026-11-27 02:03:25.374863+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'buyer', '1', NULL, '{"id": 1, "name": "Buyer", "paused": false, "company_id": 1, "created_at": "2026-11-27T02:03:25.374863+00:00", "removed_at": null, "price_cents": null}', DEFAULT, DEFAULT),
	(7, 1, '2026-11-27 02:03:25.382946+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'number', '1', NULL, '{"id": 1, "pool": false, "number": "+18005550001", "company_id": 1, "created_at": "2026-11-27T02:03:25.382946+00:00", "removed_at": null, "campaign_id": 1, "publisher_id": 1}', DEFAULT, DEFAULT),
	(8, 1, '2026-11-27 02:03:25.391936+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'postback_key', '1', NULL, '{"id": 1, "name": "Postback key", "type": "call_data_writing", "paused": false, "also_store": false, "apply_once": false, "company_id": 1, "created_at": "2026-11-27T02:03:25.391936+00:00", "revoked_at": null, "publisher_id": 1, "opaque_status": false, "allow_read_back": false, "allowed_origins": null, "allowed_networks": null, "rate_limit_per_second": null, "end_call_cutoff_seconds": 3600, "storage_duration_seconds": 172800}', DEFAULT, DEFAULT),
	(9, 1, '2026-11-27 02:03:25.447909+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'engine_key', '1', NULL, '{"id": 1, "name": "Engine key", "paused": false, "scopes": ["lookup", "events"], "company_id": 1, "created_at": "2026-11-27T02:03:25.447909+00:00", "revoked_at": null}', DEFAULT, DEFAULT),
	(10, 1, '2026-11-27 02:03:25.468972+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'api_token', '2', NULL, '{"id": 2, "name": "Another token", "company_id": 1, "created_at": "2026-11-27T02:03:25.468972+00:00", "revoked_at": null, "collaborator_id": null}', DEFAULT, DEFAULT),
	(11, 1, '2026-11-27 02:03:25.474892+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'campaign_grant', '1', NULL, '{"id": 1, "company_id": 1, "granted_at": "2026-11-27T02:03:25.474892+00:00", "revoked_at": null, "campaign_id": 1, "publisher_id": 1}', DEFAULT, DEFAULT),
	(12, 1, '2026-11-27 02:03:25.490863+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'number_grant', '1', NULL, '{"id": 1, "number": "+18005550001", "number_id": 1, "company_id": 1, "granted_at": "2026-11-27T02:03:25.490863+00:00", "revoked_at": null, "publisher_id": 1}', DEFAULT, DEFAULT),
	(13, 1, '2026-11-27 02:03:25.510036+00', '{"id": null, "kind": "operator", "name": null}', 'changed', 'number_grant', '1', '{"granted_at": "2026-11-27T02:03:25.490863+00:00"}', '{"granted_at": "2026-01-01T00:00:00+00:00"}', DEFAULT, DEFAULT),
	(14, 1, '2026-11-27 02:03:25.542761+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'collaborator', '2', NULL, '{"id": 2, "name": "Invited", "role": "collaborator", "email": "invited1@example.com", "user_id": null, "buyer_ids": [], "company_id": 1, "created_at": "2026-11-27T02:03:25.542761+00:00", "invited_at": "2026-11-27T02:03:25.542761+00:00", "removed_at": null, "accepted_at": null, "publisher_ids": [], "invite_expires_at": "2026-12-04T02:03:25.542761+00:00"}', DEFAULT, DEFAULT),
	(15, 1, '2026-11-27 02:03:25.560898+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'number', '2', NULL, '{"id": 2, "pool": false, "number": "+12025550001", "company_id": 1, "created_at": "2026-11-27T02:03:25.560898+00:00", "removed_at": null, "campaign_id": 1, "publisher_id": null}', DEFAULT, DEFAULT),
	(16, 1, '2026-11-27 02:03:25.578858+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'campaign', '2', NULL, '{"id": 2, "name": "Empty", "company_id": 1, "created_at": "2026-11-27T02:03:25.578858+00:00", "removed_at": null, "payout_cents": null}', DEFAULT, DEFAULT),
	(17, 1, '2026-11-27 02:03:25.586643+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'postback_key', '2', NULL, '{"id": 2, "name": "Recorded", "type": "call_data_writing", "paused": false, "also_store": false, "apply_once": false, "company_id": 1, "created_at": "2026-11-27T02:03:25.586643+00:00", "revoked_at": null, "publisher_id": 1, "opaque_status": false, "allow_read_back": false, "allowed_origins": null, "allowed_networks": null, "rate_limit_per_second": null, "end_call_cutoff_seconds": 3600, "storage_duration_seconds": 172800}', DEFAULT, DEFAULT),
	(18, 1, '2026-11-27 02:03:25.593647+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'engine_key', '2', NULL, '{"id": 2, "name": "Recorded", "paused": false, "scopes": ["lookup", "events"], "company_id": 1, "created_at": "2026-11-27T02:03:25.593647+00:00", "revoked_at": null}', DEFAULT, DEFAULT),
	(19, 1, '2026-11-27 02:03:25.608004+00', '{"id": 1, "kind": "api_token", "name": "first token"}', 'created', 'postback_key', '3', NULL, '{"id": 3, "name": "Once", "type": "call_data_writing", "paused": false, "also_store": true, "apply_once": true, "company_id": 1, "created_at": "2026-11-27T02:03:25.608004+00:00", "revoked_at": null, "publisher_id": 1, "opaque_status": false, "allow_read_back": false, "allowed_origins": null, "allowed_networks": null, "rate_limit_per_second": null, "end_call_cutoff_seconds": 3600, "storage_duration_seconds": 172800}', DEFAULT, DEFAULT);


--
-- Data for Name: buyers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.buyers OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'Buyer', NULL, false, '2026-11-27 02:03:25.374863+00', NULL, '797');


--
-- Data for Name: call_events_20261126; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: call_events_20261127; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.call_events_20261127 VALUES
	(1, 'drained', 1, '2026-11-27 02:03:26.388+00', 'hit', '{"campaign_id": 1, "publisher_id": 1, "dialed_number": "+18005550001"}'),
	(1, 'drained', 2, '2026-11-27 02:03:26.392+00', 'answer', '{"answered_by": 1}'),
	(1, 'drained', 3, '2026-11-27 02:03:26.395+00', 'end', '{"recording_url": "https://recordings.example/1", "duration_seconds": 61}');


--
-- Data for Name: call_events_20261128; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: call_events_20261129; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: call_events_20261130; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: call_events_20261201; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: call_events_20261202; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: call_events_20261203; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: call_events_rest; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: caller_salts; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: calls_20261126; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: calls_20261127; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.calls_20261127 VALUES
	('drained', '2026-11-27 02:03:26.388+00', 1, '+12025550107', '+18005550001', 1, 1, 'completed', '2026-11-27 02:03:26.388+00', '2026-11-27 02:03:26.392+00', '2026-11-27 02:03:26.395+00', NULL, NULL, 1, NULL, 61, 'https://recordings.example/1', NULL, NULL, '{"early": "yes"}', '{"early": {"posted_at": "2026-11-27T02:03:26.360Z", "postback_id": "25a5c44b-757b-425f-a318-4367b1fc53b5", "publisher_id": 1, "postback_key_id": 2}}', 3, DEFAULT, DEFAULT);


--
-- Data for Name: calls_20261128; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: calls_20261129; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: calls_20261130; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: calls_20261201; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: calls_20261202; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: calls_20261203; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: calls_rest; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.calls_rest VALUES
	('37ccb90b-fff8-492c-b2a1-081eac510a31', '2026-03-01 12:00:00+00', 1, '+12025550100', '+18005550001', NULL, 1, 'completed', '2026-03-01 12:00:00+00', NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, '{}', '{}', 1, DEFAULT, DEFAULT);


--
-- Data for Name: campaign_grants; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.campaign_grants OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 1, 1, '2026-11-27 02:03:25.474892+00', NULL);


--
-- Data for Name: campaigns; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.campaigns OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'Campaign', NULL, '2026-11-27 02:03:25.368626+00', NULL, '796'),
	(2, 1, 'Empty', NULL, '2026-11-27 02:03:25.578858+00', NULL, '809');


--
-- Data for Name: collaborators; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.collaborators OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 1, 'owner', 'Jane Roe', 'owner@example.com', '{}', '{}', NULL, '2026-11-27 02:03:25.195257+00', NULL, '2026-11-27 02:03:25.195257+00', '2026-11-27 02:03:25.195257+00', NULL),
	(2, 1, NULL, 'collaborator', 'Invited', 'invited1@example.com', '{}', '{}', NULL, '2026-11-27 02:03:25.542761+00', '2026-12-04 02:03:25.542761+00', NULL, '2026-11-27 02:03:25.542761+00', NULL);


--
-- Data for Name: companies; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.companies OVERRIDING SYSTEM VALUE VALUES
	(1, 'Acme', 'US', 10, 172800, 3600, '2026-11-27 02:03:25.195257+00', '794', NULL, NULL, NULL, NULL, NULL, '{}', false);


--
-- Data for Name: done_once; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: drain_state; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: engine_key_secrets; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.engine_key_secrets VALUES
	('\x05d2f640fa6d2386a4373004a47cb872f924fb73fb8865af73f4b402370ba07c', 1, '2026-11-27 02:03:25.447909+00', NULL),
	('\x6e4f3d7ef25431d1ac2331a4934de9e5f96a70bf3106b24f439acb8db3e6a479', 2, '2026-11-27 02:03:25.593647+00', NULL);


--
-- Data for Name: engine_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.engine_keys OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'Engine key', '{lookup,events}', false, '2026-11-27 02:03:25.447909+00', NULL, '800'),
	(2, 1, 'Recorded', '{lookup,events}', false, '2026-11-27 02:03:25.593647+00', NULL, '811');


--
-- Data for Name: erasures; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: mails; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.mails OVERRIDING SYSTEM VALUE VALUES
	(1, 'invite', 1, 2, NULL, '2026-11-27 02:03:25.542761+00', '2026-11-27 02:03:25.542761+00', 0, NULL, NULL);


--
-- Data for Name: migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.migrations VALUES
	('0001_company.sql', 'd457b93c4aff7e68beca57e3b3c6c2ec3dfc578631bc1381f8b1a7802827ee22', '2026-11-27 02:03:24.395365+00'),
	('0002_credentials.sql', '9f8ebb1e04624a9378b28fc7eb5183cab42444800a7427419bb09c706862d0b5', '2026-11-27 02:03:24.424397+00'),
	('0003_calls_and_postbacks.sql', 'ba3fda60169eaf48797bb51c73cd7083044042664c0c24b402b3c0afcda0a5ca', '2026-11-27 02:03:24.446976+00'),
	('0004_what_a_key_may.sql', '08e933737699d5f3e1efbaf30cc2fa1036bfefa7fc0b6c3530f36729116da212', '2026-11-27 02:03:24.647106+00'),
	('0005_people.sql', '61c5229fb3d803808cc5e145cbb51b464c533f7065122de21873ac7ea5d65cfd', '2026-11-27 02:03:24.648981+00'),
	('0006_collaborators.sql', '97d68bb163523d305dce61b813de7a3dd33615428a834aa2709d7542a5850191', '2026-11-27 02:03:24.677229+00'),
	('0007_audit_log.sql', '48c13ed8ec81c09ce01c6b1dd26d7c2ffc39c46dbf75218a9c8371ab9cba3c90', '2026-11-27 02:03:24.730917+00'),
	('0008_row_security.sql', '2603f6667db47325d704fd4deb297ab66b3981c9d76fb8bf696426f7d0299896', '2026-11-27 02:03:24.750854+00'),
	('0010_erasure.sql', 'c7676e4efa50dd414ff65212340d131db1ca2a69110a1e3c60a1719889ab052f', '2026-11-27 02:03:24.763201+00'),
	('0011_retention.sql', '0f97caf63c99eb4400dc378666658b47f0e1c876a0054b993ac4f954289388c5', '2026-11-27 02:03:24.774274+00'),
	('0012_reports.sql', '003cffda0cfd7c6ac2c74ddb71d8b24ceebffa718b77a8c37ba40f74c8cd7380', '2026-11-27 02:03:24.786777+00'),
	('0013_drain_state.sql', 'a6fe66ef493efd60bc2518c16a4d6c25ea6df34f80aaf3b9f7a64ef03f793d03', '2026-11-27 02:03:24.799062+00'),
	('0014_done_once.sql', 'e535ae9673b84e05a0309b4b4f4192b1beb1315b924b489c88b6ede63008d15a', '2026-11-27 02:03:24.800261+00'),
	('0015_figures.sql', '5702dfca2d8cb04fba2526ac41b35daa678f4785f69e634cd639bf8b845f9fbc', '2026-11-27 02:03:24.803618+00');


--
-- Data for Name: number_grants; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.number_grants OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 1, 1, '+18005550001', '2026-01-01 00:00:00+00', NULL);


--
-- Data for Name: password_resets; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: permission_settings; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: postback_key_secrets; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.postback_key_secrets VALUES
	('\x20b4e9649ba4e59f233ebdff0dea8a9e686d2ff578fa7408d5ba290857df8633', 1, '2026-11-27 02:03:25.391936+00', NULL),
	('\x36fa458dc53bcb10fea3ff38d9f9a98799758d3731b9e5b473b3a614c98a0fe6', 2, '2026-11-27 02:03:25.586643+00', NULL),
	('\x6c7601e4868e71fcbad3ed44ede09a38a3ffbfcb7b5c757176495ed916f48419', 3, '2026-11-27 02:03:25.608004+00', NULL);


--
-- Data for Name: postback_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.postback_keys OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 1, 'Postback key', 'call_data_writing', 172800, 3600, false, false, false, '2026-11-27 02:03:25.391936+00', NULL, '799', false, false, NULL, NULL, NULL),
	(2, 1, 1, 'Recorded', 'call_data_writing', 172800, 3600, false, false, false, '2026-11-27 02:03:25.586643+00', NULL, '810', false, false, NULL, NULL, NULL),
	(3, 1, 1, 'Once', 'call_data_writing', 172800, 3600, true, true, false, '2026-11-27 02:03:25.608004+00', NULL, '812', false, false, NULL, NULL, NULL);


--
-- Data for Name: postback_log_20261126; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: postback_log_20261127; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.postback_log_20261127 VALUES
	('25a5c44b-757b-425f-a318-4367b1fc53b5', '2026-11-27 02:03:26.36+00', 1, 1, 2, '+12025550107', '{drained}', '{"early":"yes"}', 'stored', NULL, '2126-11-03 02:03:26.36+00', '127.0.0.1', false, 1),
	('0037e1d7-eab6-4c78-9105-c85099c567bc', '2026-11-27 02:03:26.396+00', 1, 1, 2, '+12025550107', '{}', '{}', 'refused', 'no_tags', NULL, '127.0.0.1', false, 1),
	('d78be8f2-9dda-4e57-9164-894026ec340a', '2026-11-27 02:03:26.36+00', 1, 1, 2, '+15551230000', '{}', '{}', 'refused', 'no_tags', NULL, '127.0.0.1', false, 1),
	('13bdb443-b8c3-43de-82dd-028136a70916', '2026-11-27 02:03:26.362+00', 1, 1, 3, '+15551230000', '{}', '{}', 'refused', 'no_tags', NULL, '127.0.0.1', false, 1);


--
-- Data for Name: postback_log_20261128; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: postback_log_20261129; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: postback_log_20261130; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: postback_log_20261201; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: postback_log_20261202; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: postback_log_20261203; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: postback_log_rest; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.postback_log_rest VALUES
	('b893d66d-4434-449d-be5e-784a9b18c62d', '2026-03-01 12:00:00+00', 1, 1, 1, '+12025550100', '{}', '{"zeta": "1", "alpha": "2"}', 'stored', NULL, NULL, NULL, false, 1);


--
-- Data for Name: publishers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.publishers OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'Publisher', NULL, NULL, '2026-11-27 02:03:25.355486+00', NULL, '795');


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: set_aside; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: sign_in_tries; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: tags_blanked; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: tracking_numbers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tracking_numbers OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 1, 1, '+18005550001', false, '2026-11-27 02:03:25.382946+00', NULL, '798'),
	(2, 1, 1, NULL, '+12025550001', false, '2026-11-27 02:03:25.560898+00', NULL, '808');


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES
	(1, 'owner@example.com', 'Jane Roe', '$argon2id$v=19$m=19456,t=2,p=1$rSG8SgIlTbC8seAfY+IazQ$cdEGGsdQI75bcTd/jnOrSAv/84wlGZP3MgMbs0SmIlU', NULL, 0, '{}', '2026-11-27 02:03:25.195257+00');


--
-- Name: api_tokens_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.api_tokens_id_seq', 2, true);


--
-- Name: audit_log_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audit_log_id_seq', 19, true);


--
-- Name: buyers_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.buyers_id_seq', 1, true);


--
-- Name: campaign_grants_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.campaign_grants_id_seq', 1, true);


--
-- Name: campaigns_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.campaigns_id_seq', 2, true);


--
-- Name: collaborators_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.collaborators_id_seq', 2, true);


--
-- Name: companies_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.companies_id_seq', 1, true);


--
-- Name: engine_keys_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.engine_keys_id_seq', 2, true);


--
-- Name: erasures_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.erasures_id_seq', 1, false);


--
-- Name: mails_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.mails_id_seq', 1, true);


--
-- Name: number_grants_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.number_grants_id_seq', 1, true);


--
-- Name: postback_keys_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.postback_keys_id_seq', 3, true);


--
-- Name: publishers_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.publishers_id_seq', 1, true);


--
-- Name: sessions_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.sessions_id_seq', 1, false);


--
-- Name: tracking_numbers_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.tracking_numbers_id_seq', 2, true);


--
-- Name: users_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.users_id_seq', 1, true);


--
-- Name: api_tokens api_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);


--
-- Name: api_tokens api_tokens_secret_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_secret_hash_key UNIQUE (secret_hash);


--
-- Name: audit_log audit_log_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);


--
-- Name: buyers buyers_company_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.buyers
    ADD CONSTRAINT buyers_company_id_id_key UNIQUE (company_id, id);


--
-- Name: buyers buyers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.buyers
    ADD CONSTRAINT buyers_pkey PRIMARY KEY (id);


--
-- Name: call_events call_events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events
    ADD CONSTRAINT call_events_pkey PRIMARY KEY (happened_at, company_id, call_uuid, revision);


--
-- Name: call_events_20261126 call_events_20261126_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events_20261126
    ADD CONSTRAINT call_events_20261126_pkey PRIMARY KEY (happened_at, company_id, call_uuid, revision);


--
-- Name: call_events_20261127 call_events_20261127_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events_20261127
    ADD CONSTRAINT call_events_20261127_pkey PRIMARY KEY (happened_at, company_id, call_uuid, revision);


--
-- Name: call_events_20261128 call_events_20261128_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events_20261128
    ADD CONSTRAINT call_events_20261128_pkey PRIMARY KEY (happened_at, company_id, call_uuid, revision);


--
-- Name: call_events_20261129 call_events_20261129_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events_20261129
    ADD CONSTRAINT call_events_20261129_pkey PRIMARY KEY (happened_at, company_id, call_uuid, revision);


--
-- Name: call_events_20261130 call_events_20261130_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events_20261130
    ADD CONSTRAINT call_events_20261130_pkey PRIMARY KEY (happened_at, company_id, call_uuid, revision);


--
-- Name: call_events_20261201 call_events_20261201_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events_20261201
    ADD CONSTRAINT call_events_20261201_pkey PRIMARY KEY (happened_at, company_id, call_uuid, revision);


--
-- Name: call_events_20261202 call_events_20261202_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events_20261202
    ADD CONSTRAINT call_events_20261202_pkey PRIMARY KEY (happened_at, company_id, call_uuid, revision);


--
-- Name: call_events_20261203 call_events_20261203_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events_20261203
    ADD CONSTRAINT call_events_20261203_pkey PRIMARY KEY (happened_at, company_id, call_uuid, revision);


--
-- Name: call_events_rest call_events_rest_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_events_rest
    ADD CONSTRAINT call_events_rest_pkey PRIMARY KEY (happened_at, company_id, call_uuid, revision);


--
-- Name: caller_salts caller_salts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller_salts
    ADD CONSTRAINT caller_salts_pkey PRIMARY KEY (company_id);


--
-- Name: calls calls_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_pkey PRIMARY KEY (hit_at, company_id, call_uuid);


--
-- Name: calls_20261126 calls_20261126_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls_20261126
    ADD CONSTRAINT calls_20261126_pkey PRIMARY KEY (hit_at, company_id, call_uuid);


--
-- Name: calls_20261127 calls_20261127_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls_20261127
    ADD CONSTRAINT calls_20261127_pkey PRIMARY KEY (hit_at, company_id, call_uuid);


--
-- Name: calls_20261128 calls_20261128_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls_20261128
    ADD CONSTRAINT calls_20261128_pkey PRIMARY KEY (hit_at, company_id, call_uuid);


--
-- Name: calls_20261129 calls_20261129_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls_20261129
    ADD CONSTRAINT calls_20261129_pkey PRIMARY KEY (hit_at, company_id, call_uuid);


--
-- Name: calls_20261130 calls_20261130_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls_20261130
    ADD CONSTRAINT calls_20261130_pkey PRIMARY KEY (hit_at, company_id, call_uuid);


--
-- Name: calls_20261201 calls_20261201_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls_20261201
    ADD CONSTRAINT calls_20261201_pkey PRIMARY KEY (hit_at, company_id, call_uuid);


--
-- Name: calls_20261202 calls_20261202_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls_20261202
    ADD CONSTRAINT calls_20261202_pkey PRIMARY KEY (hit_at, company_id, call_uuid);


--
-- Name: calls_20261203 calls_20261203_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls_20261203
    ADD CONSTRAINT calls_20261203_pkey PRIMARY KEY (hit_at, company_id, call_uuid);


--
-- Name: calls_rest calls_rest_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls_rest
    ADD CONSTRAINT calls_rest_pkey PRIMARY KEY (hit_at, company_id, call_uuid);


--
-- Name: campaign_grants campaign_grants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.campaign_grants
    ADD CONSTRAINT campaign_grants_pkey PRIMARY KEY (id);


--
-- Name: campaigns campaigns_company_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_company_id_id_key UNIQUE (company_id, id);


--
-- Name: campaigns campaigns_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_pkey PRIMARY KEY (id);


--
-- Name: collaborators collaborators_company_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.collaborators
    ADD CONSTRAINT collaborators_company_id_id_key UNIQUE (company_id, id);


--
-- Name: collaborators collaborators_invite_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.collaborators
    ADD CONSTRAINT collaborators_invite_hash_key UNIQUE (invite_hash);


--
-- Name: collaborators collaborators_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.collaborators
    ADD CONSTRAINT collaborators_pkey PRIMARY KEY (id);


--
-- Name: companies companies_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.companies
    ADD CONSTRAINT companies_pkey PRIMARY KEY (id);


--
-- Name: done_once done_once_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.done_once
    ADD CONSTRAINT done_once_pkey PRIMARY KEY (company_id, asker, name_hash);


--
-- Name: drain_state drain_state_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drain_state
    ADD CONSTRAINT drain_state_pkey PRIMARY KEY (is_only);


--
-- Name: engine_key_secrets engine_key_secrets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engine_key_secrets
    ADD CONSTRAINT engine_key_secrets_pkey PRIMARY KEY (secret_hash);


--
-- Name: engine_keys engine_keys_company_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engine_keys
    ADD CONSTRAINT engine_keys_company_id_id_key UNIQUE (company_id, id);


--
-- Name: engine_keys engine_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engine_keys
    ADD CONSTRAINT engine_keys_pkey PRIMARY KEY (id);


--
-- Name: erasures erasures_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (id);


--
-- Name: mails mails_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_pkey PRIMARY KEY (id);


--
-- Name: migrations migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);


--
-- Name: number_grants number_grants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_grants
    ADD CONSTRAINT number_grants_pkey PRIMARY KEY (id);


--
-- Name: password_resets password_resets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password_resets
    ADD CONSTRAINT password_resets_pkey PRIMARY KEY (secret_hash);


--
-- Name: permission_settings permission_settings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.permission_settings
    ADD CONSTRAINT permission_settings_pkey PRIMARY KEY (company_id, level, subject_id, for_kind);


--
-- Name: postback_key_secrets postback_key_secrets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_key_secrets
    ADD CONSTRAINT postback_key_secrets_pkey PRIMARY KEY (secret_hash);


--
-- Name: postback_keys postback_keys_company_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_keys
    ADD CONSTRAINT postback_keys_company_id_id_key UNIQUE (company_id, id);


--
-- Name: postback_keys postback_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_keys
    ADD CONSTRAINT postback_keys_pkey PRIMARY KEY (id);


--
-- Name: postback_log postback_log_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log
    ADD CONSTRAINT postback_log_pkey PRIMARY KEY (id, received_at);


--
-- Name: postback_log_20261126 postback_log_20261126_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log_20261126
    ADD CONSTRAINT postback_log_20261126_pkey PRIMARY KEY (id, received_at);


--
-- Name: postback_log_20261127 postback_log_20261127_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log_20261127
    ADD CONSTRAINT postback_log_20261127_pkey PRIMARY KEY (id, received_at);


--
-- Name: postback_log_20261128 postback_log_20261128_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log_20261128
    ADD CONSTRAINT postback_log_20261128_pkey PRIMARY KEY (id, received_at);


--
-- Name: postback_log_20261129 postback_log_20261129_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log_20261129
    ADD CONSTRAINT postback_log_20261129_pkey PRIMARY KEY (id, received_at);


--
-- Name: postback_log_20261130 postback_log_20261130_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log_20261130
    ADD CONSTRAINT postback_log_20261130_pkey PRIMARY KEY (id, received_at);


--
-- Name: postback_log_20261201 postback_log_20261201_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log_20261201
    ADD CONSTRAINT postback_log_20261201_pkey PRIMARY KEY (id, received_at);


--
-- Name: postback_log_20261202 postback_log_20261202_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log_20261202
    ADD CONSTRAINT postback_log_20261202_pkey PRIMARY KEY (id, received_at);


--
-- Name: postback_log_20261203 postback_log_20261203_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log_20261203
    ADD CONSTRAINT postback_log_20261203_pkey PRIMARY KEY (id, received_at);


--
-- Name: postback_log_rest postback_log_rest_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_log_rest
    ADD CONSTRAINT postback_log_rest_pkey PRIMARY KEY (id, received_at);


--
-- Name: publishers publishers_company_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.publishers
    ADD CONSTRAINT publishers_company_id_id_key UNIQUE (company_id, id);


--
-- Name: publishers publishers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.publishers
    ADD CONSTRAINT publishers_pkey PRIMARY KEY (id);


--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);


--
-- Name: sessions sessions_secret_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_secret_hash_key UNIQUE (secret_hash);


--
-- Name: set_aside set_aside_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.set_aside
    ADD CONSTRAINT set_aside_pkey PRIMARY KEY (stream, entry_id);


--
-- Name: sign_in_tries sign_in_tries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sign_in_tries
    ADD CONSTRAINT sign_in_tries_pkey PRIMARY KEY (subject);


--
-- Name: tags_blanked tags_blanked_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tags_blanked
    ADD CONSTRAINT tags_blanked_pkey PRIMARY KEY (company_id, kind);


--
-- Name: tracking_numbers tracking_numbers_company_id_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracking_numbers
    ADD CONSTRAINT tracking_numbers_company_id_id_key UNIQUE (company_id, id);


--
-- Name: tracking_numbers tracking_numbers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracking_numbers
    ADD CONSTRAINT tracking_numbers_pkey PRIMARY KEY (id);


--
-- Name: users users_email_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: api_tokens_by_company; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_tokens_by_company ON public.api_tokens USING btree (company_id, id);


--
-- Name: audit_log_by_actor; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_log_by_actor ON public.audit_log USING btree (company_id, actor_kind, actor_id, at DESC, id DESC);


--
-- Name: audit_log_by_company; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_log_by_company ON public.audit_log USING btree (company_id, at DESC, id DESC);


--
-- Name: audit_log_by_object; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_log_by_object ON public.audit_log USING btree (company_id, object, object_id, at DESC, id DESC);


--
-- Name: buyers_by_change; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX buyers_by_change ON public.buyers USING btree (changed_in);


--
-- Name: call_events_by_call; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX call_events_by_call ON ONLY public.call_events USING btree (company_id, call_uuid, happened_at, revision);


--
-- Name: call_events_20261126_company_id_call_uuid_happened_at_revis_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX call_events_20261126_company_id_call_uuid_happened_at_revis_idx ON public.call_events_20261126 USING btree (company_id, call_uuid, happened_at, revision);


--
-- Name: call_events_20261127_company_id_call_uuid_happened_at_revis_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX call_events_20261127_company_id_call_uuid_happened_at_revis_idx ON public.call_events_20261127 USING btree (company_id, call_uuid, happened_at, revision);


--
-- Name: call_events_20261128_company_id_call_uuid_happened_at_revis_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX call_events_20261128_company_id_call_uuid_happened_at_revis_idx ON public.call_events_20261128 USING btree (company_id, call_uuid, happened_at, revision);


--
-- Name: call_events_20261129_company_id_call_uuid_happened_at_revis_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX call_events_20261129_company_id_call_uuid_happened_at_revis_idx ON public.call_events_20261129 USING btree (company_id, call_uuid, happened_at, revision);


--
-- Name: call_events_20261130_company_id_call_uuid_happened_at_revis_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX call_events_20261130_company_id_call_uuid_happened_at_revis_idx ON public.call_events_20261130 USING btree (company_id, call_uuid, happened_at, revision);


--
-- Name: call_events_20261201_company_id_call_uuid_happened_at_revis_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX call_events_20261201_company_id_call_uuid_happened_at_revis_idx ON public.call_events_20261201 USING btree (company_id, call_uuid, happened_at, revision);


--
-- Name: call_events_20261202_company_id_call_uuid_happened_at_revis_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX call_events_20261202_company_id_call_uuid_happened_at_revis_idx ON public.call_events_20261202 USING btree (company_id, call_uuid, happened_at, revision);


--
-- Name: call_events_20261203_company_id_call_uuid_happened_at_revis_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX call_events_20261203_company_id_call_uuid_happened_at_revis_idx ON public.call_events_20261203 USING btree (company_id, call_uuid, happened_at, revision);


--
-- Name: call_events_rest_company_id_call_uuid_happened_at_revision_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX call_events_rest_company_id_call_uuid_happened_at_revision_idx ON public.call_events_rest USING btree (company_id, call_uuid, happened_at, revision);


--
-- Name: calls_by_buyer; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_by_buyer ON ONLY public.calls USING btree (company_id, answered_by, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261126_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261126_company_id_answered_by_hit_at_call_uuid_idx ON public.calls_20261126 USING btree (company_id, answered_by, hit_at DESC, call_uuid DESC);


--
-- Name: calls_by_uuid; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_by_uuid ON ONLY public.calls USING btree (company_id, call_uuid, hit_at DESC);


--
-- Name: calls_20261126_company_id_call_uuid_hit_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261126_company_id_call_uuid_hit_at_idx ON public.calls_20261126 USING btree (company_id, call_uuid, hit_at DESC);


--
-- Name: calls_by_caller; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_by_caller ON ONLY public.calls USING btree (company_id, caller_number, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261126_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261126_company_id_caller_number_hit_at_call_uuid_idx ON public.calls_20261126 USING btree (company_id, caller_number, hit_at DESC, call_uuid DESC);


--
-- Name: calls_by_campaign; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_by_campaign ON ONLY public.calls USING btree (company_id, campaign_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261126_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261126_company_id_campaign_id_hit_at_call_uuid_idx ON public.calls_20261126 USING btree (company_id, campaign_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_by_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_by_number ON ONLY public.calls USING btree (company_id, dialed_number, hit_at DESC, call_uuid DESC) INCLUDE (started_at);


--
-- Name: calls_20261126_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261126_company_id_dialed_number_hit_at_call_uuid_st_idx ON public.calls_20261126 USING btree (company_id, dialed_number, hit_at DESC, call_uuid DESC) INCLUDE (started_at);


--
-- Name: calls_by_company; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_by_company ON ONLY public.calls USING btree (company_id, hit_at DESC, call_uuid DESC) INCLUDE (status, started_at, dialed_number, campaign_id, publisher_id, answered_by, is_answered, has_tags, duration_seconds, revenue_cents, payout_cents);


--
-- Name: calls_20261126_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261126_company_id_hit_at_call_uuid_status_started_a_idx ON public.calls_20261126 USING btree (company_id, hit_at DESC, call_uuid DESC) INCLUDE (status, started_at, dialed_number, campaign_id, publisher_id, answered_by, is_answered, has_tags, duration_seconds, revenue_cents, payout_cents);


--
-- Name: calls_by_publisher; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_by_publisher ON ONLY public.calls USING btree (company_id, publisher_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261126_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261126_company_id_publisher_id_hit_at_call_uuid_idx ON public.calls_20261126 USING btree (company_id, publisher_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_by_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_by_status ON ONLY public.calls USING btree (company_id, status, hit_at DESC, call_uuid DESC) WHERE (status <> 'completed'::text);


--
-- Name: calls_20261126_company_id_status_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261126_company_id_status_hit_at_call_uuid_idx ON public.calls_20261126 USING btree (company_id, status, hit_at DESC, call_uuid DESC) WHERE (status <> 'completed'::text);


--
-- Name: calls_by_tag_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_by_tag_key ON ONLY public.calls USING gin (public.tag_keys(company_id, tags)) WHERE (tags <> '{}'::jsonb);


--
-- Name: calls_20261126_tag_keys_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261126_tag_keys_idx ON public.calls_20261126 USING gin (public.tag_keys(company_id, tags)) WHERE (tags <> '{}'::jsonb);


--
-- Name: calls_20261127_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261127_company_id_answered_by_hit_at_call_uuid_idx ON public.calls_20261127 USING btree (company_id, answered_by, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261127_company_id_call_uuid_hit_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261127_company_id_call_uuid_hit_at_idx ON public.calls_20261127 USING btree (company_id, call_uuid, hit_at DESC);


--
-- Name: calls_20261127_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261127_company_id_caller_number_hit_at_call_uuid_idx ON public.calls_20261127 USING btree (company_id, caller_number, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261127_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261127_company_id_campaign_id_hit_at_call_uuid_idx ON public.calls_20261127 USING btree (company_id, campaign_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261127_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261127_company_id_dialed_number_hit_at_call_uuid_st_idx ON public.calls_20261127 USING btree (company_id, dialed_number, hit_at DESC, call_uuid DESC) INCLUDE (started_at);


--
-- Name: calls_20261127_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261127_company_id_hit_at_call_uuid_status_started_a_idx ON public.calls_20261127 USING btree (company_id, hit_at DESC, call_uuid DESC) INCLUDE (status, started_at, dialed_number, campaign_id, publisher_id, answered_by, is_answered, has_tags, duration_seconds, revenue_cents, payout_cents);


--
-- Name: calls_20261127_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261127_company_id_publisher_id_hit_at_call_uuid_idx ON public.calls_20261127 USING btree (company_id, publisher_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261127_company_id_status_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261127_company_id_status_hit_at_call_uuid_idx ON public.calls_20261127 USING btree (company_id, status, hit_at DESC, call_uuid DESC) WHERE (status <> 'completed'::text);


--
-- Name: calls_20261127_tag_keys_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261127_tag_keys_idx ON public.calls_20261127 USING gin (public.tag_keys(company_id, tags)) WHERE (tags <> '{}'::jsonb);


--
-- Name: calls_20261128_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261128_company_id_answered_by_hit_at_call_uuid_idx ON public.calls_20261128 USING btree (company_id, answered_by, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261128_company_id_call_uuid_hit_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261128_company_id_call_uuid_hit_at_idx ON public.calls_20261128 USING btree (company_id, call_uuid, hit_at DESC);


--
-- Name: calls_20261128_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261128_company_id_caller_number_hit_at_call_uuid_idx ON public.calls_20261128 USING btree (company_id, caller_number, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261128_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261128_company_id_campaign_id_hit_at_call_uuid_idx ON public.calls_20261128 USING btree (company_id, campaign_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261128_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261128_company_id_dialed_number_hit_at_call_uuid_st_idx ON public.calls_20261128 USING btree (company_id, dialed_number, hit_at DESC, call_uuid DESC) INCLUDE (started_at);


--
-- Name: calls_20261128_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261128_company_id_hit_at_call_uuid_status_started_a_idx ON public.calls_20261128 USING btree (company_id, hit_at DESC, call_uuid DESC) INCLUDE (status, started_at, dialed_number, campaign_id, publisher_id, answered_by, is_answered, has_tags, duration_seconds, revenue_cents, payout_cents);


--
-- Name: calls_20261128_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261128_company_id_publisher_id_hit_at_call_uuid_idx ON public.calls_20261128 USING btree (company_id, publisher_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261128_company_id_status_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261128_company_id_status_hit_at_call_uuid_idx ON public.calls_20261128 USING btree (company_id, status, hit_at DESC, call_uuid DESC) WHERE (status <> 'completed'::text);


--
-- Name: calls_20261128_tag_keys_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261128_tag_keys_idx ON public.calls_20261128 USING gin (public.tag_keys(company_id, tags)) WHERE (tags <> '{}'::jsonb);


--
-- Name: calls_20261129_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261129_company_id_answered_by_hit_at_call_uuid_idx ON public.calls_20261129 USING btree (company_id, answered_by, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261129_company_id_call_uuid_hit_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261129_company_id_call_uuid_hit_at_idx ON public.calls_20261129 USING btree (company_id, call_uuid, hit_at DESC);


--
-- Name: calls_20261129_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261129_company_id_caller_number_hit_at_call_uuid_idx ON public.calls_20261129 USING btree (company_id, caller_number, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261129_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261129_company_id_campaign_id_hit_at_call_uuid_idx ON public.calls_20261129 USING btree (company_id, campaign_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261129_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261129_company_id_dialed_number_hit_at_call_uuid_st_idx ON public.calls_20261129 USING btree (company_id, dialed_number, hit_at DESC, call_uuid DESC) INCLUDE (started_at);


--
-- Name: calls_20261129_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261129_company_id_hit_at_call_uuid_status_started_a_idx ON public.calls_20261129 USING btree (company_id, hit_at DESC, call_uuid DESC) INCLUDE (status, started_at, dialed_number, campaign_id, publisher_id, answered_by, is_answered, has_tags, duration_seconds, revenue_cents, payout_cents);


--
-- Name: calls_20261129_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261129_company_id_publisher_id_hit_at_call_uuid_idx ON public.calls_20261129 USING btree (company_id, publisher_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261129_company_id_status_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261129_company_id_status_hit_at_call_uuid_idx ON public.calls_20261129 USING btree (company_id, status, hit_at DESC, call_uuid DESC) WHERE (status <> 'completed'::text);


--
-- Name: calls_20261129_tag_keys_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261129_tag_keys_idx ON public.calls_20261129 USING gin (public.tag_keys(company_id, tags)) WHERE (tags <> '{}'::jsonb);


--
-- Name: calls_20261130_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261130_company_id_answered_by_hit_at_call_uuid_idx ON public.calls_20261130 USING btree (company_id, answered_by, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261130_company_id_call_uuid_hit_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261130_company_id_call_uuid_hit_at_idx ON public.calls_20261130 USING btree (company_id, call_uuid, hit_at DESC);


--
-- Name: calls_20261130_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261130_company_id_caller_number_hit_at_call_uuid_idx ON public.calls_20261130 USING btree (company_id, caller_number, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261130_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261130_company_id_campaign_id_hit_at_call_uuid_idx ON public.calls_20261130 USING btree (company_id, campaign_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261130_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261130_company_id_dialed_number_hit_at_call_uuid_st_idx ON public.calls_20261130 USING btree (company_id, dialed_number, hit_at DESC, call_uuid DESC) INCLUDE (started_at);


--
-- Name: calls_20261130_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261130_company_id_hit_at_call_uuid_status_started_a_idx ON public.calls_20261130 USING btree (company_id, hit_at DESC, call_uuid DESC) INCLUDE (status, started_at, dialed_number, campaign_id, publisher_id, answered_by, is_answered, has_tags, duration_seconds, revenue_cents, payout_cents);


--
-- Name: calls_20261130_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261130_company_id_publisher_id_hit_at_call_uuid_idx ON public.calls_20261130 USING btree (company_id, publisher_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261130_company_id_status_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261130_company_id_status_hit_at_call_uuid_idx ON public.calls_20261130 USING btree (company_id, status, hit_at DESC, call_uuid DESC) WHERE (status <> 'completed'::text);


--
-- Name: calls_20261130_tag_keys_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261130_tag_keys_idx ON public.calls_20261130 USING gin (public.tag_keys(company_id, tags)) WHERE (tags <> '{}'::jsonb);


--
-- Name: calls_20261201_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261201_company_id_answered_by_hit_at_call_uuid_idx ON public.calls_20261201 USING btree (company_id, answered_by, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261201_company_id_call_uuid_hit_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261201_company_id_call_uuid_hit_at_idx ON public.calls_20261201 USING btree (company_id, call_uuid, hit_at DESC);


--
-- Name: calls_20261201_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261201_company_id_caller_number_hit_at_call_uuid_idx ON public.calls_20261201 USING btree (company_id, caller_number, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261201_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261201_company_id_campaign_id_hit_at_call_uuid_idx ON public.calls_20261201 USING btree (company_id, campaign_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261201_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261201_company_id_dialed_number_hit_at_call_uuid_st_idx ON public.calls_20261201 USING btree (company_id, dialed_number, hit_at DESC, call_uuid DESC) INCLUDE (started_at);


--
-- Name: calls_20261201_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261201_company_id_hit_at_call_uuid_status_started_a_idx ON public.calls_20261201 USING btree (company_id, hit_at DESC, call_uuid DESC) INCLUDE (status, started_at, dialed_number, campaign_id, publisher_id, answered_by, is_answered, has_tags, duration_seconds, revenue_cents, payout_cents);


--
-- Name: calls_20261201_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261201_company_id_publisher_id_hit_at_call_uuid_idx ON public.calls_20261201 USING btree (company_id, publisher_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261201_company_id_status_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261201_company_id_status_hit_at_call_uuid_idx ON public.calls_20261201 USING btree (company_id, status, hit_at DESC, call_uuid DESC) WHERE (status <> 'completed'::text);


--
-- Name: calls_20261201_tag_keys_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261201_tag_keys_idx ON public.calls_20261201 USING gin (public.tag_keys(company_id, tags)) WHERE (tags <> '{}'::jsonb);


--
-- Name: calls_20261202_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261202_company_id_answered_by_hit_at_call_uuid_idx ON public.calls_20261202 USING btree (company_id, answered_by, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261202_company_id_call_uuid_hit_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261202_company_id_call_uuid_hit_at_idx ON public.calls_20261202 USING btree (company_id, call_uuid, hit_at DESC);


--
-- Name: calls_20261202_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261202_company_id_caller_number_hit_at_call_uuid_idx ON public.calls_20261202 USING btree (company_id, caller_number, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261202_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261202_company_id_campaign_id_hit_at_call_uuid_idx ON public.calls_20261202 USING btree (company_id, campaign_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261202_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261202_company_id_dialed_number_hit_at_call_uuid_st_idx ON public.calls_20261202 USING btree (company_id, dialed_number, hit_at DESC, call_uuid DESC) INCLUDE (started_at);


--
-- Name: calls_20261202_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261202_company_id_hit_at_call_uuid_status_started_a_idx ON public.calls_20261202 USING btree (company_id, hit_at DESC, call_uuid DESC) INCLUDE (status, started_at, dialed_number, campaign_id, publisher_id, answered_by, is_answered, has_tags, duration_seconds, revenue_cents, payout_cents);


--
-- Name: calls_20261202_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261202_company_id_publisher_id_hit_at_call_uuid_idx ON public.calls_20261202 USING btree (company_id, publisher_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261202_company_id_status_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261202_company_id_status_hit_at_call_uuid_idx ON public.calls_20261202 USING btree (company_id, status, hit_at DESC, call_uuid DESC) WHERE (status <> 'completed'::text);


--
-- Name: calls_20261202_tag_keys_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261202_tag_keys_idx ON public.calls_20261202 USING gin (public.tag_keys(company_id, tags)) WHERE (tags <> '{}'::jsonb);


--
-- Name: calls_20261203_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261203_company_id_answered_by_hit_at_call_uuid_idx ON public.calls_20261203 USING btree (company_id, answered_by, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261203_company_id_call_uuid_hit_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261203_company_id_call_uuid_hit_at_idx ON public.calls_20261203 USING btree (company_id, call_uuid, hit_at DESC);


--
-- Name: calls_20261203_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261203_company_id_caller_number_hit_at_call_uuid_idx ON public.calls_20261203 USING btree (company_id, caller_number, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261203_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261203_company_id_campaign_id_hit_at_call_uuid_idx ON public.calls_20261203 USING btree (company_id, campaign_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261203_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261203_company_id_dialed_number_hit_at_call_uuid_st_idx ON public.calls_20261203 USING btree (company_id, dialed_number, hit_at DESC, call_uuid DESC) INCLUDE (started_at);


--
-- Name: calls_20261203_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261203_company_id_hit_at_call_uuid_status_started_a_idx ON public.calls_20261203 USING btree (company_id, hit_at DESC, call_uuid DESC) INCLUDE (status, started_at, dialed_number, campaign_id, publisher_id, answered_by, is_answered, has_tags, duration_seconds, revenue_cents, payout_cents);


--
-- Name: calls_20261203_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261203_company_id_publisher_id_hit_at_call_uuid_idx ON public.calls_20261203 USING btree (company_id, publisher_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_20261203_company_id_status_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261203_company_id_status_hit_at_call_uuid_idx ON public.calls_20261203 USING btree (company_id, status, hit_at DESC, call_uuid DESC) WHERE (status <> 'completed'::text);


--
-- Name: calls_20261203_tag_keys_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_20261203_tag_keys_idx ON public.calls_20261203 USING gin (public.tag_keys(company_id, tags)) WHERE (tags <> '{}'::jsonb);


--
-- Name: calls_rest_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_rest_company_id_answered_by_hit_at_call_uuid_idx ON public.calls_rest USING btree (company_id, answered_by, hit_at DESC, call_uuid DESC);


--
-- Name: calls_rest_company_id_call_uuid_hit_at_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_rest_company_id_call_uuid_hit_at_idx ON public.calls_rest USING btree (company_id, call_uuid, hit_at DESC);


--
-- Name: calls_rest_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_rest_company_id_caller_number_hit_at_call_uuid_idx ON public.calls_rest USING btree (company_id, caller_number, hit_at DESC, call_uuid DESC);


--
-- Name: calls_rest_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_rest_company_id_campaign_id_hit_at_call_uuid_idx ON public.calls_rest USING btree (company_id, campaign_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_rest_company_id_dialed_number_hit_at_call_uuid_starte_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_rest_company_id_dialed_number_hit_at_call_uuid_starte_idx ON public.calls_rest USING btree (company_id, dialed_number, hit_at DESC, call_uuid DESC) INCLUDE (started_at);


--
-- Name: calls_rest_company_id_hit_at_call_uuid_status_started_at_di_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_rest_company_id_hit_at_call_uuid_status_started_at_di_idx ON public.calls_rest USING btree (company_id, hit_at DESC, call_uuid DESC) INCLUDE (status, started_at, dialed_number, campaign_id, publisher_id, answered_by, is_answered, has_tags, duration_seconds, revenue_cents, payout_cents);


--
-- Name: calls_rest_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_rest_company_id_publisher_id_hit_at_call_uuid_idx ON public.calls_rest USING btree (company_id, publisher_id, hit_at DESC, call_uuid DESC);


--
-- Name: calls_rest_company_id_status_hit_at_call_uuid_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_rest_company_id_status_hit_at_call_uuid_idx ON public.calls_rest USING btree (company_id, status, hit_at DESC, call_uuid DESC) WHERE (status <> 'completed'::text);


--
-- Name: calls_rest_tag_keys_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_rest_tag_keys_idx ON public.calls_rest USING gin (public.tag_keys(company_id, tags)) WHERE (tags <> '{}'::jsonb);


--
-- Name: campaign_grants_by_campaign; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX campaign_grants_by_campaign ON public.campaign_grants USING btree (company_id, campaign_id);


--
-- Name: campaign_grants_by_publisher; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX campaign_grants_by_publisher ON public.campaign_grants USING btree (company_id, publisher_id, id);


--
-- Name: campaign_grants_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX campaign_grants_live ON public.campaign_grants USING btree (company_id, publisher_id, campaign_id) WHERE (revoked_at IS NULL);


--
-- Name: campaigns_by_change; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX campaigns_by_change ON public.campaigns USING btree (changed_in);


--
-- Name: collaborators_by_email; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX collaborators_by_email ON public.collaborators USING btree (company_id, email) WHERE (removed_at IS NULL);


--
-- Name: collaborators_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX collaborators_by_user ON public.collaborators USING btree (user_id, company_id) WHERE (removed_at IS NULL);


--
-- Name: companies_by_change; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX companies_by_change ON public.companies USING btree (changed_in);


--
-- Name: done_once_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX done_once_by_age ON public.done_once USING btree (done_at);


--
-- Name: engine_key_secrets_by_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX engine_key_secrets_by_key ON public.engine_key_secrets USING btree (engine_key_id);


--
-- Name: engine_keys_by_change; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX engine_keys_by_change ON public.engine_keys USING btree (changed_in);


--
-- Name: erasures_by_caller; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX erasures_by_caller ON public.erasures USING btree (company_id, caller_hash, id DESC);


--
-- Name: erasures_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX erasures_by_time ON public.erasures USING btree (erased_at);


--
-- Name: mails_to_send; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX mails_to_send ON public.mails USING btree (next_try_at) WHERE ((sent_at IS NULL) AND (given_up_at IS NULL));


--
-- Name: number_grants_by_id_of_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX number_grants_by_id_of_number ON public.number_grants USING btree (company_id, number_id);


--
-- Name: number_grants_by_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX number_grants_by_number ON public.number_grants USING btree (company_id, number, publisher_id, granted_at, revoked_at);


--
-- Name: number_grants_by_publisher; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX number_grants_by_publisher ON public.number_grants USING btree (company_id, publisher_id, id);


--
-- Name: number_grants_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX number_grants_live ON public.number_grants USING btree (company_id, publisher_id, number_id) WHERE (revoked_at IS NULL);


--
-- Name: password_resets_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX password_resets_by_user ON public.password_resets USING btree (user_id);


--
-- Name: postback_key_secrets_by_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_key_secrets_by_key ON public.postback_key_secrets USING btree (postback_key_id);


--
-- Name: postback_keys_by_change; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_keys_by_change ON public.postback_keys USING btree (changed_in);


--
-- Name: postback_keys_by_publisher; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_keys_by_publisher ON public.postback_keys USING btree (company_id, publisher_id, id);


--
-- Name: postback_log_by_call; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_by_call ON ONLY public.postback_log USING gin (call_uuids) WHERE (call_uuids <> '{}'::text[]);


--
-- Name: postback_log_20261126_call_uuids_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261126_call_uuids_idx ON public.postback_log_20261126 USING gin (call_uuids) WHERE (call_uuids <> '{}'::text[]);


--
-- Name: postback_log_by_caller; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_by_caller ON ONLY public.postback_log USING btree (company_id, caller_number, received_at DESC, id DESC);


--
-- Name: postback_log_20261126_company_id_caller_number_received_at__idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261126_company_id_caller_number_received_at__idx ON public.postback_log_20261126 USING btree (company_id, caller_number, received_at DESC, id DESC);


--
-- Name: postback_log_by_outcome; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_by_outcome ON ONLY public.postback_log USING btree (company_id, outcome, received_at DESC, id DESC) WHERE (outcome <> 'stored'::text);


--
-- Name: postback_log_20261126_company_id_outcome_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261126_company_id_outcome_received_at_id_idx ON public.postback_log_20261126 USING btree (company_id, outcome, received_at DESC, id DESC) WHERE (outcome <> 'stored'::text);


--
-- Name: postback_log_by_publisher; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_by_publisher ON ONLY public.postback_log USING btree (company_id, publisher_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261126_company_id_publisher_id_received_at_i_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261126_company_id_publisher_id_received_at_i_idx ON public.postback_log_20261126 USING btree (company_id, publisher_id, received_at DESC, id DESC);


--
-- Name: postback_log_by_company; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_by_company ON ONLY public.postback_log USING btree (company_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261126_company_id_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261126_company_id_received_at_id_idx ON public.postback_log_20261126 USING btree (company_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261127_call_uuids_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261127_call_uuids_idx ON public.postback_log_20261127 USING gin (call_uuids) WHERE (call_uuids <> '{}'::text[]);


--
-- Name: postback_log_20261127_company_id_caller_number_received_at__idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261127_company_id_caller_number_received_at__idx ON public.postback_log_20261127 USING btree (company_id, caller_number, received_at DESC, id DESC);


--
-- Name: postback_log_20261127_company_id_outcome_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261127_company_id_outcome_received_at_id_idx ON public.postback_log_20261127 USING btree (company_id, outcome, received_at DESC, id DESC) WHERE (outcome <> 'stored'::text);


--
-- Name: postback_log_20261127_company_id_publisher_id_received_at_i_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261127_company_id_publisher_id_received_at_i_idx ON public.postback_log_20261127 USING btree (company_id, publisher_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261127_company_id_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261127_company_id_received_at_id_idx ON public.postback_log_20261127 USING btree (company_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261128_call_uuids_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261128_call_uuids_idx ON public.postback_log_20261128 USING gin (call_uuids) WHERE (call_uuids <> '{}'::text[]);


--
-- Name: postback_log_20261128_company_id_caller_number_received_at__idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261128_company_id_caller_number_received_at__idx ON public.postback_log_20261128 USING btree (company_id, caller_number, received_at DESC, id DESC);


--
-- Name: postback_log_20261128_company_id_outcome_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261128_company_id_outcome_received_at_id_idx ON public.postback_log_20261128 USING btree (company_id, outcome, received_at DESC, id DESC) WHERE (outcome <> 'stored'::text);


--
-- Name: postback_log_20261128_company_id_publisher_id_received_at_i_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261128_company_id_publisher_id_received_at_i_idx ON public.postback_log_20261128 USING btree (company_id, publisher_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261128_company_id_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261128_company_id_received_at_id_idx ON public.postback_log_20261128 USING btree (company_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261129_call_uuids_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261129_call_uuids_idx ON public.postback_log_20261129 USING gin (call_uuids) WHERE (call_uuids <> '{}'::text[]);


--
-- Name: postback_log_20261129_company_id_caller_number_received_at__idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261129_company_id_caller_number_received_at__idx ON public.postback_log_20261129 USING btree (company_id, caller_number, received_at DESC, id DESC);


--
-- Name: postback_log_20261129_company_id_outcome_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261129_company_id_outcome_received_at_id_idx ON public.postback_log_20261129 USING btree (company_id, outcome, received_at DESC, id DESC) WHERE (outcome <> 'stored'::text);


--
-- Name: postback_log_20261129_company_id_publisher_id_received_at_i_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261129_company_id_publisher_id_received_at_i_idx ON public.postback_log_20261129 USING btree (company_id, publisher_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261129_company_id_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261129_company_id_received_at_id_idx ON public.postback_log_20261129 USING btree (company_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261130_call_uuids_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261130_call_uuids_idx ON public.postback_log_20261130 USING gin (call_uuids) WHERE (call_uuids <> '{}'::text[]);


--
-- Name: postback_log_20261130_company_id_caller_number_received_at__idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261130_company_id_caller_number_received_at__idx ON public.postback_log_20261130 USING btree (company_id, caller_number, received_at DESC, id DESC);


--
-- Name: postback_log_20261130_company_id_outcome_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261130_company_id_outcome_received_at_id_idx ON public.postback_log_20261130 USING btree (company_id, outcome, received_at DESC, id DESC) WHERE (outcome <> 'stored'::text);


--
-- Name: postback_log_20261130_company_id_publisher_id_received_at_i_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261130_company_id_publisher_id_received_at_i_idx ON public.postback_log_20261130 USING btree (company_id, publisher_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261130_company_id_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261130_company_id_received_at_id_idx ON public.postback_log_20261130 USING btree (company_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261201_call_uuids_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261201_call_uuids_idx ON public.postback_log_20261201 USING gin (call_uuids) WHERE (call_uuids <> '{}'::text[]);


--
-- Name: postback_log_20261201_company_id_caller_number_received_at__idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261201_company_id_caller_number_received_at__idx ON public.postback_log_20261201 USING btree (company_id, caller_number, received_at DESC, id DESC);


--
-- Name: postback_log_20261201_company_id_outcome_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261201_company_id_outcome_received_at_id_idx ON public.postback_log_20261201 USING btree (company_id, outcome, received_at DESC, id DESC) WHERE (outcome <> 'stored'::text);


--
-- Name: postback_log_20261201_company_id_publisher_id_received_at_i_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261201_company_id_publisher_id_received_at_i_idx ON public.postback_log_20261201 USING btree (company_id, publisher_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261201_company_id_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261201_company_id_received_at_id_idx ON public.postback_log_20261201 USING btree (company_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261202_call_uuids_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261202_call_uuids_idx ON public.postback_log_20261202 USING gin (call_uuids) WHERE (call_uuids <> '{}'::text[]);


--
-- Name: postback_log_20261202_company_id_caller_number_received_at__idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261202_company_id_caller_number_received_at__idx ON public.postback_log_20261202 USING btree (company_id, caller_number, received_at DESC, id DESC);


--
-- Name: postback_log_20261202_company_id_outcome_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261202_company_id_outcome_received_at_id_idx ON public.postback_log_20261202 USING btree (company_id, outcome, received_at DESC, id DESC) WHERE (outcome <> 'stored'::text);


--
-- Name: postback_log_20261202_company_id_publisher_id_received_at_i_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261202_company_id_publisher_id_received_at_i_idx ON public.postback_log_20261202 USING btree (company_id, publisher_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261202_company_id_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261202_company_id_received_at_id_idx ON public.postback_log_20261202 USING btree (company_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261203_call_uuids_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261203_call_uuids_idx ON public.postback_log_20261203 USING gin (call_uuids) WHERE (call_uuids <> '{}'::text[]);


--
-- Name: postback_log_20261203_company_id_caller_number_received_at__idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261203_company_id_caller_number_received_at__idx ON public.postback_log_20261203 USING btree (company_id, caller_number, received_at DESC, id DESC);


--
-- Name: postback_log_20261203_company_id_outcome_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261203_company_id_outcome_received_at_id_idx ON public.postback_log_20261203 USING btree (company_id, outcome, received_at DESC, id DESC) WHERE (outcome <> 'stored'::text);


--
-- Name: postback_log_20261203_company_id_publisher_id_received_at_i_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261203_company_id_publisher_id_received_at_i_idx ON public.postback_log_20261203 USING btree (company_id, publisher_id, received_at DESC, id DESC);


--
-- Name: postback_log_20261203_company_id_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_20261203_company_id_received_at_id_idx ON public.postback_log_20261203 USING btree (company_id, received_at DESC, id DESC);


--
-- Name: postback_log_rest_call_uuids_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_rest_call_uuids_idx ON public.postback_log_rest USING gin (call_uuids) WHERE (call_uuids <> '{}'::text[]);


--
-- Name: postback_log_rest_company_id_caller_number_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_rest_company_id_caller_number_received_at_id_idx ON public.postback_log_rest USING btree (company_id, caller_number, received_at DESC, id DESC);


--
-- Name: postback_log_rest_company_id_outcome_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_rest_company_id_outcome_received_at_id_idx ON public.postback_log_rest USING btree (company_id, outcome, received_at DESC, id DESC) WHERE (outcome <> 'stored'::text);


--
-- Name: postback_log_rest_company_id_publisher_id_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_rest_company_id_publisher_id_received_at_id_idx ON public.postback_log_rest USING btree (company_id, publisher_id, received_at DESC, id DESC);


--
-- Name: postback_log_rest_company_id_received_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX postback_log_rest_company_id_received_at_id_idx ON public.postback_log_rest USING btree (company_id, received_at DESC, id DESC);


--
-- Name: publishers_by_afid; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX publishers_by_afid ON public.publishers USING btree (company_id, afid) WHERE (removed_at IS NULL);


--
-- Name: publishers_by_change; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX publishers_by_change ON public.publishers USING btree (changed_in);


--
-- Name: sessions_by_end; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_by_end ON public.sessions USING btree (LEAST(ends_at, idle_at));


--
-- Name: sessions_by_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_by_user ON public.sessions USING btree (user_id, id);


--
-- Name: sign_in_tries_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sign_in_tries_by_age ON public.sign_in_tries USING btree (since);


--
-- Name: tracking_numbers_by_campaign; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tracking_numbers_by_campaign ON public.tracking_numbers USING btree (company_id, campaign_id, id);


--
-- Name: tracking_numbers_by_change; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tracking_numbers_by_change ON public.tracking_numbers USING btree (changed_in);


--
-- Name: tracking_numbers_by_number; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX tracking_numbers_by_number ON public.tracking_numbers USING btree (company_id, number) WHERE (removed_at IS NULL);


--
-- Name: tracking_numbers_by_publisher; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tracking_numbers_by_publisher ON public.tracking_numbers USING btree (company_id, publisher_id, id);


--
-- Name: call_events_20261126_company_id_call_uuid_happened_at_revis_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_by_call ATTACH PARTITION public.call_events_20261126_company_id_call_uuid_happened_at_revis_idx;


--
-- Name: call_events_20261126_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_pkey ATTACH PARTITION public.call_events_20261126_pkey;


--
-- Name: call_events_20261127_company_id_call_uuid_happened_at_revis_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_by_call ATTACH PARTITION public.call_events_20261127_company_id_call_uuid_happened_at_revis_idx;


--
-- Name: call_events_20261127_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_pkey ATTACH PARTITION public.call_events_20261127_pkey;


--
-- Name: call_events_20261128_company_id_call_uuid_happened_at_revis_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_by_call ATTACH PARTITION public.call_events_20261128_company_id_call_uuid_happened_at_revis_idx;


--
-- Name: call_events_20261128_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_pkey ATTACH PARTITION public.call_events_20261128_pkey;


--
-- Name: call_events_20261129_company_id_call_uuid_happened_at_revis_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_by_call ATTACH PARTITION public.call_events_20261129_company_id_call_uuid_happened_at_revis_idx;


--
-- Name: call_events_20261129_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_pkey ATTACH PARTITION public.call_events_20261129_pkey;


--
-- Name: call_events_20261130_company_id_call_uuid_happened_at_revis_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_by_call ATTACH PARTITION public.call_events_20261130_company_id_call_uuid_happened_at_revis_idx;


--
-- Name: call_events_20261130_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_pkey ATTACH PARTITION public.call_events_20261130_pkey;


--
-- Name: call_events_20261201_company_id_call_uuid_happened_at_revis_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_by_call ATTACH PARTITION public.call_events_20261201_company_id_call_uuid_happened_at_revis_idx;


--
-- Name: call_events_20261201_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_pkey ATTACH PARTITION public.call_events_20261201_pkey;


--
-- Name: call_events_20261202_company_id_call_uuid_happened_at_revis_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_by_call ATTACH PARTITION public.call_events_20261202_company_id_call_uuid_happened_at_revis_idx;


--
-- Name: call_events_20261202_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_pkey ATTACH PARTITION public.call_events_20261202_pkey;


--
-- Name: call_events_20261203_company_id_call_uuid_happened_at_revis_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_by_call ATTACH PARTITION public.call_events_20261203_company_id_call_uuid_happened_at_revis_idx;


--
-- Name: call_events_20261203_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_pkey ATTACH PARTITION public.call_events_20261203_pkey;


--
-- Name: call_events_rest_company_id_call_uuid_happened_at_revision_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_by_call ATTACH PARTITION public.call_events_rest_company_id_call_uuid_happened_at_revision_idx;


--
-- Name: call_events_rest_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.call_events_pkey ATTACH PARTITION public.call_events_rest_pkey;


--
-- Name: calls_20261126_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_buyer ATTACH PARTITION public.calls_20261126_company_id_answered_by_hit_at_call_uuid_idx;


--
-- Name: calls_20261126_company_id_call_uuid_hit_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_uuid ATTACH PARTITION public.calls_20261126_company_id_call_uuid_hit_at_idx;


--
-- Name: calls_20261126_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_caller ATTACH PARTITION public.calls_20261126_company_id_caller_number_hit_at_call_uuid_idx;


--
-- Name: calls_20261126_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_campaign ATTACH PARTITION public.calls_20261126_company_id_campaign_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261126_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_number ATTACH PARTITION public.calls_20261126_company_id_dialed_number_hit_at_call_uuid_st_idx;


--
-- Name: calls_20261126_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_company ATTACH PARTITION public.calls_20261126_company_id_hit_at_call_uuid_status_started_a_idx;


--
-- Name: calls_20261126_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_publisher ATTACH PARTITION public.calls_20261126_company_id_publisher_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261126_company_id_status_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_status ATTACH PARTITION public.calls_20261126_company_id_status_hit_at_call_uuid_idx;


--
-- Name: calls_20261126_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_pkey ATTACH PARTITION public.calls_20261126_pkey;


--
-- Name: calls_20261126_tag_keys_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_tag_key ATTACH PARTITION public.calls_20261126_tag_keys_idx;


--
-- Name: calls_20261127_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_buyer ATTACH PARTITION public.calls_20261127_company_id_answered_by_hit_at_call_uuid_idx;


--
-- Name: calls_20261127_company_id_call_uuid_hit_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_uuid ATTACH PARTITION public.calls_20261127_company_id_call_uuid_hit_at_idx;


--
-- Name: calls_20261127_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_caller ATTACH PARTITION public.calls_20261127_company_id_caller_number_hit_at_call_uuid_idx;


--
-- Name: calls_20261127_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_campaign ATTACH PARTITION public.calls_20261127_company_id_campaign_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261127_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_number ATTACH PARTITION public.calls_20261127_company_id_dialed_number_hit_at_call_uuid_st_idx;


--
-- Name: calls_20261127_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_company ATTACH PARTITION public.calls_20261127_company_id_hit_at_call_uuid_status_started_a_idx;


--
-- Name: calls_20261127_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_publisher ATTACH PARTITION public.calls_20261127_company_id_publisher_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261127_company_id_status_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_status ATTACH PARTITION public.calls_20261127_company_id_status_hit_at_call_uuid_idx;


--
-- Name: calls_20261127_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_pkey ATTACH PARTITION public.calls_20261127_pkey;


--
-- Name: calls_20261127_tag_keys_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_tag_key ATTACH PARTITION public.calls_20261127_tag_keys_idx;


--
-- Name: calls_20261128_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_buyer ATTACH PARTITION public.calls_20261128_company_id_answered_by_hit_at_call_uuid_idx;


--
-- Name: calls_20261128_company_id_call_uuid_hit_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_uuid ATTACH PARTITION public.calls_20261128_company_id_call_uuid_hit_at_idx;


--
-- Name: calls_20261128_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_caller ATTACH PARTITION public.calls_20261128_company_id_caller_number_hit_at_call_uuid_idx;


--
-- Name: calls_20261128_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_campaign ATTACH PARTITION public.calls_20261128_company_id_campaign_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261128_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_number ATTACH PARTITION public.calls_20261128_company_id_dialed_number_hit_at_call_uuid_st_idx;


--
-- Name: calls_20261128_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_company ATTACH PARTITION public.calls_20261128_company_id_hit_at_call_uuid_status_started_a_idx;


--
-- Name: calls_20261128_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_publisher ATTACH PARTITION public.calls_20261128_company_id_publisher_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261128_company_id_status_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_status ATTACH PARTITION public.calls_20261128_company_id_status_hit_at_call_uuid_idx;


--
-- Name: calls_20261128_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_pkey ATTACH PARTITION public.calls_20261128_pkey;


--
-- Name: calls_20261128_tag_keys_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_tag_key ATTACH PARTITION public.calls_20261128_tag_keys_idx;


--
-- Name: calls_20261129_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_buyer ATTACH PARTITION public.calls_20261129_company_id_answered_by_hit_at_call_uuid_idx;


--
-- Name: calls_20261129_company_id_call_uuid_hit_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_uuid ATTACH PARTITION public.calls_20261129_company_id_call_uuid_hit_at_idx;


--
-- Name: calls_20261129_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_caller ATTACH PARTITION public.calls_20261129_company_id_caller_number_hit_at_call_uuid_idx;


--
-- Name: calls_20261129_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_campaign ATTACH PARTITION public.calls_20261129_company_id_campaign_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261129_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_number ATTACH PARTITION public.calls_20261129_company_id_dialed_number_hit_at_call_uuid_st_idx;


--
-- Name: calls_20261129_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_company ATTACH PARTITION public.calls_20261129_company_id_hit_at_call_uuid_status_started_a_idx;


--
-- Name: calls_20261129_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_publisher ATTACH PARTITION public.calls_20261129_company_id_publisher_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261129_company_id_status_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_status ATTACH PARTITION public.calls_20261129_company_id_status_hit_at_call_uuid_idx;


--
-- Name: calls_20261129_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_pkey ATTACH PARTITION public.calls_20261129_pkey;


--
-- Name: calls_20261129_tag_keys_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_tag_key ATTACH PARTITION public.calls_20261129_tag_keys_idx;


--
-- Name: calls_20261130_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_buyer ATTACH PARTITION public.calls_20261130_company_id_answered_by_hit_at_call_uuid_idx;


--
-- Name: calls_20261130_company_id_call_uuid_hit_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_uuid ATTACH PARTITION public.calls_20261130_company_id_call_uuid_hit_at_idx;


--
-- Name: calls_20261130_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_caller ATTACH PARTITION public.calls_20261130_company_id_caller_number_hit_at_call_uuid_idx;


--
-- Name: calls_20261130_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_campaign ATTACH PARTITION public.calls_20261130_company_id_campaign_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261130_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_number ATTACH PARTITION public.calls_20261130_company_id_dialed_number_hit_at_call_uuid_st_idx;


--
-- Name: calls_20261130_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_company ATTACH PARTITION public.calls_20261130_company_id_hit_at_call_uuid_status_started_a_idx;


--
-- Name: calls_20261130_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_publisher ATTACH PARTITION public.calls_20261130_company_id_publisher_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261130_company_id_status_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_status ATTACH PARTITION public.calls_20261130_company_id_status_hit_at_call_uuid_idx;


--
-- Name: calls_20261130_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_pkey ATTACH PARTITION public.calls_20261130_pkey;


--
-- Name: calls_20261130_tag_keys_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_tag_key ATTACH PARTITION public.calls_20261130_tag_keys_idx;


--
-- Name: calls_20261201_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_buyer ATTACH PARTITION public.calls_20261201_company_id_answered_by_hit_at_call_uuid_idx;


--
-- Name: calls_20261201_company_id_call_uuid_hit_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_uuid ATTACH PARTITION public.calls_20261201_company_id_call_uuid_hit_at_idx;


--
-- Name: calls_20261201_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_caller ATTACH PARTITION public.calls_20261201_company_id_caller_number_hit_at_call_uuid_idx;


--
-- Name: calls_20261201_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_campaign ATTACH PARTITION public.calls_20261201_company_id_campaign_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261201_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_number ATTACH PARTITION public.calls_20261201_company_id_dialed_number_hit_at_call_uuid_st_idx;


--
-- Name: calls_20261201_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_company ATTACH PARTITION public.calls_20261201_company_id_hit_at_call_uuid_status_started_a_idx;


--
-- Name: calls_20261201_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_publisher ATTACH PARTITION public.calls_20261201_company_id_publisher_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261201_company_id_status_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_status ATTACH PARTITION public.calls_20261201_company_id_status_hit_at_call_uuid_idx;


--
-- Name: calls_20261201_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_pkey ATTACH PARTITION public.calls_20261201_pkey;


--
-- Name: calls_20261201_tag_keys_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_tag_key ATTACH PARTITION public.calls_20261201_tag_keys_idx;


--
-- Name: calls_20261202_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_buyer ATTACH PARTITION public.calls_20261202_company_id_answered_by_hit_at_call_uuid_idx;


--
-- Name: calls_20261202_company_id_call_uuid_hit_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_uuid ATTACH PARTITION public.calls_20261202_company_id_call_uuid_hit_at_idx;


--
-- Name: calls_20261202_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_caller ATTACH PARTITION public.calls_20261202_company_id_caller_number_hit_at_call_uuid_idx;


--
-- Name: calls_20261202_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_campaign ATTACH PARTITION public.calls_20261202_company_id_campaign_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261202_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_number ATTACH PARTITION public.calls_20261202_company_id_dialed_number_hit_at_call_uuid_st_idx;


--
-- Name: calls_20261202_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_company ATTACH PARTITION public.calls_20261202_company_id_hit_at_call_uuid_status_started_a_idx;


--
-- Name: calls_20261202_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_publisher ATTACH PARTITION public.calls_20261202_company_id_publisher_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261202_company_id_status_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_status ATTACH PARTITION public.calls_20261202_company_id_status_hit_at_call_uuid_idx;


--
-- Name: calls_20261202_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_pkey ATTACH PARTITION public.calls_20261202_pkey;


--
-- Name: calls_20261202_tag_keys_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_tag_key ATTACH PARTITION public.calls_20261202_tag_keys_idx;


--
-- Name: calls_20261203_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_buyer ATTACH PARTITION public.calls_20261203_company_id_answered_by_hit_at_call_uuid_idx;


--
-- Name: calls_20261203_company_id_call_uuid_hit_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_uuid ATTACH PARTITION public.calls_20261203_company_id_call_uuid_hit_at_idx;


--
-- Name: calls_20261203_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_caller ATTACH PARTITION public.calls_20261203_company_id_caller_number_hit_at_call_uuid_idx;


--
-- Name: calls_20261203_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_campaign ATTACH PARTITION public.calls_20261203_company_id_campaign_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261203_company_id_dialed_number_hit_at_call_uuid_st_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_number ATTACH PARTITION public.calls_20261203_company_id_dialed_number_hit_at_call_uuid_st_idx;


--
-- Name: calls_20261203_company_id_hit_at_call_uuid_status_started_a_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_company ATTACH PARTITION public.calls_20261203_company_id_hit_at_call_uuid_status_started_a_idx;


--
-- Name: calls_20261203_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_publisher ATTACH PARTITION public.calls_20261203_company_id_publisher_id_hit_at_call_uuid_idx;


--
-- Name: calls_20261203_company_id_status_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_status ATTACH PARTITION public.calls_20261203_company_id_status_hit_at_call_uuid_idx;


--
-- Name: calls_20261203_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_pkey ATTACH PARTITION public.calls_20261203_pkey;


--
-- Name: calls_20261203_tag_keys_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_tag_key ATTACH PARTITION public.calls_20261203_tag_keys_idx;


--
-- Name: calls_rest_company_id_answered_by_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_buyer ATTACH PARTITION public.calls_rest_company_id_answered_by_hit_at_call_uuid_idx;


--
-- Name: calls_rest_company_id_call_uuid_hit_at_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_uuid ATTACH PARTITION public.calls_rest_company_id_call_uuid_hit_at_idx;


--
-- Name: calls_rest_company_id_caller_number_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_caller ATTACH PARTITION public.calls_rest_company_id_caller_number_hit_at_call_uuid_idx;


--
-- Name: calls_rest_company_id_campaign_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_campaign ATTACH PARTITION public.calls_rest_company_id_campaign_id_hit_at_call_uuid_idx;


--
-- Name: calls_rest_company_id_dialed_number_hit_at_call_uuid_starte_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_number ATTACH PARTITION public.calls_rest_company_id_dialed_number_hit_at_call_uuid_starte_idx;


--
-- Name: calls_rest_company_id_hit_at_call_uuid_status_started_at_di_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_company ATTACH PARTITION public.calls_rest_company_id_hit_at_call_uuid_status_started_at_di_idx;


--
-- Name: calls_rest_company_id_publisher_id_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_publisher ATTACH PARTITION public.calls_rest_company_id_publisher_id_hit_at_call_uuid_idx;


--
-- Name: calls_rest_company_id_status_hit_at_call_uuid_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_status ATTACH PARTITION public.calls_rest_company_id_status_hit_at_call_uuid_idx;


--
-- Name: calls_rest_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_pkey ATTACH PARTITION public.calls_rest_pkey;


--
-- Name: calls_rest_tag_keys_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.calls_by_tag_key ATTACH PARTITION public.calls_rest_tag_keys_idx;


--
-- Name: postback_log_20261126_call_uuids_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_call ATTACH PARTITION public.postback_log_20261126_call_uuids_idx;


--
-- Name: postback_log_20261126_company_id_caller_number_received_at__idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_caller ATTACH PARTITION public.postback_log_20261126_company_id_caller_number_received_at__idx;


--
-- Name: postback_log_20261126_company_id_outcome_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_outcome ATTACH PARTITION public.postback_log_20261126_company_id_outcome_received_at_id_idx;


--
-- Name: postback_log_20261126_company_id_publisher_id_received_at_i_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_publisher ATTACH PARTITION public.postback_log_20261126_company_id_publisher_id_received_at_i_idx;


--
-- Name: postback_log_20261126_company_id_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_company ATTACH PARTITION public.postback_log_20261126_company_id_received_at_id_idx;


--
-- Name: postback_log_20261126_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_pkey ATTACH PARTITION public.postback_log_20261126_pkey;


--
-- Name: postback_log_20261127_call_uuids_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_call ATTACH PARTITION public.postback_log_20261127_call_uuids_idx;


--
-- Name: postback_log_20261127_company_id_caller_number_received_at__idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_caller ATTACH PARTITION public.postback_log_20261127_company_id_caller_number_received_at__idx;


--
-- Name: postback_log_20261127_company_id_outcome_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_outcome ATTACH PARTITION public.postback_log_20261127_company_id_outcome_received_at_id_idx;


--
-- Name: postback_log_20261127_company_id_publisher_id_received_at_i_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_publisher ATTACH PARTITION public.postback_log_20261127_company_id_publisher_id_received_at_i_idx;


--
-- Name: postback_log_20261127_company_id_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_company ATTACH PARTITION public.postback_log_20261127_company_id_received_at_id_idx;


--
-- Name: postback_log_20261127_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_pkey ATTACH PARTITION public.postback_log_20261127_pkey;


--
-- Name: postback_log_20261128_call_uuids_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_call ATTACH PARTITION public.postback_log_20261128_call_uuids_idx;


--
-- Name: postback_log_20261128_company_id_caller_number_received_at__idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_caller ATTACH PARTITION public.postback_log_20261128_company_id_caller_number_received_at__idx;


--
-- Name: postback_log_20261128_company_id_outcome_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_outcome ATTACH PARTITION public.postback_log_20261128_company_id_outcome_received_at_id_idx;


--
-- Name: postback_log_20261128_company_id_publisher_id_received_at_i_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_publisher ATTACH PARTITION public.postback_log_20261128_company_id_publisher_id_received_at_i_idx;


--
-- Name: postback_log_20261128_company_id_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_company ATTACH PARTITION public.postback_log_20261128_company_id_received_at_id_idx;


--
-- Name: postback_log_20261128_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_pkey ATTACH PARTITION public.postback_log_20261128_pkey;


--
-- Name: postback_log_20261129_call_uuids_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_call ATTACH PARTITION public.postback_log_20261129_call_uuids_idx;


--
-- Name: postback_log_20261129_company_id_caller_number_received_at__idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_caller ATTACH PARTITION public.postback_log_20261129_company_id_caller_number_received_at__idx;


--
-- Name: postback_log_20261129_company_id_outcome_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_outcome ATTACH PARTITION public.postback_log_20261129_company_id_outcome_received_at_id_idx;


--
-- Name: postback_log_20261129_company_id_publisher_id_received_at_i_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_publisher ATTACH PARTITION public.postback_log_20261129_company_id_publisher_id_received_at_i_idx;


--
-- Name: postback_log_20261129_company_id_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_company ATTACH PARTITION public.postback_log_20261129_company_id_received_at_id_idx;


--
-- Name: postback_log_20261129_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_pkey ATTACH PARTITION public.postback_log_20261129_pkey;


--
-- Name: postback_log_20261130_call_uuids_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_call ATTACH PARTITION public.postback_log_20261130_call_uuids_idx;


--
-- Name: postback_log_20261130_company_id_caller_number_received_at__idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_caller ATTACH PARTITION public.postback_log_20261130_company_id_caller_number_received_at__idx;


--
-- Name: postback_log_20261130_company_id_outcome_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_outcome ATTACH PARTITION public.postback_log_20261130_company_id_outcome_received_at_id_idx;


--
-- Name: postback_log_20261130_company_id_publisher_id_received_at_i_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_publisher ATTACH PARTITION public.postback_log_20261130_company_id_publisher_id_received_at_i_idx;


--
-- Name: postback_log_20261130_company_id_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_company ATTACH PARTITION public.postback_log_20261130_company_id_received_at_id_idx;


--
-- Name: postback_log_20261130_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_pkey ATTACH PARTITION public.postback_log_20261130_pkey;


--
-- Name: postback_log_20261201_call_uuids_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_call ATTACH PARTITION public.postback_log_20261201_call_uuids_idx;


--
-- Name: postback_log_20261201_company_id_caller_number_received_at__idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_caller ATTACH PARTITION public.postback_log_20261201_company_id_caller_number_received_at__idx;


--
-- Name: postback_log_20261201_company_id_outcome_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_outcome ATTACH PARTITION public.postback_log_20261201_company_id_outcome_received_at_id_idx;


--
-- Name: postback_log_20261201_company_id_publisher_id_received_at_i_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_publisher ATTACH PARTITION public.postback_log_20261201_company_id_publisher_id_received_at_i_idx;


--
-- Name: postback_log_20261201_company_id_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_company ATTACH PARTITION public.postback_log_20261201_company_id_received_at_id_idx;


--
-- Name: postback_log_20261201_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_pkey ATTACH PARTITION public.postback_log_20261201_pkey;


--
-- Name: postback_log_20261202_call_uuids_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_call ATTACH PARTITION public.postback_log_20261202_call_uuids_idx;


--
-- Name: postback_log_20261202_company_id_caller_number_received_at__idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_caller ATTACH PARTITION public.postback_log_20261202_company_id_caller_number_received_at__idx;


--
-- Name: postback_log_20261202_company_id_outcome_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_outcome ATTACH PARTITION public.postback_log_20261202_company_id_outcome_received_at_id_idx;


--
-- Name: postback_log_20261202_company_id_publisher_id_received_at_i_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_publisher ATTACH PARTITION public.postback_log_20261202_company_id_publisher_id_received_at_i_idx;


--
-- Name: postback_log_20261202_company_id_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_company ATTACH PARTITION public.postback_log_20261202_company_id_received_at_id_idx;


--
-- Name: postback_log_20261202_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_pkey ATTACH PARTITION public.postback_log_20261202_pkey;


--
-- Name: postback_log_20261203_call_uuids_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_call ATTACH PARTITION public.postback_log_20261203_call_uuids_idx;


--
-- Name: postback_log_20261203_company_id_caller_number_received_at__idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_caller ATTACH PARTITION public.postback_log_20261203_company_id_caller_number_received_at__idx;


--
-- Name: postback_log_20261203_company_id_outcome_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_outcome ATTACH PARTITION public.postback_log_20261203_company_id_outcome_received_at_id_idx;


--
-- Name: postback_log_20261203_company_id_publisher_id_received_at_i_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_publisher ATTACH PARTITION public.postback_log_20261203_company_id_publisher_id_received_at_i_idx;


--
-- Name: postback_log_20261203_company_id_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_company ATTACH PARTITION public.postback_log_20261203_company_id_received_at_id_idx;


--
-- Name: postback_log_20261203_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_pkey ATTACH PARTITION public.postback_log_20261203_pkey;


--
-- Name: postback_log_rest_call_uuids_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_call ATTACH PARTITION public.postback_log_rest_call_uuids_idx;


--
-- Name: postback_log_rest_company_id_caller_number_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_caller ATTACH PARTITION public.postback_log_rest_company_id_caller_number_received_at_id_idx;


--
-- Name: postback_log_rest_company_id_outcome_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_outcome ATTACH PARTITION public.postback_log_rest_company_id_outcome_received_at_id_idx;


--
-- Name: postback_log_rest_company_id_publisher_id_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_publisher ATTACH PARTITION public.postback_log_rest_company_id_publisher_id_received_at_id_idx;


--
-- Name: postback_log_rest_company_id_received_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_by_company ATTACH PARTITION public.postback_log_rest_company_id_received_at_id_idx;


--
-- Name: postback_log_rest_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.postback_log_pkey ATTACH PARTITION public.postback_log_rest_pkey;


--
-- Name: buyers announce; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER announce AFTER INSERT OR UPDATE ON public.buyers FOR EACH STATEMENT EXECUTE FUNCTION public.announce_change();


--
-- Name: campaigns announce; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER announce AFTER INSERT OR UPDATE ON public.campaigns FOR EACH STATEMENT EXECUTE FUNCTION public.announce_change();


--
-- Name: companies announce; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER announce AFTER INSERT OR UPDATE ON public.companies FOR EACH STATEMENT EXECUTE FUNCTION public.announce_change();


--
-- Name: engine_keys announce; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER announce AFTER INSERT OR UPDATE ON public.engine_keys FOR EACH STATEMENT EXECUTE FUNCTION public.announce_change();


--
-- Name: postback_keys announce; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER announce AFTER INSERT OR UPDATE ON public.postback_keys FOR EACH STATEMENT EXECUTE FUNCTION public.announce_change();


--
-- Name: publishers announce; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER announce AFTER INSERT OR UPDATE ON public.publishers FOR EACH STATEMENT EXECUTE FUNCTION public.announce_change();


--
-- Name: tracking_numbers announce; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER announce AFTER INSERT OR UPDATE ON public.tracking_numbers FOR EACH STATEMENT EXECUTE FUNCTION public.announce_change();


--
-- Name: audit_log append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();


--
-- Name: api_tokens audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.api_tokens FOR EACH ROW EXECUTE FUNCTION public.audit('api_token', 'id');


--
-- Name: buyers audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.buyers FOR EACH ROW EXECUTE FUNCTION public.audit('buyer', 'id');


--
-- Name: campaign_grants audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.campaign_grants FOR EACH ROW EXECUTE FUNCTION public.audit('campaign_grant', 'id');


--
-- Name: campaigns audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.campaigns FOR EACH ROW EXECUTE FUNCTION public.audit('campaign', 'id');


--
-- Name: collaborators audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.collaborators FOR EACH ROW EXECUTE FUNCTION public.audit('collaborator', 'id');


--
-- Name: companies audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.companies FOR EACH ROW EXECUTE FUNCTION public.audit('company', 'id');


--
-- Name: engine_key_secrets audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT ON public.engine_key_secrets FOR EACH ROW EXECUTE FUNCTION public.audit_rotation('engine_key', 'engine_key_id');


--
-- Name: engine_keys audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.engine_keys FOR EACH ROW EXECUTE FUNCTION public.audit('engine_key', 'id');


--
-- Name: number_grants audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.number_grants FOR EACH ROW EXECUTE FUNCTION public.audit('number_grant', 'id');


--
-- Name: permission_settings audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.permission_settings FOR EACH ROW EXECUTE FUNCTION public.audit('permissions', 'level', 'subject_id', 'for_kind');


--
-- Name: postback_key_secrets audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT ON public.postback_key_secrets FOR EACH ROW EXECUTE FUNCTION public.audit_rotation('postback_key', 'postback_key_id');


--
-- Name: postback_keys audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.postback_keys FOR EACH ROW EXECUTE FUNCTION public.audit('postback_key', 'id');


--
-- Name: publishers audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.publishers FOR EACH ROW EXECUTE FUNCTION public.audit('publisher', 'id');


--
-- Name: tracking_numbers audit; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.tracking_numbers FOR EACH ROW EXECUTE FUNCTION public.audit('number', 'id');


--
-- Name: buyers mark; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER mark BEFORE INSERT OR UPDATE ON public.buyers FOR EACH ROW EXECUTE FUNCTION public.mark_change();


--
-- Name: campaigns mark; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER mark BEFORE INSERT OR UPDATE ON public.campaigns FOR EACH ROW EXECUTE FUNCTION public.mark_change();


--
-- Name: companies mark; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER mark BEFORE INSERT OR UPDATE ON public.companies FOR EACH ROW EXECUTE FUNCTION public.mark_change();


--
-- Name: engine_keys mark; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER mark BEFORE INSERT OR UPDATE ON public.engine_keys FOR EACH ROW EXECUTE FUNCTION public.mark_change();


--
-- Name: postback_keys mark; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER mark BEFORE INSERT OR UPDATE ON public.postback_keys FOR EACH ROW EXECUTE FUNCTION public.mark_change();


--
-- Name: publishers mark; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER mark BEFORE INSERT OR UPDATE ON public.publishers FOR EACH ROW EXECUTE FUNCTION public.mark_change();


--
-- Name: tracking_numbers mark; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER mark BEFORE INSERT OR UPDATE ON public.tracking_numbers FOR EACH ROW EXECUTE FUNCTION public.mark_change();


--
-- Name: campaigns revoke; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER revoke AFTER UPDATE OF removed_at ON public.campaigns FOR EACH ROW WHEN (((old.removed_at IS NULL) AND (new.removed_at IS NOT NULL))) EXECUTE FUNCTION public.revoke_grants();


--
-- Name: publishers revoke; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER revoke AFTER UPDATE OF removed_at ON public.publishers FOR EACH ROW WHEN (((old.removed_at IS NULL) AND (new.removed_at IS NOT NULL))) EXECUTE FUNCTION public.revoke_grants();


--
-- Name: tracking_numbers revoke; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER revoke AFTER UPDATE OF removed_at ON public.tracking_numbers FOR EACH ROW WHEN (((old.removed_at IS NULL) AND (new.removed_at IS NOT NULL))) EXECUTE FUNCTION public.revoke_grants();


--
-- Name: engine_key_secrets touch; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER touch AFTER INSERT OR UPDATE ON public.engine_key_secrets FOR EACH ROW EXECUTE FUNCTION public.touch_engine_key();


--
-- Name: postback_key_secrets touch; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER touch AFTER INSERT OR UPDATE ON public.postback_key_secrets FOR EACH ROW EXECUTE FUNCTION public.touch_postback_key();


--
-- Name: api_tokens api_tokens_company_id_collaborator_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_company_id_collaborator_id_fkey FOREIGN KEY (company_id, collaborator_id) REFERENCES public.collaborators(company_id, id);


--
-- Name: api_tokens api_tokens_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: audit_log audit_log_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: buyers buyers_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.buyers
    ADD CONSTRAINT buyers_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: caller_salts caller_salts_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller_salts
    ADD CONSTRAINT caller_salts_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: campaign_grants campaign_grants_company_id_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.campaign_grants
    ADD CONSTRAINT campaign_grants_company_id_campaign_id_fkey FOREIGN KEY (company_id, campaign_id) REFERENCES public.campaigns(company_id, id);


--
-- Name: campaign_grants campaign_grants_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.campaign_grants
    ADD CONSTRAINT campaign_grants_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: campaign_grants campaign_grants_company_id_publisher_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.campaign_grants
    ADD CONSTRAINT campaign_grants_company_id_publisher_id_fkey FOREIGN KEY (company_id, publisher_id) REFERENCES public.publishers(company_id, id);


--
-- Name: campaigns campaigns_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: collaborators collaborators_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.collaborators
    ADD CONSTRAINT collaborators_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: collaborators collaborators_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.collaborators
    ADD CONSTRAINT collaborators_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: done_once done_once_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.done_once
    ADD CONSTRAINT done_once_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: engine_key_secrets engine_key_secrets_engine_key_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engine_key_secrets
    ADD CONSTRAINT engine_key_secrets_engine_key_id_fkey FOREIGN KEY (engine_key_id) REFERENCES public.engine_keys(id);


--
-- Name: engine_keys engine_keys_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engine_keys
    ADD CONSTRAINT engine_keys_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: erasures erasures_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: mails mails_company_id_collaborator_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_company_id_collaborator_id_fkey FOREIGN KEY (company_id, collaborator_id) REFERENCES public.collaborators(company_id, id);


--
-- Name: mails mails_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: mails mails_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: number_grants number_grants_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_grants
    ADD CONSTRAINT number_grants_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: number_grants number_grants_company_id_number_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_grants
    ADD CONSTRAINT number_grants_company_id_number_id_fkey FOREIGN KEY (company_id, number_id) REFERENCES public.tracking_numbers(company_id, id);


--
-- Name: number_grants number_grants_company_id_publisher_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.number_grants
    ADD CONSTRAINT number_grants_company_id_publisher_id_fkey FOREIGN KEY (company_id, publisher_id) REFERENCES public.publishers(company_id, id);


--
-- Name: password_resets password_resets_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password_resets
    ADD CONSTRAINT password_resets_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: permission_settings permission_settings_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.permission_settings
    ADD CONSTRAINT permission_settings_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: postback_key_secrets postback_key_secrets_postback_key_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_key_secrets
    ADD CONSTRAINT postback_key_secrets_postback_key_id_fkey FOREIGN KEY (postback_key_id) REFERENCES public.postback_keys(id);


--
-- Name: postback_keys postback_keys_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_keys
    ADD CONSTRAINT postback_keys_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: postback_keys postback_keys_company_id_publisher_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.postback_keys
    ADD CONSTRAINT postback_keys_company_id_publisher_id_fkey FOREIGN KEY (company_id, publisher_id) REFERENCES public.publishers(company_id, id);


--
-- Name: publishers publishers_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.publishers
    ADD CONSTRAINT publishers_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: sessions sessions_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: tags_blanked tags_blanked_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tags_blanked
    ADD CONSTRAINT tags_blanked_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: tracking_numbers tracking_numbers_company_id_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracking_numbers
    ADD CONSTRAINT tracking_numbers_company_id_campaign_id_fkey FOREIGN KEY (company_id, campaign_id) REFERENCES public.campaigns(company_id, id);


--
-- Name: tracking_numbers tracking_numbers_company_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracking_numbers
    ADD CONSTRAINT tracking_numbers_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id);


--
-- Name: tracking_numbers tracking_numbers_company_id_publisher_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracking_numbers
    ADD CONSTRAINT tracking_numbers_company_id_publisher_id_fkey FOREIGN KEY (company_id, publisher_id) REFERENCES public.publishers(company_id, id);


--
-- Name: api_tokens; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.api_tokens ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_log; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

--
-- Name: buyers; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.buyers ENABLE ROW LEVEL SECURITY;

--
-- Name: call_events; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.call_events ENABLE ROW LEVEL SECURITY;

--
-- Name: caller_salts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.caller_salts ENABLE ROW LEVEL SECURITY;

--
-- Name: calls; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.calls ENABLE ROW LEVEL SECURITY;

--
-- Name: campaign_grants; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.campaign_grants ENABLE ROW LEVEL SECURITY;

--
-- Name: campaigns; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.campaigns ENABLE ROW LEVEL SECURITY;

--
-- Name: collaborators; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.collaborators ENABLE ROW LEVEL SECURITY;

--
-- Name: companies; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.companies ENABLE ROW LEVEL SECURITY;

--
-- Name: done_once; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.done_once ENABLE ROW LEVEL SECURITY;

--
-- Name: engine_key_secrets; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.engine_key_secrets ENABLE ROW LEVEL SECURITY;

--
-- Name: engine_keys; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.engine_keys ENABLE ROW LEVEL SECURITY;

--
-- Name: erasures; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.erasures ENABLE ROW LEVEL SECURITY;

--
-- Name: mails; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.mails ENABLE ROW LEVEL SECURITY;

--
-- Name: number_grants; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.number_grants ENABLE ROW LEVEL SECURITY;

--
-- Name: api_tokens of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.api_tokens USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: audit_log of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.audit_log USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: buyers of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.buyers USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: call_events of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.call_events USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: caller_salts of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.caller_salts USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: calls of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.calls USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: campaign_grants of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.campaign_grants USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: campaigns of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.campaigns USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: collaborators of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.collaborators USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: companies of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.companies USING ((id = ( SELECT public.current_company() AS current_company)));


--
-- Name: done_once of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.done_once USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: engine_key_secrets of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.engine_key_secrets USING ((EXISTS ( SELECT
   FROM public.engine_keys
  WHERE (engine_keys.id = engine_key_secrets.engine_key_id))));


--
-- Name: engine_keys of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.engine_keys USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: erasures of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.erasures USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: mails of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.mails USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: number_grants of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.number_grants USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: permission_settings of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.permission_settings USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: postback_key_secrets of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.postback_key_secrets USING ((EXISTS ( SELECT
   FROM public.postback_keys
  WHERE (postback_keys.id = postback_key_secrets.postback_key_id))));


--
-- Name: postback_keys of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.postback_keys USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: postback_log of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.postback_log USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: publishers of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.publishers USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: tags_blanked of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.tags_blanked USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: tracking_numbers of_company; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_company ON public.tracking_numbers USING ((company_id = ( SELECT public.current_company() AS current_company)));


--
-- Name: mails of_nobody; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_nobody ON public.mails USING (((company_id IS NULL) AND (public.current_company() IS NULL)));


--
-- Name: permission_settings; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.permission_settings ENABLE ROW LEVEL SECURITY;

--
-- Name: postback_key_secrets; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.postback_key_secrets ENABLE ROW LEVEL SECURITY;

--
-- Name: postback_keys; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.postback_keys ENABLE ROW LEVEL SECURITY;

--
-- Name: postback_log; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.postback_log ENABLE ROW LEVEL SECURITY;

--
-- Name: publishers; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.publishers ENABLE ROW LEVEL SECURITY;

--
-- Name: tags_blanked; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.tags_blanked ENABLE ROW LEVEL SECURITY;

--
-- Name: tracking_numbers; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.tracking_numbers ENABLE ROW LEVEL SECURITY;

--
-- Name: FUNCTION blank_set_aside(number text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.blank_set_aside(number text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.blank_set_aside(number text) TO callstamp_admin;


--
-- Name: FUNCTION find_api_token(hash bytea); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.find_api_token(hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_api_token(hash bytea) TO callstamp_admin;


--
-- Name: FUNCTION find_collaborations(person bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.find_collaborations(person bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_collaborations(person bigint) TO callstamp_admin;


--
-- Name: FUNCTION find_invite(hash bytea); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.find_invite(hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_invite(hash bytea) TO callstamp_admin;


--
-- Name: FUNCTION find_postbacks_of_call(wanted text, most integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.find_postbacks_of_call(wanted text, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_postbacks_of_call(wanted text, most integer) TO callstamp_admin;


--
-- Name: FUNCTION find_retaining_companies(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.find_retaining_companies() FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_retaining_companies() TO callstamp_admin;


--
-- Name: FUNCTION find_tagged_calls(wanted bigint, since timestamp with time zone, until timestamp with time zone, most integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.find_tagged_calls(wanted bigint, since timestamp with time zone, until timestamp with time zone, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_tagged_calls(wanted bigint, since timestamp with time zone, until timestamp with time zone, most integer) TO callstamp_admin;


--
-- Name: FUNCTION remove_old_done_once(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.remove_old_done_once() FROM PUBLIC;
GRANT ALL ON FUNCTION public.remove_old_done_once() TO callstamp_admin;


--
-- Name: FUNCTION take_mail(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.take_mail() FROM PUBLIC;
GRANT ALL ON FUNCTION public.take_mail() TO callstamp_admin;


--
-- Name: TABLE api_tokens; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.api_tokens TO callstamp_admin;


--
-- Name: SEQUENCE api_tokens_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.api_tokens_id_seq TO callstamp_admin;


--
-- Name: TABLE audit_log; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.audit_log TO callstamp_admin;


--
-- Name: SEQUENCE audit_log_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.audit_log_id_seq TO callstamp_admin;


--
-- Name: TABLE buyers; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.buyers TO callstamp_admin;


--
-- Name: SEQUENCE buyers_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.buyers_id_seq TO callstamp_admin;


--
-- Name: TABLE call_events; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,DELETE,UPDATE ON TABLE public.call_events TO callstamp_admin;


--
-- Name: TABLE caller_salts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.caller_salts TO callstamp_admin;


--
-- Name: TABLE calls; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,DELETE,UPDATE ON TABLE public.calls TO callstamp_admin;


--
-- Name: TABLE campaign_grants; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.campaign_grants TO callstamp_admin;


--
-- Name: SEQUENCE campaign_grants_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.campaign_grants_id_seq TO callstamp_admin;


--
-- Name: TABLE campaigns; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.campaigns TO callstamp_admin;


--
-- Name: SEQUENCE campaigns_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.campaigns_id_seq TO callstamp_admin;


--
-- Name: TABLE collaborators; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.collaborators TO callstamp_admin;


--
-- Name: SEQUENCE collaborators_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.collaborators_id_seq TO callstamp_admin;


--
-- Name: TABLE companies; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.companies TO callstamp_admin;


--
-- Name: SEQUENCE companies_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.companies_id_seq TO callstamp_admin;


--
-- Name: TABLE done_once; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.done_once TO callstamp_admin;


--
-- Name: TABLE drain_state; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.drain_state TO callstamp_admin;


--
-- Name: TABLE engine_key_secrets; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.engine_key_secrets TO callstamp_admin;


--
-- Name: TABLE engine_keys; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.engine_keys TO callstamp_admin;


--
-- Name: SEQUENCE engine_keys_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.engine_keys_id_seq TO callstamp_admin;


--
-- Name: TABLE erasures; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.erasures TO callstamp_admin;


--
-- Name: TABLE mails; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.mails TO callstamp_admin;


--
-- Name: SEQUENCE mails_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.mails_id_seq TO callstamp_admin;


--
-- Name: TABLE number_grants; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.number_grants TO callstamp_admin;


--
-- Name: SEQUENCE number_grants_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.number_grants_id_seq TO callstamp_admin;


--
-- Name: TABLE password_resets; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.password_resets TO callstamp_admin;


--
-- Name: TABLE permission_settings; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.permission_settings TO callstamp_admin;


--
-- Name: TABLE postback_key_secrets; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.postback_key_secrets TO callstamp_admin;


--
-- Name: TABLE postback_keys; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.postback_keys TO callstamp_admin;


--
-- Name: SEQUENCE postback_keys_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.postback_keys_id_seq TO callstamp_admin;


--
-- Name: TABLE postback_log; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,DELETE,UPDATE ON TABLE public.postback_log TO callstamp_admin;


--
-- Name: TABLE publishers; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.publishers TO callstamp_admin;


--
-- Name: SEQUENCE publishers_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.publishers_id_seq TO callstamp_admin;


--
-- Name: TABLE sessions; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO callstamp_admin;


--
-- Name: SEQUENCE sessions_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.sessions_id_seq TO callstamp_admin;


--
-- Name: TABLE sign_in_tries; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_tries TO callstamp_admin;


--
-- Name: TABLE tags_blanked; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tags_blanked TO callstamp_admin;


--
-- Name: TABLE tracking_numbers; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.tracking_numbers TO callstamp_admin;


--
-- Name: SEQUENCE tracking_numbers_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.tracking_numbers_id_seq TO callstamp_admin;


--
-- Name: TABLE users; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.users TO callstamp_admin;


--
-- Name: SEQUENCE users_id_seq; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.users_id_seq TO callstamp_admin;


--
-- PostgreSQL database dump complete
--


