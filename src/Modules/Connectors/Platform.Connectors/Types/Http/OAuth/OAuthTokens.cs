namespace Platform.Connectors.Types.Http.OAuth;

/// <summary>What a token address gave.</summary>
/// <param name="AccessToken">Goes to the source.</param>
/// <param name="RefreshToken">Renews it; null where there is none, or where the one before goes on.</param>
/// <param name="Scope">What was granted, where the provider says so.</param>
/// <param name="Life">How long the access token serves; null where the provider does not say.</param>
internal sealed record OAuthTokens(string AccessToken, string? RefreshToken, string? Scope, TimeSpan? Life)
{
    /// <summary>Records print their members; this one must never print its secrets.</summary>
    public override string ToString() => nameof(OAuthTokens);
}

/// <summary>The token address has understood the request and refused it: asking again does not help.</summary>
/// <param name="error">The code of RFC 6749, section 5.2.</param>
internal sealed class OAuthRefusedException(string error) : Exception($"The token address refused: {error}.")
{
    public const string InvalidGrant = "invalid_grant";

    public string Error { get; } = error;
}
