using Platform.Benchmarks;

return args is ["bare-server", var databaseUrl, var userId]
    ? await BareServer.RunAsync(databaseUrl, Guid.Parse(userId))
    : await BenchmarkRun.RunAsync(args);
