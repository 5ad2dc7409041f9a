using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Domain;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Persistence;
using Platform.Connectors.Sql;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Connectors.Features.Streams;

internal sealed class GetDatasetRowsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/datasets/{name}/rows", HandleAsync).WithName("GetDatasetRows")
            .WithSummary("Read a dataset page by page, in the order in which it was read");

    private static async Task<Ok<DatasetRows>> HandleAsync(
        Guid id, string name, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetDatasetRowsQuery(id, name, limit, cursor), cancellationToken));
}

internal sealed record DatasetRows(
    IReadOnlyList<ResultColumn> Columns, JsonElement Rows, int RowCount, long TotalRows, DateTimeOffset? AsOf, string? NextCursor);

internal sealed record GetDatasetRowsQuery(Guid ConnectorId, string Name, int? Limit, string? Cursor) : IQuery<DatasetRows>;

internal sealed class GetDatasetRowsValidator : AbstractValidator<GetDatasetRowsQuery>
{
    public GetDatasetRowsValidator()
    {
        this.RuleForLimit(query => query.Limit);
        RuleFor(query => query.Name).NotEmpty().MaximumLength(ConnectorStream.MaxNameLength);
    }
}

internal sealed class GetDatasetRowsHandler(
    ConnectorsDbContext db, Datasets datasets, DuckDbEngine engine, ConnectorOpener opener, Cursors cursors)
    : IRequestHandler<GetDatasetRowsQuery, DatasetRows>
{
    private const string List = "dataset-rows";
    private static readonly JsonElement NoRows = JsonSerializer.SerializeToElement(Array.Empty<object>());

    public async Task<DatasetRows> Handle(GetDatasetRowsQuery request, CancellationToken cancellationToken)
    {
        var stream = await db.ConnectorStreams.AsNoTracking()
            .SingleOrDefaultAsync(stream => stream.ConnectorId == request.ConnectorId && stream.Name == request.Name, cancellationToken)
            ?? throw new NotFoundException("stream_not_found", "There is no such stream.");
        var page = new PageRequest(request.Limit, request.Cursor);
        var (version, skip) = (VersionOf(stream), PlaceOf(stream, cursors.Decode(List, page.Cursor)));
        if (stream.RowCount == 0)
        {
            return new DatasetRows([], NoRows, 0, 0, stream.LastSync, null);
        }

        // One row more than the page tells whether there is another one.
        var bounds = JsonSerializer.SerializeToElement(new[] { page.Take + 1, skip });
        var sql = SqlStatement.Parse("select * from data limit $1 offset $2", bounds);
        var reading = await ConnectorOpener.AsProblemAsync(async () => await engine.QueryAsync(
            stream.UserId, [await datasets.OpenAsync(
                stream, "data", cancellationToken)], sql, opener.LimitsOf(page.Take, null), cancellationToken));
        var next = reading.Truncated
            ? cursors.ToPage(List, [0, 1], new PageRequest(1), _ => PlaceAt(version, skip + reading.RowCount)).NextCursor
            : null;
        return new DatasetRows(reading.Columns, reading.Rows, reading.RowCount, stream.RowCount, stream.LastSync, next);
    }

    /// <summary>A dataset is replaced as a whole, so a place holds for the files that it was made of.</summary>
    private static long VersionOf(ConnectorStream stream) => BinaryPrimitives.ReadInt64BigEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', stream.ReadFiles().Select(file => file.Path)))));

    // A cursor holds sixteen bytes: the version and the number of rows seen.
    private static Guid PlaceAt(long version, long rows)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, version);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], rows);
        return new Guid(bytes, bigEndian: true);
    }

    private static long PlaceOf(ConnectorStream stream, Guid? place)
    {
        if (place is null)
        {
            return 0;
        }

        var bytes = place.Value.ToByteArray(bigEndian: true);
        return BinaryPrimitives.ReadInt64BigEndian(bytes) == VersionOf(stream)
            ? BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(8))
            : throw new ConflictException("dataset_changed", "The dataset was synced anew. Begin at its first page.");
    }
}
