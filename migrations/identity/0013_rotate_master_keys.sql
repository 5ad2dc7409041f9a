-- The progress of wrapping everybody's data keys with a newer master key. Data keys themselves, and what they seal, stay as they are.
create table identity.key_rotations (
  id uuid primary key,
  -- Who of the staff has started it. It goes with their account, and another one finds the keys that are left.
  user_id uuid not null references identity.users (id) on delete cascade,
  -- The key that wraps from now on; nodes that do not have it as their newest leave the rotation alone.
  master_key_id text not null constraint key_rotations_master_key_id_length check (char_length(master_key_id) between 1 and 120),
  status text not null default 'running' constraint key_rotations_status_known check (status in ('running', 'succeeded', 'failed')),
  total bigint not null default 0,
  done bigint not null default 0,
  -- Data keys whose master key is not at hand, or is another one than its id says.
  unreadable bigint not null default 0,
  -- Keys are taken in the order of their ids: how far it has come.
  last_key_id uuid not null default '00000000-0000-0000-0000-000000000000',
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  completed_at timestamptz
);
comment on table identity.key_rotations is
  'Who has started a rotation sees its row, other staff through identity.staff_list_key_rotations; a job writes as service_role.';

create unique index key_rotation_already_running on identity.key_rotations (status) where status = 'running';
create index key_rotations_of_starter on identity.key_rotations (user_id, id desc);

alter table identity.key_rotations enable row level security;
alter table identity.key_rotations force row level security;
create policy owner_select on identity.key_rotations for select to authenticated using (user_id = (select auth.uid()));
grant select on identity.key_rotations to authenticated;
grant select, update on identity.key_rotations to service_role;

create function identity.staff_start_key_rotation(rotation uuid, master_key text) returns setof identity.key_rotations
  language plpgsql security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  perform identity.write_audit(
    auth.uid(), 'keys.rotation_started', 'key_rotation', rotation, null, jsonb_build_object('master_key_id', master_key));
  return query
    insert into identity.key_rotations (id, user_id, master_key_id, total)
    values (rotation, auth.uid(), master_key, (select count(*) from identity.user_keys where master_key_id <> master_key))
    returning *;
end
$$;
revoke execute on function identity.staff_start_key_rotation(uuid, text) from public;
grant execute on function identity.staff_start_key_rotation(uuid, text) to authenticated;

create function identity.staff_list_key_rotations(most integer) returns setof identity.key_rotations
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query select * from identity.key_rotations order by id desc limit most;
end
$$;
revoke execute on function identity.staff_list_key_rotations(integer) from public;
grant execute on function identity.staff_list_key_rotations(integer) to authenticated;

-- How many data keys each master key wraps, with one of them, by which the application sees whether it has the right key.
create function identity.staff_list_master_keys()
  returns table (master_key_id text, data_keys bigint, user_id uuid, wrapped_key bytea)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select distinct on (key.master_key_id)
      key.master_key_id, count(*) over (partition by key.master_key_id), key.user_id, key.wrapped_key
    from identity.user_keys as key
    order by key.master_key_id, key.key_id desc;
end
$$;
revoke execute on function identity.staff_list_master_keys() from public;
grant execute on function identity.staff_list_master_keys() to authenticated;
