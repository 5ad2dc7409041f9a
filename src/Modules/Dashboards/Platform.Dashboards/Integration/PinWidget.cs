using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Contracts.Commands;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Widgets;
using Platform.Dashboards.Persistence;
using Platform.Dashboards.Widgets;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;

namespace Platform.Dashboards.Integration;

internal sealed class PinWidgetValidator : AbstractValidator<PinWidgetCommand>
{
    public PinWidgetValidator(WidgetTypes types)
    {
        RuleFor(command => command.DashboardName).NotEmpty().MaximumLength(Dashboard.MaxNameLength);
        RuleFor(command => command).Custom((command, context) =>
            WidgetContentRules.Apply(context, types, command.Type, command.Config, command.DataQuery is not null));
    }
}

internal sealed class PinWidgetHandler(DashboardsDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<PinWidgetCommand, PinnedWidget>
{
    public async Task<PinnedWidget> Handle(PinWidgetCommand request, CancellationToken cancellationToken)
    {
        var dashboard = await db.Dashboards.Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(dashboard => dashboard.UserId == caller.UserId && dashboard.Name == request.DashboardName, cancellationToken)
            ?? throw new NotFoundException("dashboard_not_found", "There is no dashboard of that name.");
        var widget = dashboard.AddWidget(
            new WidgetContent(request.Type, request.Config, request.DataQuery, request.ConnectorId),
            WidgetContentRules.DefaultSize,
            position: null,
            clock.GetUtcNow());
        db.Add(widget);
        return new PinnedWidget(widget.Id, dashboard.Id);
    }
}
