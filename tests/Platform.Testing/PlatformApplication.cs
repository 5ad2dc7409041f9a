using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Host;
using Platform.SharedKernel.Infrastructure.Jobs;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Testing;

/// <summary>
/// The product as it is, on a port of its own: real server, real pipeline, an embedded cluster in a directory of its own. One a test
/// assembly.
/// </summary>
public sealed class PlatformApplication : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _dataDirectory;
    private readonly DatabaseReset _reset;

    private PlatformApplication(WebApplication app, string dataDirectory, DatabaseReset reset, string ownerConnectionString)
    {
        _app = app;
        _dataDirectory = dataDirectory;
        _reset = reset;
        OwnerConnectionString = ownerConnectionString;
        People = new People(ownerConnectionString, Url, app.Configuration["Test:SigningKeyJwk"]!);
    }

    /// <summary>The base URL.</summary>
    public string Url => _app.Services.GetRequiredService<SupabaseAddress>().Url;

    /// <summary>Connects as the schemas' owner, whom row-level security does not bind.</summary>
    public string OwnerConnectionString { get; }

    /// <summary>The services of the application, to look at what HTTP does not show.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Where the embedded mode keeps its files.</summary>
    public string DataDirectory => _dataDirectory;

    internal People People { get; }

    /// <summary>What the product logged as an error.</summary>
    internal ErrorLog Errors { get; private init; } = new();

    /// <summary>Starts the product.</summary>
    /// <param name="settings">Configuration on top of the tests' own.</param>
    /// <param name="configure">Changes services, for example options that the embedded mode sets.</param>
    public static async Task<PlatformApplication> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null, Action<IServiceCollection>? configure = null)
    {
        var dataDirectory = Path.Combine(Path.GetTempPath(), $"platform-tests-{Path.GetRandomFileName()}");
        var builder = PlatformHost.CreateBuilder([]);
        var errors = new ErrorLog();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(errors);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Platform:DataDirectory"] = dataDirectory,
            // Tests run jobs themselves, one by one, so that they know when a job has run.
            ["Jobs:Enabled"] = "false",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        configure?.Invoke(builder.Services);
        var app = await PlatformHost.BuildAsync(builder, CancellationToken.None);
        var embedded = app.Services.GetRequiredService<Host.Embedded.EmbeddedMode>();
        app.Configuration["Test:SigningKeyJwk"] = embedded.Secrets.SigningKeyJwk;
        await app.StartAsync();
        var superuser = embedded.Postgres.ConnectionString("supabase_admin");
        return new PlatformApplication(app, dataDirectory, await DatabaseReset.CreateAsync(superuser), superuser) { Errors = errors };
    }

    /// <summary>A client without an account.</summary>
    public HttpClient CreateClient() => TestClients.Create(Url);

    /// <summary>A client that is signed in as a new person.</summary>
    public async Task<TestUser> SignInAsync(string? staffRole = null)
    {
        var person = await People.CreateAsync(staffRole);
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", person.AccessToken);
        return new TestUser(person, client);
    }

    /// <summary>A token of a person's session, which stands in the database.</summary>
    public string TokenOf(Guid person, Guid session) => People.TokenOf(person, session);

    /// <summary>Empties every table that a test has written to.</summary>
    public Task ResetAsync() => _reset.ResetAsync();

    /// <summary>Delivers all events that are due.</summary>
    public Task DeliverEventsAsync() => DrainAsync("events");

    /// <summary>Works a queue's rows that are due until there are none.</summary>
    public async Task DrainAsync(string queue)
    {
        if (_app.Services.GetServices<IQueueProcess>().SingleOrDefault(process => process.Queue == queue) is { } process)
        {
            while (await process.WorkDueAsync(CancellationToken.None) > 0)
            {
                // What ended may have made more work due.
            }

            return;
        }

        var server = _app.Services.GetRequiredService<JobServer>();
        var worker = server.WorkerOf(_app.Services.GetServices<IPump>().Single(pump => pump.Queue == queue));
        while (await worker.ClaimAsync(20, CancellationToken.None) is { Count: > 0 } leases)
        {
            foreach (var lease in leases)
            {
                await worker.WorkAsync(lease, CancellationToken.None);
            }
        }
    }

    /// <summary>Runs the Hangfire jobs that are enqueued now, and those that they enqueue.</summary>
    public Task RunJobsAsync() => JobRunner.RunAsync(_app.Services, OwnerConnectionString);

    /// <summary>Reads one value as the owner.</summary>
    public async Task<T?> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var connection = new NpgsqlConnection(OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        // Hangfire's log is the process's: it must not stay that of an application that is gone.
        Hangfire.Logging.LogProvider.SetCurrentLogProvider(null);
        NpgsqlConnection.ClearAllPools();
        Directory.Delete(_dataDirectory, recursive: true);
    }
}
