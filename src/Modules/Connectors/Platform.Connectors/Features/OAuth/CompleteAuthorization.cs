using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types.Http.OAuth;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.OAuth;

/// <summary>
/// Ends an attempt, whoever comes with its state: nobody comes with it twice. Runs as a system job, since a browser is nobody.
/// </summary>
internal sealed record TakeAttemptCommand(string StateHash) : ICommand<OAuthAttempt>;

internal sealed class TakeAttemptValidator : AbstractValidator<TakeAttemptCommand>
{
    public TakeAttemptValidator() => RuleFor(command => command.StateHash).NotEmpty().MaximumLength(128);
}

internal sealed class TakeAttemptHandler(ConnectorsDbContext db, TimeProvider clock) : IRequestHandler<TakeAttemptCommand, OAuthAttempt>
{
    public async Task<OAuthAttempt> Handle(TakeAttemptCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        // Of two that come at once, one changes the row.
        var taken = await db.OAuthAttempts
            .Where(attempt => attempt.StateHash == request.StateHash && attempt.UsedAt == null && attempt.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(attempt => attempt.UsedAt, now), cancellationToken);
        var attempt = await db.OAuthAttempts.AsNoTracking()
            .SingleOrDefaultAsync(attempt => attempt.StateHash == request.StateHash, cancellationToken)
            ?? throw OAuthState.Unknown();
        return taken == 1 ? attempt : throw (attempt.UsedAt is null ? OAuthState.Expired() : OAuthState.Used());
    }
}

/// <summary>The attempt that a state belongs to, if it still waits for its answer; it is not taken.</summary>
internal sealed record FindOpenAttemptQuery(string StateHash) : IQuery<OAuthAttempt?>;

internal sealed class FindOpenAttemptValidator : AbstractValidator<FindOpenAttemptQuery>
{
    public FindOpenAttemptValidator() => RuleFor(query => query.StateHash).NotEmpty().MaximumLength(128);
}

internal sealed class FindOpenAttemptHandler(ConnectorsDbContext db, TimeProvider clock)
    : IRequestHandler<FindOpenAttemptQuery, OAuthAttempt?>
{
    public Task<OAuthAttempt?> Handle(FindOpenAttemptQuery request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return db.OAuthAttempts.AsNoTracking().SingleOrDefaultAsync(
            attempt => attempt.StateHash == request.StateHash && attempt.UsedAt == null && attempt.ExpiresAt > now, cancellationToken);
    }
}

/// <summary>The name of a connector.</summary>
internal sealed record NameConnectorQuery(Guid Id) : IQuery<string>;

internal sealed class NameConnectorHandler(ConnectorsDbContext db) : IRequestHandler<NameConnectorQuery, string>
{
    public async Task<string> Handle(NameConnectorQuery request, CancellationToken cancellationToken) =>
        await db.Connectors.Where(connector => connector.Id == request.Id).Select(connector => connector.Name)
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw ConnectorOpener.NotFound();
}

/// <summary>What the exchange of a code needs; the answer holds opened secrets and stays in memory.</summary>
internal sealed record OpenExchangeQuery(Guid AttemptId) : IQuery<OAuthExchange>;

internal sealed record OAuthExchange(OAuthConfig Config, string? Secret, string Verifier, string RedirectUri)
{
    /// <summary>Records print their members; this one must never print its secrets.</summary>
    public override string ToString() => nameof(OAuthExchange);
}

internal sealed class OpenExchangeHandler(ConnectorsDbContext db, Credentials credentials)
    : IRequestHandler<OpenExchangeQuery, OAuthExchange>
{
    public async Task<OAuthExchange> Handle(OpenExchangeQuery request, CancellationToken cancellationToken)
    {
        var attempt = await db.OAuthAttempts.AsNoTracking().SingleOrDefaultAsync(one => one.Id == request.AttemptId, cancellationToken)
            ?? throw OAuthState.Unknown();
        var connector = await db.Connectors.AsNoTracking().SingleAsync(one => one.Id == attempt.ConnectorId, cancellationToken);
        var config = OAuthConfig.From(connector.Config);
        if (config is null || config.Key != attempt.ConfigKey)
        {
            throw new ConflictException(
                "oauth_config_changed", "The connector's auth was changed meanwhile. Begin the authorization again.");
        }

        var secrets = await credentials.OpenAsync(connector.Id, cancellationToken);
        return new OAuthExchange(
            config, secrets.GetValueOrDefault(OAuthConfig.Secret),
            await AuthorizeConnectorHandler.OpenVerifierAsync(credentials, attempt, cancellationToken), attempt.RedirectUri);
    }
}

