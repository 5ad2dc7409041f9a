using DuckDB.NET.Data;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>Makes a Parquet file of a foreign file.</summary>
internal sealed class FileImport(WorkerRequest request, CancellationToken cancellationToken)
{
    // The reader holds two buffers of this size.
    private const string LargeObjects = "maximum_object_size = 33554432";

    private static readonly byte[] ParquetMark = "PAR1"u8.ToArray();
    private static readonly byte[] ZipMark = [0x50, 0x4B, 3, 4];

    private readonly FileNotes _notes = new();
    private readonly string _input = Path.Combine(request.Folder, request.File!.Input);
    private readonly string _output = Path.Combine(request.Folder, request.File!.Output);

    public WorkerReply Run()
    {
        var reading = request.File!.Reading;
        var format = reading.Format ?? Detect(_input, reading.Extension);
        if (FileReadingRules.Check(reading, format) is { Count: > 0 } faults)
        {
            throw new SourceException(
                SourceFailure.InvalidConfig, string.Join(' ', faults.Select(fault => $"{fault.Key}: {string.Join(' ', fault.Value)}")));
        }

        reading = reading with { Format = format, Delimiter = format == FileFormat.Tsv ? "\t" : reading.Delimiter };
        return format switch
        {
            FileFormat.Csv or FileFormat.Tsv => CopyDelimited(reading),
            FileFormat.Json or FileFormat.NdJson => CopyJson(reading),
            FileFormat.Xlsx => CopyRows(new ExcelSheet(_input, reading, _notes, cancellationToken).Write(PathOf("rows")), reading),
            _ => CopyParquet(reading),
        };
    }

    private string PathOf(string name) => Path.Combine(request.Folder, name);

    private LockedDatabase Open(int columns = 0) => LockedDatabase.Open(request.Folder, request.Limits.For(columns));

    private WorkerReply ReplyOf(LockedDatabase database, FileReading reading, string place, bool isInput = false) =>
        Conversion.Describe(database, isInput ? _input : _output) with
        {
            Summary = _notes.Summary.Length == 0 ? reading.Format! : $"{reading.Format}, {_notes.Summary}",
            Notes = _notes.ToList(place),
            IsInput = isInput,
        };

    private WorkerReply CopyDelimited(FileReading reading)
    {
        var (text, encoding) = TextFile.Prepare(_input, PathOf("text"), reading, cancellationToken);
        var rows = new CsvImport(text, reading, _notes, cancellationToken).Write(PathOf("rows"));
        _notes.Summary = $"{encoding}, {_notes.Summary}";
        return CopyRows(rows, reading);
    }

    private WorkerReply CopyRows(RowsFile rows, FileReading reading)
    {
        using var database = Open(rows.Columns.Count);
        new TypedCopy(database, reading, cancellationToken).Copy(rows, _output);
        return ReplyOf(database, reading, rows.Place);
    }

    private WorkerReply CopyParquet(FileReading reading)
    {
        CheckParquet(_input);
        using var database = Open();
        if (reading.Columns.Count == 0)
        {
            // It is what is wanted already.
            return ReplyOf(database, reading, "row", isInput: true);
        }

        var file = $"read_parquet({LockedDatabase.Literal(_input)})";
        CopyTyped(database, Describe(database, file, cancellationToken), _ => file, reading);
        return ReplyOf(database, reading, "row");
    }

