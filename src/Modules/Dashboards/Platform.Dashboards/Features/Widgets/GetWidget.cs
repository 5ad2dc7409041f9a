using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Widgets;

internal sealed class GetWidgetEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}", HandleAsync).WithName("GetWidget").WithSummary("Read a widget");

    private static async Task<Ok<WidgetResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetWidgetQuery(id), cancellationToken));
}

internal sealed record GetWidgetQuery(Guid Id) : IQuery<WidgetResponse>;

internal sealed class GetWidgetHandler(DashboardsDbContext db) : IRequestHandler<GetWidgetQuery, WidgetResponse>
{
    public async Task<WidgetResponse> Handle(GetWidgetQuery request, CancellationToken cancellationToken) =>
        await db.Widgets.AsNoTracking()
            .Where(widget => widget.Id == request.Id)
            .Select(widget => WidgetResponse.From(widget, new RowVersion(EF.Property<uint>(widget, "xmin"))))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("widget_not_found", "There is no such widget.");
}
