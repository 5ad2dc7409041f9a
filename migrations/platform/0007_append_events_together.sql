-- Appends events [{topic, user_id, type, payload, final}] in order, as the caller: of any number of topics in one statement each way. Topics
-- are taken in the order of their names, so that two who append to the same ones wait for each other and do not lock each other out.
create or replace function platform.append_events(events jsonb) returns void language plpgsql security invoker set search_path = '' as $$
begin
  if events is null or jsonb_array_length(events) = 0 then
    return;
  end if;
  with given as (
    select e.topic, e.user_id, e.type, e.payload, coalesce(e.final, false) as final, e.place,
      row_number() over (partition by e.topic order by e.place) as number
    from rows from (jsonb_to_recordset(events) as (topic text, user_id uuid, type text, payload jsonb, final boolean))
      with ordinality as e (topic, user_id, type, payload, final, place)
  ), counted as (
    select g.topic, (array_agg(g.user_id))[1] as user_id, count(*) as added from given as g group by g.topic
  ), topics as (
    insert into platform.stream_topics as t (topic, user_id, last_seq)
    select c.topic, c.user_id, c.added from counted as c order by c.topic
    on conflict (topic) do update set last_seq = t.last_seq + excluded.last_seq
    returning t.topic, t.last_seq
  )
  insert into platform.stream_events (topic, seq, user_id, type, payload, final, at)
  select g.topic, t.last_seq - c.added + g.number, g.user_id, g.type, g.payload, g.final, clock_timestamp()
  from given as g join topics as t on t.topic = g.topic join counted as c on c.topic = g.topic
  order by g.place;
  perform pg_notify('platform_stream', named.topic)
  from (select distinct e.topic from jsonb_to_recordset(events) as e (topic text)) as named;
end $$;
