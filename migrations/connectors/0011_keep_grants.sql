-- What a provider has granted to a connector. Apart from the connector, whose version must not change whenever a token is renewed.
create table connectors.oauth_grants (
  connector_id uuid primary key,
  user_id uuid not null,
  -- The config that it was granted for; with another one it is not used.
  config_key text not null constraint oauth_grants_config_key_length check (char_length(config_key) between 1 and 128),
  -- A refused grant is kept without its tokens, to say that there was one.
  status text not null default 'active' constraint oauth_grants_status_known check (status in ('active', 'refused')),
  scope text constraint oauth_grants_scope_length check (char_length(scope) <= 4000),
  tokens_encrypted jsonb
    constraint oauth_grants_tokens_is_object check (jsonb_typeof(tokens_encrypted) = 'object')
    constraint oauth_grants_tokens_size check (octet_length(tokens_encrypted::text) <= 65536),
  is_renewable boolean not null default false,
  -- Counts the tokens: whoever renews renews those of a version.
  version bigint not null default 1,
  authorized_at timestamptz not null,
  issued_at timestamptz not null,
  -- Null where the provider does not say.
  expires_at timestamptz,
  -- One node renews at a time: its lease, and the number that goes with what it writes.
  lease_until timestamptz,
  fence bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (connector_id, user_id) references connectors.connectors (id, user_id) on delete cascade
);
comment on table connectors.oauth_grants is
  'Sealed tokens of a connector. Its owner alone sees the row; the tokens come through connectors.sealed_oauth_tokens alone.';

create index oauth_grants_of_connector on connectors.oauth_grants (connector_id, user_id);
create index oauth_grants_of_owner on connectors.oauth_grants (user_id);

alter table connectors.oauth_grants enable row level security;
alter table connectors.oauth_grants force row level security;
create policy owner_select on connectors.oauth_grants for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on connectors.oauth_grants for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on connectors.oauth_grants for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on connectors.oauth_grants for delete to authenticated using (user_id = (select auth.uid()));
-- Column by column, so that tokens_encrypted is in no row that the role can read.
grant select (connector_id, user_id, config_key, status, scope, is_renewable, version, authorized_at, issued_at, expires_at, lease_until,
  fence, created_at, updated_at, xmin) on connectors.oauth_grants to authenticated;
grant insert, update, delete on connectors.oauth_grants to authenticated;
grant select, insert, update, delete on connectors.oauth_grants to service_role;

create function connectors.sealed_oauth_tokens(connector uuid) returns jsonb
  language sql stable security definer set search_path = ''
as $$
  select tokens_encrypted from connectors.oauth_grants where connector_id = connector and user_id = (select auth.uid())
$$;
revoke execute on function connectors.sealed_oauth_tokens(uuid) from public;
grant execute on function connectors.sealed_oauth_tokens(uuid) to authenticated;
