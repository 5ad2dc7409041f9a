create schema if not exists workflows;
grant usage on schema workflows to authenticated, service_role;

create table workflows.workflows (
  id uuid primary key,
  user_id uuid not null,
  name text not null constraint workflows_name_length check (char_length(name) between 1 and 120),
  description text constraint workflows_description_length check (char_length(description) <= 2000),
  steps jsonb not null default '[]'
    constraint workflows_steps_is_array check (jsonb_typeof(steps) = 'array')
    constraint workflows_steps_size check (octet_length(steps::text) <= 1048576),
  config jsonb not null default '{}'
    constraint workflows_config_is_object check (jsonb_typeof(config) = 'object')
    constraint workflows_config_size check (octet_length(config::text) <= 262144),
  status text not null default 'draft' constraint workflows_status_known check (status in ('draft', 'active', 'paused')),
  published_version integer constraint workflows_published_version_positive check (published_version >= 1),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint workflow_name_taken unique (user_id, name),
  constraint workflows_owner unique (id, user_id)
);
comment on table workflows.workflows is 'Its owner alone sees a workflow.';

create index workflows_newest on workflows.workflows (user_id, id desc);

alter table workflows.workflows enable row level security;
alter table workflows.workflows force row level security;
create policy owner_select on workflows.workflows for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on workflows.workflows for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on workflows.workflows for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on workflows.workflows for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on workflows.workflows to authenticated, service_role;

create table workflows.workflow_versions (
  id uuid primary key,
  workflow_id uuid not null,
  user_id uuid not null,
  version integer not null constraint workflow_versions_version_positive check (version >= 1),
  steps jsonb not null constraint workflow_versions_steps_is_array check (jsonb_typeof(steps) = 'array'),
  config jsonb not null constraint workflow_versions_config_is_object check (jsonb_typeof(config) = 'object'),
  created_at timestamptz not null default now(),
  constraint workflow_version_taken unique (workflow_id, version),
  foreign key (workflow_id, user_id) references workflows.workflows (id, user_id) on delete cascade
);
comment on table workflows.workflow_versions is 'What was published. The workflow''s owner alone reads and adds; nobody changes a version.';

create index workflow_versions_newest on workflows.workflow_versions (user_id, id desc);

alter table workflows.workflow_versions enable row level security;
alter table workflows.workflow_versions force row level security;
create policy owner_select on workflows.workflow_versions for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on workflows.workflow_versions for insert to authenticated with check (user_id = (select auth.uid()));
grant select, insert on workflows.workflow_versions to authenticated;
grant select, insert, update, delete on workflows.workflow_versions to service_role;

create table workflows.triggers (
  id uuid primary key,
  workflow_id uuid not null,
  user_id uuid not null,
  type text not null constraint triggers_type_known check (type in ('cron', 'webhook', 'event')),
  config jsonb not null default '{}'
    constraint triggers_config_is_object check (jsonb_typeof(config) = 'object')
    constraint triggers_config_size check (octet_length(config::text) <= 65536),
  status text not null default 'active' constraint triggers_status_known check (status in ('active', 'paused')),
  -- Of a webhook's address only the hash is kept; its signing secret is sealed under the owner's data key.
  token_hash text constraint triggers_token_hash_form check (token_hash ~ '^[0-9a-f]{64}$'),
  secret_encrypted jsonb constraint triggers_secret_is_object check (jsonb_typeof(secret_encrypted) = 'object'),
  -- Of an event trigger: the event's name on the wire.
  event_name text constraint triggers_event_name_length check (char_length(event_name) <= 120),
  next_fire_at timestamptz,
  last_fired_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint trigger_token_taken unique (token_hash),
  foreign key (workflow_id, user_id) references workflows.workflows (id, user_id) on delete cascade
);
comment on table workflows.triggers is 'The workflow''s owner alone sees a trigger; what fires is found as service_role.';

create index triggers_of_workflow on workflows.triggers (workflow_id, id desc);
create index triggers_newest on workflows.triggers (user_id, id desc);
create index triggers_due on workflows.triggers (next_fire_at, id) where status = 'active' and type = 'cron';
create index triggers_by_event on workflows.triggers (event_name, user_id) where status = 'active' and type = 'event';

alter table workflows.triggers enable row level security;
alter table workflows.triggers force row level security;
create policy owner_select on workflows.triggers for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on workflows.triggers for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on workflows.triggers for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on workflows.triggers for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on workflows.triggers to authenticated, service_role;
