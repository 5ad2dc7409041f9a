-- The list leaves out credentials_encrypted, so that no replication stream carries it.
alter publication supabase_realtime add table
  connectors.connectors (id, user_id, name, type, config, credentials_set, status, status_reason, last_sync, schedule, next_sync_at,
    created_at, updated_at),
  connectors.sync_runs;
