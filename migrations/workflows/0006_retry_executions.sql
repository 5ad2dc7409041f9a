-- Queues an execution of the caller again that failed or was stopped: what it had committed stands, and a failure that its author provided
-- for stays one. Steps that are done again carry the keys that they had. The fence moves on, so that no worker of the time before can
-- commit. Says what it did: queued, paused, not_failed; null where there is no such execution.
create function workflows.resume_execution(execution uuid) returns text
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  resumed workflows.workflow_executions;
  topic text := 'execution:' || execution;
begin
  select * into resumed from workflows.workflow_executions as candidate
  where candidate.id = execution and candidate.user_id = (select auth.uid()) for update;
  if not found then
    return null;
  end if;
  if resumed.status not in ('failed', 'cancelled') then
    return 'not_failed';
  end if;
  if exists (select from workflows.workflows as flow where flow.id = resumed.workflow_id and flow.status = 'paused') then
    return 'paused';
  end if;
  update workflows.execution_steps as step
  set status = 'pending', attempts = 0, error = null, available_at = null, waits_for = null, completed_at = null,
    updated_at = now()
  where step.execution_id = execution and step.status not in ('succeeded', 'skipped')
    and not (step.status = 'failed' and exists (
      select from workflows.workflow_versions as version, jsonb_array_elements(version.steps) as definition
      where version.workflow_id = resumed.workflow_id and version.version = resumed.version
        and definition ->> 'key' = step.key and coalesce(definition ->> 'on_error', 'fail') <> 'fail'));
  update workflows.workflow_executions as candidate
  set status = 'queued', error_code = null, error = null, results = null, cancel_requested_at = null, dead_lettered_at = null,
    completed_at = null, available_at = now(), queue_at = now(), lease_until = null, fence = candidate.fence + 1, attempts = 0,
    updated_at = now()
  where candidate.id = execution;
  perform platform.reopen_topic(topic);
  perform platform.append_events(jsonb_build_array(jsonb_build_object(
    'topic', topic, 'user_id', resumed.user_id, 'type', 'execution.retried', 'payload', jsonb_build_object('execution_id', execution))));
  perform pg_notify('platform_workflows', '');
  return 'queued';
end
$$;
revoke execute on function workflows.resume_execution(uuid) from public;
grant execute on function workflows.resume_execution(uuid) to authenticated;

-- Runs an execution of the caller again as another one of the same version over the same input, which keeps these of its steps.
create function workflows.run_again(source uuid, target uuid, kept text[], slot_key text, slot_limit integer) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
begin
  insert into workflows.workflow_executions (
    id, workflow_id, user_id, version, trigger, retry_of, execution_data, status, concurrency_key, concurrency_limit)
  select target, e.workflow_id, e.user_id, e.version, 'retry', e.id, e.execution_data, 'queued', slot_key, slot_limit
  from workflows.workflow_executions as e where e.id = source;
  insert into workflows.execution_steps (
    id, execution_id, user_id, key, item_index, type, status, attempts, input, output, error, log, started_at, completed_at)
  select
    gen_random_uuid(), target, step.user_id, step.key, step.item_index, step.type, step.status, step.attempts,
    coalesce(step.input, workflows.payload(step.input_id)), coalesce(step.output, workflows.payload(step.output_id)),
    step.error, step.log, step.started_at, step.completed_at
  from workflows.execution_steps as step
  where step.execution_id = source and step.key = any (kept) and step.status in ('succeeded', 'skipped', 'failed');
end
$$;
revoke execute on function workflows.run_again(uuid, uuid, text[], text, integer) from public;
grant execute on function workflows.run_again(uuid, uuid, text[], text, integer) to authenticated;
