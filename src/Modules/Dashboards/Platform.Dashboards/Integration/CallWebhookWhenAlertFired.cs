using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Contracts.Events;
using Platform.Dashboards.Features.Alerts;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Infrastructure.Egress;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Dashboards.Integration;

/// <summary>
/// Calls the alert's webhook, signed as Standard Webhooks asks (specification 1.0.0): HMAC-SHA256 over <c>id.timestamp.body</c>. A call that is
/// not answered with 2xx is made again, with the same id.
/// </summary>
internal sealed class CallWebhookWhenAlertFiredHandler(
    DashboardsDbContext db, AlertSecrets secrets, EgressClient egress, TimeProvider clock)
    : INotificationHandler<AlertFiredIntegrationEvent>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public async Task Handle(AlertFiredIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var alert = await db.Alerts.AsNoTracking()
            .SingleOrDefaultAsync(alert => alert.Id == notification.AlertId && alert.UserId == notification.UserId, cancellationToken);
        if (alert is not { WebhookSecretSealed: { } secret } || AlertTermsValidator.NotifyOf(alert.Notify).WebhookUrl is not { } url)
        {
            return;
        }

        var key = await secrets.OpenAsync(alert.Id, secret, cancellationToken);
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                Type = "alert.state_changed",
                Timestamp = notification.CheckedAt,
                Data = new { alert.Id, alert.Name, alert.WidgetId, notification.State, notification.Before },
            },
            PlatformJson.Options);
        using var request = Sign(url, $"alert_{notification.AlertId:N}_{notification.CheckedAt.UtcTicks}", body, key);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        using var response = await egress.SendAsync(request, timeout.Token);
        response.EnsureSuccessStatusCode();
    }

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
