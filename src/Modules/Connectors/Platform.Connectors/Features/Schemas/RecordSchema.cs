using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Persistence;
using Platform.Dashboards.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Contracts.Queries;

namespace Platform.Connectors.Features.Schemas;

/// <summary>
/// Keeps what a source offers. What has changed goes into the log of events, with the widgets and workflows that it may break.
/// </summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="Tables">All its tables.</param>
internal sealed record RecordSchemaCommand(Guid ConnectorId, IReadOnlyList<ConnectorTable> Tables) : ICommand;

internal sealed class RecordSchemaValidator : AbstractValidator<RecordSchemaCommand>
{
    public RecordSchemaValidator() => RuleFor(command => command.Tables).NotNull();
}

internal sealed class RecordSchemaHandler(ConnectorsDbContext db, IMediator mediator, TimeProvider clock)
    : AsyncRequestHandler<RecordSchemaCommand>
{
    private const int MaxNamed = 20;

    protected override async Task Handle(RecordSchemaCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var connector = await db.Connectors.AsNoTracking().SingleOrDefaultAsync(one => one.Id == request.ConnectorId, cancellationToken)
            ?? throw ConnectorOpener.NotFound();
        var stored = await db.Schemas.SingleOrDefaultAsync(schema => schema.ConnectorId == request.ConnectorId, cancellationToken);
        if (stored is null)
        {
            // Where two are the first at once, the second finds the first one's row at the next look.
            var tables = StoredSchema.Create(connector.Id, connector.UserId, request.Tables, now).Tables.GetRawText();
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into connectors.connector_schemas (connector_id, user_id, tables, fetched_at)
                values ({connector.Id}, {connector.UserId}, {tables}::jsonb, {now})
                on conflict do nothing
                """,
                cancellationToken);
            return;
        }

        var drift = SchemaComparison.Compare(stored.ReadTables(), request.Tables, now);
        if (drift is not null && SchemaComparison.Breaks(drift))
        {
            drift = drift with { Affected = await ListAffectedAsync(connector.Id, cancellationToken) };
        }

        stored.Refresh(request.Tables, drift, now);
        if (drift is not null)
        {
            var data = JsonSerializer.SerializeToElement(drift, PlatformJson.Options);
            db.ConnectorEvents.Add(ConnectorEvent.Of(connector, "schema_changed", now, detail: ToText(drift), data: data));
        }
    }

    private async Task<IReadOnlyList<SchemaDependent>> ListAffectedAsync(Guid connectorId, CancellationToken cancellationToken)
    {
        var widgets = await mediator.Send(new ListWidgetsOfConnectorQuery(connectorId), cancellationToken);
        var workflows = await mediator.Send(new ListWorkflowsOfConnectorQuery(connectorId), cancellationToken);
        return
        [
            .. widgets.Select(widget => new SchemaDependent("widget", widget.Id, $"{widget.Type} on {widget.DashboardName}")),
            .. workflows.Select(workflow => new SchemaDependent("workflow", workflow.Id, workflow.Name)),
        ];
    }

    private static string ToText(SchemaDrift drift)
    {
        string?[] said =
        [
            Say("New tables", drift.AddedTables),
            Say("Tables that are gone", drift.DroppedTables),
            Say("Tables with other columns", [.. drift.ChangedTables.Select(table => table.Table)]),
            Say("May no longer work", [.. drift.Affected.Select(one => $"{one.Type} {one.Name}")]),
        ];
        return string.Join(' ', said.OfType<string>());
    }

    private static string? Say(string what, IReadOnlyList<string> names) =>
        names.Count == 0 ? null : $"{what}: {string.Join(", ", names.Take(MaxNamed))}{(names.Count > MaxNamed ? ", …" : "")}.";
}
