-- The tables of a source as they were read last, so that nobody waits for the source to look at them, and what has changed in between.
create table connectors.connector_schemas (
  connector_id uuid primary key,
  user_id uuid not null,
  tables jsonb not null default '[]'
    constraint connector_schemas_tables_is_array check (jsonb_typeof(tables) = 'array')
    constraint connector_schemas_tables_size check (octet_length(tables::text) <= 16777216),
  fetched_at timestamptz not null,
  -- The last change that was seen, with what depended on the connector then.
  drift jsonb constraint connector_schemas_drift_is_object check (jsonb_typeof(drift) = 'object'),
  foreign key (connector_id, user_id) references connectors.connectors (id, user_id) on delete cascade
);
comment on table connectors.connector_schemas is 'What a source offers, as it was read last. The connector''s owner alone sees it.';

create index connector_schemas_of_owner on connectors.connector_schemas (user_id);

alter table connectors.connector_schemas enable row level security;
alter table connectors.connector_schemas force row level security;
create policy owner_select on connectors.connector_schemas for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on connectors.connector_schemas for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on connectors.connector_schemas for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on connectors.connector_schemas for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on connectors.connector_schemas to authenticated, service_role;
