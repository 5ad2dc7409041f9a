namespace Platform.Connectors.DuckDb.Files;

/// <summary>Which settings go together.</summary>
internal static class FileReadingRules
{
    /// <param name="reading">The settings.</param>
    /// <param name="format">The file's format, which may have been found in the file.</param>
    /// <returns>Setting to messages; empty if all is well.</returns>
    public static Dictionary<string, string[]> Check(FileReading reading, string format)
    {
        var faults = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var isDelimited = format is FileFormat.Csv or FileFormat.Tsv;
        var isText = isDelimited || format is FileFormat.Json or FileFormat.NdJson;
        var isSheet = format == FileFormat.Xlsx;
        Require(isText, "csv, tsv, json and ndjson", ("encoding", reading.Encoding is not null));
        Require(
            isDelimited, "csv and tsv",
            ("delimiter", reading.Delimiter is not null), ("quote", reading.Quote is not null), ("escape", reading.Escape is not null),
            ("skip_lines", reading.SkipLines is not null), ("ragged", reading.Ragged != RaggedRows.Pad));
        Require(isDelimited || isSheet, "csv, tsv and xlsx", ("header", reading.Header is not null));
        Require(
            isSheet, "xlsx",
            ("sheet", reading.Sheet is not null || reading.SheetNumber is not null), ("header_row", reading.HeaderRow is not null));
        Require(
            isDelimited || isSheet || reading.Columns.Count > 0, "csv, tsv and xlsx, and for columns that columns names",
            ("decimal_separator", reading.DecimalSeparator is not null), ("null_values", reading.NullValues is not null),
            ("date_format", reading.DateFormat is not null), ("timestamp_format", reading.TimestampFormat is not null));
        CheckDialect(reading, format, faults);
        return faults;

        void Require(bool isMet, string formats, params (string Name, bool IsSet)[] settings)
        {
            foreach (var (name, _) in settings.Where(setting => setting.IsSet && !isMet))
            {
                faults[name] = [$"Is for {formats} alone; the file is {format}."];
            }
        }
    }

    private static void CheckDialect(FileReading reading, string format, Dictionary<string, string[]> faults)
    {
        if (format == FileFormat.Tsv && reading.Delimiter is not (null or "\t"))
        {
            faults["delimiter"] = ["Is a tab where the format is tsv. Set the format to csv."];
        }

        var delimiter = format == FileFormat.Tsv ? "\t" : reading.Delimiter;
        if (delimiter is not null && delimiter == reading.Quote)
        {
            faults["quote"] = ["Must differ from the delimiter."];
        }

        if (delimiter is not null && delimiter == reading.Escape)
        {
            faults["escape"] = ["Must differ from the delimiter."];
        }

        if (reading.Quote is { Length: 0 } && reading.Escape is not null)
        {
            faults["escape"] = ["Needs a quote."];
        }

        if (reading.Header == false && reading.HeaderRow is not null)
        {
            faults["header_row"] = ["Needs a header."];
        }
    }
}
