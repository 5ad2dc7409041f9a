namespace Platform.Host.Migrations;

/// <summary>The schema cannot be brought up to date; the message names the file and says what to do.</summary>
internal sealed class MigrationException(string code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>A stable snake_case name of the trouble.</summary>
    public string Code { get; } = code;
}
