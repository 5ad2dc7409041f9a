-- What job operators see of answers that are being written: how they go, and nothing of what is said.
create function chat.staff_queue_counts() returns table (state text, count bigint)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select 'queued', (select pg_catalog.count(*) from chat.chat_messages as m where m.role = 'assistant' and m.status = 'queued')
    union all select 'streaming', (select pg_catalog.count(*) from chat.chat_messages as m where m.role = 'assistant' and m.status = 'streaming')
    union all select 'failed', (select pg_catalog.count(*) from chat.chat_messages as m where m.role = 'assistant' and m.status = 'failed');
end
$$;
revoke execute on function chat.staff_queue_counts() from public;
grant execute on function chat.staff_queue_counts() to authenticated;

create function chat.staff_queue_items(wanted text, most integer)
  returns table (
    id uuid, user_id uuid, state text, detail text, attempts integer, created_at timestamptz, ended_at timestamptz)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select m.id, m.user_id, m.status, coalesce(m.error_code, m.model), m.attempts, m.created_at, m.completed_at
    from chat.chat_messages as m
    where m.role = 'assistant' and m.status = wanted and wanted in ('queued', 'streaming', 'failed')
    order by m.id desc
    limit most;
end
$$;
revoke execute on function chat.staff_queue_items(text, integer) from public;
grant execute on function chat.staff_queue_items(text, integer) to authenticated;

create index chat_messages_at_work on chat.chat_messages (status, id desc)
  where role = 'assistant' and status in ('queued', 'streaming', 'failed');
