using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Secrets;

// A Host with nothing in it but the database, for tests that kill it. Its one argument is the data directory; it answers with one
// line, "ready PORT MILLISECONDS" or "failed CODE MESSAGE", and ends when its standard input does.
var watch = Stopwatch.StartNew();
using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole().AddConsole(console =>
    console.LogToStandardErrorThreshold = LogLevel.Trace));
try
{
    var secrets = LocalSecrets.LoadOrCreate(args[0], TimeProvider.System);
    await using var postgres = await EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataDirectory = args[0] }, secrets, logging.CreateLogger("Postgres"), CancellationToken.None);
    await Console.Out.WriteLineAsync($"ready {postgres.Port} {watch.ElapsedMilliseconds}");
    await Console.In.ReadToEndAsync();
    return 0;
}
catch (LocalSupabaseException exception)
{
    await Console.Out.WriteLineAsync($"failed {exception.Code} {exception.Message}");
    return 1;
}
