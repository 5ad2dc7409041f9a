using System.Text.Json;
using Microsoft.Data.Sqlite;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Results;
using Platform.Connectors.Types;
using SQLitePCL;

namespace Platform.Connectors.Sqlite;

/// <summary>Does one request over a SQLite file, in a worker.</summary>
internal static class SqliteWork
{
    private const int MaxTables = 500;

    public static (WorkerReply Reply, ReadOnlyMemory<byte> Rows) Run(WorkerRequest request, CancellationToken cancellationToken)
    {
        var work = request.Sqlite!;
        try
        {
            using var database = LockedSqlite.Open(Path.Combine(request.Folder, work.File), request.Limits);
            using var interruption = database.InterruptWith(cancellationToken);
            return request.Verb switch
            {
                WorkerRequest.Query => Query(database, request),
                WorkerRequest.Describe => (new WorkerReply { Tables = [.. Describe(database, work.Search)] }, default),
                WorkerRequest.Convert => (Export(database, request, work), default),
                _ => throw new InvalidOperationException($"There is no work called {request.Verb}."),
            };
        }
        catch (SqliteException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure(exception);
        }
    }

    private static SourceException Failure(SqliteException exception) => exception.SqliteErrorCode switch
    {
        raw.SQLITE_AUTH or raw.SQLITE_READONLY =>
            new(SourceFailure.QueryInvalid, "A query reads the file's own tables, and nothing else.", exception),
        // A refused function has no code of its own.
        raw.SQLITE_ERROR when exception.Message.Contains("not authorized", StringComparison.Ordinal) =>
            new(SourceFailure.QueryInvalid, "A query may not call this function.", exception),
        raw.SQLITE_NOMEM or raw.SQLITE_TOOBIG =>
            new(SourceFailure.QueryTooLarge, "The query needs more memory than a query may have.", exception),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_CANTOPEN =>
            new(SourceFailure.DataInvalid, "The file is no SQLite database, or it is damaged.", exception),
        _ => new(SourceFailure.QueryFailed, exception.Message, exception),
    };

    private static IEnumerable<WorkerDescription> Describe(LockedSqlite database, string? search)
    {
        using var command = database.Command(
            """
            select o.name, c.name, c.type
            from sqlite_schema as o join pragma_table_xinfo(o.name) as c
            where o.type in ('table', 'view') and o.name not like 'sqlite\_%' escape '\' and c.hidden <> 1
            order by o.name, c.cid
            """);
        using var reader = command.ExecuteReader();
        var tables = new Dictionary<string, List<ResultColumn>>(StringComparer.Ordinal);
        while (reader.Read())
        {
            var name = reader.GetString(0);
            if (!tables.TryGetValue(name, out var columns))
            {
                tables.Add(name, columns = []);
            }

            columns.Add(new ResultColumn(reader.GetString(1), SqliteColumnType.OfDeclaration(reader.GetString(2))));
        }

        return tables.Select(table => new WorkerDescription(table.Key, table.Value))
            .Where(table => IsWanted(table, search))
            .Take(MaxTables);
    }

    private static bool IsWanted(WorkerDescription table, string? search) =>
        string.IsNullOrWhiteSpace(search)
        || table.Name.Contains(search, StringComparison.OrdinalIgnoreCase)
        || table.Columns.Any(column => column.Name.Contains(search, StringComparison.OrdinalIgnoreCase));

    private static (WorkerReply Reply, ReadOnlyMemory<byte> Rows) Query(LockedSqlite database, WorkerRequest request)
    {
        database.AllowReadingAlone();
        using var command = database.Command(request.Sql!);
        for (var number = 1; number <= request.Values.Count; number++)
        {
            command.Parameters.AddWithValue($"?{number}", ValueOf(request.Values[number - 1]));
        }

        using var reader = command.ExecuteReader();
        var types = TypesOf(reader);
        using var rows = RowBuffer.ForArray(request.Limits.MaxRows, request.Limits.MaxBytes);
        while (reader.Read())
        {
            if (rows.Count >= request.Limits.MaxRows)
            {
                rows.MarkTruncated();
                break;
            }

            var writer = rows.BeginRow();
            writer.WriteStartArray();
            for (var ordinal = 0; ordinal < types.Length; ordinal++)
            {
                types[ordinal].Write(writer, reader, ordinal);
            }

            writer.WriteEndArray();
            if (!rows.TryAddRow())
            {
                break;
            }
        }

        var reply = new WorkerReply
        {
            Columns = [.. types.Select((type, ordinal) => new ResultColumn(reader.GetName(ordinal), type.Name))],
            RowCount = rows.Count,
            Truncated = rows.Truncated,
        };
        return (reply, rows.CloseArray());
    }

