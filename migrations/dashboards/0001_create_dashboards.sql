create schema if not exists dashboards;
grant usage on schema dashboards to anon, authenticated, service_role;

create table dashboards.dashboards (
  id uuid primary key,
  user_id uuid not null,
  name text not null constraint dashboards_name_length check (char_length(name) between 1 and 120),
  description text constraint dashboards_description_length check (char_length(description) <= 2000),
  layout jsonb not null default '{}' constraint dashboards_layout_size check (octet_length(layout::text) <= 262144),
  config jsonb not null default '{}'
    constraint dashboards_config_is_object check (jsonb_typeof(config) = 'object')
    constraint dashboards_config_size check (octet_length(config::text) <= 262144),
  is_public boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dashboard_name_taken unique (user_id, name),
  constraint dashboards_owner unique (id, user_id)
);
comment on table dashboards.dashboards is
  'Its owner sees a dashboard, and a visitor whose claims hold the hash of a share link that still stands. is_public alone opens nothing.';

create index dashboards_newest on dashboards.dashboards (user_id, id desc);

create table dashboards.widgets (
  id uuid primary key,
  dashboard_id uuid not null,
  user_id uuid not null,
  connector_id uuid,
  type text not null constraint widgets_type_form check (type ~ '^[a-z][a-z0-9_]{0,39}$'),
  config jsonb not null default '{}'
    constraint widgets_config_is_object check (jsonb_typeof(config) = 'object')
    constraint widgets_config_size check (octet_length(config::text) <= 262144),
  data_query jsonb constraint widgets_data_query_size check (octet_length(data_query::text) <= 262144),
  position_x integer not null default 0,
  position_y integer not null default 0,
  width integer not null default 6,
  height integer not null default 4,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint widgets_owner unique (id, user_id),
  constraint widgets_identity unique (id, dashboard_id),
  constraint widget_outside_grid check (
    position_x >= 0 and width >= 1 and position_x + width <= 24
    and position_y between 0 and 100000 and height between 1 and 1000),
  foreign key (dashboard_id, user_id) references dashboards.dashboards (id, user_id) on delete cascade
);
comment on table dashboards.widgets is
  'Seen by whoever sees its dashboard: the owner, and a visitor with a standing share link. The connector is in another schema.';

create index widgets_of_dashboard on dashboards.widgets (dashboard_id, created_at, id);
create index widgets_newest on dashboards.widgets (user_id, id desc);
create index widgets_of_connector on dashboards.widgets (connector_id) where connector_id is not null;

create table dashboards.share_links (
  id uuid primary key,
  dashboard_id uuid not null,
  user_id uuid not null,
  token_hash text not null constraint share_links_token_hash_form check (token_hash ~ '^[0-9a-f]{64}$'),
  locked_parameters jsonb not null default '{}'
    constraint share_links_locked_parameters_is_object check (jsonb_typeof(locked_parameters) = 'object')
    constraint share_links_locked_parameters_size check (octet_length(locked_parameters::text) <= 65536),
  password_hash text constraint share_links_password_hash_length check (char_length(password_hash) <= 500),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint share_link_token_taken unique (token_hash),
  foreign key (dashboard_id, user_id) references dashboards.dashboards (id, user_id) on delete cascade
);
comment on table dashboards.share_links is
  'Its owner sees a link, and the visitor whose claims hold its hash. Only the application sets the claim share_token_hash.';

create index share_links_of_dashboard on dashboards.share_links (dashboard_id, id desc);
create index share_links_newest on dashboards.share_links (user_id, id desc);

-- The dashboard that the visitor's link opens now, or null. It runs as its owner, and answers nothing without the whole hash.
create function dashboards.shared_dashboard_id() returns uuid
  language sql stable security definer set search_path = ''
as $$
  select link.dashboard_id
  from dashboards.share_links as link
  where link.token_hash = auth.jwt() ->> 'share_token_hash'
    and link.revoked_at is null
    and (link.expires_at is null or link.expires_at > now())
$$;
revoke execute on function dashboards.shared_dashboard_id() from public;
grant execute on function dashboards.shared_dashboard_id() to anon;

alter table dashboards.dashboards enable row level security;
alter table dashboards.dashboards force row level security;
create policy owner_select on dashboards.dashboards for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on dashboards.dashboards for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on dashboards.dashboards for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on dashboards.dashboards for delete to authenticated using (user_id = (select auth.uid()));
create policy visitor_select on dashboards.dashboards for select to anon using (id = (select dashboards.shared_dashboard_id()));
grant select on dashboards.dashboards to anon;
grant select, insert, update, delete on dashboards.dashboards to authenticated, service_role;

alter table dashboards.widgets enable row level security;
alter table dashboards.widgets force row level security;
create policy owner_select on dashboards.widgets for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on dashboards.widgets for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on dashboards.widgets for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on dashboards.widgets for delete to authenticated using (user_id = (select auth.uid()));
create policy visitor_select on dashboards.widgets for select to anon using (dashboard_id = (select dashboards.shared_dashboard_id()));
grant select on dashboards.widgets to anon;
grant select, insert, update, delete on dashboards.widgets to authenticated, service_role;

alter table dashboards.share_links enable row level security;
alter table dashboards.share_links force row level security;
create policy owner_select on dashboards.share_links for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on dashboards.share_links for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on dashboards.share_links for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on dashboards.share_links for delete to authenticated using (user_id = (select auth.uid()));
create policy visitor_select on dashboards.share_links for select to anon
  using (token_hash = (select auth.jwt() ->> 'share_token_hash'));
grant select on dashboards.share_links to anon;
grant select, insert, update, delete on dashboards.share_links to authenticated, service_role;
