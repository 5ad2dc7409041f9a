-- What job operators see of executions, in the order in which they pass through their states, and what they may do. What has ended well is
-- not counted: that would read all there ever was.
create function workflows.staff_queue_counts() returns table (state text, count bigint)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select 'queued', (select pg_catalog.count(*) from workflows.workflow_executions as e where e.status = 'queued')
    union all select 'running', (select pg_catalog.count(*) from workflows.workflow_executions as e where e.status = 'running')
    union all select 'waiting', (select pg_catalog.count(*) from workflows.workflow_executions as e where e.status = 'waiting')
    union all select 'failed', (
      select pg_catalog.count(*) from workflows.workflow_executions as e where e.status = 'failed' and e.dead_lettered_at is null)
    union all select 'dead', (
      select pg_catalog.count(*) from workflows.workflow_executions as e where e.status = 'failed' and e.dead_lettered_at is not null);
end
$$;
revoke execute on function workflows.staff_queue_counts() from public;
grant execute on function workflows.staff_queue_counts() to authenticated;

create function workflows.staff_queue_items(wanted text, most integer)
  returns table (
    id uuid, user_id uuid, state text, detail text, attempts integer, created_at timestamptz, ended_at timestamptz)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select e.id, e.user_id, wanted, coalesce(e.error_code, e.trigger), e.attempts, e.created_at, e.completed_at
    from workflows.workflow_executions as e
    where case wanted
      when 'dead' then e.status = 'failed' and e.dead_lettered_at is not null
      when 'failed' then e.status = 'failed' and e.dead_lettered_at is null
      else e.status = wanted end
    order by e.id desc
    limit most;
end
$$;
revoke execute on function workflows.staff_queue_items(text, integer) from public;
grant execute on function workflows.staff_queue_items(text, integer) to authenticated;

-- Stops an execution in its owner's name. Says whether it was there and had not ended; null where there is no such execution.
create function workflows.staff_cancel_execution(execution uuid, reason text) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  stopped uuid[];
  found_one workflows.workflow_executions;
begin
  perform identity.require_staff();
  select * into found_one from workflows.workflow_executions as e where e.id = execution;
  if not found then
    return null;
  end if;
  stopped := workflows.cancel_execution(execution);
  if not execution = any (stopped) then
    return false;
  end if;
  perform identity.write_audit(
    found_one.user_id, 'execution.cancelled', 'execution', execution, reason, jsonb_build_object('workflow_id', found_one.workflow_id));
  return true;
end
$$;
revoke execute on function workflows.staff_cancel_execution(uuid, text) from public;
grant execute on function workflows.staff_cancel_execution(uuid, text) to authenticated;
