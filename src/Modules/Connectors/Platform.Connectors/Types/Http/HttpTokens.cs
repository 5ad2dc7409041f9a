using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.Http;

/// <summary>Access tokens of the OAuth client credentials grant (RFC 6749, section 4.4), kept until shortly before they expire.</summary>
internal sealed class HttpTokens(EgressClient egress, TimeProvider clock)
{
    private const int MaxAnswerBytes = 64 * 1024;
    private const int MaxTokens = 1000;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, (string Token, DateTimeOffset ExpiresAt)> _tokens = new(StringComparer.Ordinal);

    public async Task<string> GetAsync(ConnectorSettings settings, HttpAuth auth, CancellationToken cancellationToken)
    {
        var secret = settings.Credentials.GetValueOrDefault("client_secret", "");
        var key = KeyOf(settings.OwnerId, auth, secret);
        if (_tokens.TryGetValue(key, out var known) && known.ExpiresAt > clock.GetUtcNow())
        {
            return known.Token;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, auth.TokenUrl ?? throw Invalid("The auth has no token_url."));
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = auth.ClientId ?? "",
            ["client_secret"] = secret,
        };
        if (auth.Scope is { Length: > 0 } scope)
        {
            form["scope"] = scope;
        }

        request.Content = new FormUrlEncodedContent(form);
        using var response = await egress.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new SourceException(SourceFailure.AuthenticationFailed, $"The token address answered {(int)response.StatusCode}.");
        }

        var body = await HttpBody.ReadAsync(response, MaxAnswerBytes, cancellationToken);
        var token = HttpSource.Text(body, "access_token") ?? throw Invalid("The token address gave no access_token.");
        var seconds = body.TryGetProperty("expires_in", out var expires) && expires.TryGetInt32(out var given) ? given : 300;
        if (_tokens.Count >= MaxTokens)
        {
            _tokens.Clear();
        }

        _tokens[key] = (token, clock.GetUtcNow().AddSeconds(seconds) - Margin);
        return token;
    }

    public void Forget(ConnectorSettings settings, HttpAuth auth) =>
        _tokens.TryRemove(KeyOf(settings.OwnerId, auth, settings.Credentials.GetValueOrDefault("client_secret", "")), out _);

    private static SourceException Invalid(string message) => new(SourceFailure.InvalidConfig, message);

    private static string KeyOf(Guid ownerId, HttpAuth auth, string secret) => Convert.ToHexString(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(new[] { ownerId.ToString(), auth.TokenUrl, auth.ClientId, auth.Scope, secret })));
}
