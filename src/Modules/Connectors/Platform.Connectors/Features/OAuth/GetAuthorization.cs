using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types.Http.OAuth;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.OAuth;

internal sealed class GetAuthorizationEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/oauth", HandleAsync).WithName("GetConnectorAuthorization")
            .WithSummary("Whether a person has authorized the connector at its provider; never a token");

    private static async Task<Ok<AuthorizationResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetAuthorizationQuery(id), cancellationToken));
}

internal sealed record GetAuthorizationQuery(Guid Id) : IQuery<AuthorizationResponse>;

/// <param name="Status">
/// <c>not_used</c> (another kind of auth), <c>required</c> (nobody has authorized it as it is configured now, or the provider has taken it
/// back), or <c>authorized</c>.
/// </param>
/// <param name="Scope">What was granted, where the provider says so.</param>
/// <param name="AuthorizedAt">When a person said yes.</param>
/// <param name="IssuedAt">When the access token was last renewed.</param>
/// <param name="ExpiresAt">When it ends, where the provider says so.</param>
/// <param name="IsRenewable">Whether it is renewed without a person.</param>
internal sealed record AuthorizationResponse(
    string Status, string? Scope, DateTimeOffset? AuthorizedAt, DateTimeOffset? IssuedAt, DateTimeOffset? ExpiresAt, bool IsRenewable);

internal sealed class GetAuthorizationHandler(ConnectorsDbContext db) : IRequestHandler<GetAuthorizationQuery, AuthorizationResponse>
{
    public async Task<AuthorizationResponse> Handle(GetAuthorizationQuery request, CancellationToken cancellationToken)
    {
        var connector = await db.Connectors.AsNoTracking().SingleOrDefaultAsync(one => one.Id == request.Id, cancellationToken)
            ?? throw ConnectorOpener.NotFound();
        if (OAuthConfig.From(connector.Config) is not { } config)
        {
            return new AuthorizationResponse("not_used", null, null, null, null, false);
        }

        var grant = await db.OAuthGrants.AsNoTracking().SingleOrDefaultAsync(one => one.ConnectorId == request.Id, cancellationToken);
        return grant is { Status: OAuthGrant.Active } && grant.ConfigKey == config.Key
            ? new AuthorizationResponse("authorized", grant.Scope, grant.AuthorizedAt, grant.IssuedAt, grant.ExpiresAt, grant.IsRenewable)
            : new AuthorizationResponse("required", null, grant?.AuthorizedAt, null, null, false);
    }
}
