using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Dashboards;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Copies;

internal sealed class DuplicateDashboardEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/duplicate", HandleAsync).WithName("DuplicateDashboard")
            .WithSummary("Make a dashboard of your own that is like this one");

    private static async Task<Created<DashboardResponse>> HandleAsync(
        Guid id, DuplicateBody? body, IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(new DuplicateDashboardCommand(id, body?.Name), cancellationToken);
        return TypedResults.Created($"/api/v1/dashboards/{response.Id}", response);
    }
}

internal sealed record DuplicateBody(string? Name = null);

internal sealed record DuplicateDashboardCommand(Guid Id, string? Name) : ICommand<DashboardResponse>;

internal sealed class DuplicateDashboardValidator : AbstractValidator<DuplicateDashboardCommand>
{
    public DuplicateDashboardValidator() =>
        RuleFor(command => command.Name).NotEmpty().MaximumLength(Dashboard.MaxNameLength).When(command => command.Name is not null);
}

internal sealed class DuplicateDashboardHandler(DashboardsDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<DuplicateDashboardCommand, DashboardResponse>
{
    private const int MaxCopies = 1000;

    public async Task<DashboardResponse> Handle(DuplicateDashboardCommand request, CancellationToken cancellationToken)
    {
        var source = await db.Dashboards.AsNoTracking().Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(dashboard => dashboard.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
        var now = clock.GetUtcNow();
        var name = request.Name ?? await FreeNameAsync(source.Name, cancellationToken);
        var document = source.Document with
        {
            Name = name,
            // A connector works for its owner alone: the copy of somebody else's board asks for one of one's own.
            Widgets = [.. source.Document.Widgets.Select(widget => widget with
            {
                Id = Guid.CreateVersion7(now),
                ConnectorId = source.UserId == caller.UserId ? widget.ConnectorId : null,
            })],
        };
        var copy = Dashboard.From(Guid.CreateVersion7(now), caller.UserId, document, now);
        copy.Tag(source.Tags, now);
        db.Dashboards.Add(copy);
        return DashboardResponse.From(copy, db.VersionOf(copy));
    }

    private async Task<string> FreeNameAsync(string name, CancellationToken cancellationToken)
    {
        const int suffixRoom = 12;
        var stem = name.Length > Dashboard.MaxNameLength - suffixRoom ? name[..(Dashboard.MaxNameLength - suffixRoom)] : name;
        var taken = await db.Dashboards.AsNoTracking()
            .Where(dashboard => dashboard.UserId == caller.UserId && dashboard.Name.StartsWith(stem))
            .Select(dashboard => dashboard.Name)
            .ToHashSetAsync(cancellationToken);
        return Enumerable.Range(1, MaxCopies)
            .Select(number => number == 1 ? $"{stem} (copy)" : $"{stem} (copy {number})")
            .FirstOrDefault(candidate => !taken.Contains(candidate))
            ?? throw new ConflictException("dashboard_name_taken", "There are too many copies of this dashboard.");
    }
}
