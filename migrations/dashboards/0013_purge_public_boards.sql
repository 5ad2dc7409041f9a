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

-- As before, and a board that has another content is told to the CDN.
create or replace function dashboards.keep_version() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  kept text := coalesce(current_setting('dashboards.versions_kept', true), '');
  board uuid;
  owner uuid;
  latest integer;
  now_is jsonb;
  was jsonb;
begin
  if tg_table_name = 'dashboards' then
    board := new.id;
  else
    board := coalesce(new.dashboard_id, old.dashboard_id);
  end if;
  if position(board::text in kept) > 0 then
    return null;
  end if;
  perform set_config('dashboards.versions_kept', kept || board::text || ',', true);

  -- One after the other: the next number is that of whoever holds the board.
  select row.user_id into owner from dashboards.dashboards as row where row.id = board for no key update;
  if not found then
    return null;
  end if;
  select jsonb_build_object(
      'name', row.name, 'description', row.description, 'layout', row.layout, 'config', row.config,
      'widgets', coalesce((
        select jsonb_agg(
          jsonb_build_object(
            'id', widget.id, 'type', widget.type, 'config', widget.config, 'data_query', widget.data_query,
            'connector_id', widget.connector_id, 'position_x', widget.position_x, 'position_y', widget.position_y,
            'width', widget.width, 'height', widget.height)
          order by widget.position_y, widget.position_x, widget.id)
        from dashboards.widgets as widget where widget.dashboard_id = board), '[]'))
    into now_is
    from dashboards.dashboards as row where row.id = board;
  select version.version, version.snapshot into latest, was
    from dashboards.dashboard_versions as version where version.dashboard_id = board order by version.version desc limit 1;
  if was is distinct from now_is then
    insert into dashboards.dashboard_versions (id, dashboard_id, user_id, version, snapshot, reason, author_id)
    values (
      gen_random_uuid(), board, owner, coalesce(latest, 0) + 1, now_is,
      nullif(current_setting('dashboards.version_reason', true), ''), auth.uid());
    perform dashboards.request_purge(board);
    delete from dashboards.dashboard_versions as version where version.dashboard_id = board and version.version <= latest + 1 - 100;
  end if;
  return null;
end
$$;