/// <summary>Keeps what the provider has granted, in place of what it granted before.</summary>
internal sealed record KeepGrantCommand(Guid AttemptId, OAuthTokens Tokens) : ICommand;

internal sealed class KeepGrantHandler(ConnectorsDbContext db, Credentials credentials, TimeProvider clock)
    : AsyncRequestHandler<KeepGrantCommand>
{
    protected override async Task Handle(KeepGrantCommand request, CancellationToken cancellationToken)
    {
        var (now, tokens) = (clock.GetUtcNow(), request.Tokens);
        var attempt = await db.OAuthAttempts.AsNoTracking().SingleOrDefaultAsync(one => one.Id == request.AttemptId, cancellationToken)
            ?? throw OAuthState.Unknown();
        var connector = await db.Connectors.SingleAsync(one => one.Id == attempt.ConnectorId, cancellationToken);
        var sealedTokens = await SealedTokens.SealAsync(credentials, connector.Id, tokens, cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into connectors.oauth_grants as kept (
              connector_id, user_id, config_key, status, scope, tokens_encrypted, is_renewable, version, authorized_at, issued_at,
              expires_at)
            values (
              {connector.Id}, {connector.UserId}, {attempt.ConfigKey}, 'active', {tokens.Scope}, {sealedTokens}::jsonb,
              {tokens.RefreshToken is not null}, 1, {now}, {now}, {now + tokens.Life})
            on conflict (connector_id) do update set
              config_key = excluded.config_key, status = 'active', scope = excluded.scope, tokens_encrypted = {sealedTokens}::jsonb,
              is_renewable = excluded.is_renewable, version = kept.version + 1, authorized_at = excluded.authorized_at,
              issued_at = excluded.issued_at, expires_at = excluded.expires_at, lease_until = null, fence = kept.fence + 1,
              updated_at = excluded.issued_at
            """,
            cancellationToken);
        connector.RecordAuthorization(now);
        // Other eyes may see other tables: what differs is no change of the source.
        db.Schemas.RemoveRange(await db.Schemas.Where(schema => schema.ConnectorId == connector.Id).ToListAsync(cancellationToken));
        db.ConnectorEvents.Add(ConnectorEvent.Of(connector, "authorized", now, data: new { scope = tokens.Scope }));
    }
}

/// <summary>Notes that an authorization came to nothing; what was granted before stays.</summary>
internal sealed record RecordRefusalCommand(Guid ConnectorId, string Code, string Detail) : ICommand;

internal sealed class RecordRefusalValidator : AbstractValidator<RecordRefusalCommand>
{
    public RecordRefusalValidator() => RuleFor(command => command.Code).NotEmpty().MaximumLength(80);
}

internal sealed class RecordRefusalHandler(ConnectorsDbContext db, TimeProvider clock) : AsyncRequestHandler<RecordRefusalCommand>
{
    protected override async Task Handle(RecordRefusalCommand request, CancellationToken cancellationToken)
    {
        var connector = await db.Connectors.AsNoTracking().SingleOrDefaultAsync(one => one.Id == request.ConnectorId, cancellationToken);
        if (connector is not null)
        {
            db.ConnectorEvents.Add(
                ConnectorEvent.Of(connector, "authorization_failed", clock.GetUtcNow(), request.Code, request.Detail));
        }
    }
}

/// <summary>Tokens as they are stored.</summary>
internal static class SealedTokens
{
    private const string Access = "oauth_access_token";
    private const string Refresh = "oauth_refresh_token";

    public static async Task<string> SealAsync(
        Credentials credentials, Guid connectorId, OAuthTokens tokens, CancellationToken cancellationToken)
    {
        var fields = new Dictionary<string, string> { [Access] = tokens.AccessToken };
        if (tokens.RefreshToken is { } refresh)
        {
            fields[Refresh] = refresh;
        }

        return JsonSerializer.Serialize(await credentials.SealAsync(connectorId, fields, cancellationToken));
    }

    public static async Task<(string? Access, string? Refresh)> OpenAsync(
        Credentials credentials, Guid connectorId, string? stored, CancellationToken cancellationToken)
    {
        if (stored is null)
        {
            return (null, null);
        }

        var fields = JsonSerializer.Deserialize<Dictionary<string, string>>(stored)!;
        var opened = await credentials.OpenAsync(connectorId, fields, cancellationToken);
        return (opened.GetValueOrDefault(Access), opened.GetValueOrDefault(Refresh));
    }
}
