using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Events;
using Platform.Connectors.Domain;
using Platform.Connectors.Integration;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Connectors;

internal sealed class DeleteConnectorEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("DeleteConnector")
            .WithSummary("Delete a connector and its datasets; with dry_run=true, list what depends on it");

    private static async Task<Results<NoContent, Ok<ConnectorDependents>>> HandleAsync(
        Guid id, bool? dry_run, IMediator mediator, CancellationToken cancellationToken)
    {
        if (dry_run == true)
        {
            return TypedResults.Ok(await mediator.Send(new ListConnectorDependentsQuery(id), cancellationToken));
        }

        await mediator.Send(new DeleteConnectorCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record DeleteConnectorCommand(Guid Id) : ICommand;

internal sealed class DeleteConnectorHandler(ConnectorsDbContext db) : AsyncRequestHandler<DeleteConnectorCommand>
{
    protected override async Task Handle(DeleteConnectorCommand request, CancellationToken cancellationToken)
    {
        var connector = await db.Connectors.SingleOrDefaultAsync(connector => connector.Id == request.Id, cancellationToken)
            ?? throw ConnectorOpener.NotFound();
        var files = await ListFilesAsync(connector, cancellationToken);
        if (files.Count > 0)
        {
            db.Publish(new FilesAbandonedIntegrationEvent(connector.Id, files));
        }

        db.Publish(new ConnectorDeletedIntegrationEvent(connector.Id, connector.UserId));
        db.Connectors.Remove(connector);
    }

    private async Task<List<string>> ListFilesAsync(Connector connector, CancellationToken cancellationToken)
    {
        var streams = await db.ConnectorStreams.AsNoTracking()
            .Where(stream => stream.ConnectorId == connector.Id)
            .ToListAsync(cancellationToken);
        var files = streams.SelectMany(stream => stream.ReadFiles()).Select(file => file.Path).ToList();
        if (UploadIdOf(connector.Config) is { } uploadId && await IsLastOfUploadAsync(connector.Id, uploadId, cancellationToken)
            && await db.Uploads.SingleOrDefaultAsync(upload => upload.Id == uploadId, cancellationToken) is { } upload)
        {
            files.Add(upload.FilePath);
            db.Uploads.Remove(upload);
        }

        return files;
    }

    private async Task<bool> IsLastOfUploadAsync(Guid connectorId, Guid uploadId, CancellationToken cancellationToken) =>
        !await db.Connectors.AnyAsync(
            other => other.Id != connectorId && EF.Functions.JsonContains(other.Config, $$"""{"upload_id": "{{uploadId}}"}"""),
            cancellationToken);

    private static Guid? UploadIdOf(JsonElement config) =>
        config.TryGetProperty("upload_id", out var value) && value.TryGetGuid(out var id) ? id : null;
}
