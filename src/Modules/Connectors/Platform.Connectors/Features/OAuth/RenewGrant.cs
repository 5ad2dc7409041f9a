using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Features.Health;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Http.OAuth;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.OAuth;

/// <summary>The grant of a connector with its tokens, which stay in memory; null where there is none.</summary>
internal sealed record OpenGrantQuery(Guid ConnectorId) : IQuery<OpenGrant?>;

internal sealed record OpenGrant(
    string ConfigKey,
    string Status,
    long Version,
    string? AccessToken,
    string? RefreshToken,
    DateTimeOffset IssuedAt,
    DateTimeOffset? ExpiresAt)
{
    /// <summary>Records print their members; this one must never print its secrets.</summary>
    public override string ToString() => $"OpenGrant {{ Version = {Version} }}";
}

/// <summary>The same as it is stored.</summary>
internal sealed record StoredGrant(
    string ConfigKey, string Status, long Version, string? Tokens, DateTimeOffset IssuedAt, DateTimeOffset? ExpiresAt);

internal sealed class OpenGrantHandler(ConnectorsDbContext db, Credentials credentials) : IRequestHandler<OpenGrantQuery, OpenGrant?>
{
    public async Task<OpenGrant?> Handle(OpenGrantQuery request, CancellationToken cancellationToken)
    {
        // One statement, so that version and tokens are of one moment.
        var rows = await db.Database.SqlQuery<StoredGrant>(
            $"""
            select config_key, status, version, connectors.sealed_oauth_tokens(connector_id)::text as tokens, issued_at, expires_at
            from connectors.oauth_grants where connector_id = {request.ConnectorId}
            """).ToListAsync(cancellationToken);
        if (rows is not [var row])
        {
            return null;
        }

        var (access, refresh) = await SealedTokens.OpenAsync(credentials, request.ConnectorId, row.Tokens, cancellationToken);
        return new OpenGrant(row.ConfigKey, row.Status, row.Version, access, refresh, row.IssuedAt, row.ExpiresAt);
    }
}

/// <summary>Takes the renewal of the tokens of a version upon this node, for a while; null where that is not to be had.</summary>
internal sealed record ClaimRenewalCommand(Guid ConnectorId, long Version) : ICommand<long?>;

internal sealed class ClaimRenewalValidator : AbstractValidator<ClaimRenewalCommand>
{
    public ClaimRenewalValidator() => RuleFor(command => command.Version).GreaterThan(0);
}

internal sealed class ClaimRenewalHandler(ConnectorsDbContext db, TimeProvider clock) : IRequestHandler<ClaimRenewalCommand, long?>
{
    public async Task<long?> Handle(ClaimRenewalCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var fences = await db.Database.SqlQuery<long>(
            $"""
            update connectors.oauth_grants set lease_until = {now + RenewalLease.Length}, fence = fence + 1
            where connector_id = {request.ConnectorId} and version = {request.Version} and status = 'active'
              and (lease_until is null or lease_until <= {now})
            returning fence as "Value"
            """).ToListAsync(cancellationToken);
        return fences is [var fence] ? fence : null;
    }
}

/// <summary>Goes on with a renewal, or gives it back with no time; answers whether it is still this node's.</summary>
internal sealed record ExtendRenewalCommand(Guid ConnectorId, long Fence, TimeSpan Time) : ICommand<bool>;

internal sealed class ExtendRenewalValidator : AbstractValidator<ExtendRenewalCommand>
{
    public ExtendRenewalValidator() => RuleFor(command => command.Time).GreaterThanOrEqualTo(TimeSpan.Zero);
}

internal sealed class ExtendRenewalHandler(ConnectorsDbContext db, TimeProvider clock) : IRequestHandler<ExtendRenewalCommand, bool>
{
    public async Task<bool> Handle(ExtendRenewalCommand request, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
            update connectors.oauth_grants set lease_until = {clock.GetUtcNow() + request.Time}
            where connector_id = {request.ConnectorId} and fence = {request.Fence} and lease_until is not null
            """,
            cancellationToken) == 1;
}

/// <summary>Keeps renewed tokens, if the renewal is still this node's.</summary>
internal sealed record KeepRenewalCommand(Guid ConnectorId, long Fence, OAuthTokens Tokens) : ICommand<bool>;

internal sealed class KeepRenewalValidator : AbstractValidator<KeepRenewalCommand>
{
    public KeepRenewalValidator() => RuleFor(command => command.Fence).GreaterThan(0);
}

internal sealed class KeepRenewalHandler(ConnectorsDbContext db, Credentials credentials, TimeProvider clock)
    : IRequestHandler<KeepRenewalCommand, bool>
{
    public async Task<bool> Handle(KeepRenewalCommand request, CancellationToken cancellationToken)
    {
        var (now, tokens) = (clock.GetUtcNow(), request.Tokens);
        var sealedTokens = await SealedTokens.SealAsync(credentials, request.ConnectorId, tokens, cancellationToken);
        return await db.Database.ExecuteSqlAsync(
            $"""
            update connectors.oauth_grants set
              tokens_encrypted = {sealedTokens}::jsonb, scope = coalesce({tokens.Scope}, scope),
              is_renewable = {tokens.RefreshToken is not null}, version = version + 1, issued_at = {now},
              expires_at = {now + tokens.Life}, lease_until = null, updated_at = {now}
            where connector_id = {request.ConnectorId} and fence = {request.Fence} and lease_until is not null
            """,
            cancellationToken) == 1;
    }
}

/// <summary>The provider has taken a grant back: its tokens go, and the connector says that somebody has to authorize it.</summary>
internal sealed record RefuseGrantCommand(Guid ConnectorId, long Fence) : ICommand<bool>;

internal sealed class RefuseGrantValidator : AbstractValidator<RefuseGrantCommand>
{
    public RefuseGrantValidator() => RuleFor(command => command.Fence).GreaterThan(0);
}

internal sealed class RefuseGrantHandler(ConnectorsDbContext db, TimeProvider clock) : IRequestHandler<RefuseGrantCommand, bool>
{
    public async Task<bool> Handle(RefuseGrantCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var changed = await db.Database.ExecuteSqlAsync(
            $"""
            update connectors.oauth_grants set
              status = 'refused', tokens_encrypted = null, is_renewable = false, version = version + 1, lease_until = null,
              updated_at = {now}
            where connector_id = {request.ConnectorId} and fence = {request.Fence} and lease_until is not null
            """,
            cancellationToken);
        var connector = await db.Connectors.SingleOrDefaultAsync(one => one.Id == request.ConnectorId, cancellationToken);
        if (changed == 0 || connector is null)
        {
            return false;
        }

        HealthChange.Record(db, connector, healthy: false, SourceFailure.AuthorizationRequired, OAuthGrants.TakenBack, now);
        db.ConnectorEvents.Add(
            ConnectorEvent.Of(connector, "authorization_lost", now, SourceFailure.AuthorizationRequired, OAuthGrants.TakenBack));
        return true;
    }
}

/// <summary>
/// How long a renewal is a node's without a sign of life: longer than one request, shorter than providers remember a lost answer.
/// </summary>
internal static class RenewalLease
{
    public static readonly TimeSpan Length = OAuthTokenClient.Patience + TimeSpan.FromSeconds(5);
}
