using Microsoft.Extensions.Options;
using Platform.Host.Migrations;
using Platform.LocalSupabase;
using Platform.LocalSupabase.Auth.Hooks;
using Platform.LocalSupabase.Auth.Mfa;
using Platform.LocalSupabase.Auth.OAuth;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Functions;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Rest;
using Platform.LocalSupabase.Secrets;
using Platform.LocalSupabase.Storage.Options;
using Platform.LocalSupabase.Tokens;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Host.Embedded;

/// <summary>
/// The embedded mode: the Host's own PostgreSQL and its own Supabase, when no project is configured. Starts before the Host is built,
/// since everything else is configured by it, and stops after everything else has.
/// </summary>
internal sealed class EmbeddedMode : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly string[] Logins =
        ["postgres", "authenticator", "supabase_auth_admin", "supabase_storage_admin", "platform_api", "platform_worker", "platform_jobs"];

    private static readonly string[] Services = ["/auth/v1", "/rest/v1", "/storage/v1", "/realtime/v1", "/functions/v1"];

    private EmbeddedMode(string dataDirectory, LocalSecrets secrets, EmbeddedPostgres postgres) =>
        (DataDirectory, Secrets, Postgres) = (dataDirectory, secrets, postgres);

    public string DataDirectory { get; }

    public LocalSecrets Secrets { get; }

    public EmbeddedPostgres Postgres { get; }

    /// <summary>The address of this very Host, known once it listens.</summary>
    public SupabaseAddress Address { get; } = new(Options.Create(new SupabaseOptions()));

    /// <summary>How the embedded Supabase runs.</summary>
    public required LocalSupabaseOptions Supabase { get; init; }

    /// <summary>Whether no project is configured.</summary>
    public static bool IsWanted(IConfiguration configuration) => string.IsNullOrEmpty(configuration["Supabase:Url"]);

    /// <summary>Whether a path is one of Supabase's services.</summary>
    public static bool Serves(PathString path) => Array.Exists(Services, service => path.StartsWithSegments(service));

    /// <summary>Starts the server, brings its schema up to date and adds the connection strings to the configuration.</summary>
    /// <returns>Null where a project is configured.</returns>
    public static async Task<EmbeddedMode?> StartAsync(WebApplicationBuilder builder, CancellationToken cancellationToken)
    {
        if (!IsWanted(builder.Configuration))
        {
            return null;
        }

        using var loggers = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
        var embedded = await StartAsync(builder.Configuration, loggers, cancellationToken);
        builder.Configuration.AddInMemoryCollection(embedded.Settings(builder.Configuration["Encryption:MasterKeys"]));
        return embedded;
    }

    /// <summary>Starts the server and brings its schema up to date.</summary>
    public static async Task<EmbeddedMode> StartAsync(
        IConfiguration configuration, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var host = configuration.GetSection(PlatformHostOptions.SectionName).Get<PlatformHostOptions>() ?? new PlatformHostOptions();
        var dataDirectory = Path.GetFullPath(host.DataDirectory);
        var secrets = LocalSecrets.LoadOrCreate(dataDirectory, TimeProvider.System);
        var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = dataDirectory, BinariesPath = configuration["Postgres:BinariesPath"] },
            secrets,
            loggers.CreateLogger<EmbeddedPostgres>(),
            cancellationToken);
        try
        {
            var migrator = new Migrator(
                new MigrationOptions
                {
                    OwnerConnectionString = postgres.ConnectionString("postgres"),
                    SuperuserConnectionString = postgres.ConnectionString("supabase_admin"),
                    LoginPasswords = Logins.ToDictionary(login => login, secrets.Password),
                },
                loggers.CreateLogger<Migrator>());
            await migrator.ApplyAsync(cancellationToken);
            return Create(configuration, dataDirectory, secrets, postgres);
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public ValueTask DisposeAsync() => Postgres.DisposeAsync();

    private static EmbeddedMode Create(IConfiguration configuration, string dataDirectory, LocalSecrets secrets, EmbeddedPostgres postgres)
    {
        EmbeddedMode? mode = null;
        mode = new EmbeddedMode(dataDirectory, secrets, postgres)
        {
            Supabase = new LocalSupabaseOptions
            {
                Url = () => mode!.Address.Url,
                SigningKeyJwk = AuthSettings.Read<JwtOptions>(configuration, JwtOptions.SectionName).Keys ?? secrets.SigningKeyJwk,
                JwtSecret = secrets.JwtSecret,
                AnonKey = secrets.AnonKey,
                ServiceRoleKey = secrets.ServiceRoleKey,
                AuthConnectionString = postgres.ConnectionString("supabase_auth_admin"),
                StorageConnectionString = postgres.ConnectionString("supabase_storage_admin"),
                AuthenticatorConnectionString = postgres.ConnectionString("authenticator"),
                RealtimeConnectionString = postgres.ConnectionString("supabase_admin"),
                FunctionsDatabaseUrl = postgres.Url("postgres"),
                Functions = AuthSettings.Read<FunctionsOptions>(configuration, FunctionsOptions.SectionName),
                Rest = AuthSettings.Read<RestOptions>(configuration, RestOptions.SectionName),
                FunctionsCacheDirectory = Path.Combine(dataDirectory, "functions"),
                StorageDirectory = Path.Combine(dataDirectory, "storage"),
                Storage = AuthSettings.Read<StorageOptions>(configuration, StorageOptions.SectionName),
                Auth = AuthOptions.Read(configuration),
                Sessions = AuthSettings.Read<AuthSessionOptions>(configuration, AuthSessionOptions.SectionName),
                CustomAccessToken = AuthSettings.Read<CustomAccessTokenOptions>(configuration, CustomAccessTokenOptions.SectionName),
                OAuth = AuthSettings.Read<OAuthOptions>(configuration, OAuthOptions.SectionName),
                Mfa = AuthSettings.Read<MfaOptions>(configuration, MfaOptions.SectionName),
            },
        };
        return mode;
    }

    // Keys that are configured are newer than the data directory's own, which opens what it has wrapped until it is rotated away.
    private Dictionary<string, string?> Settings(string? masterKeys) => new()
    {
        ["Database:Api"] = Postgres.ConnectionString("platform_api"),
        ["Database:Worker"] = Postgres.ConnectionString("platform_worker"),
        ["Database:Jobs"] = Postgres.ConnectionString("platform_jobs"),
        ["Database:Owner"] = Postgres.ConnectionString("postgres"),
        ["Encryption:MasterKeys"] = string.IsNullOrWhiteSpace(masterKeys)
            ? $"{Secrets.MasterKeyId}:{Secrets.MasterKey}"
            : $"{masterKeys},{Secrets.MasterKeyId}:{Secrets.MasterKey}",
        ["Supabase:AnonKey"] = Secrets.AnonKey,
        ["Supabase:ServiceRoleKey"] = Secrets.ServiceRoleKey,
        ["Supabase:JwtSecret"] = Secrets.JwtSecret,
    };
}
