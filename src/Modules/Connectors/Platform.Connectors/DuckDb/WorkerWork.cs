using System.Text.Json;
using DuckDB.NET.Data;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb.Files;
using Platform.Connectors.Results;
using Platform.Connectors.Sqlite;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb;

/// <summary>Does one request: in the database that is kept, in one of its own, or over a SQLite file.</summary>
internal static class WorkerWork
{
    private const int MaxMessageLength = 1000;

    public static (WorkerReply Reply, ReadOnlyMemory<byte> Rows) Run(WorkerRequest request, KeptDatabase kept)
    {
        using var timeout = new CancellationTokenSource(request.Limits.TimeoutMilliseconds);
        try
        {
            if (request.Sqlite is not null)
            {
                return SqliteWork.Run(request, timeout.Token);
            }

            if (request.File is not null)
            {
                return (new FileImport(request, timeout.Token).Run(), default);
            }

            if (kept.Sees(request))
            {
                return kept.Run(database => Run(database, request, timeout.Token));
            }

            using var database = LockedDatabase.Open(request.Folder, request.Limits);
            return Run(database, request, timeout.Token);
        }
        catch (Exception exception) when (timeout.IsCancellationRequested)
        {
            return Failed(SourceFailure.QueryTimeout, "The query ran out of its time.", exception);
        }
        catch (SourceException exception)
        {
            return Failed(exception.Code, exception.Message, exception);
        }
        catch (Exception exception) when (exception is OutOfMemoryException || (exception is DuckDBException && IsOutOfMemory(exception)))
        {
            return Failed(SourceFailure.QueryTooLarge, "The query needs more memory than a query may have.", exception);
        }
        catch (Exception exception)
        {
            var code = request.Verb == WorkerRequest.Query ? SourceFailure.QueryFailed : SourceFailure.DataInvalid;
            return Failed(code, MessageOf(exception, request.Folder), exception);
        }
    }

    private static (WorkerReply Reply, ReadOnlyMemory<byte> Rows) Run(
        LockedDatabase database, WorkerRequest request, CancellationToken cancellationToken)
    {
        CreateTables(database, request);
        return request.Verb switch
        {
            WorkerRequest.Query => Query(database, request, cancellationToken),
            WorkerRequest.Describe => (DescribeAll(database, request), default),
            WorkerRequest.Convert => (Conversion.Run(database, request.Folder, request.Conversion!, cancellationToken), default),
            _ => throw new InvalidOperationException($"There is no work called {request.Verb}."),
        };
    }

    /// <summary>Cancels the command when the time is over; the engine looks at that between chunks of rows.</summary>
    internal static CancellationTokenRegistration CancelWith(DuckDBCommand command, CancellationToken cancellationToken) =>
        cancellationToken.Register(command.Cancel);

    private static WorkerReply DescribeAll(LockedDatabase database, WorkerRequest request) =>
        new() { Tables = [.. request.Tables.Select(table => Describe(database, table.Name))] };

    internal static WorkerDescription Describe(LockedDatabase database, string table)
    {
        using var command = database.Command($"describe select * from {LockedDatabase.Quote(table)}");
        using var reader = command.ExecuteReader();
        var columns = new List<ResultColumn>();
        while (reader.Read())
        {
            columns.Add(new ResultColumn(reader.GetString(0), DuckDbType.OfDeclaration(reader.GetString(1))));
        }

        return new WorkerDescription(table, columns);
    }

    private static void CreateTables(LockedDatabase database, WorkerRequest request)
    {
        foreach (var table in request.Tables)
        {
            var files = table.Files.Select(file => Path.Combine(request.Folder, file)).ToList();
            var select = table.Format == FileTable.Lines
                ? Conversion.SelectLines(files, null)
                : DatasetView.Select(database, files, table.Merge);
            if (table.Schema is not null)
            {
                database.Execute($"create schema if not exists {LockedDatabase.Quote(table.Schema)}");
            }

            var schema = table.Schema is null ? "" : $"{LockedDatabase.Quote(table.Schema)}.";
            database.Execute($"create view {schema}{LockedDatabase.Quote(table.Name)} as {select}");
        }
    }

