-- Somebody who was given a dashboard sees it and its widgets, and with the role edit changes them; it stays its owner's to delete and to
-- share. The owner's check stands first: what was granted is looked up, once a statement, only for rows that are not the caller's.
create function dashboards.granted(at_least text) returns table (object_id uuid, owner_id uuid)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  return query select held.object_id, held.owner_id from identity.granted('dashboard', at_least) as held;
end
$$;
comment on function dashboards.granted(text) is 'Bound late: the schema identity comes after this one.';
revoke execute on function dashboards.granted(text) from public;
grant execute on function dashboards.granted(text) to authenticated;

drop policy owner_select on dashboards.dashboards;
create policy party_select on dashboards.dashboards for select to authenticated
  using (user_id = (select auth.uid()) or (id, user_id) in (select object_id, owner_id from dashboards.granted('view')));
drop policy owner_update on dashboards.dashboards;
create policy party_update on dashboards.dashboards for update to authenticated
  using (user_id = (select auth.uid()) or (id, user_id) in (select object_id, owner_id from dashboards.granted('edit')))
  with check (user_id = (select auth.uid()) or (id, user_id) in (select object_id, owner_id from dashboards.granted('edit')));
-- An editor must not make the board their own, nor move it.
revoke update on dashboards.dashboards from authenticated;
grant update (name, description, layout, config, is_public, updated_at) on dashboards.dashboards to authenticated;
comment on table dashboards.dashboards is
  'Its owner sees a dashboard, those who were given it, and a visitor whose claims hold the hash of a share link that still stands. '
  'is_public alone opens nothing.';

drop policy owner_select on dashboards.widgets;
create policy party_select on dashboards.widgets for select to authenticated
  using (user_id = (select auth.uid()) or (dashboard_id, user_id) in (select object_id, owner_id from dashboards.granted('view')));
drop policy owner_insert on dashboards.widgets;
create policy party_insert on dashboards.widgets for insert to authenticated
  with check (user_id = (select auth.uid()) or (dashboard_id, user_id) in (select object_id, owner_id from dashboards.granted('edit')));
drop policy owner_update on dashboards.widgets;
create policy party_update on dashboards.widgets for update to authenticated
  using (user_id = (select auth.uid()) or (dashboard_id, user_id) in (select object_id, owner_id from dashboards.granted('edit')))
  with check (user_id = (select auth.uid()) or (dashboard_id, user_id) in (select object_id, owner_id from dashboards.granted('edit')));
drop policy owner_delete on dashboards.widgets;
create policy party_delete on dashboards.widgets for delete to authenticated
  using (user_id = (select auth.uid()) or (dashboard_id, user_id) in (select object_id, owner_id from dashboards.granted('edit')));
revoke update on dashboards.widgets from authenticated;
grant update (connector_id, type, config, data_query, position_x, position_y, width, height, updated_at) on dashboards.widgets to authenticated;
comment on table dashboards.widgets is
  'Seen by whoever sees its dashboard, changed by its owner and by those who may edit it. The connector is in another schema.';
