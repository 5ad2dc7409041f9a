-- What every module shares: the outbox, the event log and the answers kept for Idempotency-Key.
create schema if not exists platform;
grant usage on schema platform to anon, authenticated, service_role;

-- The outbox. A person may add events in their own name and read nothing; the pump (service_role) delivers them.
create table platform.outbox (
  id uuid primary key,
  position bigint generated always as identity,
  name text not null check (char_length(name) between 3 and 200),
  aggregate_id uuid not null,
  user_id uuid,
  payload jsonb not null check (pg_column_size(payload) <= 65536),
  occurred_at timestamptz not null,
  status text not null default 'queued' check (status in ('queued', 'dispatched', 'dead')),
  available_at timestamptz not null default now(),
  lease_until timestamptz,
  fence bigint not null default 0,
  attempts integer not null default 0,
  last_error text
);
create index outbox_claim on platform.outbox (available_at, position) where status = 'queued';
create index outbox_order on platform.outbox (aggregate_id, position) where status = 'queued';
create index outbox_purge on platform.outbox (occurred_at) where status = 'dispatched';
create index outbox_owner on platform.outbox (user_id);
alter table platform.outbox enable row level security;
alter table platform.outbox force row level security;
create policy outbox_insert on platform.outbox for insert to authenticated with check (user_id = (select auth.uid()));
grant insert on platform.outbox to authenticated;
grant select, insert, update, delete on platform.outbox to service_role;

create function platform.notify_outbox() returns trigger language plpgsql set search_path = '' as $$
begin
  perform pg_notify('platform_events', '');
  return null;
end $$;
create trigger outbox_notify after insert on platform.outbox for each statement execute function platform.notify_outbox();

-- Which reaction has handled which event: written in the reaction's own transaction, so that a repeat changes nothing.
create table platform.outbox_deliveries (
  event_id uuid not null references platform.outbox (id) on delete cascade,
  handler text not null check (char_length(handler) between 1 and 200),
  user_id uuid,
  delivered_at timestamptz not null default now(),
  primary key (event_id, handler)
);
create index outbox_deliveries_owner on platform.outbox_deliveries (user_id);
alter table platform.outbox_deliveries enable row level security;
alter table platform.outbox_deliveries force row level security;
create policy outbox_deliveries_select on platform.outbox_deliveries for select to authenticated using (user_id = (select auth.uid()));
create policy outbox_deliveries_insert on platform.outbox_deliveries for insert to authenticated with check (user_id = (select auth.uid()));
grant select, insert on platform.outbox_deliveries to authenticated;
grant select, insert, update, delete on platform.outbox_deliveries to service_role;

-- The event log: one row a topic holds the last number, so that numbers are given in commit order and without gaps.
create table platform.stream_topics (
  topic text primary key check (char_length(topic) between 3 and 200),
  user_id uuid not null,
  last_seq bigint not null default 0
);
create index stream_topics_owner on platform.stream_topics (user_id);
alter table platform.stream_topics enable row level security;
alter table platform.stream_topics force row level security;
create policy stream_topics_select on platform.stream_topics for select to authenticated using (user_id = (select auth.uid()));
create policy stream_topics_insert on platform.stream_topics for insert to authenticated with check (user_id = (select auth.uid()));
create policy stream_topics_update on platform.stream_topics for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select, insert, update on platform.stream_topics to authenticated;
grant select, insert, update, delete on platform.stream_topics to service_role;

create table platform.stream_events (
  topic text not null references platform.stream_topics (topic) on delete cascade,
  seq bigint not null,
  user_id uuid not null,
  type text not null check (char_length(type) between 1 and 100),
  payload jsonb not null check (pg_column_size(payload) <= 262144),
  final boolean not null default false,
  at timestamptz not null default now(),
  primary key (topic, seq)
);
create index stream_events_owner on platform.stream_events (user_id);
create index stream_events_purge on platform.stream_events (at);
alter table platform.stream_events enable row level security;
alter table platform.stream_events force row level security;
create policy stream_events_select on platform.stream_events for select to authenticated using (user_id = (select auth.uid()));
create policy stream_events_insert on platform.stream_events for insert to authenticated with check (user_id = (select auth.uid()));
grant select, insert on platform.stream_events to authenticated;
grant select, insert, update, delete on platform.stream_events to service_role;

-- Appends events [{topic, user_id, type, payload, final}] in order, as the caller.
create function platform.append_events(events jsonb) returns void language plpgsql security invoker set search_path = '' as $$
declare
  entry record;
  number bigint;
begin
  for entry in
    select e.topic, e.user_id, e.type, e.payload, coalesce(e.final, false) as final
    from jsonb_to_recordset(events) as e(topic text, user_id uuid, type text, payload jsonb, final boolean)
  loop
    insert into platform.stream_topics as t (topic, user_id, last_seq) values (entry.topic, entry.user_id, 1)
      on conflict (topic) do update set last_seq = t.last_seq + 1
      returning t.last_seq into number;
    insert into platform.stream_events (topic, seq, user_id, type, payload, final, at)
      values (entry.topic, number, entry.user_id, entry.type, entry.payload, entry.final, clock_timestamp());
    perform pg_notify('platform_stream', entry.topic);
  end loop;
end $$;
revoke all on function platform.append_events(jsonb) from public;
grant execute on function platform.append_events(jsonb) to authenticated, service_role;

-- Answers kept for Idempotency-Key, for 24 hours. Each person sees their own.
create table platform.idempotency_keys (
  user_id uuid not null,
  key text not null check (char_length(key) between 1 and 255),
  request_hash bytea not null,
  response jsonb not null,
  created_at timestamptz not null,
  primary key (user_id, key)
);
create index idempotency_keys_purge on platform.idempotency_keys (created_at);
alter table platform.idempotency_keys enable row level security;
alter table platform.idempotency_keys force row level security;
create policy idempotency_keys_select on platform.idempotency_keys for select to authenticated using (user_id = (select auth.uid()));
create policy idempotency_keys_insert on platform.idempotency_keys for insert to authenticated with check (user_id = (select auth.uid()));
grant select, insert on platform.idempotency_keys to authenticated;
grant select, insert, update, delete on platform.idempotency_keys to service_role;
