-- Workers find their executions by their ids, whatever the planner holds likely. These functions are planned once a session, mostly over
-- few rows; asked for what runs, or joined over a small table, they were given a scan of an index over what runs or of the whole table, and
-- it went over every execution since the last vacuum. So each is looked up for itself (lateral and locked, which cannot be joined
-- otherwise), told from others by its lease and not by a status that an index is made for, and through indexes alone. An execution that
-- goes on running is not written again: its steps tell how far it is.
create or replace function workflows.commit_progress(executions jsonb, steps jsonb, events jsonb, consumed uuid[]) returns uuid[]
  language plpgsql volatile security invoker set search_path = ''
  set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan
as $$
declare
  held uuid[];
  is_rewritten boolean;
  is_ended boolean;
  ended uuid[];
begin
  select
    array_agg(locked.id), bool_or(given.status <> 'running' or locked.started_at is null), bool_or(given.completed_at is not null)
  into held, is_rewritten, is_ended
  from (
    select g.id, g.fence, g.status, g.completed_at
    from jsonb_to_recordset(executions) as g (id uuid, fence bigint, status text, completed_at timestamptz) order by g.id) as given
    cross join lateral (
      select e.id, e.started_at from workflows.workflow_executions as e
      where e.id = given.id and e.fence = given.fence and e.lease_until is not null for update) as locked;
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

  if consumed <> '{}' then
    update workflows.signals as g set consumed_at = now() where g.id = any (consumed) and g.execution_id = any (held);
  end if;

  if is_rewritten then
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
  end if;

  if is_ended then
    select array_agg(e.id) filter (where e.parent_execution_id is not null and e.completed_at is not null) into ended
    from workflows.workflow_executions as e where e.id = any (held);
    if ended is not null then
      perform workflows.tell_parents(ended);
    end if;
    -- One look at an index where nobody has such a trigger.
    if exists (
      select from workflows.triggers as t
      where t.event_name = 'workflows.execution-finished.v1' and t.status = 'active' and t.type = 'event') then
      perform workflows.fire_execution_ends(held);
    end if;
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

create or replace function workflows.tend_executions(ids uuid[], fences bigint[], hold interval) returns jsonb
  language plpgsql volatile security invoker set search_path = ''
  set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan
as $$
begin
  if hold is not null then
    update workflows.workflow_executions as e set lease_until = now() + hold
    from unnest(ids, fences) as held (id, fence)
    where e.id = any (ids) and e.id = held.id and e.fence = held.fence and e.lease_until is not null;
  end if;
  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'id', e.id,
      'signals', (
        select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'payload', g.payload) order by g.created_at, g.id)
        from workflows.signals as g where g.execution_id = e.id and g.consumed_at is null)))
    from workflows.workflow_executions as e join unnest(ids, fences) as held (id, fence) on e.id = held.id and e.fence = held.fence
    where e.id = any (ids) and e.lease_until is not null), '[]');
end
$$;

drop function workflows.claim_executions(integer, integer, interval, uuid[]);

-- Takes executions that are due: those whose wait is over, those whose worker died, and the queued in their turn, no more of one owner than
-- the share that is left on this node (shares, beside owners; per_owner for all others), and no more of a concurrency key than its limit.
create function workflows.claim_executions(most integer, per_owner integer, hold interval, owners uuid[], shares integer[]) returns jsonb
  language plpgsql volatile security invoker set search_path = ''
  set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan
as $$
declare
  claimed jsonb;
  full_owners uuid[] := array(select u.owner from unnest(owners, shares) as u (owner, share) where u.share <= 0);
  others uuid[] := '{}';
  here uuid := gen_random_uuid();
  last uuid;
begin
  -- Past the lines of those who have their share: one entry of an index for each owner, from some place on and around.
  if full_owners <> '{}' then
    for round in 1..2 loop
      last := case round when 1 then here else '00000000-0000-0000-0000-000000000000' end;
      while cardinality(others) < 128 loop
        select e.user_id into last from workflows.workflow_executions as e
        where e.status = 'queued' and e.user_id > last and (round = 1 or e.user_id <= here)
        order by e.user_id limit 1;
        exit when not found;
        if not last = any (full_owners) then
          others := others || last;
        end if;
      end loop;
    end loop;
  end if;
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
     where full_owners = '{}' and e.status = 'queued' and e.available_at <= now()
       and (e.concurrency_key is null
         or e.concurrency_limit > coalesce((select a.held from active as a where a.concurrency_key = e.concurrency_key), 0))
     order by e.queue_at, e.id limit most * 4)
    union all
    (select e.id, e.user_id, e.queue_at, e.concurrency_key, e.concurrency_limit
     from unnest(others) as o (user_id)
       cross join lateral (
         select q.id, q.user_id, q.queue_at, q.concurrency_key, q.concurrency_limit from workflows.workflow_executions as q
         where q.status = 'queued' and q.user_id = o.user_id and q.available_at <= now()
           and (q.concurrency_key is null
             or q.concurrency_limit > coalesce((select a.held from active as a where a.concurrency_key = q.concurrency_key), 0))
         order by q.queue_at limit most) as e)
  ), ranked as (
    select
      c.id, c.turn, c.concurrency_key, c.concurrency_limit,
      coalesce(shares[array_position(owners, c.user_id)], per_owner) as share,
      row_number() over (partition by c.user_id order by c.turn, c.id) as place,
      row_number() over (partition by c.concurrency_key order by c.turn, c.id) as place_of_key
    from candidates as c
  ), due as (
    select e.id
    from (
      select r.id
      from ranked as r left join active as a on a.concurrency_key = r.concurrency_key
      where r.place <= r.share and (r.concurrency_key is null or r.place_of_key <= r.concurrency_limit - coalesce(a.held, 0))
      order by r.turn) as turns
      cross join lateral (
        select e.id from workflows.workflow_executions as e
        where e.id = turns.id and e.completed_at is null and (e.lease_until is null or e.lease_until < now())
        for update skip locked) as e
    limit most
  ), taken as (
    update workflows.workflow_executions as e
    set status = 'running', lease_until = now() + hold, fence = e.fence + 1, attempts = e.attempts + 1
    where e.id = any (array(select d.id from due as d))
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
revoke execute on function workflows.claim_executions(integer, integer, interval, uuid[], integer[]) from public;
grant execute on function workflows.claim_executions(integer, integer, interval, uuid[], integer[]) to service_role;
