using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>
/// The two pools. People's statements and system jobs' never share a login, so that no statement of a person, injected or not, can
/// take the role of the system.
/// </summary>
public sealed class PlatformDataSources : IAsyncDisposable
{
    /// <summary>Makes the pools.</summary>
    /// <param name="options">The connection strings.</param>
    /// <param name="loggers">For Npgsql.</param>
    public PlatformDataSources(IOptions<DatabaseOptions> options, ILoggerFactory loggers)
    {
        Api = Build(options.Value.Api, options.Value, loggers);
        Worker = Build(options.Value.Worker, options.Value, loggers);
    }

    /// <summary>The pool for people.</summary>
    internal NpgsqlDataSource Api { get; }

    /// <summary>The pool for named system jobs.</summary>
    internal NpgsqlDataSource Worker { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Worker.DisposeAsync();
    }

    private static NpgsqlDataSource Build(string connectionString, DatabaseOptions options, ILoggerFactory loggers)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = options.MaxPoolSize,
            // Role and claims are local to a transaction, so there is no session state to reset when a connection goes back.
            NoResetOnClose = true,
            MaxAutoPrepare = options.Pooler ? 0 : 200,
            AutoPrepareMinUsages = 2,
            ApplicationName = "platform",
        };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(loggers).Build();
    }
}
