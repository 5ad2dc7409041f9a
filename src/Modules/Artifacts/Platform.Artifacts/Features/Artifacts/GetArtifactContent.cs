using System.Text;
using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Infrastructure.Supabase;
using Platform.SharedKernel.Messages;

namespace Platform.Artifacts.Features.Artifacts;

internal sealed class GetArtifactContentEndpoint : IEndpoint
{
    private static readonly TimeSpan SignedFor = TimeSpan.FromMinutes(5);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/content", HandleAsync).WithName("GetArtifactContent")
            .WithSummary("Read the content: data as a download, or a redirect to a signed address of the file")
            .Produces<JsonElement>()
            .Produces(StatusCodes.Status302Found);

    private static async Task<IResult> HandleAsync(
        Guid id, IMediator mediator, StorageGateway storage, SupabaseAddress supabase, HttpContext http, CancellationToken cancellationToken)
    {
        var content = await mediator.Send(new GetArtifactContentQuery(id), cancellationToken);
        if (content.FilePath is { } path)
        {
            var signed = await storage.SignAsync(ArtifactsModule.Bucket, path, SignedFor, cancellationToken);
            return TypedResults.Redirect($"{supabase.Url}/storage/v1{signed}");
        }

        // Always a download: on the API's own origin nothing of a user's making may run in a browser.
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{content.Id}.json\"";
        return TypedResults.Bytes(Encoding.UTF8.GetBytes(content.Data?.GetRawText() ?? "null"), "application/json");
    }
}

internal sealed record GetArtifactContentQuery(Guid Id) : IQuery<ArtifactContent>;

internal sealed record ArtifactContent(Guid Id, JsonElement? Data, string? FilePath);

internal sealed class GetArtifactContentHandler(ArtifactsDbContext db) : IRequestHandler<GetArtifactContentQuery, ArtifactContent>
{
    public async Task<ArtifactContent> Handle(GetArtifactContentQuery request, CancellationToken cancellationToken) =>
        await db.Artifacts.AsNoTracking()
            .Where(artifact => artifact.Id == request.Id)
            .Select(artifact => new ArtifactContent(artifact.Id, artifact.Data, artifact.FilePath))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("artifact_not_found", "There is no such artifact.");
}
