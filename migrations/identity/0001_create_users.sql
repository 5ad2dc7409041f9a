create schema if not exists identity;
grant usage on schema identity to authenticated, service_role;

-- Follows auth.users: the platform's own row of a person, so that no module has to read Supabase's schema.
create table identity.users (
  id uuid primary key,
  email text,
  full_name text constraint users_full_name_length check (char_length(full_name) <= 200),
  metadata jsonb not null default '{}' constraint users_metadata_is_object check (jsonb_typeof(metadata) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table identity.users is
  'A person sees and changes their own row alone. Rows are made and removed by the trigger on auth.users; staff read them as service_role.';

create index users_newest on identity.users (created_at desc, id desc);
create index users_email on identity.users (lower(email));

alter table identity.users enable row level security;
alter table identity.users force row level security;
create policy owner_select on identity.users for select to authenticated using (id = (select auth.uid()));
create policy owner_update on identity.users for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));
-- The address belongs to Supabase Auth: it changes there, after a confirmation, and arrives here by the trigger.
grant select, update (full_name, metadata, updated_at) on identity.users to authenticated;
grant select, insert, update, delete on identity.users to service_role;

create table identity.user_profiles (
  id uuid primary key,
  user_id uuid not null constraint user_profile_exists unique references identity.users (id) on delete cascade,
  preferences jsonb not null default '{}'
    constraint user_profiles_preferences_is_object check (jsonb_typeof(preferences) = 'object')
    constraint user_profiles_preferences_size check (octet_length(preferences::text) <= 65536),
  settings jsonb not null default '{}'
    constraint user_profiles_settings_is_object check (jsonb_typeof(settings) = 'object')
    constraint user_profiles_settings_size check (octet_length(settings::text) <= 65536),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table identity.user_profiles is 'A person sees and changes their own profile alone; the trigger on auth.users makes it.';

alter table identity.user_profiles enable row level security;
alter table identity.user_profiles force row level security;
create policy owner_select on identity.user_profiles for select to authenticated using (user_id = (select auth.uid()));
create policy owner_update on identity.user_profiles for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select, update (preferences, settings, updated_at) on identity.user_profiles to authenticated;
grant select, insert, update, delete on identity.user_profiles to service_role;

-- Runs as its owner, because Supabase Auth's role has no rights here. A sign-up must never fail for a long name, so it is cut.
create function identity.follow_auth_user() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  given jsonb;
  given_name text;
begin
  if tg_op = 'DELETE' then
    delete from identity.users where id = old.id;
    return old;
  end if;
  if new.deleted_at is not null then
    delete from identity.users where id = new.id;
    return new;
  end if;

  given := case when jsonb_typeof(new.raw_user_meta_data) = 'object' then new.raw_user_meta_data else '{}'::jsonb end;
  given_name := left(nullif(trim(coalesce(given ->> 'full_name', given ->> 'name')), ''), 200);
  insert into identity.users (id, email, full_name, metadata, created_at, updated_at)
  values (new.id, new.email, given_name, given, coalesce(new.created_at, now()), coalesce(new.updated_at, now()))
  on conflict (id) do update set email = excluded.email, updated_at = now();
  -- A new address alone must not undo a name that was changed here.
  if tg_op = 'UPDATE' and new.raw_user_meta_data is distinct from old.raw_user_meta_data then
    update identity.users set full_name = given_name, metadata = given where id = new.id;
  end if;
  insert into identity.user_profiles (id, user_id)
  values (gen_random_uuid(), new.id)
  on conflict (user_id) do nothing;
  return new;
end
$$;
revoke execute on function identity.follow_auth_user() from public;

create trigger platform_follow_insert after insert on auth.users
  for each row execute function identity.follow_auth_user();
-- A sign-in updates auth.users too; only what is copied matters here.
create trigger platform_follow_update after update on auth.users
  for each row
  when (old.email is distinct from new.email
    or old.raw_user_meta_data is distinct from new.raw_user_meta_data
    or old.deleted_at is distinct from new.deleted_at)
  execute function identity.follow_auth_user();
create trigger platform_follow_delete after delete on auth.users
  for each row execute function identity.follow_auth_user();

-- The people of a project that was in use before this schema came.
insert into identity.users (id, email, full_name, metadata, created_at, updated_at)
select
  person.id, person.email,
  left(nullif(trim(coalesce(person.raw_user_meta_data ->> 'full_name', person.raw_user_meta_data ->> 'name')), ''), 200),
  case when jsonb_typeof(person.raw_user_meta_data) = 'object' then person.raw_user_meta_data else '{}'::jsonb end,
  coalesce(person.created_at, now()), coalesce(person.updated_at, now())
from auth.users as person
where person.deleted_at is null;
insert into identity.user_profiles (id, user_id) select gen_random_uuid(), id from identity.users;
