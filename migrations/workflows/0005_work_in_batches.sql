-- Executions are claimed, committed and woken in batches. A row is queued or waiting without a lease, or running under one; whoever commits
-- for a running row shows the fencing number of its claim.
alter table workflows.workflow_executions
  -- The turn among the queued: one that is added behind others of the same owner takes a turn a second later than the last of them, so that
  -- owners take turns however much one of them has queued.
  add column queue_at timestamptz not null default now(),
  -- How many executions are above this one; a workflow cannot start itself for ever.
  add column depth integer not null default 0 constraint workflow_executions_depth_bounded check (depth between 0 and 16),
  add column concurrency_key text constraint workflow_executions_concurrency_key_length check (char_length(concurrency_key) <= 300),
  add column concurrency_limit integer constraint workflow_executions_concurrency_limit_positive check (concurrency_limit >= 1),
  add constraint workflow_executions_concurrency_whole check ((concurrency_key is null) = (concurrency_limit is null));

drop index workflows.workflow_executions_claim;
drop index workflows.workflow_executions_by_status;
create index workflow_executions_queued on workflows.workflow_executions (queue_at, id) where status = 'queued';
create index workflow_executions_due on workflows.workflow_executions (available_at, id) where status = 'waiting';
create index workflow_executions_leased on workflows.workflow_executions (lease_until) where status = 'running';
create index workflow_executions_by_key on workflows.workflow_executions (concurrency_key)
  where concurrency_key is not null and status in ('queued', 'running', 'waiting');
create index workflow_executions_queued_of_owner on workflows.workflow_executions (user_id, queue_at) where status = 'queued';
create index workflow_executions_failed on workflows.workflow_executions (id desc) where status = 'failed';
drop index workflows.execution_steps_of_execution;

create function workflows.take_turn() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.status = 'queued' then
    new.queue_at := greatest(now(), (
      select max(queued.queue_at) + interval '1 second' from workflows.workflow_executions as queued
      where queued.user_id = new.user_id and queued.status = 'queued'));
  end if;
  return new;
end $$;
create trigger workflow_executions_take_turn before insert on workflows.workflow_executions
  for each row execute function workflows.take_turn();

drop trigger workflow_executions_notify on workflows.workflow_executions;
create or replace function workflows.notify_pump() returns trigger language plpgsql set search_path = '' as $$
begin
  if exists (select from added where added.status = 'queued') then
    perform pg_notify('platform_workflows', '');
  end if;
  return null;
end $$;
create trigger workflow_executions_notify after insert on workflows.workflow_executions
  referencing new table as added for each statement execute function workflows.notify_pump();

-- What is said to an execution from outside: signals, approvals, the ends of sub-workflows. It may come before anybody waits for it.
create table workflows.signals (
  id uuid primary key,
  execution_id uuid not null,
  user_id uuid not null,
  name text not null constraint signals_name_length check (char_length(name) between 1 and 200),
  payload jsonb,
  consumed_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (execution_id, user_id) references workflows.workflow_executions (id, user_id) on delete cascade
);
comment on table workflows.signals is 'Seen and given by whoever sees the execution: the workflow''s owner.';
create index signals_of_execution on workflows.signals (execution_id, id);
create index signals_newest on workflows.signals (user_id, id desc);
alter table workflows.signals enable row level security;
alter table workflows.signals force row level security;
create policy owner_select on workflows.signals for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on workflows.signals for insert to authenticated with check (user_id = (select auth.uid()));
grant select, insert on workflows.signals to authenticated;
grant select, insert, update, delete on workflows.signals to service_role;

-- A signal wakes an execution that waits for it. The row was locked by whoever gives the signal, or is locked here: a worker that is just
-- putting the execution down either sees the signal or is seen.
create function workflows.wake_by_signal() returns trigger language plpgsql set search_path = '' as $$
begin
  update workflows.workflow_executions as waiting set available_at = now()
  where waiting.id = new.execution_id and waiting.status = 'waiting' and waiting.available_at > now()
    and exists (
      select from workflows.execution_steps as step
      where step.execution_id = new.execution_id and step.status = 'waiting' and step.waits_for = new.name);
  perform pg_notify('platform_workflows', '');
  return null;
end $$;
create trigger signals_wake after insert on workflows.signals for each row execute function workflows.wake_by_signal();

-- What steps take and give is kept in their row up to 64 KiB, and beside it where it is more: rows of steps and executions are rewritten
-- with every state and told to everybody who watches them, and a payload never changes again.
create table workflows.payloads (
  id uuid primary key,
  execution_id uuid not null,
  user_id uuid not null,
  content jsonb not null,
  created_at timestamptz not null default now(),
  foreign key (execution_id, user_id) references workflows.workflow_executions (id, user_id) on delete cascade
);
comment on table workflows.payloads is 'Seen by whoever sees the execution: the workflow''s owner.';
create index payloads_of_execution on workflows.payloads (execution_id);
create index payloads_newest on workflows.payloads (user_id, id desc);
alter table workflows.payloads enable row level security;
alter table workflows.payloads force row level security;
create policy owner_select on workflows.payloads for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on workflows.payloads for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on workflows.payloads for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select, insert, update on workflows.payloads to authenticated;
grant select, insert, update, delete on workflows.payloads to service_role;

