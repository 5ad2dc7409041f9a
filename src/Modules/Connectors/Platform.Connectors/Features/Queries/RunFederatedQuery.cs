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
using Platform.Connectors.Features.Streams;
using Platform.Connectors.Persistence;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;
using Platform.Connectors.Types;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Queries;

internal sealed class RunFederatedQueryEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/", HandleAsync).WithName("RunFederatedQuery")
            .WithSummary("Join datasets and files of several connectors in DuckDB's SQL");

    private static async Task<Ok<QueryResult>> HandleAsync(
        RunFederatedQuery query, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(query, cancellationToken));
}

internal sealed record RunFederatedQuery(
    string Sql, IReadOnlyList<FederatedDataset> Datasets, JsonElement? Parameters = null, int? Limit = null, int? TimeoutMs = null)
    : IQuery<QueryResult>;

/// <param name="ConnectorId">A connector of the caller.</param>
/// <param name="Name">A synced stream; of a file connector it may be left out.</param>
/// <param name="As">The table's name in the query; the stream's if left out.</param>
internal sealed record FederatedDataset(Guid ConnectorId, string? Name = null, string? As = null);

internal sealed class RunFederatedQueryValidator : AbstractValidator<RunFederatedQuery>
{
    private const int MaxDatasets = 20;

    public RunFederatedQueryValidator()
    {
        RuleFor(query => query.Sql).NotEmpty().MaximumLength(SqlStatement.MaxLength);
        RuleFor(query => query.Datasets).NotEmpty()
            .Must(datasets => datasets.Count <= MaxDatasets).WithMessage($"At most {MaxDatasets} datasets.");
        RuleForEach(query => query.Datasets).ChildRules(dataset =>
        {
            dataset.RuleFor(item => item.Name).MaximumLength(ConnectorStream.MaxNameLength);
            dataset.RuleFor(item => item.As).Length(1, 63);
        });
        RuleFor(query => query.Parameters).Must(UnicodeJson.IsUnicode).WithMessage(UnicodeJson.Fault);
        RuleFor(query => query.Limit).GreaterThan(0);
        RuleFor(query => query.TimeoutMs).GreaterThan(0);
    }
}

internal sealed class RunFederatedQueryHandler(
    FederatedTables tables, DuckDbEngine engine, ConnectorOpener opener, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<RunFederatedQuery, QueryResult>
{
    public Task<QueryResult> Handle(
        RunFederatedQuery request, CancellationToken cancellationToken) => ConnectorOpener.AsProblemAsync(async () =>
    {
        var (asOf, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        var query = new ConnectorQuery(request.Sql, request.Parameters ?? default, opener.LimitsOf(request.Limit, request.TimeoutMs));
        var statement = SqlStatement.Parse(query.Text, query.Parameters);
        var opened = new List<FileTable>();
        foreach (var dataset in request.Datasets)
        {
            opened.Add(await tables.OpenAsync(dataset, cancellationToken));
        }

        var reading = await engine.QueryAsync(caller.UserId, opened, statement, query.Limits, cancellationToken);
        var settings = new ConnectorSettings(
            caller.UserId, null, JsonSerializer.SerializeToElement(request.Datasets), new Dictionary<string, string>());
        return reading.ToResult((long)clock.GetElapsedTime(started).TotalMilliseconds, asOf, QueryHash.Of(settings, query));
    });
}

/// <summary>Finds what a federated query names.</summary>
internal sealed class FederatedTables(ConnectorsDbContext db, ConnectorOpener opener, Datasets datasets)
{
    public async Task<FileTable> OpenAsync(FederatedDataset dataset, CancellationToken cancellationToken)
    {
        var kind = await db.Connectors.AsNoTracking().Where(connector => connector.Id == dataset.ConnectorId)
            .Select(connector => connector.Type).SingleOrDefaultAsync(cancellationToken) ?? throw ConnectorOpener.NotFound();
        if (kind == FileConnector.TypeName)
        {
            var connector = await opener.OpenAsync(dataset.ConnectorId, "query", cancellationToken);
            var table = await ((FileConnector)connector.Type).OpenAsync(connector.Settings, cancellationToken);
            return dataset.As is null ? table : table with { Name = dataset.As };
        }

        var stream = await db.ConnectorStreams.AsNoTracking()
            .SingleOrDefaultAsync(stream => stream.ConnectorId == dataset.ConnectorId && stream.Name == dataset.Name, cancellationToken);
        return stream is { LastSync: not null }
            ? await datasets.OpenAsync(stream, dataset.As, cancellationToken)
            : throw new RuleViolationException("dataset_not_synced", $"The stream {dataset.Name} was not synced yet.");
    }
}
