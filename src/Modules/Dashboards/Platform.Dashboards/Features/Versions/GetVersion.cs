using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Versions;

internal sealed class GetVersionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/versions/{version}", HandleAsync).WithName("GetDashboardVersion")
            .WithSummary("Read what your dashboard was at a version");

    private static async Task<Ok<VersionResponse>> HandleAsync(
        Guid id, int version, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new RequireOwnDashboardQuery(id), cancellationToken);
        return TypedResults.Ok(await mediator.Send(new GetVersionQuery(id, version), cancellationToken));
    }
}

internal sealed record GetVersionQuery(Guid DashboardId, int Version) : IQuery<VersionResponse>;

/// <summary>A board as it was: <c>snapshot</c> holds name, description, layout, config and widgets.</summary>
internal sealed record VersionResponse(int Version, JsonElement Snapshot, string? Reason, Guid? AuthorId, DateTimeOffset CreatedAt);

internal sealed class GetVersionValidator : AbstractValidator<GetVersionQuery>
{
    public GetVersionValidator() => RuleFor(query => query.Version).GreaterThan(0);
}

internal sealed class GetVersionHandler(DashboardsDbContext db) : IRequestHandler<GetVersionQuery, VersionResponse>
{
    public async Task<VersionResponse> Handle(GetVersionQuery request, CancellationToken cancellationToken) =>
        await db.DashboardVersions.AsNoTracking()
            .Where(version => version.DashboardId == request.DashboardId && version.Version == request.Version)
            .Select(version => new VersionResponse(version.Version, version.Snapshot, version.Reason, version.AuthorId, version.CreatedAt))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("dashboard_version_not_found", "The dashboard has no such version, or it is kept no more.");
}
