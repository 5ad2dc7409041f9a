-- What fires triggers: their own times, and events. An event that has triggers is kept until the engine has looked at it: the filter of a
-- trigger is an expression, which is evaluated outside the database.
alter table workflows.triggers
  add column last_error text constraint triggers_last_error_length check (char_length(last_error) <= 1000),
  add constraint triggers_owner unique (id, user_id);

create table workflows.trigger_firings (
  id uuid primary key,
  trigger_id uuid not null,
  user_id uuid not null,
  event_id uuid not null,
  event_name text not null constraint trigger_firings_event_name_length check (char_length(event_name) between 1 and 120),
  payload jsonb not null,
  -- How many executions led to the event one after the other; a chain of them ends.
  depth integer not null default 0 constraint trigger_firings_depth_bounded check (depth between 0 and 16),
  occurred_at timestamptz not null default now(),
  constraint trigger_already_fired unique (trigger_id, event_id),
  foreign key (trigger_id, user_id) references workflows.triggers (id, user_id) on delete cascade
);
comment on table workflows.trigger_firings is 'Events that triggers wait for, until the engine takes them. The trigger''s owner alone sees them.';
create index trigger_firings_newest on workflows.trigger_firings (user_id, id desc);
create index trigger_firings_due on workflows.trigger_firings (occurred_at, id);
alter table workflows.trigger_firings enable row level security;
alter table workflows.trigger_firings force row level security;
create policy owner_select on workflows.trigger_firings for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on workflows.trigger_firings for insert to authenticated with check (user_id = (select auth.uid()));
grant select, insert on workflows.trigger_firings to authenticated;
grant select, insert, update, delete on workflows.trigger_firings to service_role;

-- Keeps an event for the triggers of its owner that wait for it. The same event again changes nothing. Says how many wait for it.
create function workflows.fire_event(name text, event uuid, owner uuid, said jsonb, above integer) returns integer
  language sql volatile security invoker set search_path = ''
as $$
  with fired as (
    insert into workflows.trigger_firings (id, trigger_id, user_id, event_id, event_name, payload, depth)
    select gen_random_uuid(), t.id, t.user_id, event, name, said, above
    from workflows.triggers as t
    where t.event_name = name and t.user_id = owner and t.status = 'active' and t.type = 'event' and above <= 8
    on conflict (trigger_id, event_id) do nothing
    returning 1
  ) select count(*)::integer from fired
$$;
revoke execute on function workflows.fire_event(text, uuid, uuid, jsonb, integer) from public;
grant execute on function workflows.fire_event(text, uuid, uuid, jsonb, integer) to authenticated, service_role;

-- Keeps the ends of executions for the triggers that wait for them. A workflow does not wait for its own; a chain ends after eight.
create function workflows.fire_execution_ends(candidates uuid[]) returns void
  language sql volatile security invoker set search_path = ''
as $$
  insert into workflows.trigger_firings (id, trigger_id, user_id, event_id, event_name, payload, depth)
  select
    gen_random_uuid(), t.id, t.user_id, md5(e.id || ':' || e.fence)::uuid, t.event_name,
    jsonb_build_object(
      'execution_id', e.id, 'workflow_id', e.workflow_id, 'status', e.status, 'trigger', e.trigger, 'error_code', e.error_code),
    e.depth + 1
  from workflows.workflow_executions as e
    join workflows.triggers as t on t.user_id = e.user_id
  where e.id = any (candidates) and e.status in ('succeeded', 'failed', 'cancelled') and e.depth < 8
    and t.event_name = 'workflows.execution-finished.v1' and t.status = 'active' and t.type = 'event' and t.workflow_id <> e.workflow_id
  on conflict (trigger_id, event_id) do nothing
$$;
revoke execute on function workflows.fire_execution_ends(uuid[]) from public;
grant execute on function workflows.fire_execution_ends(uuid[]) to authenticated, service_role;

-- Gives a signal to all steps of an owner that wait for it.
create function workflows.signal_waiting(signal text, owner uuid, said jsonb) returns void
  language sql volatile security invoker set search_path = ''
as $$
  insert into workflows.signals (id, execution_id, user_id, name, payload)
  select distinct on (s.execution_id) gen_random_uuid(), s.execution_id, s.user_id, signal, said
  from workflows.execution_steps as s
  where s.user_id = owner and s.waits_for = signal and s.status = 'waiting'
$$;
revoke execute on function workflows.signal_waiting(text, uuid, jsonb) from public;
grant execute on function workflows.signal_waiting(text, uuid, jsonb) to authenticated, service_role;

-- Commits what workers have come to, for many executions at once. Nothing is written for an execution whose fencing number is not the
-- newest; says for which ones it was written. What ended fires triggers.
create function workflows.commit_progress(executions jsonb, steps jsonb, events jsonb, consumed uuid[]) returns uuid[]
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  held uuid[];
  ended uuid[];
