-- What an alert has to tell, and to whom it was told. A row is made in the transaction that records the alert's new state; a job delivers it.
create table dashboards.alert_deliveries (
  id uuid primary key,
  alert_id uuid not null,
  user_id uuid not null,
  channel text not null constraint alert_deliveries_channel_known check (channel in ('webhook', 'mail')),
  state text not null constraint alert_deliveries_state_known check (state in ('ok', 'firing', 'error')),
  before text not null constraint alert_deliveries_before_known check (before in ('unknown', 'ok', 'firing', 'error')),
  detail text constraint alert_deliveries_detail_length check (char_length(detail) <= 1000),
  checked_at timestamptz not null,
  status text not null default 'pending'
    constraint alert_deliveries_status_known check (status in ('pending', 'delivered', 'failed', 'suppressed')),
  attempts integer not null default 0 constraint alert_deliveries_attempts_positive check (attempts >= 0),
  next_attempt_at timestamptz,
  reason text constraint alert_deliveries_reason_length check (char_length(reason) <= 200),
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  foreign key (alert_id, user_id) references dashboards.alerts (id, user_id) on delete cascade
);
comment on table dashboards.alert_deliveries is 'The alert''s owner alone sees what was told; the sweep finds what is due as service_role.';

create index alert_deliveries_of_alert on dashboards.alert_deliveries (alert_id, id desc);
create index alert_deliveries_newest on dashboards.alert_deliveries (user_id, channel, ended_at desc);
create index alert_deliveries_due on dashboards.alert_deliveries (next_attempt_at, id) where status = 'pending';

alter table dashboards.alert_deliveries enable row level security;
alter table dashboards.alert_deliveries force row level security;
create policy owner_select on dashboards.alert_deliveries for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on dashboards.alert_deliveries for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on dashboards.alert_deliveries for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select, insert, update on dashboards.alert_deliveries to authenticated;
grant select, insert, update, delete on dashboards.alert_deliveries to service_role;
