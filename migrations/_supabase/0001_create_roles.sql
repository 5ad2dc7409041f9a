-- The roles that every Supabase project has. Roles belong to the cluster, not to the database, so this file may meet some of
-- them already (a second database in the same cluster). No password is set here: the host sets them after each start.

do $$
begin
  if to_regrole('postgres') is null then create role postgres; end if;
  if to_regrole('anon') is null then create role anon; end if;
  if to_regrole('authenticated') is null then create role authenticated; end if;
  if to_regrole('service_role') is null then create role service_role; end if;
  if to_regrole('authenticator') is null then create role authenticator; end if;
  if to_regrole('supabase_auth_admin') is null then create role supabase_auth_admin; end if;
  if to_regrole('supabase_storage_admin') is null then create role supabase_storage_admin; end if;
  if to_regrole('supabase_realtime_admin') is null then create role supabase_realtime_admin; end if;
  if to_regrole('dashboard_user') is null then create role dashboard_user; end if;
end
$$;

-- The developer's own account: it owns the database and what migrations create, but is no superuser, so that nothing can be
-- built here which a hosted project would refuse.
alter role postgres with login nosuperuser createrole createdb bypassrls replication inherit;

alter role anon with nologin noinherit;
alter role authenticated with nologin noinherit;
alter role service_role with nologin noinherit bypassrls;

-- May become any of the three, and by itself may do nothing.
alter role authenticator with login noinherit;
grant anon, authenticated, service_role to authenticator;

-- The owners of the services' schemas. Row level security is forced on their tables and users may write restrictive policies
-- there, hence bypassrls: a service must always be able to read its own rows. They have no rights anywhere else.
alter role supabase_auth_admin with login noinherit bypassrls;
alter role supabase_storage_admin with login noinherit bypassrls;
alter role supabase_realtime_admin with nologin noinherit bypassrls;
alter role dashboard_user with nologin createrole createdb replication;

-- Creating a policy takes the rights of the table's owner. A hosted project lets postgres write policies on storage.objects and
-- realtime.messages; membership is how stock PostgreSQL says so. The auth tables stay closed.
grant anon, authenticated, service_role to postgres;
grant supabase_storage_admin, supabase_realtime_admin to postgres;

alter role postgres set search_path = "$user", public, extensions;
alter role authenticator set search_path = "$user", public, extensions;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';
alter role supabase_storage_admin set search_path = storage;

do $$
begin
  execute format('alter database %I owner to postgres', current_database());
end
$$;
