-- A board by mail, on a schedule. It is drawn under the subscriber's identity, so that nobody gets what they may not see just then.
create table dashboards.subscriptions (
  id uuid primary key,
  dashboard_id uuid not null references dashboards.dashboards (id) on delete cascade,
  user_id uuid not null,
  schedule text not null constraint subscriptions_schedule_length check (char_length(schedule) between 1 and 120),
  time_zone text not null constraint subscriptions_time_zone_length check (char_length(time_zone) between 1 and 60),
  format text not null constraint subscriptions_format_known check (format in ('png', 'pdf')),
  theme text not null constraint subscriptions_theme_known check (theme in ('light', 'dark')),
  parameters jsonb not null default '{}'
    constraint subscriptions_parameters_is_object check (jsonb_typeof(parameters) = 'object')
    constraint subscriptions_parameters_size check (octet_length(parameters::text) <= 65536),
  status text not null default 'active' constraint subscriptions_status_known check (status in ('active', 'paused', 'stopped')),
  reason text constraint subscriptions_reason_length check (char_length(reason) <= 200),
  next_run_at timestamptz,
  last_sent_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint subscriptions_owner unique (id, user_id)
);
comment on table dashboards.subscriptions is
  'The subscriber alone sees a subscription, whosever the board is; the sweep finds what is due as service_role.';

create index subscriptions_of_dashboard on dashboards.subscriptions (dashboard_id, user_id, id desc);
create index subscriptions_newest on dashboards.subscriptions (user_id, id desc);
create index subscriptions_due on dashboards.subscriptions (next_run_at, id) where status = 'active';

alter table dashboards.subscriptions enable row level security;
alter table dashboards.subscriptions force row level security;
create policy owner_select on dashboards.subscriptions for select to authenticated using (user_id = (select auth.uid()));
-- Only to a board that the subscriber sees.
create policy owner_insert on dashboards.subscriptions for insert to authenticated with check (
  user_id = (select auth.uid()) and exists (select from dashboards.dashboards as board where board.id = dashboard_id));
create policy owner_update on dashboards.subscriptions for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on dashboards.subscriptions for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, delete on dashboards.subscriptions to authenticated;
grant update (schedule, time_zone, format, theme, parameters, status, reason, next_run_at, last_sent_at, updated_at)
  on dashboards.subscriptions to authenticated;
grant select, insert, update, delete on dashboards.subscriptions to service_role;

-- One mail of a subscription. There is one row for a time that was due, and whoever sends it says so before: a mail that may have left is not
-- sent again.
create table dashboards.subscription_runs (
  id uuid primary key,
  subscription_id uuid not null,
  user_id uuid not null,
  due_at timestamptz not null,
  status text not null default 'pending'
    constraint subscription_runs_status_known check (status in ('pending', 'sending', 'sent', 'failed', 'interrupted')),
  attempts integer not null default 0 constraint subscription_runs_attempts_positive check (attempts >= 0),
  next_attempt_at timestamptz,
  reason text constraint subscription_runs_reason_length check (char_length(reason) <= 200),
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint subscription_run_taken unique (subscription_id, due_at),
  foreign key (subscription_id, user_id) references dashboards.subscriptions (id, user_id) on delete cascade
);
comment on table dashboards.subscription_runs is 'The subscriber alone sees it; the sweep makes it and finds what is due as service_role.';

create index subscription_runs_newest on dashboards.subscription_runs (user_id, id desc);
create index subscription_runs_due on dashboards.subscription_runs (next_attempt_at, id) where status in ('pending', 'sending');

alter table dashboards.subscription_runs enable row level security;
alter table dashboards.subscription_runs force row level security;
create policy owner_select on dashboards.subscription_runs for select to authenticated using (user_id = (select auth.uid()));
create policy owner_update on dashboards.subscription_runs for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select on dashboards.subscription_runs to authenticated;
grant update (status, attempts, next_attempt_at, reason, ended_at) on dashboards.subscription_runs to authenticated;
grant select, insert, update, delete on dashboards.subscription_runs to service_role;
