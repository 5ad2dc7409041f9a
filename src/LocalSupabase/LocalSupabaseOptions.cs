using Platform.LocalSupabase.Auth.Hooks;
using Platform.LocalSupabase.Auth.Mfa;
using Platform.LocalSupabase.Auth.OAuth;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Functions;
using Platform.LocalSupabase.Realtime;
using Platform.LocalSupabase.Rest;
using Platform.LocalSupabase.Storage.Options;

namespace Platform.LocalSupabase;

/// <summary>What the embedded Supabase services need to know. The host fills it before it builds its services.</summary>
public sealed class LocalSupabaseOptions
{
    /// <summary>The base URL that clients reach the host under. A function, because a free port is known only after the bind.</summary>
    public required Func<string> Url { get; init; }

    /// <summary>The issuer of access tokens; <c>{Url}/auth/v1</c> when left out.</summary>
    public string? Issuer { get; init; }

    /// <summary>
    /// The JWK (ES256 or RS256) that signs access tokens, or a list with those that signed earlier. Without one
    /// <see cref="JwtSecret"/> signs HS256.
    /// </summary>
    public string? SigningKeyJwk { get; init; }

    /// <summary>The project's shared secret. It verifies HS256 tokens, the legacy API keys among them.</summary>
    public required string JwtSecret { get; init; }

    /// <summary>The API key of the role <c>anon</c>: a JWT, or an opaque <c>sb_publishable_</c> key.</summary>
    public required string AnonKey { get; init; }

    /// <summary>The API key of the role <c>service_role</c>: a JWT, or an opaque <c>sb_secret_</c> key.</summary>
    public required string ServiceRoleKey { get; init; }

    /// <summary>Logs in as <c>supabase_auth_admin</c>.</summary>
    public required string AuthConnectionString { get; init; }

    /// <summary>Logs in as <c>supabase_storage_admin</c>.</summary>
    public required string StorageConnectionString { get; init; }

    /// <summary>Logs in as <c>authenticator</c>, which may become the API roles and nothing else.</summary>
    public required string AuthenticatorConnectionString { get; init; }

    /// <summary>Logs in as a superuser that may replicate: realtime reads the write-ahead log and plants probe rows.</summary>
    public required string RealtimeConnectionString { get; init; }

    /// <summary>What Edge Functions find as <c>SUPABASE_DB_URL</c>: a <c>postgresql://</c> URL that logs in as <c>postgres</c>.</summary>
    public required string FunctionsDatabaseUrl { get; init; }

    /// <summary>The Edge Functions.</summary>
    public FunctionsOptions Functions { get; init; } = new();

    /// <summary>The REST API of the database.</summary>
    public RestOptions Rest { get; init; } = new();

    /// <summary>The directory that holds the modules of Edge Functions. It is made when it is missing.</summary>
    public required string FunctionsCacheDirectory { get; init; }

    /// <summary>Bounds of the realtime service.</summary>
    public RealtimeLimits Realtime { get; init; } = new();

    /// <summary>The directory that holds the files of stored objects. It is made when it is missing.</summary>
    public required string StorageDirectory { get; init; }

    /// <summary>How files are kept.</summary>
    public StorageOptions Storage { get; init; } = new();

    /// <summary>How people sign up and in.</summary>
    public AuthOptions Auth { get; init; } = new();

    /// <summary>Whether a request must carry an API key, as behind the hosted gateway.</summary>
    public bool RequireApiKey { get; init; } = true;

    /// <summary>How long an access token is good for.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long sessions live.</summary>
    public AuthSessionOptions Sessions { get; init; } = new();

    /// <summary>The second factors.</summary>
    public MfaOptions Mfa { get; init; } = new();

    /// <summary>Signing in with accounts elsewhere.</summary>
    public OAuthOptions OAuth { get; init; } = new();

    /// <summary>The function that may change the claims of access tokens.</summary>
    public CustomAccessTokenOptions CustomAccessToken { get; init; } = new();

    internal string TokenIssuer => Issuer ?? AuthUrl;

    internal bool AutoConfirm => Auth.AutoConfirm;

    internal bool DisableSignup => Auth.DisableSignup;

    internal string SiteUrl => string.IsNullOrEmpty(Auth.SiteUrl) ? Url() : Auth.SiteUrl;

    internal string AuthUrl => $"{Url().TrimEnd('/')}/auth/v1";
}
