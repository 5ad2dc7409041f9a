-- What changes a right or a table's shape says so in the write-ahead log, in the order of its commit: realtime then reads the catalogue
-- anew before it tells of the next change.

create function realtime.announce_catalog_change() returns event_trigger language plpgsql set search_path = '' as $$
begin
  perform pg_logical_emit_message(true, 'platform.realtime.catalog', '');
end
$$;
create event trigger realtime_catalog_changed on ddl_command_end
  when tag in ('GRANT', 'REVOKE', 'CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'ALTER TABLE', 'ALTER PUBLICATION')
  execute function realtime.announce_catalog_change();
