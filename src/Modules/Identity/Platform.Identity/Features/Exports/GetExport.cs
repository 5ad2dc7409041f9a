using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Domain;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Identity.Features.Exports;

internal sealed class GetExportEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}", HandleAsync).WithName("GetExport").WithSummary("Read how far an export is, and which artifact it became");

    private static async Task<Ok<ExportResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetExportQuery(id), cancellationToken));
}

internal sealed record GetExportQuery(Guid Id) : IQuery<ExportResponse>;

internal sealed record ExportResponse(Guid Id, string Status, Guid? ArtifactId, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt)
    : VersionedResponse
{
    public static ExportResponse From(Export export, RowVersion version) =>
        new(export.Id, export.Status, export.ArtifactId, export.CreatedAt, export.CompletedAt) { Version = version };
}

internal sealed class GetExportHandler(IdentityDbContext db) : IRequestHandler<GetExportQuery, ExportResponse>
{
    public async Task<ExportResponse> Handle(GetExportQuery request, CancellationToken cancellationToken) =>
        await db.Exports.AsNoTracking()
            .Where(export => export.Id == request.Id)
            .Select(export => ExportResponse.From(export, new RowVersion(EF.Property<uint>(export, "xmin"))))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("export_not_found", "There is no such export.");
}
