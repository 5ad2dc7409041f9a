using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Persistence;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Artifacts.Features.Artifacts;

internal sealed class ListArtifactsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("ListArtifacts").WithSummary("List your artifacts without their content, newest first");

    private static async Task<Ok<Page<ArtifactListItem>>> HandleAsync(
        int? limit, string? cursor, string? type, Guid? session_id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListArtifactsQuery(limit, cursor, type, session_id), cancellationToken));
}

internal sealed record ArtifactListItem(
    Guid Id, Guid? SessionId, string Type, string Name, string? FilePath, int Version, DateTimeOffset CreatedAt);

internal sealed record ListArtifactsQuery(int? Limit, string? Cursor, string? Type, Guid? SessionId) : IQuery<Page<ArtifactListItem>>;

internal sealed class ListArtifactsValidator : AbstractValidator<ListArtifactsQuery>
{
    public ListArtifactsValidator()
    {
        this.RuleForLimit(query => query.Limit);
        RuleFor(query => query.Type).MaximumLength(40);
    }
}

internal sealed class ListArtifactsHandler(ArtifactsDbContext db, Cursors cursors) : IRequestHandler<ListArtifactsQuery, Page<ArtifactListItem>>
{
    private const string List = "artifacts";

    public async Task<Page<ArtifactListItem>> Handle(ListArtifactsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = await db.Artifacts.AsNoTracking()
            .Where(artifact => artifact.Id < before)
            .Where(artifact => request.Type == null || artifact.Type == request.Type)
            .Where(artifact => request.SessionId == null || artifact.SessionId == request.SessionId)
            .OrderByDescending(artifact => artifact.Id)
            .Take(page.Take + 1)
            .Select(artifact => new ArtifactListItem(
                artifact.Id, artifact.SessionId, artifact.Type, artifact.Name, artifact.FilePath, artifact.Version, artifact.CreatedAt))
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, items, page, artifact => artifact.Id);
    }
}