    private WorkerReply CopyJson(FileReading reading)
    {
        var (text, encoding) = TextFile.Prepare(_input, PathOf("text"), reading, cancellationToken);
        var format = reading.Format == FileFormat.NdJson ? ", format = 'newline_delimited'" : "";
        var file = $"read_json({LockedDatabase.Literal(text)}{format}, {LargeObjects}, sample_size = -1";
        _notes.Summary = encoding;
        try
        {
            var columns = DescribeJson($"{file})");
            if (columns is [(_, var type)] && type.StartsWith("MAP(", StringComparison.Ordinal))
            {
                // Rows of very many columns, which are no map.
                file += ", map_inference_threshold = -1";
                columns = DescribeJson($"{file})");
            }

            using var database = Open(columns.Count);
            if (reading.Columns.Count == 0)
            {
                Conversion.Copy(database, $"select * from {file})", _output, columns.Count, cancellationToken);
            }
            else
            {
                CopyTyped(database, columns, declared => $"{file}, columns = {{{declared}}})", reading);
            }

            return ReplyOf(database, reading, "row");
        }
        catch (DuckDBException exception) when (exception.Message.Contains("JSON", StringComparison.Ordinal))
        {
            // What follows the first line is advice on settings that the file's owner does not have.
            var message = exception.Message.Split('\n')[0].Replace($" in file \"{text}\"", "", StringComparison.Ordinal);
            throw new SourceException(SourceFailure.DataInvalid, message, exception);
        }
    }

    private List<(string Name, string Type)> DescribeJson(string file)
    {
        using var database = Open();
        return Describe(database, file, cancellationToken);
    }

    private static List<(string Name, string Type)> Describe(LockedDatabase database, string file, CancellationToken cancellationToken)
    {
        using var command = database.Command($"describe select * from {file}");
        using var registration = WorkerWork.CancelWith(command, cancellationToken);
        using var reader = command.ExecuteReader();
        var columns = new List<(string Name, string Type)>();
        while (reader.Read())
        {
            columns.Add((reader.GetString(0), reader.GetString(1)));
        }

        return columns;
    }

    /// <summary>The columns of the owner's choice are read as text and given their types; the others are as the engine finds.</summary>
    private void CopyTyped(
        LockedDatabase database, IReadOnlyList<(string Name, string Type)> columns, Func<string, string> withColumns, FileReading reading)
    {
        var names = columns.Select(column => column.Name).ToList();
        var forced = TypedCopy.ForcedTypes(reading, names);
        var read = columns.Select(column => (column.Name, Type: forced.ContainsKey(column.Name) ? CellType.Text : column.Type));
        var declared = string.Join(
            ", ", read.Select(column => $"{LockedDatabase.Quote(column.Name)}: {LockedDatabase.Literal(column.Type)}"));
        var keys = string.Join(", ", names.Select((name, at) =>
            $"{LockedDatabase.Quote(name)}{(forced.ContainsKey(name) ? "::varchar" : "")} as {DatasetColumns.KeyOf(at)}"));
        var source = $"select {keys}, row_number() over () as place from {withColumns(declared)}";
        new TypedCopy(database, reading, cancellationToken).Copy(source, names, _output);
    }

    private static string Detect(string input, string? extension)
    {
        using var file = File.OpenRead(input);
        var head = new byte[4096];
        var bytes = head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
        if (bytes.StartsWith(ParquetMark))
        {
            return FileFormat.Parquet;
        }

        if (bytes.StartsWith(ZipMark))
        {
            return FileFormat.Xlsx;
        }

        if (FileFormat.OfExtension(extension) is { } named)
        {
            return named;
        }

        bytes = bytes.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? bytes[3..] : bytes;
        return bytes.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..] ? FileFormat.Json : FileFormat.Csv;
    }

    private static void CheckParquet(string input)
    {
        using var file = File.OpenRead(input);
        var mark = new byte[4];
        if (file.ReadAtLeast(mark, 4, throwOnEndOfStream: false) < 4 || !mark.AsSpan().SequenceEqual(ParquetMark))
        {
            throw new SourceException(SourceFailure.DataInvalid, "The file is no Parquet file.");
        }

        file.Seek(-Math.Min(file.Length, 4), SeekOrigin.End);
        file.ReadExactly(mark);
        if (file.Length < 12 || !mark.AsSpan().SequenceEqual(ParquetMark))
        {
            throw new SourceException(SourceFailure.DataInvalid, "The Parquet file is cut off: its end is missing. Upload it again.");
        }
    }
}
