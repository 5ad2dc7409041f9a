-- Whoever owns a topic of the event log may join the private channel of its name, and hears there of each event once it is committed.
-- Nobody may send there.
create policy stream_topics_watch on realtime.messages for select to authenticated using (
  extension = 'broadcast'
  and exists (select from platform.stream_topics as t where t.topic = messages.topic and t.user_id = (select auth.uid())));
