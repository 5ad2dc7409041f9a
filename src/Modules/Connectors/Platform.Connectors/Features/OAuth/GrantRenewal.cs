using System.Data.Common;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Connectors.Domain;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Http.OAuth;
using Platform.SharedKernel.Callers;

namespace Platform.Connectors.Features.OAuth;

/// <summary>
/// Renews the tokens of a connector, on one node at a time: a provider that gives a new refresh token with each renewal takes two at once
/// for a theft. An answer that is lost is asked for again with the same refresh token, which is kept until the next one is.
/// </summary>
internal sealed class GrantRenewal(
    IServiceScopeFactory scopes, OAuthTokenClient client, TimeProvider clock, ILogger<GrantRenewal> logger)
{
    private const int MaxRequests = 3;
    private const int MaxWrites = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1)];

    public async Task<OpenGrant?> OpenAsync(Guid ownerId, Guid connectorId, CancellationToken cancellationToken) =>
        await SendAsync(ownerId, new OpenGrantQuery(connectorId), cancellationToken);

    /// <summary>Brings tokens that are newer than the given ones, by this node or by another.</summary>
    public async Task<OpenGrant> RunAsync(ConnectorSettings settings, OAuthConfig config, OpenGrant old)
    {
        var (owner, id, started) = (settings.OwnerId, settings.ConnectorId!.Value, clock.GetTimestamp());
        while (clock.GetElapsedTime(started) < Patience)
        {
            if (await SendAsync(owner, new ClaimRenewalCommand(id, old.Version), default) is { } fence
                && await BringAsync(settings, config, old, fence) is { } renewed)
            {
                return renewed;
            }

            var current = await OpenAsync(owner, id, default);
            if (current is not { Status: OAuthGrant.Active } || current.ConfigKey != config.Key)
            {
                throw OAuthGrants.Required(OAuthGrants.TakenBack);
            }

            if (current.Version > old.Version)
            {
                return current;
            }

            // Another node is at it.
            await Task.Delay(Glance, clock);
        }

        throw new SourceException(SourceFailure.Timeout, "The access token could not be renewed in time.");
    }

    /// <summary>Null where the renewal went to another node meanwhile.</summary>
    private async Task<OpenGrant?> BringAsync(ConnectorSettings settings, OAuthConfig config, OpenGrant old, long fence)
    {
        var (owner, id) = (settings.OwnerId, settings.ConnectorId!.Value);
        for (var request = 1; ; request++)
        {
            try
            {
                var given = await client.RefreshAsync(
                    config, settings.Credentials.GetValueOrDefault(OAuthConfig.Secret), old.RefreshToken!, CancellationToken.None);
                var tokens = given with { RefreshToken = given.RefreshToken ?? old.RefreshToken };
                return await KeepAsync(owner, id, fence, tokens) ? await OpenAsync(owner, id, default) : null;
            }
            catch (OAuthRefusedException exception) when (exception.Error == OAuthRefusedException.InvalidGrant)
            {
                if (await SendAsync(owner, new RefuseGrantCommand(id, fence), default))
                {
                    logger.GrantRefused(id);
                }

                return null;
            }
            catch (OAuthRefusedException exception)
            {
                await ReleaseAsync(owner, id, fence);
                throw new SourceException(
                    SourceFailure.AuthenticationFailed, $"The token address refuses the client: {exception.Error}.", exception);
            }
            catch (SourceException) when (request < MaxRequests)
            {
                await Task.Delay(Pauses[request - 1], clock);
                if (!await SendAsync(owner, new ExtendRenewalCommand(id, fence, RenewalLease.Length), default))
                {
                    return null;
                }
            }
            catch (SourceException)
            {
                await ReleaseAsync(owner, id, fence);
                throw;
            }
        }
    }

    // The old refresh token may be worth nothing now, so the new one must not be lost to a moment without a database.
    private async Task<bool> KeepAsync(Guid owner, Guid id, long fence, OAuthTokens tokens)
    {
        for (var write = 1; ; write++)
        {
            try
            {
                return await SendAsync(owner, new KeepRenewalCommand(id, fence, tokens), default);
            }
            catch (Exception exception) when (write < MaxWrites && exception is DbException or TimeoutException or DbUpdateException)
            {
                logger.GrantNotKept(exception, id);
                await Task.Delay(TimeSpan.FromMilliseconds(100 * write * write), clock);
            }
        }
    }

    private Task<bool> ReleaseAsync(Guid owner, Guid id, long fence) =>
        SendAsync(owner, new ExtendRenewalCommand(id, fence, TimeSpan.Zero), default);

    private async Task<T> SendAsync<T>(Guid owner, IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(owner);
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}
