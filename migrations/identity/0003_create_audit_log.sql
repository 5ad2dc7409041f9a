-- One chain of hashes an account, so that a changed or removed entry shows. No foreign key to users: the log outlives the account.
create table identity.audit_log (
  id uuid primary key,
  user_id uuid not null,
  actor_id uuid,
  action text not null constraint audit_log_action_form check (action ~ '^[a-z][a-z0-9_.]{1,79}$'),
  object_type text constraint audit_log_object_type_form check (object_type ~ '^[a-z][a-z0-9_]{1,39}$'),
  object_id uuid,
  reason text constraint audit_log_reason_length check (char_length(reason) <= 1000),
  details jsonb not null default '{}'
    constraint audit_log_details_is_object check (jsonb_typeof(details) = 'object')
    constraint audit_log_details_size check (octet_length(details::text) <= 16384),
  ip_address text constraint audit_log_ip_address_length check (char_length(ip_address) <= 64),
  trace_id text constraint audit_log_trace_id_length check (char_length(trace_id) <= 64),
  sequence bigint not null,
  previous_hash bytea,
  hash bytea not null,
  created_at timestamptz not null default now(),
  constraint audit_log_sequence_taken unique (user_id, sequence)
);
comment on table identity.audit_log is
  'A person sees what was done to their own account alone; staff read as service_role. Nobody changes or removes an entry.';

create index audit_log_newest on identity.audit_log (user_id, id desc);
create index audit_log_all_newest on identity.audit_log (id desc);
create index audit_log_actor on identity.audit_log (actor_id, id desc);

alter table identity.audit_log enable row level security;
alter table identity.audit_log force row level security;
create policy owner_select on identity.audit_log for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on identity.audit_log for insert to authenticated with check (user_id = (select auth.uid()));
grant select, insert on identity.audit_log to authenticated, service_role;

-- Every field but the hash itself, in a form that no session setting changes.
create function identity.audit_entry_hash(entry identity.audit_log) returns bytea
  language sql stable set search_path = ''
as $$
  select sha256(convert_to(jsonb_build_array(
    entry.id, entry.user_id, entry.actor_id, entry.action, entry.object_type, entry.object_id, entry.reason, entry.details,
    entry.ip_address, entry.trace_id, entry.sequence, encode(entry.previous_hash, 'hex'), extract(epoch from entry.created_at)
  )::text, 'UTF8'))
$$;
revoke execute on function identity.audit_entry_hash(identity.audit_log) from public;
grant execute on function identity.audit_entry_hash(identity.audit_log) to service_role;

-- Runs as its owner to see the end of the chain. Whoever writes cannot choose the place in the chain, nor, unless it is the system,
-- the actor: under impersonation that is the member of staff.
create function identity.chain_audit_entry() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  claims jsonb := auth.jwt();
  last identity.audit_log;
begin
  if claims ->> 'role' is distinct from 'service_role' and claims is not null then
    new.actor_id := coalesce(claims -> 'act' ->> 'sub', claims ->> 'sub')::uuid;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(new.user_id::text, 1));
  select * into last from identity.audit_log where user_id = new.user_id order by sequence desc limit 1;
  new.sequence := coalesce(last.sequence, 0) + 1;
  new.previous_hash := last.hash;
  new.hash := identity.audit_entry_hash(new);
  return new;
end
$$;
revoke execute on function identity.chain_audit_entry() from public;

create trigger audit_log_chain before insert on identity.audit_log
  for each row execute function identity.chain_audit_entry();

-- The first entry of an account whose hash or link is wrong, or null.
create function identity.first_broken_audit_entry(account uuid) returns uuid
  language sql stable set search_path = ''
as $$
  select entry.id
  from (
    select
      log as row_, log.id, log.sequence, log.hash, log.previous_hash,
      lag(log.hash) over chain as expected_hash, row_number() over chain as expected_sequence
    from identity.audit_log as log
    where log.user_id = account
    window chain as (order by log.sequence)
  ) as entry
  where entry.previous_hash is distinct from entry.expected_hash
    or entry.sequence <> entry.expected_sequence
    or entry.hash <> identity.audit_entry_hash(entry.row_)
  order by entry.sequence
  limit 1
$$;
revoke execute on function identity.first_broken_audit_entry(uuid) from public;
grant execute on function identity.first_broken_audit_entry(uuid) to service_role;
