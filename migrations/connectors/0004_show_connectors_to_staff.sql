-- What staff see of everybody's connectors: whether they work, and nothing of how they connect. Bound late: the schema identity comes after
-- this one.
create function connectors.staff_list_connectors(wanted text, before uuid, most integer)
  returns table (
    id uuid, user_id uuid, name text, type text, status text, status_reason text, last_sync timestamptz, created_at timestamptz,
    updated_at timestamptz)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select
      connector.id, connector.user_id, connector.name, connector.type, connector.status, connector.status_reason, connector.last_sync,
      connector.created_at, connector.updated_at
    from connectors.connectors as connector
    where (wanted is null or connector.status = wanted) and (before is null or connector.id < before)
    order by connector.id desc
    limit most;
end
$$;
revoke execute on function connectors.staff_list_connectors(text, uuid, integer) from public;
grant execute on function connectors.staff_list_connectors(text, uuid, integer) to authenticated;
