using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types.Http.OAuth;

/// <summary>Speaks to token addresses. One call is one request: whether it is worth another one is for the caller to say.</summary>
internal sealed class OAuthTokenClient(EgressClient egress)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private const int MaxAnswerBytes = 64 * 1024;
    private const int MaxTokenLength = 16 * 1024;

    /// <summary>Gives a code for tokens (RFC 6749, section 4.1.3, with the proof of RFC 7636).</summary>
    public Task<OAuthTokens> ExchangeAsync(
        OAuthConfig config, string? secret, string code, string verifier, string redirectUri, CancellationToken cancellationToken) =>
        AskAsync(
            config, secret,
            new()
            {
                ["grant_type"] = "authorization_code",
                ["code"] = code,
                ["code_verifier"] = verifier,
                ["redirect_uri"] = redirectUri,
            },
            cancellationToken);

    /// <summary>Renews an access token (RFC 6749, section 6).</summary>
    public Task<OAuthTokens> RefreshAsync(OAuthConfig config, string? secret, string refreshToken, CancellationToken cancellationToken) =>
        AskAsync(
            config, secret, new() { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken }, cancellationToken);

    private async Task<OAuthTokens> AskAsync(
        OAuthConfig config, string? secret, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Post, config.TokenUrl);
        request.Headers.Accept.ParseAdd("application/json");
        Identify(request, config, secret, form);
        request.Content = new FormUrlEncodedContent(form);
        try
        {
            using var response = await egress.SendAsync(request, patience.Token);
            return await ReadAsync(response, patience.Token);
        }
        catch (Exception exception) when (HttpFailures.IsSourceTrouble(exception))
        {
            throw HttpFailures.Of(exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(SourceFailure.Timeout, "The token address did not answer in time.", exception);
        }
    }

    private static void Identify(HttpRequestMessage request, OAuthConfig config, string? secret, Dictionary<string, string> form)
    {
        if (secret is { Length: > 0 } && config.UsesBasic)
        {
            var pair = $"{Uri.EscapeDataString(config.ClientId)}:{Uri.EscapeDataString(secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
            return;
        }

        form["client_id"] = config.ClientId;
        if (secret is { Length: > 0 })
        {
            form["client_secret"] = secret;
        }
    }

    private static async Task<OAuthTokens> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
        {
            throw HttpFailures.OfStatus(response.StatusCode);
        }

        var body = await HttpBody.ReadAsync(response, MaxAnswerBytes, cancellationToken);
        // Some providers refuse with a success.
        if (!response.IsSuccessStatusCode || HttpSource.Text(body, "error") is not null)
        {
            throw new OAuthRefusedException(NameOf(HttpSource.Text(body, "error")));
        }

        if (HttpSource.Text(body, "access_token") is not { Length: > 0 and <= MaxTokenLength } token || token.Any(char.IsControl)
            || !string.Equals(HttpSource.Text(body, "token_type") ?? "bearer", "bearer", StringComparison.OrdinalIgnoreCase)
            || HttpSource.Text(body, "refresh_token")?.Length > MaxTokenLength)
        {
            throw new SourceException(SourceFailure.DataInvalid, "The token address gave no bearer token.");
        }

        var scope = HttpSource.Text(body, "scope");
        return new OAuthTokens(
            token, HttpSource.Text(body, "refresh_token") is { Length: > 0 } renewal ? renewal : null,
            scope?.Length > 4000 ? null : scope, LifeOf(body));
    }

    private static TimeSpan? LifeOf(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("expires_in", out var expires))
        {
            return null;
        }

        // Some providers write the number as text.
        return expires.ValueKind switch
        {
            JsonValueKind.Number when expires.TryGetInt32(out var seconds) && seconds > 0 => TimeSpan.FromSeconds(seconds),
            JsonValueKind.String when int.TryParse(expires.GetString(), out var seconds) && seconds > 0 => TimeSpan.FromSeconds(seconds),
            _ => null,
        };
    }

    // Shown to the owner: a code, whatever the other side writes there.
    private static string NameOf(string? error) =>
        error is { Length: > 0 and <= 60 } && error.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.')
            ? error
            : "refused";
}
