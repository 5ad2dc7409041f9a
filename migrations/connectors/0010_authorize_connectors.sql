-- Somebody is on the way to a provider, to let a connector in. The state itself is nowhere: its hash is enough to know it again, once.
create table connectors.oauth_attempts (
  id uuid primary key,
  connector_id uuid not null,
  user_id uuid not null,
  state_hash text not null constraint oauth_attempts_state_hash_length check (char_length(state_hash) between 1 and 128),
  -- The proof of RFC 7636, sealed under the owner's data key.
  verifier_sealed text not null constraint oauth_attempts_verifier_length check (char_length(verifier_sealed) between 1 and 1000),
  -- The config that the attempt was begun with: a code goes to no other token address.
  config_key text not null constraint oauth_attempts_config_key_length check (char_length(config_key) between 1 and 128),
  redirect_uri text not null constraint oauth_attempts_redirect_uri_length check (char_length(redirect_uri) between 1 and 2000),
  return_to text constraint oauth_attempts_return_to_length check (char_length(return_to) between 1 and 2000),
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  constraint oauth_attempts_state_hash_taken unique (state_hash),
  foreign key (connector_id, user_id) references connectors.connectors (id, user_id) on delete cascade
);
comment on table connectors.oauth_attempts is
  'An authorization that was begun. The connector''s owner alone sees it; whoever comes back with the state ends it as service_role.';

create index oauth_attempts_of_connector on connectors.oauth_attempts (connector_id, user_id);
create index oauth_attempts_of_owner on connectors.oauth_attempts (user_id);

alter table connectors.oauth_attempts enable row level security;
alter table connectors.oauth_attempts force row level security;
create policy owner_select on connectors.oauth_attempts for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on connectors.oauth_attempts for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on connectors.oauth_attempts for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on connectors.oauth_attempts for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on connectors.oauth_attempts to authenticated, service_role;
