-- Who may see or edit somebody else's thing. The thing lives in another module's schema, so object_id has no foreign key.
create table identity.grants (
  id uuid primary key,
  object_type text not null constraint grants_object_type_known check (object_type in ('dashboard', 'workflow', 'artifact', 'connector')),
  object_id uuid not null,
  user_id uuid not null references identity.users (id) on delete cascade,
  owner_id uuid not null references identity.users (id) on delete cascade,
  role text not null constraint grants_role_known check (role in ('view', 'edit')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint grant_exists unique (object_type, object_id, user_id),
  constraint grant_to_oneself check (user_id <> owner_id)
);
comment on table identity.grants is
  'Seen by the owner who gave it (owner_id) and by the person who has it (user_id). The owner gives and changes it; both may end it.';

create index grants_given on identity.grants (owner_id, id desc);
create index grants_held on identity.grants (user_id, object_type, object_id);

alter table identity.grants enable row level security;
alter table identity.grants force row level security;
create policy party_select on identity.grants for select to authenticated
  using (owner_id = (select auth.uid()) or user_id = (select auth.uid()));
create policy owner_insert on identity.grants for insert to authenticated with check (owner_id = (select auth.uid()));
create policy owner_update on identity.grants for update to authenticated
  using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
create policy party_delete on identity.grants for delete to authenticated
  using (owner_id = (select auth.uid()) or user_id = (select auth.uid()));
-- A grant is moved to no other thing, person or owner: only its role changes.
grant select, insert, update (role, updated_at), delete on identity.grants to authenticated;
grant select, insert, update, delete on identity.grants to service_role;
