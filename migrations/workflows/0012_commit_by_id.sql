-- A commit finds its executions by their ids. Asked for those that run among them, the planner takes the index over what runs for short,
-- and walks an entry of every execution that has ended since the last vacuum. An execution that goes on running is not written again: its
-- steps tell how far it is.
create or replace function workflows.commit_progress(executions jsonb, steps jsonb, events jsonb, consumed uuid[]) returns uuid[]
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  held uuid[];
  ended uuid[];
begin
  select array_agg(locked.id) filter (where locked.status = 'running') into held from (
    select e.id, e.status
    from workflows.workflow_executions as e
      join jsonb_to_recordset(executions) as given (id uuid, fence bigint) on e.id = given.id and e.fence = given.fence
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
  where e.id = given.id and e.id = any (held) and (given.status <> 'running' or e.started_at is null);

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
