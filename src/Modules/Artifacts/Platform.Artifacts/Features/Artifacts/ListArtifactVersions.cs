using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Artifacts.Features.Artifacts;

internal sealed class ListArtifactVersionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/versions", HandleAsync).WithName("ListArtifactVersions").WithSummary("List an artifact's versions, newest first");

    private static async Task<Ok<Page<ArtifactVersionResponse>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListArtifactVersionsQuery(id, limit, cursor), cancellationToken));
}

internal sealed record ArtifactVersionResponse(
    Guid Id, int Version, string Name, JsonElement? Data, string? FilePath, DateTimeOffset CreatedAt);

internal sealed record ListArtifactVersionsQuery(Guid ArtifactId, int? Limit, string? Cursor) : IQuery<Page<ArtifactVersionResponse>>;

internal sealed class ListArtifactVersionsValidator : AbstractValidator<ListArtifactVersionsQuery>
{
    public ListArtifactVersionsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListArtifactVersionsHandler(ArtifactsDbContext db, Cursors cursors)
    : IRequestHandler<ListArtifactVersionsQuery, Page<ArtifactVersionResponse>>
{
    public async Task<Page<ArtifactVersionResponse>> Handle(ListArtifactVersionsQuery request, CancellationToken cancellationToken)
    {
        var list = $"artifact-versions:{request.ArtifactId}";
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(list, page.Cursor) ?? Guid.AllBitsSet;
        var items = await db.ArtifactVersions.AsNoTracking()
            .Where(version => version.ArtifactId == request.ArtifactId && version.Id < before)
            .OrderByDescending(version => version.Id)
            .Take(page.Take + 1)
            .Select(version => new ArtifactVersionResponse(
                version.Id, version.Version, version.Name, version.Data, version.FilePath, version.CreatedAt))
            .ToListAsync(cancellationToken);

        // An artifact has at least one version, so a first page without any means that there is no artifact.
        return items.Count == 0 && page.Cursor is null
            ? throw new NotFoundException("artifact_not_found", "There is no such artifact.")
            : cursors.ToPage(list, items, page, version => version.Id);
    }
}
