using System.Text.Json;
using Platform.LocalSupabase.Files;
using Platform.LocalSupabase.Postgres;

namespace Platform.LocalSupabase.Secrets;

/// <summary>Tells tools on this machine how to reach the embedded services: <c>connection.json</c> in the data directory.</summary>
public static class ConnectionFile
{
    /// <summary>Writes the file, readable by its owner alone.</summary>
    public static void Write(string dataDirectory, Uri url, LocalSecrets secrets, EmbeddedPostgres postgres)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(secrets);
        ArgumentNullException.ThrowIfNull(postgres);
        var directory = DataDirectory.Ensure(dataDirectory);
        var document = new ConnectionDocument(
            url.ToString().TrimEnd('/'),
            secrets.AnonKey,
            secrets.ServiceRoleKey,
            secrets.JwtSecret,
            postgres.Url(LoginNames.Superuser));

        DataDirectory.Guard(directory, () =>
        {
            var content = JsonSerializer.SerializeToUtf8Bytes(document, SecretsJson.Default.ConnectionDocument);
            AtomicFile.Write(Path.Combine(directory, "connection.json"), content, overwrite: true);
            return true;
        });
    }
}

internal sealed record ConnectionDocument(string Url, string AnonKey, string ServiceRoleKey, string JwtSecret, string DatabaseUrl);
