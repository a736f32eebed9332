-- What a postback key may, beyond posting from anywhere as much as it likes. Null says: no limit.
--
-- A key whose origins are listed stands in a page for everybody to read, so it never reads back.

alter table postback_keys
  add column allow_read_back       boolean not null default false,
  add column opaque_status         boolean not null default false,
  add column allowed_origins       text[] check (cardinality(allowed_origins) between 1 and 100),
  add column allowed_networks      cidr[] check (cardinality(allowed_networks) between 1 and 100),
  add column rate_limit_per_second integer check (rate_limit_per_second between 1 and 1000000),
  add constraint no_reading_back_in_public check (not allow_read_back or allowed_origins is null);

-- All postback keys of the company together.
alter table companies
  add column rate_limit_per_second integer check (rate_limit_per_second between 1 and 1000000);
