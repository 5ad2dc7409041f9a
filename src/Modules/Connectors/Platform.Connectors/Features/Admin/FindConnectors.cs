using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Connectors.Features.Admin;

internal sealed class FindConnectorsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("FindConnectors").WithSummary("List everybody's connectors, newest first, without what they connect to");

    private static async Task<Ok<Page<StaffConnectorResponse>>> HandleAsync(
        string? status, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new FindConnectorsQuery(status, limit, cursor), cancellationToken));
}

internal sealed record FindConnectorsQuery(string? Status, int? Limit, string? Cursor) : IQuery<Page<StaffConnectorResponse>>;

/// <summary>A connector as staff see it: neither its config nor anything of its credentials.</summary>
internal sealed record StaffConnectorResponse(
    Guid Id, Guid UserId, string Name, string Type, string Status, string? StatusReason, DateTimeOffset? LastSync, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

internal sealed class FindConnectorsValidator : AbstractValidator<FindConnectorsQuery>
{
    private static readonly HashSet<string> Statuses =
        [ConnectorStatus.Pending, ConnectorStatus.Active, ConnectorStatus.Error, ConnectorStatus.Paused];

    public FindConnectorsValidator()
    {
        this.RuleForLimit(query => query.Limit);
        RuleFor(query => query.Status).Must(status => status is null || Statuses.Contains(status))
            .WithMessage($"Must be one of {string.Join(", ", Statuses)}.");
    }
}

internal sealed class FindConnectorsHandler(ConnectorsDbContext db, Cursors cursors)
    : IRequestHandler<FindConnectorsQuery, Page<StaffConnectorResponse>>
{
    private const string List = "staff_connectors";

    public async Task<Page<StaffConnectorResponse>> Handle(FindConnectorsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor);
        var connectors = await db.Database
            .SqlQuery<StaffConnectorResponse>($"select * from connectors.staff_list_connectors({request.Status}, {before}, {page.Take + 1})")
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, connectors, page, connector => connector.Id);
    }
}
