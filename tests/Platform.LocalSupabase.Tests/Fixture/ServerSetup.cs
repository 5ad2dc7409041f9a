using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Auth.Hooks;
using Platform.LocalSupabase.Auth.Mfa;
using Platform.LocalSupabase.Auth.OAuth;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Functions;
using Platform.LocalSupabase.Rest;
using Platform.LocalSupabase.Storage.Options;

namespace Platform.LocalSupabase.Tests.Fixture;

/// <summary>The settings of a server beyond the switches that most tests use.</summary>
internal sealed record ServerSetup
{
    /// <summary>A JWK or a list of them; a new one for each server if left out.</summary>
    public string? SigningKeys { get; init; }

    public string? Issuer { get; init; }

    public AuthSessionOptions Sessions { get; init; } = new();

    public MfaOptions Mfa { get; init; } = new();

    public CustomAccessTokenOptions CustomAccessToken { get; init; } = new();

    /// <summary>
    /// If left out: no sweeps. Servers of the tests share one database and have files of their own, so each would miss the others'.
    /// </summary>
    public StorageOptions? Storage { get; init; }

    public OAuthOptions OAuth { get; init; } = new();

    public FunctionsOptions Functions { get; init; } = new();

    public RestOptions Rest { get; init; } = new();

    /// <summary>Adds to what the server logs to.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }
}
