using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Alerts;
using Platform.SharedKernel.Infrastructure.Egress;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Dashboards.Delivery;

/// <summary>
/// Calls an alert's webhook, signed as Standard Webhooks asks (specification 1.0.0): HMAC-SHA256 over <c>id.timestamp.body</c>. A call
/// that is not answered with 2xx is made again, with the same id.
/// </summary>
internal sealed class AlertWebhook(AlertSecrets secrets, EgressClient egress, TimeProvider clock)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Calls it as the alert's owner, whose key opens the secret.</summary>
    public async Task<DeliveryOutcome> CallAsync(TakenDelivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.SealedSecret is not { } secret || AlertTermsValidator.NotifyOf(delivery.Notify).WebhookUrl is not { } url)
        {
            return new DeliveryOutcome(false, "webhook_removed");
        }

        var key = await secrets.OpenAsync(delivery.AlertId, secret, cancellationToken);
        using var request = Sign(url, $"alert_{delivery.AlertId:N}_{delivery.CheckedAt.UtcTicks}", BodyOf(delivery), key);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            using var response = await egress.SendAsync(request, timeout.Token);
            return response.IsSuccessStatusCode
                ? new DeliveryOutcome(true)
                : new DeliveryOutcome(false, $"http_{(int)response.StatusCode}", MayHelp: true);
        }
        catch (EgressDeniedException)
        {
            return new DeliveryOutcome(false, "address_not_allowed");
        }
        catch (Exception exception) when (
            exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new DeliveryOutcome(false, "webhook_unreachable", MayHelp: true);
        }
    }

    private static byte[] BodyOf(TakenDelivery delivery) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            Type = "alert.state_changed",
            Timestamp = delivery.CheckedAt,
            Data = new { Id = delivery.AlertId, Name = delivery.AlertName, delivery.WidgetId, delivery.State, delivery.Before },
        },
        PlatformJson.Options);

    private HttpRequestMessage Sign(string url, string id, byte[] body, byte[] key)
    {
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", StandardWebhooks.Version + StandardWebhooks.Sign(key, id, timestamp, body));
        return request;
    }
}
