namespace Platform.Connectors.DuckDb.Files;

/// <summary>How a foreign file is read. What is left out is found in the file itself.</summary>
internal sealed record FileReading
{
    /// <summary>A <see cref="FileFormat"/>; null if the name and the first bytes decide.</summary>
    public string? Format { get; init; }

    /// <summary>The end of the file's name, such as <c>.tsv</c>, where no format is given.</summary>
    public string? Extension { get; init; }

    /// <summary>One of the names that <see cref="TextFile"/> knows.</summary>
    public string? Encoding { get; init; }

    /// <summary>Whether bytes that are not UTF-8 are windows-1252, and no error: for files that nobody can set up one by one.</summary>
    public bool GuessesEncoding { get; init; }

    public string? Delimiter { get; init; }

    /// <summary>Empty if the file has no quotes.</summary>
    public string? Quote { get; init; }

    /// <summary>What stands before a quote in a quoted cell; the quote itself if left out.</summary>
    public string? Escape { get; init; }

    public bool? Header { get; init; }

    public int? SkipLines { get; init; }

    public string? DecimalSeparator { get; init; }

    /// <summary>Texts that are null in every column, besides the empty one.</summary>
    public IReadOnlyList<string>? NullValues { get; init; }

    /// <summary>One of <see cref="RaggedRows"/>.</summary>
    public string Ragged { get; init; } = RaggedRows.Pad;

    public string? DateFormat { get; init; }

    public string? TimestampFormat { get; init; }

    /// <summary>The name of a workbook's sheet.</summary>
    public string? Sheet { get; init; }

    /// <summary>The number of a workbook's sheet, from 1 on.</summary>
    public int? SheetNumber { get; init; }

    /// <summary>The row of a sheet that names its columns, from 1 on.</summary>
    public int? HeaderRow { get; init; }

    /// <summary>Column name to a type of <see cref="CellType"/>.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();
}

/// <summary>The formats of foreign files.</summary>
internal static class FileFormat
{
    public const string Csv = "csv";
    public const string Tsv = "tsv";
    public const string Json = "json";
    public const string NdJson = "ndjson";
    public const string Parquet = "parquet";
    public const string Xlsx = "xlsx";

    /// <summary>The format that a name ends with; null where that says nothing.</summary>
    public static string? OfExtension(string? extension) => extension?.ToUpperInvariant() switch
    {
        ".CSV" => Csv,
        ".TSV" or ".TAB" => Tsv,
        ".JSON" => Json,
        ".NDJSON" or ".JSONL" => NdJson,
        ".PARQUET" or ".PQ" => Parquet,
        ".XLSX" or ".XLSM" => Xlsx,
        _ => null,
    };
}

/// <summary>What becomes of rows that have too few cells, or too many.</summary>
internal static class RaggedRows
{
    /// <summary>What is missing is null; a cell too many is an error.</summary>
    public const string Pad = "pad";

    /// <summary>Both are errors.</summary>
    public const string Error = "error";

    /// <summary>What is missing is null; cells too many are left out.</summary>
    public const string Cut = "cut";

    /// <summary>The longest row says how many columns there are.</summary>
    public const string Widen = "widen";

    /// <summary>Such rows are left out.</summary>
    public const string Skip = "skip";
}
