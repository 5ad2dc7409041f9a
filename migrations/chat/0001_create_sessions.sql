create schema if not exists chat;
grant usage on schema chat to authenticated, service_role;

create table chat.chat_sessions (
  id uuid primary key,
  user_id uuid not null,
  title text not null default '' constraint chat_sessions_title_length check (char_length(title) <= 200),
  -- A bounded projection of the active branch; the rows of chat_messages are the truth.
  messages jsonb not null default '[]'
    constraint chat_sessions_messages_is_array check (jsonb_typeof(messages) = 'array')
    constraint chat_sessions_messages_size check (octet_length(messages::text) <= 262144),
  context jsonb not null default '{}'
    constraint chat_sessions_context_is_object check (jsonb_typeof(context) = 'object')
    constraint chat_sessions_context_size check (octet_length(context::text) <= 262144),
  -- The last message of the active branch. No foreign key: the two tables would have to be written in two steps.
  active_message_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint chat_sessions_owner unique (id, user_id)
);
comment on table chat.chat_sessions is 'Its owner alone sees a session.';

create index chat_sessions_newest on chat.chat_sessions (user_id, id desc);
create index chat_sessions_latest on chat.chat_sessions (user_id, updated_at desc, id desc);

alter table chat.chat_sessions enable row level security;
alter table chat.chat_sessions force row level security;
create policy owner_select on chat.chat_sessions for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on chat.chat_sessions for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on chat.chat_sessions for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on chat.chat_sessions for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on chat.chat_sessions to authenticated, service_role;

-- An assistant's message is also the queue row of its generation: claimed for update skip locked, under a lease and a fencing number.
create table chat.chat_messages (
  id uuid primary key,
  session_id uuid not null,
  user_id uuid not null,
  parent_id uuid,
  role text not null constraint chat_messages_role_known check (role in ('user', 'assistant', 'tool')),
  status text not null default 'completed' constraint chat_messages_status_known
    check (status in ('queued', 'streaming', 'completed', 'stopped', 'failed')),
  parts jsonb not null default '[]' constraint chat_messages_parts_is_array check (jsonb_typeof(parts) = 'array'),
  -- The text of the parts, for search.
  content text not null default '' constraint chat_messages_content_length check (char_length(content) <= 200000),
  model text constraint chat_messages_model_length check (char_length(model) <= 120),
  usage jsonb constraint chat_messages_usage_is_object check (jsonb_typeof(usage) = 'object'),
  error_code text constraint chat_messages_error_code_length check (char_length(error_code) <= 80),
  error text constraint chat_messages_error_length check (char_length(error) <= 2000),
  stop_requested_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  available_at timestamptz not null default now(),
  lease_until timestamptz,
  fence bigint not null default 0,
  attempts integer not null default 0,
  constraint chat_messages_session unique (id, session_id),
  foreign key (session_id, user_id) references chat.chat_sessions (id, user_id) on delete cascade,
  foreign key (parent_id, session_id) references chat.chat_messages (id, session_id) on delete cascade
);
comment on table chat.chat_messages is
  'The session''s owner alone sees a message; the pump claims rows as service_role and then acts as the owner.';

create index chat_messages_of_session on chat.chat_messages (session_id, created_at, id);
create index chat_messages_newest on chat.chat_messages (user_id, id desc);
create index chat_messages_of_parent on chat.chat_messages (parent_id) where parent_id is not null;
create index chat_messages_claim on chat.chat_messages (available_at, id) where status in ('queued', 'streaming');
create index chat_messages_search on chat.chat_messages using gin (to_tsvector('simple', left(content, 50000)));

alter table chat.chat_messages enable row level security;
alter table chat.chat_messages force row level security;
create policy owner_select on chat.chat_messages for select to authenticated using (user_id = (select auth.uid()));
create policy owner_insert on chat.chat_messages for insert to authenticated with check (user_id = (select auth.uid()));
create policy owner_update on chat.chat_messages for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy owner_delete on chat.chat_messages for delete to authenticated using (user_id = (select auth.uid()));
grant select, insert, update, delete on chat.chat_messages to authenticated, service_role;
