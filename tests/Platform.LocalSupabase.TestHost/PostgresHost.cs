using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Secrets;

namespace Platform.LocalSupabase.TestHost;

/// <summary>The database alone. Answers "ready PORT MILLISECONDS" or "failed CODE MESSAGE".</summary>
internal static class PostgresHost
{
    public static async Task<int> RunAsync(string directory)
    {
        var watch = Stopwatch.StartNew();
        using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole().AddConsole(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace));
        try
        {
            var secrets = LocalSecrets.LoadOrCreate(directory, TimeProvider.System);
            await using var postgres = await EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataDirectory = directory }, secrets, logging.CreateLogger("Postgres"), CancellationToken.None);
            await Console.Out.WriteLineAsync($"ready {postgres.Port} {watch.ElapsedMilliseconds}");
            await Console.In.ReadToEndAsync();
            return 0;
        }
        catch (LocalSupabaseException exception)
        {
            await Console.Out.WriteLineAsync($"failed {exception.Code} {exception.Message}");
            return 1;
        }
    }
}
