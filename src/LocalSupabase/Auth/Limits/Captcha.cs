using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platform.LocalSupabase.Auth.Limits;

/// <summary>The part of a request that programs cannot make up.</summary>
internal sealed record MetaSecurity(string? CaptchaToken);

/// <summary>Asks the configured service whether a person stands behind a request. Without a secret everybody passes.</summary>
internal sealed class Captcha(LocalSupabaseOptions options, IHttpClientFactory clients, ILogger<Captcha> logger)
{
    public const string ClientName = "auth captcha";

    public async Task CheckAsync(MetaSecurity? security, HttpContext context)
    {
        if (string.IsNullOrEmpty(options.Auth.Captcha.Secret))
        {
            return;
        }

        if (string.IsNullOrEmpty(security?.CaptchaToken))
        {
            throw Refused("no captcha_token found");
        }

        if (!await VerifyAsync(security.CaptchaToken, context))
        {
            throw Refused("invalid-input-response");
        }
    }

    private async Task<bool> VerifyAsync(string token, HttpContext context)
    {
        using var client = clients.CreateClient(ClientName);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["secret"] = options.Auth.Captcha.Secret!,
            ["response"] = token,
            ["remoteip"] = context.Connection.RemoteIpAddress?.ToString() ?? "",
        });
        try
        {
            using var response = await client.PostAsync(new Uri(options.Auth.Captcha.VerifyUrl), form, context.RequestAborted);
            var answer = await response.Content.ReadFromJsonAsync<JsonObject>(context.RequestAborted);
            return response.IsSuccessStatusCode
                && answer?["success"] is JsonValue success && success.TryGetValue<bool>(out var passed) && passed;
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException
            && !context.RequestAborted.IsCancellationRequested))
        {
            logger.OutsideServiceFailed(exception);
            throw new AuthException(StatusCodes.Status500InternalServerError, "unexpected_failure", "captcha verification process failed");
        }
    }

    private static AuthException Refused(string reason) =>
        new(StatusCodes.Status400BadRequest, "captcha_failed", $"captcha protection: request disallowed ({reason})");
}
