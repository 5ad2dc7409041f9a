using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb.Files;

namespace Platform.Connectors.DuckDb;

/// <summary>One piece of work for a worker. File names are relative to the folder, the only place that the worker may touch.</summary>
internal sealed record WorkerRequest
{
    public const string Query = "query";
    public const string Describe = "describe";
    public const string Convert = "convert";
    public const string Import = "import";

    public required string Verb { get; init; }

    public required string Folder { get; init; }

    public required WorkerLimits Limits { get; init; }

    public IReadOnlyList<WorkerTable> Tables { get; init; } = [];

    public string? Sql { get; init; }

    /// <summary>Whether the statement may stand in parentheses after FROM.</summary>
    public bool IsSubquery { get; init; }

    public IReadOnlyList<JsonElement> Values { get; init; } = [];

    public WorkerConversion? Conversion { get; init; }

    /// <summary>To import: the foreign file.</summary>
    public WorkerImport? File { get; init; }

    /// <summary>Set where the work is over a SQLite file, and not DuckDB's.</summary>
    public WorkerSqlite? Sqlite { get; init; }
}

internal sealed record WorkerLimits(int MemoryMegabytes, int Threads, int TimeoutMilliseconds, int MaxRows, int MaxBytes)
{
    /// <summary>What the widest table of a foreign file may have besides: of each column the engine holds 2048 rows, often.</summary>
    public const int WideMegabytes = 384;

    /// <summary>The limits of an import of so many columns.</summary>
    public WorkerLimits For(int columns) => this with
    {
        MemoryMegabytes = MemoryMegabytes + Math.Min(2 * WideMegabytes * columns / CsvTokenizer.MaxCells, WideMegabytes),
    };
}

/// <summary>A table of a query: files in one of the formats of <see cref="FileTable"/>.</summary>
internal sealed record WorkerTable(string Name, IReadOnlyList<string> Files, string Format, string? Schema)
{
    public FileMerge? Merge { get; init; }
}

/// <summary>Makes one Parquet file of files in another format, or lines of a Parquet file.</summary>
/// <param name="Inputs">The files; several only where the format is <c>lines</c>.</param>
/// <param name="Format">
/// <c>parquet</c>: its lines are wanted; <c>lines</c> or <c>rows</c>: what a stream's reader wrote;
/// <c>table</c>: the request's own table, which the inputs name.
/// </param>
/// <param name="Columns">Of lines and rows: the columns behind c0, c1, …; null if the lines say themselves what they hold.</param>
/// <param name="Output">The file to write.</param>
internal sealed record WorkerConversion(
    IReadOnlyList<string> Inputs, string Format, IReadOnlyList<WorkerColumn>? Columns, string Output);

/// <summary>Makes a Parquet file of a foreign file.</summary>
internal sealed record WorkerImport(string Input, string Output, FileReading Reading);

/// <summary>Work over one SQLite file.</summary>
/// <param name="File">The file.</param>
/// <param name="Search">To describe: what names must hold.</param>
/// <param name="Table">To convert: the table whose rows are wanted.</param>
/// <param name="CursorColumn">To convert: the column that grows, if only new rows are wanted.</param>
/// <param name="CursorValue">To convert: the last value that was read.</param>
/// <param name="Output">To convert: the file of lines to write.</param>
internal sealed record WorkerSqlite(
    string File,
    string? Search = null,
    string? Table = null,
    string? CursorColumn = null,
    string? CursorValue = null,
    string? Output = null);

internal sealed record WorkerColumn(string Name, string Type);

internal sealed record WorkerDescription(string Name, IReadOnlyList<ResultColumn> Columns);

/// <summary>The answer; a query's rows follow it as the frame's body.</summary>
internal sealed record WorkerReply
{
    /// <summary>Null if all went well, else a code of the sources' failures.</summary>
    public string? Code { get; init; }

    public string? Message { get; init; }

    public IReadOnlyList<ResultColumn> Columns { get; init; } = [];

    public IReadOnlyList<WorkerDescription> Tables { get; init; } = [];

    /// <summary>The columns of lines that were written.</summary>
    public IReadOnlyList<WorkerColumn> Stored { get; init; } = [];

    public string? CursorValue { get; init; }

    public long RowCount { get; init; }

    public bool Truncated { get; init; }

    /// <summary>Of an import: how the file was understood.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Of an import: what does not lie in the table as it lay in the file.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Of an import: whether the foreign file itself is what is wanted.</summary>
    public bool IsInput { get; init; }
}

/// <summary>Generated, because a worker that has to look at types by reflection first starts noticeably later.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(WorkerRequest))]
[JsonSerializable(typeof(WorkerReply))]
internal sealed partial class WorkerJson : JsonSerializerContext;

/// <summary>A frame is two lengths (32 bits, little endian), the JSON head and the body.</summary>
internal static class WorkerFrame
{
    private const int MaxHead = 16 * 1024 * 1024;
    private const int MaxBody = 256 * 1024 * 1024;

    public static async Task WriteAsync(Stream stream, byte[] head, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var lengths = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(lengths, head.Length);
        BinaryPrimitives.WriteInt32LittleEndian(lengths.AsSpan(4), body.Length);
        await stream.WriteAsync(lengths, cancellationToken);
        await stream.WriteAsync(head, cancellationToken);
        await stream.WriteAsync(body, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    /// <returns>Null at the end of the stream.</returns>
    public static async Task<(byte[] Head, byte[] Body)?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var lengths = new byte[8];
        if (await stream.ReadAtLeastAsync(lengths, lengths.Length, throwOnEndOfStream: false, cancellationToken) < lengths.Length)
        {
            return null;
        }

        var head = BinaryPrimitives.ReadInt32LittleEndian(lengths);
        var body = BinaryPrimitives.ReadInt32LittleEndian(lengths.AsSpan(4));
        if (head is < 0 or > MaxHead || body is < 0 or > MaxBody)
        {
            throw new InvalidDataException("The frame is too long.");
        }

        return (await ReadBytesAsync(stream, head, cancellationToken), await ReadBytesAsync(stream, body, cancellationToken));
    }

    private static async Task<byte[]> ReadBytesAsync(Stream stream, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
