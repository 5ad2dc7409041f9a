using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Dashboards;

internal sealed class MoveWidgetsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut("/{id:guid}/layout", HandleAsync).WithName("MoveWidgets").WithSummary("Move widgets on the 24-column grid, all or none");

    private static async Task<Ok<DashboardResponse>> HandleAsync(
        Guid id, IReadOnlyList<WidgetPlace> places, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new MoveWidgetsCommand(id, places), cancellationToken));
}

internal sealed record WidgetPlace(Guid WidgetId, int PositionX, int PositionY, int Width, int Height);

internal sealed record MoveWidgetsCommand(Guid Id, IReadOnlyList<WidgetPlace> Places) : ICommand<DashboardResponse>;

internal sealed class MoveWidgetsValidator : AbstractValidator<MoveWidgetsCommand>
{
    public MoveWidgetsValidator() =>
        RuleFor(command => command.Places).Must(places => places.Count <= Dashboard.MaxWidgets)
            .WithMessage($"At most {Dashboard.MaxWidgets} widgets.").OverridePropertyName("");
}

internal sealed class MoveWidgetsHandler(DashboardsDbContext db, DashboardAccess access, TimeProvider clock)
    : IRequestHandler<MoveWidgetsCommand, DashboardResponse>
{
    public async Task<DashboardResponse> Handle(MoveWidgetsCommand request, CancellationToken cancellationToken)
    {
        var dashboard = await db.Dashboards.Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(dashboard => dashboard.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
        await access.RequireEditAsync(dashboard, cancellationToken);
        dashboard.MoveWidgets(
            [.. request.Places.Select(place => (place.WidgetId, new GridPlace(place.PositionX, place.PositionY, place.Width, place.Height)))],
            clock.GetUtcNow());
        return DashboardResponse.From(dashboard, db.VersionOf(dashboard));
    }
}
