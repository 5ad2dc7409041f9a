-- The audit log from now on is written by this schema's own functions and triggers alone: nobody adds an entry of their own making, and
-- no role changes or removes one. The head of each chain is kept apart, so that entries missing at the end show too.
create table identity.audit_heads (
  user_id uuid primary key,
  sequence bigint not null constraint audit_heads_sequence_positive check (sequence >= 0),
  hash bytea,
  updated_at timestamptz not null default now()
);
comment on table identity.audit_heads is 'How long the chain of a person''s audit log is and how it ends. They read it; only the trigger writes.';

alter table identity.audit_heads enable row level security;
alter table identity.audit_heads force row level security;
create policy owner_select on identity.audit_heads for select to authenticated using (user_id = (select auth.uid()));
grant select on identity.audit_heads to authenticated, service_role;

insert into identity.audit_heads (user_id, sequence, hash)
select distinct on (user_id) user_id, sequence, hash from identity.audit_log order by user_id, sequence desc;

drop policy owner_insert on identity.audit_log;
revoke insert on identity.audit_log from authenticated, service_role;
revoke insert, update, delete, truncate on identity.audit_heads from service_role;
-- The owner too: who wants to truncate must first give themselves the right, which the database's own log shows.
revoke update, delete, truncate on identity.audit_log from current_user;

create function identity.refuse_change_of_audit() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  raise exception 'The audit log is append-only.' using errcode = 'insufficient_privilege';
end
$$;
revoke execute on function identity.refuse_change_of_audit() from public;
create trigger audit_log_append_only before update or delete on identity.audit_log
  for each row execute function identity.refuse_change_of_audit();

create or replace function identity.chain_audit_entry() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  claims jsonb := auth.jwt();
  head identity.audit_heads;
begin
  if claims ->> 'role' is distinct from 'service_role' and claims is not null then
    new.actor_id := coalesce(claims -> 'act' ->> 'sub', claims ->> 'sub')::uuid;
  end if;
  insert into identity.audit_heads (user_id, sequence) values (new.user_id, 0) on conflict (user_id) do nothing;
  select * into head from identity.audit_heads where user_id = new.user_id for update;
  new.sequence := head.sequence + 1;
  new.previous_hash := head.hash;
  new.hash := identity.audit_entry_hash(new);
  update identity.audit_heads set sequence = new.sequence, hash = new.hash, updated_at = now() where user_id = new.user_id;
  return new;
end
$$;

-- A UUIDv7 whose 12 bits after the version are the fraction of the millisecond (RFC 9562, section 6.2, method 3): ids of one chain rise.
create function identity.new_id() returns uuid
  language sql volatile set search_path = ''
as $$
  select (
    lpad(to_hex(moment / 1000), 12, '0')
    || '7' || lpad(to_hex(moment % 1000 * 4096 / 1000), 3, '0')
    || substr(replace(gen_random_uuid()::text, '-', ''), 17))::uuid
  from (select floor(extract(epoch from clock_timestamp()) * 1000000)::bigint as moment) as clock
$$;
revoke execute on function identity.new_id() from public;

-- Adds an entry to a person's log. Only functions and triggers of this schema call it. Details hold ids and facts, never a person's own
-- words: the log outlives the account.
create function identity.write_audit(
  account uuid, action text, object_type text default null, object_id uuid default null, reason text default null,
  details jsonb default '{}') returns void
  language sql volatile security definer set search_path = ''
as $$
  insert into identity.audit_log (id, user_id, action, object_type, object_id, reason, details, sequence, hash)
  values (identity.new_id(), account, action, object_type, object_id, reason, details, 0, '')
$$;
revoke execute on function identity.write_audit(uuid, text, text, uuid, text, jsonb) from public;

-- What is wrong with the chains: an entry that was changed, one that does not follow the one before, entries that are missing.
create function identity.find_audit_faults(account uuid default null)
  returns table (user_id uuid, sequence bigint, entry_id uuid, fault text)
  language sql stable security definer set search_path = ''
as $$
  with chain as (
    select
      log as entry, lag(log.sequence, 1, 0::bigint) over earlier as sequence_before, lag(log.hash) over earlier as hash_before,
      row_number() over (partition by log.user_id order by log.sequence desc) as place_from_end
    from identity.audit_log as log
    where account is null or log.user_id = account
    window earlier as (partition by log.user_id order by log.sequence)
  ), faults as (
    select
      (entry).user_id, (entry).sequence, (entry).id as entry_id,
      case
        when (entry).hash <> identity.audit_entry_hash(entry) then 'changed'
        when (entry).sequence <> sequence_before + 1 then 'missing_before'
        when (entry).previous_hash is distinct from hash_before then 'unlinked'
      end as fault
    from chain
    union all
    select
      coalesce(head.user_id, (last.entry).user_id), coalesce(head.sequence, (last.entry).sequence), null,
      case
        when head.user_id is null then 'unlinked'
        when (last.entry).sequence is distinct from head.sequence then 'missing_at_end'
        when (last.entry).hash is distinct from head.hash then 'unlinked'
      end
    from (select * from identity.audit_heads where account is null or audit_heads.user_id = account) as head
    full join (select chain.entry from chain where chain.place_from_end = 1) as last on (last.entry).user_id = head.user_id
  )
  select faults.user_id, faults.sequence, faults.entry_id, faults.fault
  from faults
  where faults.fault is not null
  order by faults.user_id, faults.sequence
$$;
revoke execute on function identity.find_audit_faults(uuid) from public;
grant execute on function identity.find_audit_faults(uuid) to service_role;
drop function identity.first_broken_audit_entry(uuid);

create function identity.audit_profile() returns trigger
  language plpgsql security definer set search_path = ''
as $$
begin
  if tg_table_name = 'users' then
    perform identity.write_audit(new.id, 'profile.changed');
    return null;
  end if;
  if old.preferences is distinct from new.preferences then
    perform identity.write_audit(new.user_id, 'preferences.changed');
  end if;
  if old.settings is distinct from new.settings then
    perform identity.write_audit(new.user_id, 'settings.changed');
  end if;
  return null;
end
$$;
revoke execute on function identity.audit_profile() from public;
create trigger users_audit after update on identity.users
  for each row
  when (old.full_name is distinct from new.full_name or old.metadata is distinct from new.metadata)
  execute function identity.audit_profile();
create trigger user_profiles_audit after update on identity.user_profiles
  for each row
  when (old.preferences is distinct from new.preferences or old.settings is distinct from new.settings)
  execute function identity.audit_profile();

create function identity.audit_grant() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  given identity.grants := case when tg_op = 'DELETE' then old else new end;
begin
  perform identity.write_audit(
    given.owner_id,
    case tg_op when 'INSERT' then 'grant.given' when 'UPDATE' then 'grant.changed' else 'grant.ended' end,
    given.object_type, given.object_id, null, jsonb_build_object('grant_id', given.id, 'user_id', given.user_id, 'role', given.role));
  return null;
end
$$;
revoke execute on function identity.audit_grant() from public;
create trigger grants_audit after insert or update or delete on identity.grants
  for each row execute function identity.audit_grant();
