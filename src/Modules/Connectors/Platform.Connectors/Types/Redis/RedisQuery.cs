using System.Text;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Results;

namespace Platform.Connectors.Types.Redis;

/// <summary>Runs one command and makes rows of its reply.</summary>
internal static class RedisQuery
{
    public static async Task<Reading> RunAsync(
        RedisSession session, RedisCommand command, QueryLimits limits, CancellationToken cancellationToken)
    {
        using var rows = RowBuffer.ForArray(limits.MaxRows, limits.MaxBytes);
        if (command.Shape is RedisShape.KeyPages or RedisShape.ContentPages)
        {
            await ReadPagesAsync(session, command, rows, limits, cancellationToken);
            return Reading.From(ColumnsOfPages(command), rows);
        }

        // A row has two values or three; a reply with one row more tells that there are more.
        var reply = await session.AskAsync(command.Arguments, (limits.MaxRows + 1L) * 4, limits.MaxBytes, cancellationToken);
        var columns = AddRows(rows, command, reply);
        if (session.IsCut)
        {
            rows.MarkTruncated();
        }

        return Reading.From(columns, rows);
    }

    private static ResultColumn[] AddRows(RowBuffer rows, RedisCommand command, RespValue reply)
    {
        switch (command.Shape)
        {
            case RedisShape.Fields:
                AddPairs(rows, reply.Items ?? []);
                return Columns("field", "value");
            case RedisShape.Named:
                // MGET names keys from its first argument on, HMGET fields from its second.
                var isHash = command.Arguments[0] == "HMGET";
                AddPairs(rows, [.. command.Arguments.Skip(isHash ? 2 : 1)
                    .Zip(reply.Items ?? [], (name, value) => new[] { RespValueOf(name), value }).SelectMany(pair => pair)]);
                return Columns(isHash ? "field" : "key", "value");
            case RedisShape.Members when command.WithScores:
                AddPairs(rows, reply.Items ?? [], isScore: true);
                return [new("member", ColumnType.Text), new("score", ColumnType.Double)];
            case RedisShape.Entries:
                AddEntries(rows, reply.Items ?? []);
                return [new("id", ColumnType.Text), new("fields", ColumnType.Json)];
            default:
                var values = reply.Items ?? [reply];
                AddAll(rows, values.Select(value => new[] { value }));
                var isNumber = values.Count > 0 && values.All(value => value.Number is not null);
                return [new(command.Shape == RedisShape.Members ? "member" : "value", isNumber ? ColumnType.Integer : ColumnType.Text)];
        }
    }

    private static async Task ReadPagesAsync(
        RedisSession session, RedisCommand command, RowBuffer rows, QueryLimits limits, CancellationToken cancellationToken)
    {
        var isPair = command.Arguments[0] is "HSCAN" or "ZSCAN";
        await foreach (var items in RedisScan.PagesAsync(session, command, limits, cancellationToken))
        {
            if (isPair)
            {
                AddPairs(rows, items, isScore: command.Arguments[0] == "ZSCAN");
            }
            else
            {
                AddAll(rows, items.Select(item => new[] { item }));
            }

            if (rows.Truncated)
            {
                return;
            }
        }
    }

    private static ResultColumn[] ColumnsOfPages(RedisCommand command) => command.Arguments[0] switch
    {
        "HSCAN" => Columns("field", "value"),
        "ZSCAN" => [new("member", ColumnType.Text), new("score", ColumnType.Double)],
        "SSCAN" => Columns("value"),
        _ => Columns("key"),
    };

    private static ResultColumn[] Columns(params string[] names) => [.. names.Select(name => new ResultColumn(name, ColumnType.Text))];

    private static RespValue RespValueOf(string text) => new(Encoding.UTF8.GetBytes(text));

    private static void AddPairs(RowBuffer rows, IReadOnlyList<RespValue> items, bool isScore = false) =>
        AddAll(rows, items.Chunk(2).Where(pair => pair.Length == 2), isScore);

    private static void AddAll(RowBuffer rows, IEnumerable<RespValue[]> items, bool isScore = false)
    {
        foreach (var row in items)
        {
            var writer = rows.BeginRow();
            writer.WriteStartArray();
            for (var ordinal = 0; ordinal < row.Length; ordinal++)
            {
                RedisJson.Write(writer, row[ordinal], isScore && ordinal == 1);
            }

            writer.WriteEndArray();
            if (!rows.TryAddRow())
            {
                return;
            }
        }
    }

    private static void AddEntries(RowBuffer rows, IReadOnlyList<RespValue> entries)
    {
        foreach (var entry in entries.Where(entry => entry.Items is { Count: 2 }))
        {
            var writer = rows.BeginRow();
            writer.WriteStartArray();
            RedisJson.Write(writer, entry.Items![0], isScore: false);
            RedisJson.WriteFields(writer, entry.Items[1].Items ?? []);
            writer.WriteEndArray();
            if (!rows.TryAddRow())
            {
                return;
            }
        }
    }
}
