using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.Dashboards.Widgets;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Copies;

internal sealed class ImportDashboardEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/import", HandleAsync).WithName("ImportDashboard")
            .WithSummary("Make a dashboard of an exported file, or bring yours of the same id to what it says; ?dry_run=true only tells")
            .Produces<ImportResponse>(StatusCodes.Status201Created).Produces<ImportResponse>();

    private static async Task<IResult> HandleAsync(
        ExportedDashboard file, IMediator mediator, CancellationToken cancellationToken, [FromQuery(Name = "dry_run")] bool dryRun = false)
    {
        if (dryRun)
        {
            return TypedResults.Ok((await mediator.Send(new PlanImportQuery(file), cancellationToken)).ToResponse(dryRun: true));
        }

        var response = await mediator.Send(new ImportDashboardCommand(file), cancellationToken);
        return response.Action == ImportPlan.Create
            ? TypedResults.Created($"/api/v1/dashboards/{response.Id}", response)
            : TypedResults.Ok(response);
    }
}

/// <summary>What an import did, or would do.</summary>
/// <param name="Id">The dashboard.</param>
/// <param name="Name">Its name.</param>
/// <param name="Action"><c>create</c> or <c>update</c>.</param>
/// <param name="DryRun">Whether nothing was done.</param>
/// <param name="Widgets">How many widgets are new, changed and gone.</param>
/// <param name="UnresolvedConnectors">Connectors that you do not have: their widgets come without one.</param>
internal sealed record ImportResponse(
    Guid Id, string Name, string Action, bool DryRun, ImportCounts Widgets, IReadOnlyList<ConnectorReference> UnresolvedConnectors);

internal sealed record ImportCounts(int Added, int Changed, int Removed);

internal sealed record PlanImportQuery(ExportedDashboard Body) : IQuery<ImportPlan>;

internal sealed class PlanImportValidator : AbstractValidator<PlanImportQuery>
{
    public PlanImportValidator(WidgetTypes types) => RuleFor(query => query.Body).SetValidator(new ExportedDashboardValidator(types));
}

internal sealed class PlanImportHandler(ImportPlanner planner) : IRequestHandler<PlanImportQuery, ImportPlan>
{
    public Task<ImportPlan> Handle(PlanImportQuery request, CancellationToken cancellationToken) =>
        planner.PlanAsync(request.Body, cancellationToken);
}

internal sealed record ImportDashboardCommand(ExportedDashboard Body) : ICommand<ImportResponse>;

internal sealed class ImportDashboardValidator : AbstractValidator<ImportDashboardCommand>
{
    public ImportDashboardValidator(WidgetTypes types) => RuleFor(command => command.Body).SetValidator(new ExportedDashboardValidator(types));
}

internal sealed class ImportDashboardHandler(DashboardsDbContext db, ImportPlanner planner, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<ImportDashboardCommand, ImportResponse>
{
    public async Task<ImportResponse> Handle(ImportDashboardCommand request, CancellationToken cancellationToken)
    {
        var plan = await planner.PlanAsync(request.Body, cancellationToken);
        if (plan.Existing is { } existing)
        {
            db.AddRange(existing.Become(plan.Document, clock.GetUtcNow()));
        }
        else
        {
            db.Dashboards.Add(Dashboard.From(plan.Id, caller.UserId, plan.Document, clock.GetUtcNow()));
        }

        await db.GiveVersionReasonAsync("Imported.", cancellationToken);
        return plan.ToResponse(dryRun: false);
    }
}
