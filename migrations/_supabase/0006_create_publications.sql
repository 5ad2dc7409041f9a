-- What logical replication may read. Tables join the first one by "alter publication supabase_realtime add table"; postgres owns
-- it, so that migrations may do so.

create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;

create publication supabase_realtime_messages_publication for table realtime.messages with (publish_via_partition_root = true);
