using System.Text.Json;
using Npgsql;

namespace Platform.Connectors.Types.Postgres;

/// <summary>The config of a postgres connector, after the schema has checked it.</summary>
internal sealed record PostgresConfig(
    string Host,
    int Port,
    string Database,
    string Username,
    SslMode SslMode,
    string? RootCertificate)
{
    public const int DefaultPort = 5432;

    public static PostgresConfig From(JsonElement config) => new(
        config.GetProperty("host").GetString()!,
        config.TryGetProperty("port", out var port) ? port.GetInt32() : DefaultPort,
        config.GetProperty("database").GetString()!,
        config.GetProperty("username").GetString()!,
        config.TryGetProperty("ssl_mode", out var mode) ? SslModeOf(mode.GetString()!) : SslMode.Prefer,
        config.TryGetProperty("root_certificate", out var certificate) ? certificate.GetString() : null);

    private static SslMode SslModeOf(string mode) => mode switch
    {
        "disable" => SslMode.Disable,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw new SourceException(SourceFailure.InvalidConfig, "The ssl_mode is not known."),
    };
}
