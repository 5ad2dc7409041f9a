using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Platform.Connectors.Domain;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Http;
using Platform.Connectors.Types.Http.OAuth;

namespace Platform.Connectors.Features.OAuth;

/// <summary>
/// Access tokens of authorized connectors. What stands in the table is looked at every few seconds, so that what another node renewed, or
/// the owner changed, holds here too. A token is renewed in the last fifth of its life, while it still serves.
/// </summary>
internal sealed class OAuthGrants(GrantRenewal renewal, TimeProvider clock, ILogger<OAuthGrants> logger) : IOAuthGrants
{
    public const string TakenBack = "The provider no longer honours the authorization. Authorize the connector again.";
    private const int MaxKnown = 1000;
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JustIssued = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<Guid, Known> _known = new();
    private readonly ConcurrentDictionary<Guid, Lazy<Task<OpenGrant>>> _renewals = new();

    private sealed record Known(OpenGrant Grant, HttpToken? Token, long ReadAt)
    {
        /// <summary>Whether the source has refused the token.</summary>
        public bool IsRefused { get; init; }
    }

    public static SourceException Required(string message) => new(SourceFailure.AuthorizationRequired, message);

    public async Task<string> GetAsync(ConnectorSettings settings, OAuthConfig config, CancellationToken cancellationToken)
    {
        if (settings.ConnectorId is not { } id)
        {
            throw Required("Save the connector, then authorize it.");
        }

        var known = await FindAsync(settings.OwnerId, id, cancellationToken);
        if (known?.Grant is not { Status: OAuthGrant.Active, AccessToken: { } token } grant || grant.ConfigKey != config.Key)
        {
            throw Required(known is null ? "Nobody has authorized the connector yet." : TakenBack);
        }

        if (known.IsRefused || known.Token?.IsExpired(clock.GetUtcNow()) == true)
        {
            return (await RenewAsync(settings, config, grant, cancellationToken)).AccessToken!;
        }

        if (grant.RefreshToken is not null && known.Token?.TryBeginRenewal(clock.GetUtcNow()) == true)
        {
            _ = RenewQuietlyAsync(settings, config, grant, known.Token);
        }

        return token;
    }

    public void Forget(ConnectorSettings settings)
    {
        // A source that refuses every token must not cost one a request.
        if (settings.ConnectorId is { } id && _known.TryGetValue(id, out var known)
            && clock.GetUtcNow() - known.Grant.IssuedAt > JustIssued && known.Grant.RefreshToken is not null)
        {
            _known.TryUpdate(id, known with { IsRefused = true }, known);
        }
    }

    private async Task<Known?> FindAsync(Guid ownerId, Guid id, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(id, out var known) && known.Grant.Status == OAuthGrant.Active
            && clock.GetElapsedTime(known.ReadAt) < Freshness)
        {
            return known;
        }

        if (await renewal.OpenAsync(ownerId, id, cancellationToken) is not { } grant)
        {
            _known.TryRemove(id, out _);
            return null;
        }

        return Keep(id, grant, known);
    }

    private Known Keep(Guid id, OpenGrant grant, Known? before)
    {
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        var isSame = before?.Grant.Version == grant.Version;
        var token = grant is { AccessToken: { } value, ExpiresAt: { } end }
            ? new HttpToken(value, grant.IssuedAt, end - grant.IssuedAt)
            : null;
        return _known[id] = new Known(grant, token, clock.GetTimestamp()) { IsRefused = isSame && before!.IsRefused };
    }

    private async Task<OpenGrant> RenewAsync(
        ConnectorSettings settings, OAuthConfig config, OpenGrant grant, CancellationToken cancellationToken)
    {
        if (grant.RefreshToken is null)
        {
            throw Required("The access token has ended, and the provider gave nothing to renew it with. Authorize the connector again.");
        }

        // However many wait, one asks; and it goes on when whoever began it leaves.
        var id = settings.ConnectorId!.Value;
        var running = _renewals.GetOrAdd(id, _ => new(() => Task.Run(() => RunAsync(settings, config, grant))));
        return await running.Value.WaitAsync(cancellationToken);
    }

    private async Task<OpenGrant> RunAsync(ConnectorSettings settings, OAuthConfig config, OpenGrant grant)
    {
        var id = settings.ConnectorId!.Value;
        try
        {
            return Keep(id, await renewal.RunAsync(settings, config, grant), null).Grant;
        }
        catch
        {
            _known.TryRemove(id, out _);
            throw;
        }
        finally
        {
            _renewals.TryRemove(id, out _);
        }
    }

    private async Task RenewQuietlyAsync(ConnectorSettings settings, OAuthConfig config, OpenGrant grant, HttpToken token)
    {
        try
        {
            await RenewAsync(settings, config, grant, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The token still serves; whoever finds it expired learns what is wrong.
            logger.GrantNotRenewed(exception, settings.ConnectorId!.Value);
            token.EndRenewal();
        }
    }
}
