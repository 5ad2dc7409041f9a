using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Copies;
using Platform.Dashboards.Features.Dashboards;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Versions;

internal sealed class RestoreVersionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/versions/{version}/restore", HandleAsync).WithName("RestoreDashboardVersion")
            .WithSummary("Make the dashboard and its widgets what they were; this is a new version");

    private static async Task<Ok<DashboardResponse>> HandleAsync(
        Guid id, int version, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new RestoreVersionCommand(id, version), cancellationToken));
}

internal sealed record RestoreVersionCommand(Guid DashboardId, int Version) : ICommand<DashboardResponse>;

internal sealed class RestoreVersionValidator : AbstractValidator<RestoreVersionCommand>
{
    public RestoreVersionValidator() => RuleFor(command => command.Version).GreaterThan(0);
}

internal sealed class RestoreVersionHandler(DashboardsDbContext db, DashboardAccess access, IMediator mediator, TimeProvider clock)
    : IRequestHandler<RestoreVersionCommand, DashboardResponse>
{
    public async Task<DashboardResponse> Handle(RestoreVersionCommand request, CancellationToken cancellationToken)
    {
        var dashboard = await db.Dashboards.Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(dashboard => dashboard.Id == request.DashboardId, cancellationToken)
            ?? throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
        access.RequireOwner(dashboard.UserId);
        var snapshot = await db.DashboardVersions.AsNoTracking()
            .Where(version => version.DashboardId == request.DashboardId && version.Version == request.Version)
            .Select(version => (JsonElement?)version.Snapshot)
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("dashboard_version_not_found", "The dashboard has no such version, or it is kept no more.");
        var document = snapshot.Deserialize<BoardDocument>(PlatformJson.Options)!;
        var connectors = await ConnectorNames.ReadAsync(mediator, cancellationToken);
        // A connector that is gone since then stays gone: its widgets say so.
        var widgets = document.Widgets.Select(widget =>
            widget.ConnectorId is { } id && !connectors.Has(id) ? widget with { ConnectorId = null } : widget);
        db.AddRange(dashboard.Become(document with { Widgets = [.. widgets] }, clock.GetUtcNow()));
        await db.GiveVersionReasonAsync($"Restored version {request.Version}.", cancellationToken);
        return DashboardResponse.From(dashboard, db.VersionOf(dashboard));
    }
}