alter table workflows.execution_steps
  add column input_id uuid references workflows.payloads,
  add column output_id uuid references workflows.payloads;
create index execution_steps_by_input on workflows.execution_steps (input_id) where input_id is not null;
create index execution_steps_by_output on workflows.execution_steps (output_id) where output_id is not null;
alter table workflows.workflow_executions add column results_id uuid;

-- Keeps a payload under a name that the same place of the same execution always has. Says its id.
create function workflows.keep_payload(execution uuid, owner uuid, place text, said jsonb) returns uuid
  language sql volatile security invoker set search_path = ''
as $$
  insert into workflows.payloads (id, execution_id, user_id, content)
  values (md5(execution || ':' || place)::uuid, execution, owner, said)
  on conflict (id) do update set content = excluded.content
  returning id
$$;
revoke execute on function workflows.keep_payload(uuid, uuid, text, jsonb) from public;
grant execute on function workflows.keep_payload(uuid, uuid, text, jsonb) to authenticated, service_role;

create function workflows.keep_step_payloads() returns trigger language plpgsql set search_path = '' as $$
declare
  place text := new.key || ':' || coalesce(new.item_index, -1);
begin
  if pg_column_size(new.input) > 65536 then
    new.input_id := workflows.keep_payload(new.execution_id, new.user_id, place || ':input', new.input);
    new.input := null;
  end if;
  if pg_column_size(new.output) > 65536 then
    new.output_id := workflows.keep_payload(new.execution_id, new.user_id, place || ':output', new.output);
    new.output := null;
  end if;
  return new;
end $$;
create trigger execution_steps_keep_payloads before insert on workflows.execution_steps
  for each row when (pg_column_size(new.input) > 65536 or pg_column_size(new.output) > 65536)
  execute function workflows.keep_step_payloads();

create function workflows.keep_results() returns trigger language plpgsql set search_path = '' as $$
begin
  new.results_id := workflows.keep_payload(new.id, new.user_id, 'results', new.results);
  new.results := null;
  return new;
end $$;
create trigger workflow_executions_keep_results before update of results on workflows.workflow_executions
  for each row when (pg_column_size(new.results) > 65536) execute function workflows.keep_results();

-- The payload that a reference names; null where there is none.
create function workflows.payload(reference uuid) returns jsonb language sql stable strict security invoker set search_path = '' as $$
  select p.content from workflows.payloads as p where p.id = reference
$$;
revoke execute on function workflows.payload(uuid) from public;
grant execute on function workflows.payload(uuid) to authenticated, service_role;

-- Tells the executions that wait for these sub-workflows how they ended.
create function workflows.tell_parents(ended uuid[]) returns void language plpgsql volatile security invoker set search_path = '' as $$
begin
  perform parent.id from workflows.workflow_executions as parent
  where parent.id in (
    select child.parent_execution_id from workflows.workflow_executions as child
    where child.id = any (ended) and child.parent_execution_id is not null)
  order by parent.id for update;
  insert into workflows.signals (id, execution_id, user_id, name, payload)
  select
    gen_random_uuid(), parent.id, parent.user_id, 'execution:' || child.id,
    jsonb_build_object(
      'status', child.status, 'results', coalesce(child.results, workflows.payload(child.results_id)), 'error_code', child.error_code,
      'error', child.error)
  from workflows.workflow_executions as child
    join workflows.workflow_executions as parent on parent.id = child.parent_execution_id
  where child.id = any (ended) and parent.status in ('queued', 'running', 'waiting');
end $$;
revoke execute on function workflows.tell_parents(uuid[]) from public;
grant execute on function workflows.tell_parents(uuid[]) to authenticated, service_role;

