using System.Net;
using System.Text.Json;
using Npgsql;

namespace Platform.Connectors.Tests.Features;

/// <summary>A test that syncs: the verbs for that.</summary>
public abstract class SyncTest : ConnectorTest
{
    protected static string Id(JsonElement sync) => sync.GetProperty("id").GetString()!;

    protected static string LastPart(string path) => path[(path.LastIndexOf('/') + 1)..];

    protected static async Task<JsonElement> SyncAsync(HttpClient client, string path, params string[] streams)
    {
        var started = await PostAsync(client, $"{path}/sync", streams.Length == 0 ? new { } : new { streams }, HttpStatusCode.Accepted);
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();
        return await GetAsync(client, $"/api/v1/syncs/{Id(started)}");
    }

    protected static async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
