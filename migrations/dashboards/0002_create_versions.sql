create table dashboards.dashboard_versions (
  id uuid primary key,
  dashboard_id uuid not null,
  user_id uuid not null,
  version integer not null constraint dashboard_versions_version_positive check (version >= 1),
  -- The dashboard and its widgets as they were.
  snapshot jsonb not null constraint dashboard_versions_snapshot_is_object check (jsonb_typeof(snapshot) = 'object'),
  reason text constraint dashboard_versions_reason_length check (char_length(reason) <= 200),
  created_at timestamptz not null default now(),
  constraint dashboard_version_taken unique (dashboard_id, version),
  foreign key (dashboard_id, user_id) references dashboards.dashboards (id, user_id) on delete cascade
);
comment on table dashboards.dashboard_versions is 'The dashboard''s owner alone reads and adds; nobody changes a version.';

create index dashboard_versions_newest on dashboards.dashboard_versions (user_id, id desc);

alter table dashboards.dashboard_versions enable row level security;
alter table dashboards.dashboard_versions force row level security;
create policy owner_select on dashboards.dashboard_versions for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on dashboards.dashboard_versions for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_delete on dashboards.dashboard_versions for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, delete on dashboards.dashboard_versions to authenticated;
grant select, insert, update, delete on dashboards.dashboard_versions to service_role;