    /// <summary>Writes a table's rows as lines; their columns are known once all have been seen.</summary>
    private static WorkerReply Export(LockedSqlite database, WorkerRequest request, WorkerSqlite work)
    {
        var table = Describe(database, null).FirstOrDefault(table => table.Name == work.Table)
            ?? throw new SourceException(SourceFailure.QueryFailed, $"The file has no table {work.Table}.");
        var cursor = table.Columns.Select(column => column.Name).ToList().IndexOf(work.CursorColumn ?? "");
        if (cursor < 0 && work.CursorColumn is not null)
        {
            throw new SourceException(SourceFailure.InvalidConfig, $"{table.Name} has no column {work.CursorColumn}.");
        }

        database.AllowReadingAlone();
        using var command = database.Command(SelectOf(table, work));
        if (work.CursorValue is not null)
        {
            command.Parameters.AddWithValue("?1", work.CursorValue);
        }

        using var reader = command.ExecuteReader();
        var types = TypesOf(reader);
        var (count, cursorValue) = WriteLines(reader, types, Path.Combine(request.Folder, work.Output!), cursor);
        var names = DatasetColumns.Distinct(table.Columns.Select(column => column.Name));
        return new WorkerReply
        {
            Stored = [.. names.Zip(types, (name, type) => new WorkerColumn(name, type.StorageType))],
            RowCount = count,
            CursorValue = cursorValue ?? work.CursorValue,
        };
    }

    private static string SelectOf(WorkerDescription table, WorkerSqlite work)
    {
        var columns = string.Join(", ", table.Columns.Select(column => LockedSqlite.Quote(column.Name)));
        var select = $"select {columns} from {LockedSqlite.Quote(table.Name)}";
        if (work.CursorColumn is null)
        {
            return select;
        }

        var cursor = LockedSqlite.Quote(work.CursorColumn);
        var after = work.CursorValue is null ? "" : $" and {cursor} > ?1";
        return $"{select} where {cursor} is not null{after} order by {cursor}";
    }

    private static (long Count, string? CursorValue) WriteLines(
        SqliteDataReader reader, SqliteColumnType[] types, string path, int cursor)
    {
        const int BufferBytes = 1024 * 1024;
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        using var lines = RowBuffer.ForLines(int.MaxValue, BufferBytes);
        var (count, cursorValue) = (0L, default(string));
        while (reader.Read())
        {
            var writer = lines.BeginRow();
            writer.WriteStartObject();
            for (var ordinal = 0; ordinal < types.Length; ordinal++)
            {
                writer.WritePropertyName(DatasetColumns.KeyOf(ordinal));
                types[ordinal].Write(writer, reader, ordinal);
            }

            writer.WriteEndObject();
            lines.TryAddRow();
            count++;
            cursorValue = cursor < 0 ? null : reader.GetString(cursor);
            if (lines.IsFull)
            {
                file.Write(lines.TakeLines());
            }
        }

        file.Write(lines.TakeLines());
        return (count, cursorValue);
    }

    private static SqliteColumnType[] TypesOf(SqliteDataReader reader)
    {
        var declared = Enumerable.Range(0, reader.FieldCount)
            .Select(ordinal => raw.sqlite3_column_decltype(reader.Handle, ordinal).utf8_to_string() ?? "");
        return [.. declared.Select(declaration => new SqliteColumnType(declaration))];
    }

    private static object ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => DBNull.Value,
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number when value.TryGetInt64(out var integer) => integer,
        JsonValueKind.Number => value.GetDouble(),
        // The source has no lists; json_each takes the text.
        _ => value.GetRawText(),
    };
}
