-- The realtime service's schema. A row in realtime.messages is a broadcast; its policies are the rights of private channels.
-- Row level security is forced and there is no policy at first, so no private channel can be joined until a policy says so.

create schema realtime authorization supabase_realtime_admin;
set local role supabase_realtime_admin;

create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  constraint messages_pkey primary key (id, inserted_at)
) partition by range (inserted_at);
create index messages_inserted_at_topic_idx on realtime.messages (inserted_at desc, topic) where extension = 'broadcast' and private;

alter table realtime.messages enable row level security;
alter table realtime.messages force row level security;

-- Takes what no daily partition takes, so that an insert never fails for want of one.
create table realtime.messages_default partition of realtime.messages default;
alter table realtime.messages_default enable row level security;
alter table realtime.messages_default force row level security;

-- Makes the partitions of today and the days after, and drops what is older than the given age.
-- Rows in the default partition stay there: moving them would publish them a second time.
create function realtime.maintain_message_partitions(days_ahead integer default 3, keep interval default '72 hours')
returns void language plpgsql as $$
declare
  day date;
  partition_name text;
  entry record;
begin
  for day in select generate_series(current_date, current_date + days_ahead, '1 day')::date loop
    partition_name := 'messages_' || to_char(day, 'YYYY_MM_DD');
    if to_regclass('realtime.' || partition_name) is null
      and not exists (select 1 from realtime.messages_default where inserted_at >= day and inserted_at < day + 1) then
      execute format('create table realtime.%I partition of realtime.messages for values from (%L) to (%L)', partition_name, day, day + 1);
      execute format('alter table realtime.%I enable row level security', partition_name);
      execute format('alter table realtime.%I force row level security', partition_name);
    end if;
  end loop;

  for entry in
    select relname from pg_class
    where relnamespace = 'realtime'::regnamespace and relkind = 'r' and relname ~ '^messages_\d{4}_\d\d_\d\d$'
      and to_date(substr(relname, 10), 'YYYY_MM_DD') + 1 <= localtimestamp - keep
  loop
    execute format('drop table realtime.%I', entry.relname);
  end loop;
  delete from realtime.messages_default where inserted_at < localtimestamp - keep;
end
$$;
revoke execute on function realtime.maintain_message_partitions(integer, interval) from public;
select realtime.maintain_message_partitions();

create function realtime.topic() returns text language sql stable as $$
  select nullif(current_setting('realtime.topic', true), '')
$$;

-- A broadcast that fails must not fail the change that caused it: the trouble becomes a warning.
create function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void language plpgsql as $$
declare
  message_id uuid := gen_random_uuid();
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (id, payload, event, topic, private, extension)
  values (
    message_id,
    case when jsonb_typeof(payload) = 'object' and not payload ? 'id' then payload || jsonb_build_object('id', message_id) else payload end,
    event, topic, private, 'broadcast');
exception when others then
  raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
end
$$;

create function realtime.send_binary(payload bytea, event text, topic text, private boolean default true)
returns void language plpgsql as $$
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (binary_payload, event, topic, private, extension)
  values (payload, event, topic, private, 'broadcast');
exception when others then
  raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
end
$$;

create function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text, new record, old record,
  level text default 'ROW')
returns void language plpgsql as $$
begin
  if level <> 'ROW' then
    raise exception 'function can only be triggered for each row, not for each %', level;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'old_record', case when operation = 'INSERT' then null else to_jsonb(old) end,
      'record', case when operation = 'DELETE' then null else to_jsonb(new) end,
      'operation', operation, 'table', table_name, 'schema', table_schema),
    event_name, topic_name);
end
$$;

grant usage on schema realtime to postgres, anon, authenticated, service_role, dashboard_user;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;
grant all on realtime.messages to postgres, dashboard_user;
grant execute on all functions in schema realtime to postgres;
grant execute on function realtime.topic(), realtime.send(jsonb, text, text, boolean), realtime.send_binary(bytea, text, text, boolean),
  realtime.broadcast_changes(text, text, text, text, text, record, record, text)
  to anon, authenticated, service_role, dashboard_user;

reset role;
