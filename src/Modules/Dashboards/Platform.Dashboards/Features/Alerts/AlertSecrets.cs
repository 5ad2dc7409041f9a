using MediatR;
using Platform.Dashboards.Domain;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.Dashboards.Features.Alerts;

/// <summary>The secrets that alerts' webhooks are signed with, sealed under the owner's data key.</summary>
internal sealed class AlertSecrets(IMediator mediator, EnvelopeCipher cipher)
{
    /// <summary>Makes a secret where the alert has a webhook and no secret yet, and returns it; null where it makes none.</summary>
    public async Task<string?> EnsureAsync(Alert alert, CancellationToken cancellationToken)
    {
        if (alert.WebhookSecretSealed is not null || AlertTermsValidator.NotifyOf(alert.Notify).WebhookUrl is null)
        {
            return null;
        }

        var secret = StandardWebhooks.NewSecret();
        alert.SealWebhookSecret(cipher.Encrypt(await KeyAsync(cancellationToken), PlaceOf(alert.Id), secret));
        return secret;
    }

    /// <summary>The key to sign with.</summary>
    public async Task<byte[]> OpenAsync(Guid alertId, string sealedSecret, CancellationToken cancellationToken)
    {
        var secret = cipher.Decrypt(await KeyAsync(cancellationToken), PlaceOf(alertId), sealedSecret);
        return StandardWebhooks.KeyOf(secret);
    }

    private static string PlaceOf(Guid alertId) => $"alert:{alertId}:webhook_secret";

    private async Task<WrappedDataKey> KeyAsync(CancellationToken cancellationToken)
    {
        var key = await mediator.Send(new GetUserDataKeyQuery(), cancellationToken);
        return new WrappedDataKey(key.UserId, key.MasterKeyId, key.WrappedKey);
    }
}
