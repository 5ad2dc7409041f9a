namespace Platform.LocalSupabase.Rest;

/// <summary>A request that is refused, with PostgREST's code and status.</summary>
internal sealed class RestException(int status, string code, string message, string? details = null, string? hint = null)
    : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public string? Details { get; } = details;

    public string? Hint { get; } = hint;

    public static RestException Unparsable(string what, string details) => new(400, "PGRST100", $"\"failed to parse {what}\"", details);

    public static RestException NoSuchColumn(string column, string relation) =>
        new(400, "42703", $"column {relation}.{column} does not exist");

    public static RestException NoSuchColumnInBody(string column, string relation) =>
        new(400, "PGRST204", $"Could not find the '{column}' column of '{relation}' in the schema cache");

    public static RestException NoSuchTable(string schema, string name) =>
        new(404, "PGRST205", $"Could not find the table '{schema}.{name}' in the schema cache");

    public static RestException NotOneRow(long rows) =>
        new(406, "PGRST116", "Cannot coerce the result to a single JSON object", $"The result contains {rows} rows");

    public static RestException NoRelationship(string from, string to) =>
        new(400, "PGRST200", $"Could not find a relationship between '{from}' and '{to}' in the schema cache");
}
