namespace Platform.Host.Migrations;

internal static partial class MigrationLog
{
    [LoggerMessage(8500, LogLevel.Information, "Applied {File} in {Milliseconds} ms")]
    public static partial void FileApplied(this ILogger logger, string file, long milliseconds);

    [LoggerMessage(8501, LogLevel.Information, "The database schema is up to date: {Applied} file(s) applied, {Total} in all")]
    public static partial void SchemaIsUpToDate(this ILogger logger, int applied, int total);
}
