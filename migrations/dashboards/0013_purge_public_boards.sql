-- Boards whose public answers a CDN is to forget, since they changed or a link to them did. A board without links has no public answers. One row
-- a board, however often it changes before it is told; the job that tells it removes the row.
create table dashboards.purges (
  dashboard_id uuid primary key,
  requested_at timestamptz not null default clock_timestamp()
);
comment on table dashboards.purges is 'Written by triggers, read by the purging job as service_role, and by nobody else.';

alter table dashboards.purges enable row level security;
alter table dashboards.purges force row level security;
create policy system_select on dashboards.purges for select to service_role using (true);
create policy system_delete on dashboards.purges for delete to service_role using (true);
grant select, delete on dashboards.purges to service_role;

create function dashboards.request_purge(board uuid) returns void
  language sql volatile security definer set search_path = ''
as $$
  insert into dashboards.purges (dashboard_id)
    select board where exists (select from dashboards.share_links as link where link.dashboard_id = board)
  on conflict (dashboard_id) do update set requested_at = excluded.requested_at
$$;
revoke execute on function dashboards.request_purge(uuid) from public;

-- A link that ends or changes, or goes with its board. Counting its uses is no change.
create function dashboards.purge_link() returns trigger
  language plpgsql security definer set search_path = ''
as $$
begin
  insert into dashboards.purges (dashboard_id) values (old.dashboard_id)
    on conflict (dashboard_id) do update set requested_at = excluded.requested_at;
  return null;
end
$$;
revoke execute on function dashboards.purge_link() from public;
create trigger purge_link after delete or update of expires_at, revoked_at, password_hash, locked_parameters, allowed_origins
  on dashboards.share_links for each row execute function dashboards.purge_link();

-- A board that has another content has another version (see keep_version), and only then.
create function dashboards.purge_version() returns trigger
  language plpgsql security definer set search_path = ''
as $$
begin
  perform dashboards.request_purge(new.dashboard_id);
  return null;
end
$$;
revoke execute on function dashboards.purge_version() from public;
create trigger purge_version after insert on dashboards.dashboard_versions
  for each row execute function dashboards.purge_version();
