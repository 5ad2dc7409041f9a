-- The queue of the workflow pump: a row is claimed for update skip locked, under a lease and a fencing number. What the rows carry is
-- bounded by the application, which keeps large payloads by reference; a check here would measure every row at every change of a lease.
create table workflows.workflow_executions (
  id uuid primary key,
  workflow_id uuid not null,
  user_id uuid not null,
  version integer not null constraint workflow_executions_version_positive check (version >= 0),
  trigger text not null default 'manual' constraint workflow_executions_trigger_known
    check (trigger in ('manual', 'cron', 'webhook', 'event', 'sub_workflow', 'retry', 'test')),
  trigger_id uuid,
  -- The same cause gives the same key, so that a cron tick, an event or a webhook delivered twice runs once.
  dedupe_key text constraint workflow_executions_dedupe_key_length check (char_length(dedupe_key) between 1 and 200),
  parent_execution_id uuid,
  retry_of uuid,
  execution_data jsonb not null default '{}',
  status text not null default 'queued' constraint workflow_executions_status_known
    check (status in ('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled')),
  results jsonb,
  error_code text constraint workflow_executions_error_code_length check (char_length(error_code) <= 80),
  error text constraint workflow_executions_error_length check (char_length(error) <= 4000),
  cancel_requested_at timestamptz,
  dead_lettered_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  available_at timestamptz not null default now(),
  lease_until timestamptz,
  fence bigint not null default 0,
  attempts integer not null default 0,
  constraint workflow_executions_owner unique (id, user_id),
  constraint execution_already_started unique (workflow_id, dedupe_key),
  foreign key (workflow_id, user_id) references workflows.workflows (id, user_id) on delete cascade
);
comment on table workflows.workflow_executions is
  'The workflow''s owner alone sees an execution; the pump claims rows as service_role and then acts as the owner.';

create index workflow_executions_newest on workflows.workflow_executions (user_id, id desc);
create index workflow_executions_of_workflow on workflows.workflow_executions (workflow_id, id desc);
create index workflow_executions_by_status on workflows.workflow_executions (status, id desc);
create index workflow_executions_of_parent on workflows.workflow_executions (parent_execution_id) where parent_execution_id is not null;
create index workflow_executions_claim on workflows.workflow_executions (available_at, id) where status in ('queued', 'running', 'waiting');
create index workflow_executions_active on workflows.workflow_executions (workflow_id) where status in ('queued', 'running', 'waiting');

alter table workflows.workflow_executions enable row level security;
alter table workflows.workflow_executions force row level security;
create policy owner_select on workflows.workflow_executions for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on workflows.workflow_executions for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on workflows.workflow_executions for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on workflows.workflow_executions for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on workflows.workflow_executions to authenticated, service_role;

create table workflows.execution_steps (
  id uuid primary key,
  execution_id uuid not null,
  user_id uuid not null,
  key text not null constraint execution_steps_key_length check (char_length(key) between 1 and 120),
  -- Of a step with for_each: which item; null is the step as a whole.
  item_index integer constraint execution_steps_item_index_positive check (item_index >= 0),
  type text not null constraint execution_steps_type_form check (type ~ '^[a-z][a-z0-9_]{0,39}$'),
  status text not null default 'pending' constraint execution_steps_status_known
    check (status in ('pending', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled')),
  attempts integer not null default 0,
  input jsonb,
  output jsonb,
  error jsonb,
  log jsonb not null default '[]' constraint execution_steps_log_is_array check (jsonb_typeof(log) = 'array'),
  -- When a retry or a delay is due, and the name of the signal that a waiting step waits for.
  available_at timestamptz,
  waits_for text constraint execution_steps_waits_for_length check (char_length(waits_for) <= 120),
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint execution_step_exists unique nulls not distinct (execution_id, key, item_index),
  foreign key (execution_id, user_id) references workflows.workflow_executions (id, user_id) on delete cascade
);
comment on table workflows.execution_steps is 'Seen by whoever sees the execution: the workflow''s owner.';

create index execution_steps_of_execution on workflows.execution_steps (execution_id, created_at, id);
create index execution_steps_newest on workflows.execution_steps (user_id, id desc);
create index execution_steps_waiting on workflows.execution_steps (user_id, waits_for) where status = 'waiting' and waits_for is not null;

alter table workflows.execution_steps enable row level security;
alter table workflows.execution_steps force row level security;
create policy owner_select on workflows.execution_steps for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on workflows.execution_steps for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on workflows.execution_steps for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on workflows.execution_steps for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on workflows.execution_steps to authenticated, service_role;

-- Wakes the pumps of all nodes: when something is queued, and when somebody asks to cancel.
create function workflows.notify_pump() returns trigger language plpgsql set search_path = '' as $$
begin
  perform pg_notify('platform_workflows', '');
  return null;
end $$;
create trigger workflow_executions_notify after insert on workflows.workflow_executions
  for each statement execute function workflows.notify_pump();