begin
  select array_agg(locked.id) into held from (
    select e.id
    from workflows.workflow_executions as e
      join jsonb_to_recordset(executions) as given (id uuid, fence bigint) on e.id = given.id and e.fence = given.fence
    where e.status = 'running'
    order by e.id for update of e) as locked;
  if held is null then
    return '{}';
  end if;

  insert into workflows.execution_steps as s (
    id, execution_id, user_id, key, item_index, type, status, attempts, input, output, error, log, available_at, waits_for, started_at,
    completed_at)
  select
    g.id, g.execution_id, g.user_id, g.key, g.item_index, g.type, g.status, g.attempts, g.input, g.output, g.error, coalesce(g.log, '[]'),
    g.available_at, g.waits_for, g.started_at, g.completed_at
  from jsonb_to_recordset(steps) as g (
    id uuid, execution_id uuid, user_id uuid, key text, item_index integer, type text, status text, attempts integer, input jsonb,
    output jsonb, error jsonb, log jsonb, available_at timestamptz, waits_for text, started_at timestamptz, completed_at timestamptz)
  where g.execution_id = any (held)
  on conflict on constraint execution_step_exists do update set
    status = excluded.status, attempts = excluded.attempts, input = excluded.input, input_id = excluded.input_id,
    output = excluded.output, output_id = excluded.output_id, error = excluded.error,
    log = excluded.log, available_at = excluded.available_at, waits_for = excluded.waits_for, started_at = excluded.started_at,
    completed_at = excluded.completed_at, updated_at = now();

  update workflows.signals as g set consumed_at = now() where g.id = any (consumed) and g.execution_id = any (held);

  update workflows.workflow_executions as e set
    status = given.status,
    started_at = coalesce(e.started_at, given.started_at),
    completed_at = given.completed_at,
    results = given.results,
    results_id = null,
    error_code = given.error_code,
    error = given.error,
    dead_lettered_at = given.dead_lettered_at,
    lease_until = case when given.status = 'running' then e.lease_until end,
    -- A wait is progress: only claims that got nowhere count towards the dead letters.
    attempts = case given.status when 'waiting' then 0 when 'queued' then greatest(e.attempts - 1, 0) else e.attempts end,
    available_at = case
      when given.status = 'waiting' and exists (
        select from workflows.signals as g
          join workflows.execution_steps as s on s.execution_id = g.execution_id and s.status = 'waiting' and s.waits_for = g.name
        where g.execution_id = e.id and g.consumed_at is null) then now()
      else coalesce(given.available_at, e.available_at) end,
    updated_at = now()
  from jsonb_to_recordset(executions) as given (
    id uuid, status text, started_at timestamptz, completed_at timestamptz, results jsonb, error_code text, error text,
    dead_lettered_at timestamptz, available_at timestamptz)
  where e.id = given.id and e.id = any (held);

  select array_agg(e.id) into ended from workflows.workflow_executions as e
  where e.id = any (held) and e.parent_execution_id is not null and e.status in ('succeeded', 'failed', 'cancelled');
  if ended is not null then
    perform workflows.tell_parents(ended);
  end if;

  -- One look at an index where nobody has such a trigger.
  if exists (
    select from workflows.triggers as t
    where t.event_name = 'workflows.execution-finished.v1' and t.status = 'active' and t.type = 'event') then
    perform workflows.fire_execution_ends(held);
  end if;

  perform platform.append_events((
    select jsonb_agg(jsonb_build_object(
      'topic', 'execution:' || (event.value ->> 'execution_id'), 'user_id', event.value -> 'user_id', 'type', event.value -> 'type',
      'payload', event.value -> 'payload', 'final', event.value -> 'final') order by event.ordinality)
    from jsonb_array_elements(events) with ordinality as event (value, ordinality)
    where (event.value ->> 'execution_id')::uuid = any (held)));
  return held;
end
$$;
revoke execute on function workflows.commit_progress(jsonb, jsonb, jsonb, uuid[]) from public;
grant execute on function workflows.commit_progress(jsonb, jsonb, jsonb, uuid[]) to service_role;

-- Stops an execution and the sub-workflows that it started, whoever works them: the fence moves on, so that no worker can commit. Says
-- which ones it stopped; null where there is no such execution. What was stopped fires triggers.
create function workflows.cancel_execution(root uuid) returns uuid[]
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  stopped uuid[];
begin
  perform e.id from workflows.workflow_executions as e
  where e.id in (
    with recursive family as (
      select first.id from workflows.workflow_executions as first where first.id = root
      union all
      select child.id from workflows.workflow_executions as child join family on child.parent_execution_id = family.id
    ) select family.id from family)
  order by e.id for update;
  if not found then
    return null;
  end if;
  with recursive family as (
    select first.id from workflows.workflow_executions as first where first.id = root
    union all
    select child.id from workflows.workflow_executions as child join family on child.parent_execution_id = family.id
  ), cancelled as (
    update workflows.workflow_executions as e
    set status = 'cancelled', cancel_requested_at = coalesce(e.cancel_requested_at, now()), completed_at = now(), lease_until = null,
      fence = e.fence + 1, updated_at = now()
    from family where e.id = family.id and e.status in ('queued', 'running', 'waiting')
    returning e.id
  ) select coalesce(array_agg(cancelled.id), '{}') into stopped from cancelled;
  update workflows.execution_steps as s set status = 'cancelled', completed_at = now(), updated_at = now()
  where s.execution_id = any (stopped) and s.status in ('pending', 'running', 'waiting');
  perform workflows.tell_parents(stopped);
  perform workflows.fire_execution_ends(stopped);
  perform platform.append_events((
    select jsonb_agg(jsonb_build_object(
      'topic', 'execution:' || e.id, 'user_id', e.user_id, 'type', 'execution.finished',
      'payload', jsonb_build_object('status', 'cancelled', 'error_code', null, 'error', null), 'final', true))
    from workflows.workflow_executions as e where e.id = any (stopped)));
  return stopped;
end
$$;
revoke execute on function workflows.cancel_execution(uuid) from public;
grant execute on function workflows.cancel_execution(uuid) to authenticated, service_role;
