using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.LocalSupabase.Auth.Cleanup;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Storage.Options;

namespace Platform.LocalSupabase.Tests.Fixture;

/// <summary>The embedded services on a free port, on the cluster that all tests share.</summary>
internal sealed class LocalSupabaseServer : IAsyncDisposable
{
    public const string JwtSecret = "a-secret-of-the-tests-with-at-least-32-characters";

    // Modules of functions are loaded once for all servers.
    private static readonly string FunctionsCache = Path.Combine(Path.GetTempPath(), "platform-tests-deno");

    private WebApplication _application = null!;

    public AdjustableClock Clock { get; } = new();

    public string Url { get; private set; } = "";

    /// <summary>For work that no request starts, such as a sweep.</summary>
    public IServiceProvider Services => _application.Services;

    public string AnonKey { get; private init; } = "";

    public string ServiceRoleKey { get; private init; } = "";

    /// <summary>Alone in a folder of its own, so that a test can see whether anything was written beside it.</summary>
    public string StorageDirectory { get; } = Path.Combine(Directory.CreateTempSubdirectory("platform-storage-").FullName, "storage");

    public static async Task<LocalSupabaseServer> StartAsync(
        bool autoConfirm = true, bool disableSignup = false, bool requireApiKey = true, bool asymmetric = true, bool opaqueKeys = false,
        long fileSizeLimit = 50L * 1024 * 1024, AuthOptions? auth = null, ServerSetup? setup = null)
    {
        setup ??= new ServerSetup();
        var server = new LocalSupabaseServer
        {
            AnonKey = opaqueKeys ? "sb_publishable_of_the_tests" : KeyFor("anon"),
            ServiceRoleKey = opaqueKeys ? "sb_secret_of_the_tests" : KeyFor("service_role"),
        };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Warning);
        setup.Logging?.Invoke(builder.Logging);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(server.Clock);
        builder.Services.AddHttpClient();
        builder.Services.AddHttpClient(Browser.ClientName).ConfigurePrimaryHttpMessageHandler(Browser.NewHandler);
        builder.Services.AddAuthentication();
        builder.Services.AddLocalSupabase(new LocalSupabaseOptions
        {
            Url = () => server.Url.Length > 0 ? server.Url : throw new InvalidOperationException("The server does not listen yet."),
            SigningKeyJwk = asymmetric ? setup.SigningKeys ?? NewSigningKey() : null,
            Issuer = setup.Issuer,
            JwtSecret = JwtSecret,
            AnonKey = server.AnonKey,
            ServiceRoleKey = server.ServiceRoleKey,
            AuthConnectionString = SharedPostgres.ConnectionStringOf("supabase_auth_admin"),
            StorageConnectionString = SharedPostgres.ConnectionStringOf("supabase_storage_admin"),
            AuthenticatorConnectionString = SharedPostgres.ConnectionStringOf("authenticator"),
            RealtimeConnectionString = SharedPostgres.ConnectionStringOf("supabase_admin"),
            FunctionsDatabaseUrl = SharedPostgres.DatabaseUrlOf("postgres"),
            Functions = setup.Functions,
            FunctionsCacheDirectory = FunctionsCache,
            Rest = setup.Rest,
            StorageDirectory = server.StorageDirectory,
            Storage = setup.Storage ?? new StorageOptions { FileSizeLimit = fileSizeLimit, SweepMinutes = 0 },
            Auth = auth ?? new AuthOptions { AutoConfirm = autoConfirm, DisableSignup = disableSignup },
            RequireApiKey = requireApiKey,
            Sessions = setup.Sessions,
            Mfa = setup.Mfa,
            OAuth = setup.OAuth,
            CustomAccessToken = setup.CustomAccessToken,
        });
        server._application = builder.Build();
        server._application.UseAuthentication();
        server._application.MapLocalSupabase();
        await server._application.StartAsync();
        var addresses = server._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        server.Url = addresses.Addresses.Single();
        return server;
    }

    /// <summary>A client that carries the API key, and a bearer token when one is given.</summary>
    public HttpClient Connect(string? bearer = null, bool withKey = true)
    {
        var client = _application.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = new Uri(Url);
        if (withKey)
        {
            client.DefaultRequestHeaders.Add("apikey", AnonKey);
        }

        if (bearer is not null)
        {
            client.DefaultRequestHeaders.Add("Authorization", $"Bearer {bearer}");
        }

        return client;
    }

    /// <summary>Opens a link as a browser does, without a key, and stays where it is sent on.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string link)
    {
        using var client = _application.Services.GetRequiredService<IHttpClientFactory>().CreateClient(Browser.ClientName);
        return await client.GetAsync(new Uri(link));
    }

    /// <summary>A browser with an empty cookie jar.</summary>
    public Browser OpenBrowser() =>
        new(_application.Services.GetRequiredService<IHttpClientFactory>().CreateClient(Browser.ClientName));

    /// <summary>Does at once what the server does each hour.</summary>
    public Task<int> SweepAuthAsync() =>
        _application.Services.GetServices<IHostedService>().OfType<SweepAuth>().Single().RunAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(StorageDirectory)!, recursive: true);
    }

    public static string SignShared(object claims) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
        System.Text.Json.JsonSerializer.Serialize(claims),
        new SigningCredentials(new SymmetricSecurityKey(System.Text.Encoding.UTF8.GetBytes(JwtSecret)), SecurityAlgorithms.HmacSha256));

    private static string KeyFor(string role) => SignShared(new { iss = "supabase", role, exp = 4102444800 });

    public static string NewSigningKey(string kid = "test-key")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parts = key.ExportParameters(includePrivateParameters: true);
        return System.Text.Json.JsonSerializer.Serialize(new
        {
            kty = "EC",
            crv = "P-256",
            kid,
            x = Base64UrlEncoder.Encode(parts.Q.X),
            y = Base64UrlEncoder.Encode(parts.Q.Y),
            d = Base64UrlEncoder.Encode(parts.D),
        });
    }
}
