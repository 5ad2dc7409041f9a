using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Streams;

internal sealed class ListStreamsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/streams", HandleAsync).WithName("ListStreams")
            .WithSummary("The streams of a connector and their datasets");

    private static async Task<Ok<StreamList>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListStreamsQuery(id), cancellationToken));
}

/// <summary>All of them: a connector has some hundreds at most.</summary>
internal sealed record StreamList(IReadOnlyList<StreamResponse> Items);

internal sealed record StreamResponse(
    Guid Id, string Name, string Mode, JsonElement? Cursor, JsonElement? PrimaryKey, JsonElement? DatasetKey, JsonElement Schema,
    JsonElement SourceSchema, long RowCount, long ByteCount, DateTimeOffset? LastSync)
{
    public static StreamResponse From(ConnectorStream stream) => new(
        stream.Id, stream.Name, stream.Mode, stream.Cursor, stream.PrimaryKey, stream.DatasetKey, stream.Schema, stream.SourceSchema,
        stream.RowCount, stream.ByteCount, stream.LastSync);
}

internal sealed record ListStreamsQuery(Guid ConnectorId) : IQuery<StreamList>;

internal sealed class ListStreamsHandler(ConnectorsDbContext db) : IRequestHandler<ListStreamsQuery, StreamList>
{
    public async Task<StreamList> Handle(ListStreamsQuery request, CancellationToken cancellationToken)
    {
        if (!await db.Connectors.AnyAsync(connector => connector.Id == request.ConnectorId, cancellationToken))
        {
            throw ConnectorOpener.NotFound();
        }

        return new StreamList(await db.ConnectorStreams.AsNoTracking()
            .Where(stream => stream.ConnectorId == request.ConnectorId)
            .OrderBy(stream => stream.Name)
            .Select(stream => StreamResponse.From(stream))
            .ToListAsync(cancellationToken));
    }
}
