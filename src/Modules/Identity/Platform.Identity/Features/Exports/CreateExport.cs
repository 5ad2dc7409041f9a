using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Domain;
using Platform.Identity.Integration;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Features.Exports;

internal sealed class CreateExportEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/", HandleAsync).WithName("CreateExport").WithSummary("Have a copy made of all that is yours; it becomes an artifact");

    private static async Task<Accepted<ExportResponse>> HandleAsync(IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(new CreateExportCommand(), cancellationToken);
        return TypedResults.Accepted($"/api/v1/me/exports/{response.Id}", response);
    }
}

internal sealed record CreateExportCommand : ICommand<ExportResponse>;

internal sealed class CreateExportHandler(IdentityDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<CreateExportCommand, ExportResponse>
{
    public async Task<ExportResponse> Handle(CreateExportCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var abandoned = now - Export.LongestRun;
        await db.Exports
            .Where(export => (export.Status == Export.Queued || export.Status == Export.Running) && export.CreatedAt < abandoned)
            .ExecuteUpdateAsync(
                export => export.SetProperty(row => row.Status, "failed").SetProperty(row => row.CompletedAt, now), cancellationToken);
        var export = Export.Create(caller.UserId, now);
        db.Exports.Add(export);
        db.Append(Export.TopicOf(export.Id), export.UserId, "export.queued", new { export.Id });
        db.Publish(new ExportRequestedIntegrationEvent(export.Id, export.UserId));
        return ExportResponse.From(export, db.VersionOf(export));
    }
}
