-- The second version of lists, with a sort and a place to go on from. A page begins after a name, or after a time and a name: names
-- alone would not do, since many objects can be of one time. Runs with the caller's rights.

set local role supabase_storage_admin;

drop function storage.search_v2(text, text, integer, integer, text);

create function storage.search_v2(
  prefix text, bucket_name text, limits integer default 100, levels integer default 1, start_after text default '',
  sort_order text default 'asc', sort_column text default 'name', sort_column_after text default '')
returns table (
  key text, name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb)
language plpgsql stable as $$
declare
  direction text := case when lower(sort_order) = 'desc' then 'desc' else 'asc' end;
  beyond text := case when direction = 'desc' then '<' else '>' end;
  by_time text := case when sort_column in ('created_at', 'updated_at') then sort_column end;
  -- Folders have no time of their own: they stand where the time is the least.
  place text := case when by_time is null then '' else format('coalesce(%I, ''-infinity''::timestamptz)', by_time) end;
  after_clause text := case
    when start_after = '' then ''
    when by_time is null then format('where level.name collate "C" %s $4', beyond)
    else format('where (%s, level.name collate "C") %s (coalesce(nullif($6, '''')::timestamptz, ''-infinity''), $4)', place, beyond) end;
  order_clause text := case when by_time is null then '' else format('%s %s, ', place, direction) end;
begin
  return query execute format($query$
    with matching as (
      select o.name, o.id, o.updated_at, o.created_at, o.last_accessed_at, o.metadata,
        position('/' in substr(o.name, length($1) + 1)) as slash
      from storage.objects o
      where o.bucket_id = $2 and starts_with(o.name, $1)
    ), level as (
      select distinct left(matching.name, length($1) + slash) as name, null::uuid as id, null::timestamptz as updated_at,
        null::timestamptz as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata
      from matching where slash > 0 and $3 > 0
      union all
      select matching.name, matching.id, matching.updated_at, matching.created_at, matching.last_accessed_at, matching.metadata
      from matching where slash = 0 or $3 <= 0
    )
    select rtrim(level.name, '/'), level.name, level.id, level.updated_at, level.created_at, level.last_accessed_at, level.metadata
    from level %s
    order by %s level.name collate "C" %s
    limit $5
  $query$, after_clause, order_clause, direction)
  using prefix, bucket_name, levels, start_after, limits, sort_column_after;
end
$$;

grant execute on function storage.search_v2(text, text, integer, integer, text, text, text, text)
  to postgres, anon, authenticated, service_role, dashboard_user;

reset role;
