-- Deletes executions of a workflow that ended longer ago than it keeps them, the oldest first. Ids begin with the time, so that the index
-- of a workflow's executions finds the old ones; an index of ends would cost every execution.
create function workflows.delete_old_executions(workflow uuid, days integer, most integer) returns integer
  language sql volatile security invoker set search_path = ''
as $$
  with bound as (
    select now() - make_interval(days => days) as cutoff
  ), old as (
    select e.id
    from workflows.workflow_executions as e, bound
    where e.workflow_id = workflow
      and e.id < (lpad(to_hex((extract(epoch from bound.cutoff) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
      and e.status in ('succeeded', 'failed', 'cancelled') and e.completed_at < bound.cutoff
    order by e.id
    limit most
    for update of e skip locked
  ), deleted as (
    delete from workflows.workflow_executions as e using old where e.id = old.id returning 1
  ) select count(*)::integer from deleted
$$;
revoke execute on function workflows.delete_old_executions(uuid, integer, integer) from public;
grant execute on function workflows.delete_old_executions(uuid, integer, integer) to service_role;
