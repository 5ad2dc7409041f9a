-- What job operators see of events on their way to the modules that react to them.
create index outbox_dead on platform.outbox (position desc) where status = 'dead';

create function platform.staff_queue_counts() returns table (state text, count bigint)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select 'queued', (select pg_catalog.count(*) from platform.outbox as o where o.status = 'queued')
    union all select 'dead', (select pg_catalog.count(*) from platform.outbox as o where o.status = 'dead');
end
$$;
revoke execute on function platform.staff_queue_counts() from public;
grant execute on function platform.staff_queue_counts() to authenticated;

create function platform.staff_queue_items(wanted text, most integer)
  returns table (
    id uuid, user_id uuid, state text, detail text, attempts integer, created_at timestamptz, ended_at timestamptz)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select o.id, o.user_id, o.status, o.name, o.attempts, o.occurred_at, null::timestamptz
    from platform.outbox as o
    where o.status = wanted and wanted in ('queued', 'dead')
    order by o.position desc
    limit most;
end
$$;
revoke execute on function platform.staff_queue_items(text, integer) from public;
grant execute on function platform.staff_queue_items(text, integer) to authenticated;

-- Sends a dead event on its way again: reactions that have handled it do not handle it twice. Says whether it was dead; null where there is
-- no such event.
create function platform.staff_retry_event(event uuid) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  retried platform.outbox;
begin
  perform identity.require_staff();
  select * into retried from platform.outbox as o where o.id = event for update;
  if not found then
    return null;
  end if;
  if retried.status <> 'dead' then
    return false;
  end if;
  update platform.outbox as o
  set status = 'queued', attempts = 0, available_at = now(), lease_until = null, fence = o.fence + 1, last_error = null
  where o.id = event;
  if retried.user_id is not null then
    perform identity.write_audit(
      retried.user_id, 'event.retried', 'event', event, null, jsonb_build_object('name', retried.name));
  end if;
  perform pg_notify('platform_events', '');
  return true;
end
$$;
revoke execute on function platform.staff_retry_event(uuid) from public;
grant execute on function platform.staff_retry_event(uuid) to authenticated;
