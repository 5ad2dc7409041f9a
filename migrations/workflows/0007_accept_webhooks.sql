-- Inserts executions for calls of webhooks, in one transaction, if the trigger and the published version are still those that the caller
-- found. Where claim is set the row is inserted as held by the caller's node. Answers in the order of the calls.
create function workflows.accept_hook_calls(calls jsonb, hold interval) returns jsonb
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  answers jsonb;
begin
  with given as (
    select call.*
    from rows from (jsonb_to_recordset(calls) as (
        id uuid, trigger_id uuid, workflow_id uuid, user_id uuid, trigger_updated_at timestamptz, version integer, dedupe_key text,
        input jsonb, claim boolean, concurrency_key text, concurrency_limit integer, created_at timestamptz))
      with ordinality as call (
        id, trigger_id, workflow_id, user_id, trigger_updated_at, version, dedupe_key, input, claim, concurrency_key, concurrency_limit,
        created_at, place)
  ), standing as (
    select g.* from given as g
      join workflows.triggers as t on t.id = g.trigger_id and t.updated_at = g.trigger_updated_at and t.status = 'active'
      join workflows.workflows as w on w.id = t.workflow_id and w.id = g.workflow_id and w.status = 'active'
        and w.published_version = g.version
  ), added as (
    insert into workflows.workflow_executions as e (
      id, workflow_id, user_id, version, trigger, trigger_id, dedupe_key, execution_data, status, created_at, updated_at, available_at,
      lease_until, fence, attempts, concurrency_key, concurrency_limit)
    select
      s.id, s.workflow_id, s.user_id, s.version, 'webhook', s.trigger_id, s.dedupe_key, coalesce(s.input, 'null'),
      case when s.claim then 'running' else 'queued' end, s.created_at, s.created_at, s.created_at,
      case when s.claim then now() + hold end, case when s.claim then 1 else 0 end, case when s.claim then 1 else 0 end,
      s.concurrency_key, s.concurrency_limit
    from standing as s order by s.place
    on conflict (workflow_id, dedupe_key) do nothing
    returning e.id, e.status, e.created_at
  )
  select jsonb_agg(jsonb_build_object(
    'outcome', case when a.id is not null then 'accepted' when s.id is not null then 'duplicate' else 'stale' end,
    'id', a.id, 'status', a.status, 'created_at', a.created_at) order by g.place)
  into answers
  from given as g left join standing as s on s.place = g.place left join added as a on a.id = g.id;

  -- What was accepted before, and by a call beside this one, is seen by a statement of its own.
  if answers @> '[{"outcome": "duplicate"}]' then
    select jsonb_agg(
      case when answer.value ->> 'outcome' = 'duplicate'
        then answer.value || jsonb_build_object('id', e.id, 'status', e.status, 'created_at', e.created_at)
        else answer.value end
      order by answer.ordinality)
    into answers
    from jsonb_array_elements(answers) with ordinality as answer (value, ordinality)
      join jsonb_array_elements(calls) with ordinality as call (value, ordinality) on call.ordinality = answer.ordinality
      left join workflows.workflow_executions as e
        on e.workflow_id = (call.value ->> 'workflow_id')::uuid and e.dedupe_key = call.value ->> 'dedupe_key';
  end if;

  -- To the minute: a row that changed with every call would be all that the table does.
  update workflows.triggers as t set last_fired_at = now()
  where t.id in (select (call.value ->> 'trigger_id')::uuid from jsonb_array_elements(calls) as call (value))
    and (t.last_fired_at is null or t.last_fired_at < now() - interval '1 minute');
  return answers;
end
$$;
revoke execute on function workflows.accept_hook_calls(jsonb, interval) from public;
grant execute on function workflows.accept_hook_calls(jsonb, interval) to service_role;
