-- The logins of this application. All of them fail closed: without a role set for the transaction they may read nothing.
-- Passwords are set by the host. Roles belong to the cluster and may be there already.

do $$
begin
  if to_regrole('platform_api') is null then create role platform_api; end if;
  if to_regrole('platform_worker') is null then create role platform_worker; end if;
  if to_regrole('platform_jobs') is null then create role platform_jobs; end if;
end
$$;

-- Requests of users. Not a member of service_role: not even injected SQL can become it.
alter role platform_api with login noinherit;
grant anon, authenticated to platform_api;

-- Background work, which acts as the owner of the thing it works on, and for named system jobs as service_role.
alter role platform_worker with login noinherit;
grant service_role, authenticated, anon to platform_worker;

-- The job storage. "create schema if not exists" asks for the right to create before it looks, hence the grant.
alter role platform_jobs with login noinherit;
create schema if not exists hangfire authorization platform_jobs;

do $$
begin
  execute format('grant create on database %I to platform_jobs', current_database());
end
$$;

alter role platform_api set search_path = public, extensions;
alter role platform_worker set search_path = public, extensions;
alter role platform_jobs set search_path = hangfire;
