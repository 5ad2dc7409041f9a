-- The data key of a person, wrapped by a master key that is not in the database. Removing the row makes all that it sealed unreadable,
-- which is how an account's secrets are destroyed.
create table identity.user_keys (
  key_id uuid primary key,
  user_id uuid not null references identity.users (id) on delete cascade,
  wrapped_key bytea not null constraint user_keys_wrapped_key_length check (octet_length(wrapped_key) between 16 and 1024),
  master_key_id text not null constraint user_keys_master_key_id_length check (char_length(master_key_id) between 1 and 120),
  created_at timestamptz not null default now()
);
comment on table identity.user_keys is
  'A person''s own unit of work reads and makes their keys; nobody else''s. Re-wrapping and removal are for service_role.';

create index user_keys_newest on identity.user_keys (user_id, created_at desc, key_id desc);
create index user_keys_master on identity.user_keys (master_key_id);

alter table identity.user_keys enable row level security;
alter table identity.user_keys force row level security;
create policy owner_select on identity.user_keys for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on identity.user_keys for insert to authenticated with check (user_id = (select auth.uid()));
grant select, insert on identity.user_keys to authenticated;
grant select, insert, update, delete on identity.user_keys to service_role;

create table identity.api_keys (
  id uuid primary key,
  user_id uuid not null references identity.users (id) on delete cascade,
  name text not null constraint api_keys_name_length check (char_length(name) between 1 and 120),
  prefix text not null constraint api_keys_prefix_length check (char_length(prefix) between 4 and 24),
  key_hash text not null constraint api_keys_key_hash_form check (key_hash ~ '^[0-9a-f]{64}$'),
  scopes text[] not null default '{}' constraint api_keys_scopes_count check (cardinality(scopes) <= 50),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint api_key_name_taken unique (user_id, name),
  constraint api_key_hash_taken unique (key_hash)
);
comment on table identity.api_keys is
  'A person sees their own keys alone, and of a key only the hash exists. A caller''s key is looked up by its hash as service_role.';

create index api_keys_newest on identity.api_keys (user_id, id desc);

alter table identity.api_keys enable row level security;
alter table identity.api_keys force row level security;
create policy owner_select on identity.api_keys for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on identity.api_keys for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on identity.api_keys for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on identity.api_keys for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on identity.api_keys to authenticated, service_role;
