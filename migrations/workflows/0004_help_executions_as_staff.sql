-- What staff see of everybody's executions: how they went, and neither what went in nor what came out.
create function workflows.staff_list_executions(wanted text, before uuid, most integer)
  returns table (
    id uuid, user_id uuid, workflow_id uuid, workflow_version integer, trigger text, status text, error_code text, attempts integer,
    created_at timestamptz, started_at timestamptz, completed_at timestamptz, dead_lettered_at timestamptz)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select
      execution.id, execution.user_id, execution.workflow_id, execution.version, execution.trigger, execution.status, execution.error_code,
      execution.attempts, execution.created_at, execution.started_at, execution.completed_at, execution.dead_lettered_at
    from workflows.workflow_executions as execution
    where (wanted is null or execution.status = wanted) and (before is null or execution.id < before)
    order by execution.id desc
    limit most;
end
$$;
revoke execute on function workflows.staff_list_executions(text, uuid, integer) from public;
grant execute on function workflows.staff_list_executions(text, uuid, integer) to authenticated;

-- Queues a failed execution again, in its owner's name: what it had committed stands, and a failure that its author provided for stays one.
-- The fence moves on, so that no worker of the time before can commit. Says what it did: queued, paused, not_failed; null where there is no
-- such execution.
create function workflows.staff_retry_execution(execution uuid, reason text) returns text
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  retried workflows.workflow_executions;
  topic text := 'execution:' || execution;
begin
  perform identity.require_staff();
  select * into retried from workflows.workflow_executions as candidate where candidate.id = execution for update;
  if not found then
    return null;
  end if;
  if retried.status <> 'failed' then
    return 'not_failed';
  end if;
  if exists (select from workflows.workflows as flow where flow.id = retried.workflow_id and flow.status = 'paused') then
    return 'paused';
  end if;
  update workflows.execution_steps as step
  set status = 'pending', attempts = 0, error = null, available_at = null, waits_for = null, started_at = null, completed_at = null,
    updated_at = now()
  where step.execution_id = execution and step.status not in ('succeeded', 'skipped')
    and not (step.status = 'failed' and exists (
      select from workflows.workflow_versions as version, jsonb_array_elements(version.steps) as definition
      where version.workflow_id = retried.workflow_id and version.version = retried.version
        and definition ->> 'key' = step.key and coalesce(definition ->> 'on_error', 'fail') <> 'fail'));
  update workflows.workflow_executions as candidate
  set status = 'queued', error_code = null, error = null, results = null, cancel_requested_at = null, dead_lettered_at = null,
    completed_at = null, available_at = now(), lease_until = null, fence = candidate.fence + 1, attempts = 0, updated_at = now()
  where candidate.id = execution;
  perform platform.reopen_topic(topic);
  perform platform.append_events(jsonb_build_array(jsonb_build_object(
    'topic', topic, 'user_id', retried.user_id, 'type', 'execution.retried', 'payload', jsonb_build_object('execution_id', execution))));
  perform identity.write_audit(
    retried.user_id, 'execution.retried', 'execution', execution, reason, jsonb_build_object('workflow_id', retried.workflow_id));
  perform pg_notify('platform_workflows', '');
  return 'queued';
end
$$;
revoke execute on function workflows.staff_retry_execution(uuid, text) from public;
grant execute on function workflows.staff_retry_execution(uuid, text) to authenticated;
