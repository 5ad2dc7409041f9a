using System.Text.Json;
using Platform.Connectors.DuckDb.Files;

namespace Platform.Connectors.Types.Files;

/// <summary>The config of a file connector, after the schema has checked it.</summary>
/// <param name="UploadId">The file.</param>
/// <param name="Table">Its name in queries.</param>
/// <param name="Reading">How it is read.</param>
internal sealed record FileConfig(Guid UploadId, string Table, FileReading Reading)
{
    /// <summary>What is left out of a config is found in the file.</summary>
    public static JsonElement Schema { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["upload_id"],
          "properties": {
            "upload_id": {"type": "string", "title": "Upload", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
            "format": {
              "type": "string", "title": "Format", "enum": ["csv", "tsv", "json", "ndjson", "parquet", "xlsx"],
              "description": "Left out, the file's first bytes and its name decide."
            },
            "table": {"type": "string", "title": "Table name", "minLength": 1, "maxLength": 63, "default": "data"},
            "encoding": {
              "type": "string", "title": "Encoding",
              "enum": ["utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "latin-1"],
              "description": "Left out, a byte order mark decides, and without one it is UTF-8. For text files."
            },
            "delimiter": {
              "type": "string", "title": "Delimiter", "minLength": 1, "maxLength": 1, "pattern": "^[\\t !-/:-@\\[-`{-~]$",
              "description": "What stands between cells: a comma, semicolon, tab, pipe or another sign. For csv."
            },
            "quote": {
              "type": "string", "title": "Quote", "maxLength": 1, "pattern": "^[!-/:-@\\[-`{-~]?$",
              "description": "What cells may be enclosed in; empty if in nothing. For csv and tsv."
            },
            "escape": {
              "type": "string", "title": "Escape", "minLength": 1, "maxLength": 1, "pattern": "^[!-/:-@\\[-`{-~]$",
              "description": "What stands before a quote within a cell; the quote itself where it is doubled. For csv and tsv."
            },
            "header": {
              "type": "boolean", "title": "Header", "description": "Whether the first row names the columns. For csv, tsv and xlsx."
            },
            "skip_lines": {
              "type": "integer", "title": "Lines to skip", "minimum": 0, "maximum": 10000,
              "description": "How many lines stand before the table. For csv and tsv."
            },
            "decimal_separator": {
              "type": "string", "title": "Decimal separator", "enum": [".", ","],
              "description": "What fractions begin with; the other one may stand between thousands."
            },
            "null_values": {
              "type": "array", "title": "Texts for null", "maxItems": 20, "items": {"type": "string", "minLength": 1, "maxLength": 50},
              "description": "Null in every column, besides empty cells. Left out: NA, NULL, - and the like where the column is no text."
            },
            "ragged": {
              "type": "string", "title": "Rows of another width", "enum": ["pad", "error", "cut", "widen", "skip"], "default": "pad",
              "description": "pad: what is missing is null; too much is an error. error: both are. cut, widen, skip: see the docs."
            },
            "date_format": {
              "type": "string", "title": "Form of dates", "minLength": 2, "maxLength": 40, "pattern": "%",
              "description": "As %d.%m.%Y."
            },
            "timestamp_format": {
              "type": "string", "title": "Form of times", "minLength": 2, "maxLength": 60, "pattern": "%",
              "description": "As %d.%m.%Y %H:%M."
            },
            "sheet": {
              "anyOf": [{"type": "string", "minLength": 1, "maxLength": 31}, {"type": "integer", "minimum": 1, "maximum": 10000}],
              "title": "Sheet", "description": "A name, or a number from 1 on; the first one if left out. For xlsx."
            },
            "header_row": {
              "type": "integer", "title": "Header row", "minimum": 1, "maximum": 1048576,
              "description": "The row that names the columns, from 1 on. For xlsx."
            },
            "columns": {
              "type": "object", "title": "Types of columns",
              "description": "Column to type, such as {\"zip\": \"text\"}; a cell that does not fit is an error. The others are found.",
              "additionalProperties": {
                "type": "string", "enum": ["text", "integer", "decimal", "double", "boolean", "date", "time", "timestamp", "timestamptz"]
              }
            }
          }
        }
        """);

    public static FileConfig From(JsonElement config) => new(
        Guid.Parse(config.GetProperty("upload_id").GetString()!),
        Text(config, "table") ?? "data",
        new FileReading
        {
            Format = Text(config, "format"),
            Encoding = Text(config, "encoding"),
            Delimiter = Text(config, "delimiter"),
            Quote = Text(config, "quote"),
            Escape = Text(config, "escape"),
            Header = Member(config, "header")?.GetBoolean(),
            SkipLines = Member(config, "skip_lines")?.GetInt32(),
            DecimalSeparator = Text(config, "decimal_separator"),
            NullValues = Member(config, "null_values") is { } nulls ? [.. nulls.EnumerateArray().Select(text => text.GetString()!)] : null,
            Ragged = Text(config, "ragged") ?? RaggedRows.Pad,
            DateFormat = Text(config, "date_format"),
            TimestampFormat = Text(config, "timestamp_format"),
            Sheet = Member(config, "sheet") is { ValueKind: JsonValueKind.String } name ? name.GetString() : null,
            SheetNumber = Member(config, "sheet") is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : null,
            HeaderRow = Member(config, "header_row")?.GetInt32(),
            Columns = Member(config, "columns") is { } columns
                ? columns.EnumerateObject().ToDictionary(column => column.Name, column => column.Value.GetString()!)
                : new Dictionary<string, string>(),
        });

    private static string? Text(JsonElement config, string name) => Member(config, name)?.GetString();

    private static JsonElement? Member(JsonElement config, string name) =>
        config.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
