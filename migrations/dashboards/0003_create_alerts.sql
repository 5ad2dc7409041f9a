create table dashboards.alerts (
  id uuid primary key,
  widget_id uuid not null,
  user_id uuid not null,
  name text not null constraint alerts_name_length check (char_length(name) between 1 and 120),
  condition jsonb not null
    constraint alerts_condition_is_object check (jsonb_typeof(condition) = 'object')
    constraint alerts_condition_size check (octet_length(condition::text) <= 16384),
  notify jsonb not null default '{}'
    constraint alerts_notify_is_object check (jsonb_typeof(notify) = 'object')
    constraint alerts_notify_size check (octet_length(notify::text) <= 16384),
  schedule text not null constraint alerts_schedule_length check (char_length(schedule) between 1 and 120),
  status text not null default 'active' constraint alerts_status_known check (status in ('active', 'paused')),
  state text not null default 'unknown' constraint alerts_state_known check (state in ('unknown', 'ok', 'firing', 'error')),
  state_changed_at timestamptz,
  last_checked_at timestamptz,
  next_check_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint alerts_owner unique (id, user_id),
  constraint alert_name_taken unique (widget_id, name),
  foreign key (widget_id, user_id) references dashboards.widgets (id, user_id) on delete cascade
);
comment on table dashboards.alerts is 'The widget''s owner alone sees an alert; the job that checks what is due finds it as service_role.';

create index alerts_of_widget on dashboards.alerts (widget_id, id desc);
create index alerts_newest on dashboards.alerts (user_id, id desc);
create index alerts_due on dashboards.alerts (next_check_at, id) where status = 'active';

alter table dashboards.alerts enable row level security;
alter table dashboards.alerts force row level security;
create policy owner_select on dashboards.alerts for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on dashboards.alerts for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on dashboards.alerts for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on dashboards.alerts for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on dashboards.alerts to authenticated, service_role;

create table dashboards.alert_history (
  id uuid primary key,
  alert_id uuid not null,
  user_id uuid not null,
  state text not null constraint alert_history_state_known check (state in ('ok', 'firing', 'error')),
  value jsonb,
  detail text constraint alert_history_detail_length check (char_length(detail) <= 1000),
  notified boolean not null default false,
  created_at timestamptz not null default now(),
  foreign key (alert_id, user_id) references dashboards.alerts (id, user_id) on delete cascade
);
comment on table dashboards.alert_history is 'What an alert saw. The widget''s owner alone reads it; nobody changes an entry.';

create index alert_history_of_alert on dashboards.alert_history (alert_id, id desc);
create index alert_history_newest on dashboards.alert_history (user_id, id desc);

alter table dashboards.alert_history enable row level security;
alter table dashboards.alert_history force row level security;
create policy owner_select on dashboards.alert_history for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on dashboards.alert_history for insert to authenticated with check (user_id = (select auth.uid()));
grant select, insert on dashboards.alert_history to authenticated;
grant select, insert, update, delete on dashboards.alert_history to service_role;
