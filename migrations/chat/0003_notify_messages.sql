-- Wakes the pump as soon as there is an answer to write.
create function chat.notify_messages() returns trigger language plpgsql set search_path = '' as $$
begin
  perform pg_notify('platform_chat', '');
  return null;
end $$;
create trigger chat_messages_notify after insert on chat.chat_messages for each statement execute function chat.notify_messages();

-- A message that waited for a person becomes due when the person has decided.
create trigger chat_messages_decided after update of available_at on chat.chat_messages
  for each row when (new.available_at < old.available_at) execute function chat.notify_messages();
