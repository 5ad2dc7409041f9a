using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.Http;

/// <summary>
/// Access tokens of the OAuth client credentials grant (RFC 6749, section 4.4), in memory alone. However many ask at once, one request goes
/// to the token address; a token that comes to its end is renewed before, while it still serves.
/// </summary>
internal sealed class HttpTokens(EgressClient egress, TimeProvider clock)
{
    private const int MaxAnswerBytes = 64 * 1024;
    private const int MaxTokens = 1000;
    private const int UnknownLifeSeconds = 300;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan JustIssued = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Lazy<Task<HttpToken>>> _tokens = new(StringComparer.Ordinal);

    public async Task<string> GetAsync(ConnectorSettings settings, HttpAuth auth, CancellationToken cancellationToken)
    {
        var secret = settings.Credentials.GetValueOrDefault("client_secret", "");
        var key = KeyOf(settings.OwnerId, auth, secret);
        while (true)
        {
            var current = _tokens.GetOrAdd(key, _ => Later(auth, secret));
            var token = await WaitAsync(key, current, cancellationToken);
            if (token.IsExpired(clock.GetUtcNow()))
            {
                _tokens.TryUpdate(key, Later(auth, secret), current);
                continue;
            }

            if (token.TryBeginRenewal(clock.GetUtcNow()))
            {
                _ = RenewAsync(key, current, token, auth, secret);
            }

            return token.Value;
        }
    }

    /// <summary>Forgets a token that the source no longer accepts, unless it is so new that somebody else has just renewed it.</summary>
    public void Forget(ConnectorSettings settings, HttpAuth auth)
    {
        var key = KeyOf(settings.OwnerId, auth, settings.Credentials.GetValueOrDefault("client_secret", ""));
        if (_tokens.TryGetValue(key, out var known) && known.Value is { IsCompletedSuccessfully: true } token
            && clock.GetUtcNow() - token.GetAwaiter().GetResult().IssuedAt > JustIssued)
        {
            _tokens.TryRemove(new KeyValuePair<string, Lazy<Task<HttpToken>>>(key, known));
        }
    }

    private async Task<HttpToken> WaitAsync(string key, Lazy<Task<HttpToken>> current, CancellationToken cancellationToken)
    {
        try
        {
            return await current.Value.WaitAsync(cancellationToken);
        }
        catch when (current.Value.IsFaulted || current.Value.IsCanceled)
        {
            _tokens.TryRemove(new KeyValuePair<string, Lazy<Task<HttpToken>>>(key, current));
            throw;
        }
    }

    private async Task RenewAsync(string key, Lazy<Task<HttpToken>> current, HttpToken token, HttpAuth auth, string secret)
    {
        try
        {
            var renewed = Later(auth, secret);
            await renewed.Value;
            _tokens.TryUpdate(key, renewed, current);
        }
        catch (Exception exception) when (exception is SourceException or OperationCanceledException || HttpFailures.IsSourceTrouble(exception))
        {
            // The token still serves; whoever finds it expired learns what is wrong.
            token.EndRenewal();
        }
    }

    private Lazy<Task<HttpToken>> Later(HttpAuth auth, string secret)
    {
        if (_tokens.Count >= MaxTokens)
        {
            _tokens.Clear();
        }

        return new Lazy<Task<HttpToken>>(() => RequestAsync(auth, secret));
    }

    // Not bound to one caller's patience: others may wait for the same token.
    private async Task<HttpToken> RequestAsync(HttpAuth auth, string secret)
    {
        using var patience = new CancellationTokenSource(RequestTimeout);
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
        using var response = await egress.SendAsync(request, patience.Token);
        if (!response.IsSuccessStatusCode)
        {
            throw new SourceException(SourceFailure.AuthenticationFailed, $"The token address answered {(int)response.StatusCode}.");
        }

        var body = await HttpBody.ReadAsync(response, MaxAnswerBytes, patience.Token);
        var token = HttpSource.Text(body, "access_token") ?? throw Invalid("The token address gave no access_token.");
        var seconds = body.TryGetProperty("expires_in", out var expires) && expires.TryGetInt32(out var given) ? given : UnknownLifeSeconds;
        return new HttpToken(token, clock.GetUtcNow(), TimeSpan.FromSeconds(seconds));
    }

    private static SourceException Invalid(string message) => new(SourceFailure.InvalidConfig, message);

    private static string KeyOf(Guid ownerId, HttpAuth auth, string secret) => Convert.ToHexString(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(new[] { ownerId.ToString(), auth.TokenUrl, auth.ClientId, auth.Scope, secret })));
}
