-- Who may do what in a company: its people, the publishers and buyers they act as, grants over time, and permissions.

-- Everybody of a company, whatever the role. An invite is part of its row: it has one link at a time.
create table collaborators (
  id                bigint generated always as identity primary key,
  company_id        bigint not null references companies,
  user_id           bigint references users,               -- null until the invite is accepted
  role              text not null check (role in ('owner', 'superuser', 'collaborator')),
  name              text not null check (length(name) between 1 and 200),
  email             text not null check (email = lower(email) and length(email) between 3 and 254),
  publisher_ids     bigint[] not null default '{}',        -- acts as these
  buyer_ids         bigint[] not null default '{}',
  invite_hash       bytea unique check (length(invite_hash) = 32),
  invited_at        timestamptz not null default now(),
  invite_expires_at timestamptz,                           -- null: withdrawn, or never invited by mail
  accepted_at       timestamptz,
  created_at        timestamptz not null default now(),
  removed_at        timestamptz,
  check ((user_id is null) = (accepted_at is null)),
  unique (company_id, id)
);
create unique index collaborators_by_email on collaborators (company_id, email) where removed_at is null;
create unique index collaborators_by_user on collaborators (user_id, company_id) where removed_at is null;

-- Which campaigns a publisher may make numbers in, and the calls of which numbers it sees, each from when until when.
create table campaign_grants (
  id           bigint generated always as identity primary key,
  company_id   bigint not null references companies,
  publisher_id bigint not null,
  campaign_id  bigint not null,
  granted_at   timestamptz not null default now(),
  revoked_at   timestamptz check (revoked_at >= granted_at),
  foreign key (company_id, publisher_id) references publishers (company_id, id),
  foreign key (company_id, campaign_id) references campaigns (company_id, id)
);
create unique index campaign_grants_live on campaign_grants (company_id, publisher_id, campaign_id) where revoked_at is null;
create index campaign_grants_by_publisher on campaign_grants (company_id, publisher_id, id);
create index campaign_grants_by_campaign on campaign_grants (company_id, campaign_id);

create table number_grants (
  id           bigint generated always as identity primary key,
  company_id   bigint not null references companies,
  publisher_id bigint not null,
  number_id    bigint not null,
  number       text not null,                              -- that of number_id, which never changes: what a call says it dialed
  granted_at   timestamptz not null default now(),
  revoked_at   timestamptz check (revoked_at >= granted_at),
  foreign key (company_id, publisher_id) references publishers (company_id, id),
  foreign key (company_id, number_id) references tracking_numbers (company_id, id)
);
create unique index number_grants_live on number_grants (company_id, publisher_id, number_id) where revoked_at is null;
create index number_grants_by_number on number_grants (company_id, number, publisher_id, granted_at, revoked_at);
create index number_grants_by_publisher on number_grants (company_id, publisher_id, id);
create index number_grants_by_id_of_number on number_grants (company_id, number_id);

-- What has been removed is granted to nobody: should the same number be made again, it is another one. A transaction that began before
-- the grant may have waited for it, and no grant ends before it began.
create function revoke_grants() returns trigger language plpgsql as $$
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
do $$
declare
  granted text;
begin
  foreach granted in array array['tracking_numbers', 'campaigns', 'publishers'] loop
    execute format('create trigger revoke after update of removed_at on %I for each row
                    when (old.removed_at is null and new.removed_at is not null) execute function revoke_grants()', granted);
  end loop;
end $$;

-- What a level says of the permissions of publishers or buyers; what it says nothing of, it inherits (admin/permissions.py).
create table permission_settings (
  company_id bigint not null references companies,
  level      text not null check (level in ('company', 'collaborator', 'publisher', 'buyer')),
  subject_id bigint not null,                              -- the collaborator, publisher or buyer; 0 for the company
  for_kind   text not null check (for_kind in ('publisher', 'buyer')),
  settings   jsonb not null default '{}',
  primary key (company_id, level, subject_id, for_kind),
  check ((level = 'company') = (subject_id = 0)),
  check (level not in ('publisher', 'buyer') or level = for_kind)
);

-- A token of a collaborator's own sees what the collaborator sees; one without is the company's.
alter table api_tokens
  add column collaborator_id bigint,
  add foreign key (company_id, collaborator_id) references collaborators (company_id, id);

-- Letters to be sent. They hold no secret: whoever sends one makes its link then (admin/mail.py).
create table mails (
  id              bigint generated always as identity primary key,
  kind            text not null check (kind in ('invite', 'password_reset')),
  company_id      bigint references companies,             -- of an invite
  collaborator_id bigint,
  user_id         bigint references users,                 -- of a password reset
  created_at      timestamptz not null default now(),
  next_try_at     timestamptz not null default now(),
  tries           integer not null default 0,
  sent_at         timestamptz,
  given_up_at     timestamptz,
  foreign key (company_id, collaborator_id) references collaborators (company_id, id),
  check ((kind = 'invite') = (collaborator_id is not null) and (kind = 'password_reset') = (user_id is not null))
);
create index mails_to_send on mails (next_try_at) where sent_at is null and given_up_at is null;

grant select, insert, update on collaborators, campaign_grants, number_grants, permission_settings, mails to callstamp_admin;
grant delete on permission_settings to callstamp_admin;