    private static (WorkerReply Reply, ReadOnlyMemory<byte> Rows) Query(
        LockedDatabase database, WorkerRequest request, CancellationToken cancellationToken)
    {
        var described = DescribeQuery(database, request, cancellationToken);
        using var command = Command(database, WithJsonColumns(request.Sql!, described), request);
        command.UseStreamingMode = true;
        using var registration = CancelWith(command, cancellationToken);
        using var reader = command.ExecuteReader();
        var types = Enumerable.Range(0, reader.FieldCount)
            .Select(ordinal => DuckDbType.Of(reader.GetDataTypeName(ordinal), isJson: IsJson(described, ordinal)))
            .ToArray();
        using var rows = RowBuffer.ForArray(request.Limits.MaxRows, request.Limits.MaxBytes);
        while (reader.Read())
        {
            if (rows.Count >= request.Limits.MaxRows)
            {
                rows.MarkTruncated();
                break;
            }

            WriteRow(rows.BeginRow(), reader, types);
            if (!rows.TryAddRow())
            {
                break;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        var reply = new WorkerReply
        {
            Columns = [.. types.Select((type, ordinal) => new ResultColumn(reader.GetName(ordinal), type.Name))],
            RowCount = rows.Count,
            Truncated = rows.Truncated,
        };
        return (reply, rows.CloseArray());
    }

    /// <summary>
    /// The columns of a query before it runs, since the driver cannot tell JSON from text nor read every list. Empty for statements that
    /// stand in no subquery; these show text and numbers alone.
    /// </summary>
    private static List<ResultColumn> DescribeQuery(LockedDatabase database, WorkerRequest request, CancellationToken cancellationToken)
    {
        var columns = new List<ResultColumn>();
        if (request.IsSubquery)
        {
            using var command = Command(database, $"describe select * from ({request.Sql}\n) as asked", request);
            using var registration = CancelWith(command, cancellationToken);
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                columns.Add(new ResultColumn(reader.GetString(0), DuckDbType.OfDeclaration(reader.GetString(1))));
            }
        }

        return columns;
    }

    private static bool IsJson(List<ResultColumn> described, int ordinal) =>
        described.Count > ordinal && described[ordinal].Type == ColumnType.Json;

    private static string WithJsonColumns(string sql, List<ResultColumn> columns)
    {
        if (!columns.Exists(column => column.Type == ColumnType.Json))
        {
            return sql;
        }

        var keys = columns.Select((_, ordinal) => DatasetColumns.KeyOf(ordinal)).ToList();
        var outputs = columns.Select((column, ordinal) =>
            $"{(column.Type == ColumnType.Json ? $"to_json({keys[ordinal]})" : keys[ordinal])} as {LockedDatabase.Quote(column.Name)}");
        return $"select {string.Join(", ", outputs)} from ({sql}\n) as asked({string.Join(", ", keys)})";
    }

    private static DuckDBCommand Command(LockedDatabase database, string sql, WorkerRequest request)
    {
        var command = database.Command(sql);
        foreach (var value in request.Values)
        {
            command.Parameters.Add(new DuckDBParameter { Value = DuckDbParameters.Of(value) });
        }

        return command;
    }

    private static void WriteRow(Utf8JsonWriter writer, DuckDBDataReader reader, DuckDbType[] types)
    {
        writer.WriteStartArray();
        for (var ordinal = 0; ordinal < types.Length; ordinal++)
        {
            if (reader.IsDBNull(ordinal))
            {
                writer.WriteNullValue();
            }
            else
            {
                types[ordinal].Write(writer, reader, ordinal);
            }
        }

        writer.WriteEndArray();
    }

    // A compressor that gets no memory gives a size that no page can have.
    private static bool IsOutOfMemory(Exception exception) =>
        exception.Message.StartsWith("Out of Memory", StringComparison.Ordinal)
        || exception.Message.Contains("compressed page size out of range", StringComparison.Ordinal);

    // The engine repeats the statement, which is not the caller's alone, and names its files. Of its own faults it prints a trace.
    private static string MessageOf(Exception exception, string folder)
    {
        if (exception.Message.StartsWith("INTERNAL", StringComparison.Ordinal)
            || exception.Message.StartsWith("FATAL", StringComparison.Ordinal))
        {
            return "The engine that reads files failed at this.";
        }

        var message = exception.Message.Replace($"{folder}/", "", StringComparison.Ordinal);
        var statement = message.IndexOf("\n\nLINE ", StringComparison.Ordinal);
        return statement < 0 ? message : message[..statement];
    }

    private static (WorkerReply Reply, ReadOnlyMemory<byte> Rows) Failed(string code, string message, Exception exception)
    {
        // The Host logs what its workers print; the message itself goes to the connector's owner alone.
        Console.Error.WriteLine($"{code}: {exception.GetType().Name}");
        var shown = message.Length <= MaxMessageLength ? message : message[..MaxMessageLength];
        return (new WorkerReply { Code = code, Message = shown }, default);
    }
}
