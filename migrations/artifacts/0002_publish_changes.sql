alter publication supabase_realtime add table artifacts.artifacts;
