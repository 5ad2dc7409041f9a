using System.Text.Json;

namespace Platform.Connectors.Types.MySql;

/// <summary>The config of a mysql connector, after the schema has checked it; the schema says what <c>ssl_mode</c> may be.</summary>
internal sealed record MySqlConfig(string Host, int Port, string Database, string Username, string SslMode, string? RootCertificate)
{
    public const int DefaultPort = 3306;

    public static MySqlConfig From(JsonElement config) => new(
        config.GetProperty("host").GetString()!,
        config.TryGetProperty("port", out var port) ? port.GetInt32() : DefaultPort,
        config.GetProperty("database").GetString()!,
        config.GetProperty("username").GetString()!,
        config.TryGetProperty("ssl_mode", out var mode) ? mode.GetString()! : "prefer",
        config.TryGetProperty("root_certificate", out var certificate) ? certificate.GetString() : null);
}
