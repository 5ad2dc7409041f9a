using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Features.Streams;
using Platform.Connectors.Persistence;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;
using Platform.Connectors.Types;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Json;

namespace Platform.Connectors.Integration;

internal sealed class RunConnectorQueryValidator : AbstractValidator<RunConnectorQuery>
{
    public RunConnectorQueryValidator()
    {
        RuleFor(query => query.Query).NotNull().MaximumLength(SqlStatement.MaxLength);
        RuleFor(query => query.Parameters).Must(AreParameters).WithMessage("'Parameters' must be an object or an array.")
            .Must(UnicodeJson.IsUnicode).WithMessage(UnicodeJson.Fault);
        RuleFor(query => query.Limit).GreaterThan(0);
        RuleFor(query => query.TimeoutMs).GreaterThan(0);
        RuleFor(query => query.Source).Must(source => source is "live" or "dataset").WithMessage("Must be one of live, dataset.");
    }

    private static bool AreParameters(JsonElement? parameters) =>
        parameters is null or { ValueKind: JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null };
}

internal sealed class RunConnectorQueryHandler(
    ConnectorOpener opener, ConnectorsDbContext db, DuckDbEngine engine, Datasets datasets, TimeProvider clock)
    : IRequestHandler<RunConnectorQuery, QueryResult>
{
    public async Task<QueryResult> Handle(RunConnectorQuery request, CancellationToken cancellationToken)
    {
        var limits = opener.LimitsOf(request.Limit, request.TimeoutMs);
        var query = new ConnectorQuery(request.Query, request.Parameters ?? default, limits);
        return request.Source == "dataset"
            ? await ConnectorOpener.AsProblemAsync(() => AskDatasetsAsync(request.ConnectorId, query, cancellationToken))
            : await AskSourceAsync(request.ConnectorId, query, cancellationToken);
    }

    private async Task<QueryResult> AskSourceAsync(Guid connectorId, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var connector = await opener.OpenAsync(connectorId, "query", cancellationToken);
        return await ConnectorOpener.AsProblemAsync(() => connector.Type.QueryAsync(connector.Settings, query, cancellationToken));
    }

    private async Task<QueryResult> AskDatasetsAsync(Guid connectorId, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var (asOf, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        var statement = SqlStatement.Parse(query.Text, query.Parameters);
        var row = await db.Connectors.AsNoTracking().Where(connector => connector.Id == connectorId)
            .Select(connector => new { connector.UserId, connector.LastSync }).SingleOrDefaultAsync(cancellationToken)
            ?? throw ConnectorOpener.NotFound();
        var streams = await db.ConnectorStreams.AsNoTracking()
            .Where(stream => stream.ConnectorId == connectorId && stream.LastSync != null).ToListAsync(cancellationToken);
        RuleViolationException.ThrowIf(streams.Count == 0, "dataset_not_synced", "Nothing was synced from this connector yet.");

        var tables = new List<FileTable>();
        foreach (var stream in streams.Where(stream => Datasets.IsNamedIn(query.Text, stream.Name)))
        {
            tables.Add(await datasets.OpenAsync(stream, null, cancellationToken));
        }

        var reading = await engine.QueryAsync(row.UserId, tables, statement, query.Limits, cancellationToken);
        var settings = new ConnectorSettings(row.UserId, connectorId, default, new Dictionary<string, string>());
        var elapsed = (long)clock.GetElapsedTime(started).TotalMilliseconds;
        var hash = QueryHash.Of(settings, query with { Text = $"dataset: {query.Text}" });
        return reading.ToResult(elapsed, row.LastSync ?? asOf, hash);
    }
}
