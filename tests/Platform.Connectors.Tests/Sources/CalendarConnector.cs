using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;
using Platform.Connectors.Types;

namespace Platform.Connectors.Tests.Sources;

/// <summary>The type that docs/connectors/adding-a-type.md adds: the days of a year. A query is the name of a weekday.</summary>
internal sealed class CalendarConnector(TimeProvider clock) : IConnectorType
{
    private const string Table = "days";

    public string Kind => "calendar";

    public string Title => "Calendar";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query", "read"];

    public JsonElement ConfigSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object", "additionalProperties": false, "required": ["year"],
          "properties": {"year": {"type": "integer", "title": "Year", "minimum": 1, "maximum": 9999}}
        }
        """);

    public JsonElement CredentialsSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object", "additionalProperties": false,
          "properties": {"licence": {"type": "string", "title": "Licence", "maxLength": 100}}
        }
        """);

    public JsonElement Example { get; } = JsonElement.Parse(
        """{"name": "This year", "type": "calendar", "config": {"year": 2026}, "credentials": {"licence": "…"}}""");

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, () => Task.FromResult($"The year has {Days(settings).Count} days."));

    public Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SourceTable>>(
            [new SourceTable(Table, [new("day", ColumnType.Date, Nullable: false), new("weekday", ColumnType.Text, Nullable: false)])]);

    public Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var (asOf, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        if (!Enum.TryParse<DayOfWeek>(query.Text.Trim(), ignoreCase: true, out var weekday))
        {
            throw SqlStatement.Invalid("A query is the name of a weekday.");
        }

        using var rows = RowBuffer.ForArray(query.Limits.MaxRows, query.Limits.MaxBytes);
        foreach (var day in Days(settings).Where(day => day.DayOfWeek == weekday))
        {
            var writer = rows.BeginRow();
            writer.WriteStartArray();
            writer.WriteStringValue(Text(day));
            writer.WriteEndArray();
            if (!rows.TryAddRow())
            {
                break;
            }
        }

        var elapsed = (long)clock.GetElapsedTime(started).TotalMilliseconds;
        return Task.FromResult(
            Reading.From([new ResultColumn("day", ColumnType.Date)], rows).ToResult(elapsed, asOf, QueryHash.Of(settings, query)));
    }

    public async IAsyncEnumerable<RowBatch> ReadAsync(
        ConnectorSettings settings, StreamRead stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var lines = RowBuffer.ForLines(int.MaxValue, 1024 * 1024);
        foreach (var day in Days(settings).Where(day => stream.CursorValue is null || string.CompareOrdinal(Text(day), stream.CursorValue) > 0))
        {
            var writer = lines.BeginRow();
            writer.WriteStartObject();
            writer.WriteString(DatasetColumns.KeyOf(0), Text(day));
            writer.WriteString(DatasetColumns.KeyOf(1), day.DayOfWeek.ToString());
            writer.WriteEndObject();
            lines.TryAddRow();
        }

        var count = lines.Count;
        yield return new RowBatch(
            [new StreamColumn("day", "DATE"), new StreamColumn("weekday", "VARCHAR")], lines.TakeLines(), count, Text(Days(settings)[^1]));
    }

    private static List<DateOnly> Days(ConnectorSettings settings)
    {
        // What the schema cannot say is said here, as the source's own trouble.
        if (settings.Credentials.GetValueOrDefault("licence") == "expired")
        {
            throw new SourceException(SourceFailure.AuthenticationFailed, "The licence has expired.");
        }

        var first = new DateOnly(settings.Config.GetProperty("year").GetInt32(), 1, 1);
        return [.. Enumerable.Range(0, first.AddYears(1).DayNumber - first.DayNumber).Select(first.AddDays)];
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
