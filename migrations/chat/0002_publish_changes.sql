alter publication supabase_realtime add table chat.chat_messages;