-- Takes executions that are due: those whose wait is over, those whose worker died, and the queued in their turn, no more than per_owner
-- of one owner, none of owners who have their share on this node, and no more of a concurrency key than its limit.
create function workflows.claim_executions(most integer, per_owner integer, hold interval, full_owners uuid[]) returns jsonb
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  claimed jsonb;
begin
  if exists (
    select from workflows.workflow_executions as keyed
    where keyed.concurrency_key is not null and keyed.status = 'queued') then
    perform pg_advisory_xact_lock(hashtextextended('workflows.claim_executions', 0));
  end if;
  with active as (
    select held.concurrency_key, count(*) as held
    from workflows.workflow_executions as held
    where held.concurrency_key is not null and held.status in ('running', 'waiting')
    group by held.concurrency_key
  ), candidates as (
    (select e.id, e.user_id, e.available_at as turn, null::text as concurrency_key, 0 as concurrency_limit
     from workflows.workflow_executions as e
     where e.status = 'waiting' and e.available_at <= now() and not e.user_id = any (full_owners)
     order by e.available_at limit most)
    union all
    (select e.id, e.user_id, e.lease_until, null, 0
     from workflows.workflow_executions as e
     where e.status = 'running' and e.lease_until < now() and e.available_at <= now()
     order by e.lease_until limit most)
    union all
    (select e.id, e.user_id, e.queue_at, e.concurrency_key, e.concurrency_limit
     from workflows.workflow_executions as e
     where e.status = 'queued' and e.available_at <= now() and not e.user_id = any (full_owners)
       and (e.concurrency_key is null
         or e.concurrency_limit > coalesce((select a.held from active as a where a.concurrency_key = e.concurrency_key), 0))
     order by e.queue_at, e.id limit most * 4)
  ), ranked as (
    select
      c.id, c.turn, c.concurrency_key, c.concurrency_limit,
      row_number() over (partition by c.user_id order by c.turn, c.id) as place,
      row_number() over (partition by c.concurrency_key order by c.turn, c.id) as place_of_key
    from candidates as c
  ), due as (
    select e.id
    from workflows.workflow_executions as e
      join ranked as r on r.id = e.id
      left join active as a on a.concurrency_key = r.concurrency_key
    where r.place <= per_owner
      and (r.concurrency_key is null or r.place_of_key <= r.concurrency_limit - coalesce(a.held, 0))
      and (e.status in ('queued', 'waiting') or (e.status = 'running' and e.lease_until < now()))
    order by r.turn
    limit most
    for update of e skip locked
  ), taken as (
    update workflows.workflow_executions as e
    set status = 'running', lease_until = now() + hold, fence = e.fence + 1, attempts = e.attempts + 1
    from due where e.id = due.id
    returning e.*
  )
  select jsonb_agg(jsonb_build_object(
    'id', t.id, 'user_id', t.user_id, 'workflow_id', t.workflow_id, 'version', t.version, 'fence', t.fence, 'attempts', t.attempts,
    'trigger', t.trigger, 'depth', t.depth, 'input', t.execution_data, 'created_at', t.created_at, 'started_at', t.started_at,
    'steps', case when t.started_at is not null or t.retry_of is not null then (
      select jsonb_agg(jsonb_build_object(
        'id', s.id, 'key', s.key, 'item_index', s.item_index, 'status', s.status, 'attempts', s.attempts,
        'input', coalesce(s.input, workflows.payload(s.input_id)), 'output', coalesce(s.output, workflows.payload(s.output_id)),
        'error', s.error, 'log', s.log, 'available_at', s.available_at, 'waits_for', s.waits_for,
        'started_at', s.started_at, 'completed_at', s.completed_at))
      from workflows.execution_steps as s where s.execution_id = t.id) end,
    'signals', case when t.started_at is not null then (
      select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'payload', g.payload) order by g.created_at, g.id)
      from workflows.signals as g where g.execution_id = t.id and g.consumed_at is null) end))
  into claimed from taken as t;
  return coalesce(claimed, '[]');
end
$$;
revoke execute on function workflows.claim_executions(integer, integer, interval, uuid[]) from public;
grant execute on function workflows.claim_executions(integer, integer, interval, uuid[]) to service_role;

-- Looks after executions that have run for a while: says which are still held, prolongs their leases where hold is given, and says what
-- was signalled to them.
create function workflows.tend_executions(ids uuid[], fences bigint[], hold interval) returns jsonb
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if hold is not null then
    update workflows.workflow_executions as e set lease_until = now() + hold
    from unnest(ids, fences) as held (id, fence)
    where e.id = held.id and e.fence = held.fence and e.status = 'running';
  end if;
  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'id', e.id,
      'signals', (
        select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'payload', g.payload) order by g.created_at, g.id)
        from workflows.signals as g where g.execution_id = e.id and g.consumed_at is null)))
    from workflows.workflow_executions as e join unnest(ids, fences) as held (id, fence) on e.id = held.id and e.fence = held.fence
    where e.status = 'running'), '[]');
end
$$;
revoke execute on function workflows.tend_executions(uuid[], bigint[], interval) from public;
grant execute on function workflows.tend_executions(uuid[], bigint[], interval) to service_role;

-- Puts an execution that could not be worked back into its queue for a later time.
create function workflows.put_back_execution(execution uuid, claim bigint, delay interval) returns void
  language sql volatile security invoker set search_path = ''
as $$
  update workflows.workflow_executions as e set status = 'queued', lease_until = null, available_at = now() + delay, queue_at = now() + delay
  where e.id = execution and e.fence = claim and e.status = 'running'
$$;
revoke execute on function workflows.put_back_execution(uuid, bigint, interval) from public;
grant execute on function workflows.put_back_execution(uuid, bigint, interval) to service_role;
