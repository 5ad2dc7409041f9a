-- Every change of a board is a version, whoever makes it and however: a transaction that changed a board leaves one snapshot of it, taken
-- when the transaction commits.
alter table dashboards.dashboard_versions add column author_id uuid;
comment on column dashboards.dashboard_versions.author_id is 'Who made the change; null for the system itself.';

create function dashboards.keep_version() returns trigger
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
    delete from dashboards.dashboard_versions as version where version.dashboard_id = board and version.version <= latest + 1 - 100;
  end if;
  return null;
end
$$;
revoke execute on function dashboards.keep_version() from public;

create constraint trigger keep_version after insert or update on dashboards.dashboards
  deferrable initially deferred for each row execute function dashboards.keep_version();
create constraint trigger keep_version after insert or update or delete on dashboards.widgets
  deferrable initially deferred for each row execute function dashboards.keep_version();

-- The queries of a board run with its owner's connectors, so an editor arranges and words a board, but its owner alone says what is asked.
create function dashboards.guard_widget_query() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  if new.connector_id is not null and auth.uid() <> new.user_id
      and (tg_op = 'INSERT' or (new.connector_id, new.data_query) is distinct from (old.connector_id, old.data_query)) then
    raise insufficient_privilege using message = 'The owner alone chooses what a widget asks.';
  end if;
  return new;
end
$$;
create trigger guard_widget_query before insert or update on dashboards.widgets
  for each row execute function dashboards.guard_widget_query();

create function dashboards.guard_parameter_queries() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  if auth.uid() <> new.user_id
      and jsonb_path_query_array(new.config, '$.parameters[*].query') is distinct from jsonb_path_query_array(old.config, '$.parameters[*].query') then
    raise insufficient_privilege using message = 'The owner alone chooses what a parameter asks.';
  end if;
  return new;
end
$$;
create trigger guard_parameter_queries before update on dashboards.dashboards
  for each row execute function dashboards.guard_parameter_queries();

-- Which of these ids are taken by boards or widgets of somebody else, so that an import can give them others.
create function dashboards.ids_of_others(wanted uuid[]) returns table (id uuid)
  language sql stable security definer set search_path = ''
as $$
  select row.id from dashboards.dashboards as row where row.id = any(wanted) and row.user_id <> auth.uid()
  union all
  select row.id from dashboards.widgets as row where row.id = any(wanted) and row.user_id <> auth.uid()
$$;
revoke execute on function dashboards.ids_of_others(uuid[]) from public;
grant execute on function dashboards.ids_of_others(uuid[]) to authenticated;
