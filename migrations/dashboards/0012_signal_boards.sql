-- Whoever sees a board may join the private channel of its name, and hears there that the data behind it are new. Nobody may send there.
create function dashboards.board_of_topic(topic text) returns uuid
  language sql immutable set search_path = ''
as $$
  select case when topic ~ '^dashboard:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then substr(topic, 11)::uuid end
$$;
grant execute on function dashboards.board_of_topic(text) to authenticated;

create policy dashboards_watch on realtime.messages for select to authenticated using (
  extension = 'broadcast'
  and exists (select from dashboards.dashboards as board where board.id = dashboards.board_of_topic(messages.topic)));
