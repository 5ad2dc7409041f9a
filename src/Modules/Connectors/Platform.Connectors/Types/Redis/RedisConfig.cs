using System.Text.Json;

namespace Platform.Connectors.Types.Redis;

/// <summary>The config of a redis connector, after the schema has checked it.</summary>
internal sealed record RedisConfig(string Host, int Port, int Database, string? Username, string SslMode, string? RootCertificate)
{
    public const int DefaultPort = 6379;

    public static RedisConfig From(JsonElement config) => new(
        config.GetProperty("host").GetString()!,
        config.TryGetProperty("port", out var port) ? port.GetInt32() : DefaultPort,
        config.TryGetProperty("database", out var database) ? database.GetInt32() : 0,
        config.TryGetProperty("username", out var username) ? username.GetString() : null,
        config.TryGetProperty("ssl_mode", out var mode) ? mode.GetString()! : "disable",
        config.TryGetProperty("root_certificate", out var certificate) ? certificate.GetString() : null);
}
