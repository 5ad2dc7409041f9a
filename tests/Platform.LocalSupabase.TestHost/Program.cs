using Platform.LocalSupabase.TestHost;

// Hosts with nothing in them but one part, for tests that kill them. They answer with one line, and end when their standard input does.
return args is ["storage", var directory, var options]
    ? await StorageHost.RunAsync(directory, options)
    : await PostgresHost.RunAsync(args[0]);
